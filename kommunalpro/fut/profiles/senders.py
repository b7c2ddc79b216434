"""Who sends a message is who writes it: a citizen as themselves; a professional too, or as the team that they act in.

Else one could speak in another's name, to a citizen who cannot tell. So it is with the name that stands beside the
address: readers show that, and it is the name of who writes. An installation's own systems write for anybody who is
here (`mentions.py`), and they alone as a Device, which is called what its maker likes. What the server writes itself is
not looked at. Whoever changes a message that another has sent lets the sender be, and the sender's words.

Ours: the guide says of which types a sender is (`fut.md` 1C), and not who.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there

_SENDER = "Communication.sender"
_NAMED_BY = frozenset({"reference", "type", "display"})
_WORDS = ("payload", "text")
"""What a message says."""


@dataclass(frozen=True)
class _Sender:
    """Whoever sends, as a message names them: at which URL (absolute, version-less), and how they are called.

    `beside`: what else is said of them, and the contained resource that they are: the same `#sender` can be another.
    """

    path: str
    url: str | None
    called: str | None
    beside: tuple[Any, ...]


def sender_problems(communication: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each sender that is new, or newly named, and neither who writes nor their team, each by their own name.

    And where somebody else has sent it: that they do not stay, or are made to say something else.
    """
    if session.is_elevated or session.principal.user_type == "SYSTEM":
        return
    before, now = (list(_senders(each or {}, session)) for each in (previous, communication))
    foreign = [each for each in now if not (_writes(each, session) or any(_is(each, old, session) for old in before))]
    for each in foreign:
        who = "whoever writes" if each.path == _SENDER else "the team in the token"
        yield _issue(f"who sends is {who}, by their own name", each.path)
    others = [each for each in before if not _writes(each, session)]
    if not foreign and not all(any(_is(each, old, session) for each in now) for old in others):
        yield _issue("whoever has sent it stays", _SENDER)
    for name in _WORDS if others else ():
        if communication.get(name) != (previous or {}).get(name):
            text = "Det har en anden skrevet. Skriv din egen besked i stedet."
            yield issue("GENERAL_VALIDATION_ERROR", "who has sent it says so", f"Communication.{name}", text)


def _senders(communication: Json, session: Session) -> Iterator[_Sender]:
    """Give whoever sends it: a person or a Device, and a team."""
    named = [(_SENDER, communication["sender"])] if "sender" in communication else []
    for number, each in enumerate(communication.get("extension", ())):
        if each.get("url") == ehealth.SENDER_CARE_TEAM:
            named.append((f"Communication.extension[{number}]", each.get("valueReference", {})))
    for path, each in named:
        address = str(each.get("reference", ""))
        reference, others = Reference.parse(address), sorted(each.keys() - _NAMED_BY)
        brought = [one for one in communication.get("contained", ()) if f"#{one.get('id')}" == address]
        url = reference.at(session.server.base_url) if reference else None
        yield _Sender(path, url, each.get("display"), (*((name, each[name]) for name in others), *brought))


def _writes(sender: _Sender, session: Session) -> bool:
    """Tell whether it is who writes, or their team, by their own name, and nothing else is said of them."""
    by = session.principal
    own = by.user if sender.path == _SENDER else by.context.care_team if by.user_type == "PRACTITIONER" else None
    return sender.url == own and own is not None and not sender.beside and sender.called in _names(own, session)


def _is(sender: _Sender, old: _Sender, session: Session) -> bool:
    """Tell whether it is who sent it before, called as then or by their own name."""
    if (sender.url, sender.beside) != (old.url, old.beside):
        return False
    return sender.called == old.called or bool(sender.url and sender.called in _names(sender.url, session))


def _names(url: str, session: Session) -> set[str | None]:
    """Give what somebody, or a team, is called; None is among it: they need not be called anything."""
    by, found = session.principal, read_if_there(session, url) or {}
    stored = full_name(found) if isinstance(found.get("name"), list) else found.get("name")
    return {None, stored or None, *({by.name} if url == by.user and by.name else ())}


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, "Afsenderen er den, der skriver: dig selv eller dit team.")
