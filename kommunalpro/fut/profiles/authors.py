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
_OF_OTHERS = frozenset({"id", "meta", "note", "status"})
"""What others change of an assessment than whoever has assessed."""
_ASSESSMENT = "En vurdering er din egen, under dit eget navn."
_NOTE = "En note er din egen, under dit eget navn."


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
    """Tell where another than whoever writes is made the one who has assessed, or is taken away, or made to say more.

    Of what another has assessed, that it was in error can be said, and something be noted; or it is assessed anew.
    """
    before, now = (
        author("ClinicalImpression.assessor", each["assessor"], each, session) if "assessor" in each else None
        for each in (previous, impression)
    )
    if writes_for_others(session):
        return
    if now != before and (now is None or not is_by(now, session.principal.user, session)):
        yield _issue("who assesses is whoever writes", "ClinicalImpression.assessor", _ASSESSMENT)
    if before is not None and now == before and not is_by(before, session.principal.user, session):
        for name in sorted({*impression, *previous} - _OF_OTHERS):
            if impression.get(name) != previous.get(name):
                yield _issue("who has assessed says so", f"ClinicalImpression.{name}", _ASSESSMENT)


def note_problems(resource: Json, previous: Json, session: Session) -> Iterator[Issue]:
    """Give each note that is new, and by another than whoever writes; and that another's is gone."""
    if writes_for_others(session):
        return
    now, before, type = resource.get("note", ()), previous.get("note", ()), resource["resourceType"]
    for number, note in enumerate(now):
        if note not in before and not _notes(note, resource, session):
            yield _issue("who notes it is whoever writes", f"{type}.note[{number}].author", _NOTE)
    if not all(note in now or _notes(note, previous, session) for note in before):
        yield _issue("what another has noted stays", f"{type}.note", _NOTE)


def _notes(note: Json, resource: Json, session: Session) -> bool:
    """Tell whether a note is by whoever writes: it says so, or nothing of whom."""
    own = session.principal.user
    by = note.get("authorReference") or {"reference": own, "display": note.get("authorString")}
    return is_by(author("", by, resource, session), own, session)


def _issue(detail: str, path: str, text: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text)
