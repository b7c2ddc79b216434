"""Rules of a Communication, of which the guide has three profiles: an annotation, a message, an assignment of material.

Which one it is, its profile says, or the code system of its category: of those of FUT each has one of its own, and each
profile asks for a category. Of an assignment only the category is looked at: nothing here reads one.

An advice and a notification come from a Device, as the invariants of ehealth-message say; the guide's own example of
an advice is from a CareTeam, and is refused here.

Not here: that a NemSMS needs a Patient who takes them, and what its sender may no longer do once a message is on its
way; messages are not sent yet.

A wish about messages (CommunicationRequest) may lack a reasonCode, for the guide does not ask for one: then it decides
on no message here (`deadlines/messages.py`).

Whom and what else it names: `mentions.py`; who may send it: `senders.py`. Ours: `about` names what it is about, as the
measurements of an annotation; whom, `subject` says.

Source: `fut.md` 1C (ehealth-communication, ehealth-message); the guide's pages of these profiles and of its error
messages.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.claimed import claimed
from kommunalpro.fut.errors import issue, missing, unbound
from kommunalpro.fut.profiles.bindings import MESSAGE_REASONS, coding_problems, is_bound
from kommunalpro.fut.profiles.references import target_problems

LONGEST_NEMSMS = 160
ANNOTATION, MESSAGE = f"{ehealth.CS}communication-category", ehealth.MESSAGE_CATEGORY
OF_MATERIAL = f"{ehealth.CS}material-communication-category"

_PROFILES = {
    ehealth.MESSAGE_PROFILE: MESSAGE,
    ehealth.profile("Communication"): ANNOTATION,
    ehealth.profile("material-communication"): OF_MATERIAL,
}
_EXTENSIONS = {
    ANNOTATION: (ehealth.WORKFLOW_EPISODE_OF_CARE, ehealth.RESTRICTION_CATEGORY),
    MESSAGE: (ehealth.ADMINISTRATIVE_STATUS,),
}
_TARGETS = {
    ANNOTATION: {
        "subject": ("Patient",),
        "recipient": ("Device", "Patient", "Practitioner", "RelatedPerson"),
        "sender": ("Device", "Patient", "Practitioner", "RelatedPerson"),
    },
    MESSAGE: {
        "partOf": ("CarePlan",),
        "recipient": ("Patient", "Practitioner"),
        "sender": ("Device", "Patient", "Practitioner"),
    },
}
_FROM_A_DEVICE = {("Device", "Patient"), ("Device", "CareTeam")}
_BETWEEN = {
    "message": {("CareTeam", "Patient"), ("Patient", "CareTeam"), ("CareTeam", "CareTeam")},
    "notification": _FROM_A_DEVICE,
    "advice": _FROM_A_DEVICE,
}
"""Category of a message → from whom to whom it may go."""
_BY_SERVER = ("completed", "stopped")
_OF_OTHERS = "Beskedens afsender og modtager passer ikke til dens kategori."


def communication_problems(communication: Json) -> Iterator[Issue]:
    """Give what a Communication does not keep of its profile."""
    kind = kind_of(communication)
    if kind is None:
        yield unbound(f"no coding in {' or '.join(_PROFILES.values())}", "Communication.category")
        return
    yield from _category_problems(communication, kind)
    for url in _EXTENSIONS.get(kind, ()):
        if not any(extensions(communication, url)):
            yield missing(f"extension {url}", "Communication.extension")
    yield from target_problems(communication, _TARGETS.get(kind, {}))
    yield from _about_problems(communication)
    if kind != OF_MATERIAL:
        yield from _payload_problems(communication)
    if kind == MESSAGE:
        yield from _message_problems(communication)


def status_problems(communication: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what a client says of a message that is the server's: that it was sent, and when, and what becomes of it."""
    said, before = _codes(communication), _codes(previous or {})
    if before and said != before:
        yield _issue("of a message it does not change", "category", "En beskeds kategori kan ikke ændres.")
    is_new = previous is None or previous["status"] != communication["status"]
    by_server = session.is_elevated or session.principal.user_type == "SYSTEM"
    if said - {"note"} and is_new and not by_server and communication["status"] in _BY_SERVER:
        yield _issue("the server says so", "status", "Kun systemet melder en besked sendt eller stoppet.")
    if said and not by_server and communication.get("sent") != (previous or {}).get("sent"):
        yield issue("COMMUNICATION_SENT_PROP_CANNOT_BE_SET_BY_CLIENT", "", "Communication.sent")


def kind_of(communication: Json) -> str | None:
    """Give which of the three a Communication is, by the code system of its category; None: it is none of them."""
    said = claimed(communication)
    found = {system for each in communication.get("category", ()) for system, _ in keys(each)}
    by_profile = (kind for url, kind in _PROFILES.items() if url in said)
    return next(by_profile, None) or next((kind for kind in _PROFILES.values() if kind in found), None)


def _codes(communication: Json) -> set[str]:
    return {code for each in communication.get("category", ()) for system, code in keys(each) if system == MESSAGE}


def _category_problems(communication: Json, kind: str) -> Iterator[Issue]:
    """Each category of an annotation or an assignment is its own; a message may have others beside."""
    categories = communication.get("category", [])
    own = [each for each in categories if any(system == kind for system, _ in keys(each))]
    wrong = [each for each in own if not any(is_bound(kind, *key) for key in keys(each))]
    if not own or wrong or (kind != MESSAGE and own != categories):
        yield unbound(f"no coding in {kind}", "Communication.category")
    if kind == MESSAGE and len(own) > 1:
        yield _twice("category")


def _payload_problems(communication: Json) -> Iterator[Issue]:
    for number, each in enumerate(communication.get("payload", ())):
        if "contentString" not in each:
            yield missing("contentString", f"Communication.payload[{number}]")


def _about_problems(communication: Json) -> Iterator[Issue]:
    for number, each in enumerate(communication.get("about", ())):
        reference = Reference.parse(each.get("reference", ""))
        if reference and reference.type == "Patient":
            yield _issue("a Patient is its subject", f"about[{number}]", "Hvem beskeden er om, står som dens borger.")


def _message_problems(message: Json) -> Iterator[Issue]:
    for element in ("recipient", "payload"):
        if len(message.get(element, ())) > 1:
            yield _twice(element)
    for each in message.get("reasonCode", ()):
        yield from coding_problems(each, MESSAGE_REASONS, "Communication.reasonCode")
    (recipient, *_) = message.get("recipient") or [{}]
    sender, to = message.get("sender", {}).get("reference", ""), recipient.get("reference", "")
    from_type, to_type = (
        _party(message, sender, ehealth.SENDER_CARE_TEAM),
        _party(message, to, ehealth.RECIPIENT_CARE_TEAM),
    )
    yield from _repeated_parties(message)
    for code in sorted(_codes(message)):
        if code in _BETWEEN and (from_type, to_type) not in _BETWEEN[code]:
            between = " or ".join(f"{one} to {other}" for one, other in sorted(_BETWEEN[code]))
            yield _issue(f"a {code} goes from {between}", "recipient", _OF_OTHERS)
        if code == "note" and to_type != "CareTeam" and (not to or to != sender):
            yield _issue("a note is its sender's own, or for a CareTeam", "recipient", _OF_OTHERS)
    yield from _medium_problems(message, to_type)


def _repeated_parties(message: Json) -> Iterator[Issue]:
    for element, url in (("sender", ehealth.SENDER_CARE_TEAM), ("recipient", ehealth.RECIPIENT_CARE_TEAM)):
        teams = len(list(extensions(message, url)))
        if teams > 1 or (teams and element in message):
            yield _twice(element)


def _party(message: Json, text: str, team: str) -> str | None:
    """Give the type of who sends or receives; None: it is nobody, or nobody that has a reference."""
    if extension_value(message, team):
        return "CareTeam"
    if text.startswith("#"):
        found = (each["resourceType"] for each in message.get("contained", ()) if f"#{each.get('id')}" == text)
        return next(found, None)
    parsed = Reference.parse(text)
    return parsed.type if parsed else None


def _medium_problems(message: Json, to_type: str | None) -> Iterator[Issue]:
    media = [list(keys(each)) for each in message.get("medium", ())]
    own = [code for each in media for system, code in each if system == ehealth.MESSAGE_MEDIUM]
    if not all(is_bound(ehealth.MESSAGE_MEDIUM, ehealth.MESSAGE_MEDIUM, code) for code in own):
        yield unbound(f"no coding in {ehealth.MESSAGE_MEDIUM}", "Communication.medium")
    if len(own) > 1:
        yield _twice("medium")
    if own and to_type != "Patient":
        yield _issue("who gets a NemSMS or e-Boks is a Patient", "medium", "NemSMS og e-Boks er til borgere.")
    yield from nemsms_problems(message)


def nemsms_problems(message: Json) -> Iterator[Issue]:
    """What goes by NemSMS is short, be it a message or what is wished in its place (CommunicationRequest)."""
    media = {
        code for each in message.get("medium", ()) for system, code in keys(each) if system == ehealth.MESSAGE_MEDIUM
    }
    if "nemsms" in media and len(text_of(message)) > LONGEST_NEMSMS:
        detail, path = f"a NemSMS has at most {LONGEST_NEMSMS} characters", f"{message['resourceType']}.payload"
        yield issue("GENERAL_VALIDATION_ERROR", detail, path, f"En NemSMS er på højst {LONGEST_NEMSMS} tegn.")


def text_of(message: Json) -> str:
    """Give the text of a message, or of what is wished in its place, as it is sent: each part on a line of its own.

    Empty where it has none.
    """
    return "\n".join(each["contentString"] for each in message.get("payload", ()) if "contentString" in each)


def _twice(element: str) -> Issue:
    return _issue(f"{element} only once", element, "Oplysningen må kun stå der én gang.")


def _issue(detail: str, element: str, text: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, f"Communication.{element}", text=text)
