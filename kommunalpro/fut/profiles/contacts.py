"""How citizens and organisations are reached: what the profiles say of telecom.

Source: `fut.md` 1B (ehealth-patient: slices NemSMS and eBoks; ehealth-organization: contact.telecom).
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue

_MAILBOXES = ("NemSMS", "eBoks")
# The guide's profile has a dot where its naming system has a colon (fut.md 1B): both are taken.
_GENERAL_PRACTITIONERS = ("urn:oid.1.2.208.176.1.4", "urn:oid:1.2.208.176.1.4")
_SAID_ELSEWHERE = ("system", "value")


def patient_problems(patient: Json) -> Iterator[Issue]:
    """NemSMS and eBoks are named once and no more: of system `other`, without use and rank; so is one doctor."""
    for number, telecom in enumerate(patient.get("telecom", ())):
        if telecom.get("value") in _MAILBOXES and telecom.keys() - {"extension", "id", "period"} != {"system", "value"}:
            yield _issue("no use and no rank", f"Patient.telecom[{number}]")
        elif telecom.get("value") in _MAILBOXES and telecom["system"] != "other":
            yield _issue("system is other", f"Patient.telecom[{number}].system")
    named = [telecom.get("value") for telecom in patient.get("telecom", ())]
    for mailbox in _MAILBOXES:
        if named.count(mailbox) > 1:
            yield _issue(f"{mailbox} only once", "Patient.telecom")
    if len(patient.get("generalPractitioner", ())) > 1:
        yield _issue("generalPractitioner only once", "Patient.generalPractitioner")
    for practitioner in patient.get("generalPractitioner", ())[:1]:
        if (
            "reference" in practitioner
            or practitioner.get("identifier", {}).get("system") not in _GENERAL_PRACTITIONERS
        ):
            yield _issue("a general practitioner is named by number", "Patient.generalPractitioner")


def organization_problems(organization: Json) -> Iterator[Issue]:
    """What an organisation's contact is reached by stands in extensions, never in system and value."""
    for number, contact in enumerate(organization.get("contact", ())):
        for at, telecom in enumerate(contact.get("telecom", ())):
            for name in _SAID_ELSEWHERE:
                if name in telecom:
                    path = f"Organization.contact[{number}].telecom[{at}].{name}"
                    yield _issue("ehealth-organization-telecomSystem and -telecomValue say it", path)


def _issue(detail: str, path: str) -> Issue:
    text = "Oplysningen er skrevet på en måde, som den nationale profil ikke tillader."
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text=text)
