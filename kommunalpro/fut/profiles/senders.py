"""Who sends a message is who writes it: a citizen as themselves; a professional too, or as the team that they act in.

Else one could speak in another's name, to a citizen who cannot tell. An installation's own systems write for anybody
who is here (`mentions.py`), and what the server writes itself is not looked at. A Device may send, for that is no
person; and whoever changes a message that another has sent lets the sender be.

Ours: the guide says of which types a sender is (`fut.md` 1C), and not who.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue


def sender_problems(communication: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each sender that is new, and neither who writes nor their team."""
    by = session.principal
    if session.is_elevated or by.user_type == "SYSTEM":
        return
    before = previous or {}
    sender = communication.get("sender", {})
    is_other = sender not in ({}, before.get("sender")) and _url(sender, session) != by.user
    if is_other and not _is_device(communication, sender):
        yield _issue("sender is whoever writes", "Communication.sender")
    for number, each in enumerate(communication.get("extension", ())):
        is_new = each.get("url") == ehealth.SENDER_CARE_TEAM and each not in before.get("extension", ())
        own = by.context.care_team if by.user_type == "PRACTITIONER" else None
        if is_new and (own is None or _url(each.get("valueReference", {}), session) != own):
            yield _issue("the team that sends is the one in the token", f"Communication.extension[{number}]")


def _is_device(communication: Json, sender: Json) -> bool:
    text = str(sender.get("reference", ""))
    reference = Reference.parse(text)
    contained = (each for each in communication.get("contained", ()) if f"#{each.get('id')}" == text)
    types = {reference.type} if reference else {each.get("resourceType") for each in contained}
    return types == {"Device"}


def _url(named: Json, session: Session) -> str | None:
    """Give the absolute, version-less URL of whoever is named; None: they are called by a name alone."""
    reference = Reference.parse(str(named.get("reference", "")))
    return reference.at(session.server.base_url) if reference else None


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, "Afsenderen er den, der skriver: dig selv eller dit team.")
