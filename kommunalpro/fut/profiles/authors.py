"""Who says something is whoever writes it, by their own name: who has assessed, who notes, who sends.

Else one could speak in another's name, to somebody who cannot tell. So it is with the name that stands beside the
address: readers show that. An installation's own systems write for anybody; what the server writes itself is not
looked at. Who stood there before stays.

Who sends a message may be a team, too: `senders.py`.

Ours: the guide says of which types they are (`fut.md` 1A, 1C), and not who.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there

_NAMED_BY = frozenset({"reference", "type", "display"})


@dataclass(frozen=True)
class Author:
    """Whoever says it, as a resource names them: at which URL (absolute, version-less), and how they are called.

    `beside`: what else is said of them, and the contained resource that they are: the same `#sender` can be another.
    """

    path: str
    url: str | None
    called: str | None
    beside: tuple[Any, ...]


def author(path: str, named: Json, resource: Json, session: Session) -> Author:
    """Give whom a resource names at a place."""
    address = str(named.get("reference", ""))
    reference, others = Reference.parse(address), sorted(named.keys() - _NAMED_BY)
    brought = [one for one in resource.get("contained", ()) if f"#{one.get('id')}" == address]
    url = reference.at(session.server.base_url) if reference else None
    return Author(path, url, named.get("display"), (*((name, named[name]) for name in others), *brought))


def writes_for_others(session: Session) -> bool:
    """Tell whether it is the server itself or a system that writes, which may do so in the name of others."""
    return session.is_elevated or session.principal.user_type == "SYSTEM"


def is_by(named: Author, own: str | None, session: Session) -> bool:
    """Tell whether it is whoever has this URL, by their own name, and nothing else is said of them."""
    if own is None or named.url != own or named.beside:
        return False
    return named.called is None or named.called in names(own, session)


def names(url: str, session: Session) -> set[str | None]:
    """Give what somebody, or a team, is called; None is among it: they need not be called anything."""
    by, found = session.principal, read_if_there(session, url) or {}
    stored = full_name(found) if isinstance(found.get("name"), list) else found.get("name")
    return {None, stored or None, *({by.name} if url == by.user and by.name else ())}


def assessor_problems(impression: Json, previous: Json, session: Session) -> Iterator[Issue]:
    """Tell where another than whoever writes is made the one who has assessed, or whoever has is taken away."""
    before, now = (
        author("ClinicalImpression.assessor", each["assessor"], each, session) if "assessor" in each else None
        for each in (previous, impression)
    )
    if now == before or writes_for_others(session):
        return
    if now is None or not is_by(now, session.principal.user, session):
        text = "En vurdering er din egen, under dit eget navn."
        yield issue("GENERAL_VALIDATION_ERROR", "who assesses is whoever writes", "ClinicalImpression.assessor", text)


def note_problems(resource: Json, previous: Json, session: Session) -> Iterator[Issue]:
    """Give each note that is new, and by another than whoever writes."""
    if writes_for_others(session):
        return
    for number, note in enumerate(resource.get("note", ())):
        if note in previous.get("note", ()):
            continue
        path = f"{resource['resourceType']}.note[{number}].author"
        by = note.get("authorReference") or {"reference": session.principal.user, "display": note.get("authorString")}
        if not is_by(author(path, by, resource, session), session.principal.user, session):
            text = "En note er din egen, under dit eget navn."
            yield issue("GENERAL_VALIDATION_ERROR", "who notes it is whoever writes", path, text)
