"""Who sends a message is who writes it: a citizen as themselves; a professional too, or as the team that they act in.

Else one could speak in another's name, to a citizen who cannot tell. So it is with the name that stands beside the
address: readers show that, and it is the name of who writes. An installation's own systems write for anybody who is
here (`mentions.py`), and they alone as a Device, which is called what its maker likes. What the server writes itself is
not looked at; and whoever changes a message that another has sent lets the sender be.

Ours: the guide says of which types a sender is (`fut.md` 1C), and not who.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reading import read_if_there

_SENDER = "Communication.sender"
_ADDRESS = frozenset({"reference", "type"})


def sender_problems(communication: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each sender that is new, or newly named, and neither who writes nor their team, each by their own name."""
    by = session.principal
    if session.is_elevated or by.user_type == "SYSTEM":
        return
    before = [(each, _brought(previous or {}, each)) for _, each in _senders(previous or {})]
    known = {_url(each, session) for each, _ in before} - {None}
    for path, named in _senders(communication):
        stays = (named, _brought(communication, named)) in before
        stays = stays or (_ADDRESS.issuperset(named) and _url(named, session) in known)
        if stays:
            continue
        if path == _SENDER and not _is(named, by.user, session):
            yield _issue("sender is whoever writes, by their own name", path)
        team = by.context.care_team if by.user_type == "PRACTITIONER" else None
        if path != _SENDER and not _is(named, team, session):
            yield _issue("the team that sends is the one in the token, by its own name", path)


def _senders(communication: Json) -> Iterator[tuple[str, Json]]:
    """Give (FHIRPath, reference) of whoever sends it: a person or a Device, or a team."""
    if "sender" in communication:
        yield _SENDER, communication["sender"]
    for number, each in enumerate(communication.get("extension", ())):
        if each.get("url") == ehealth.SENDER_CARE_TEAM:
            yield f"Communication.extension[{number}]", each.get("valueReference", {})


def _brought(communication: Json, named: Json) -> list[Any]:
    """Give the contained resource that a reference is to: the same `#sender` can be another by now."""
    return [each for each in communication.get("contained", ()) if f"#{each.get('id')}" == named.get("reference")]


def _is(named: Json, own: str | None, session: Session) -> bool:
    """Tell whether a reference is to who is at that URL, and says nothing else of them than their name."""
    if own is None or _url(named, session) != own or not _ADDRESS.issuperset({*named} - {"display"}):
        return False
    return "display" not in named or named["display"] == _name(own, session)


def _name(own: str, session: Session) -> str | None:
    """Give the name of who writes, or of their team; None or empty: none is known, and nobody is called so."""
    by = session.principal
    return by.name if own == by.user else (read_if_there(session, own) or {}).get("name")


def _url(named: Json, session: Session) -> str | None:
    """Give the absolute, version-less URL of whoever is named; None: they are called by a name alone."""
    reference = Reference.parse(str(named.get("reference", "")))
    return reference.at(session.server.base_url) if reference else None


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, "Afsenderen er den, der skriver: dig selv eller dit team.")
