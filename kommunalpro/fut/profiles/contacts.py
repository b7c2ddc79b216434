"""How citizens and organisations are reached: what the profiles say of telecom.

Source: `fut.md` 1B (ehealth-patient: slices NemSMS and eBoks; ehealth-organization: contact.telecom).
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue, unbound
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.profiles.extension_shapes import extension_problems

_MAILBOXES = ("NemSMS", "eBoks")
# The guide's profile has a dot where its naming system has a colon (fut.md 1B): both are taken.
_GENERAL_PRACTITIONERS = ("urn:oid.1.2.208.176.1.4", "urn:oid:1.2.208.176.1.4")
_SAID_ELSEWHERE = ("system", "value")
_SAID_OF_CONTACT: dict[str, str | None] = {
    ehealth.ORGANIZATION_TELECOM_SYSTEM: f"{ehealth.VS}contactpoint-system",
    ehealth.ORGANIZATION_TELECOM_VALUE: None,
    ehealth.ORGANIZATION_TELECOM_CUSTODIAN: f"{ehealth.VS}contactpoint-custodian",
}
"""Extension that each telecom of a contact has → the value set of its code; None: it is text."""


def patient_problems(patient: Json) -> Iterator[Issue]:
    """A citizen has one number, one home and one doctor; of each mailbox they are told by name once, and no more."""
    numbers = [each for each in patient.get("identifier", ()) if each.get("system") == ehealth.CPR]
    if len(numbers) != 1:
        yield issue("PATIENT_MUST_HAVE_CRN_IDENTIFIER", "", "Patient.identifier")
    if sum(each.get("use") == "home" for each in patient.get("address", ())) > 1:
        yield _issue("an address of use home only once", "Patient.address")
    yield from _mailbox_problems(patient)
    yield from _practitioner_problems(patient)


def _mailbox_problems(patient: Json) -> Iterator[Issue]:
    """NemSMS and eBoks are of system `other`, without use and rank."""
    for number, telecom in enumerate(patient.get("telecom", ())):
        if telecom.get("value") in _MAILBOXES and telecom.keys() - {"extension", "id", "period"} != {"system", "value"}:
            yield _issue("no use and no rank", f"Patient.telecom[{number}]")
        elif telecom.get("value") in _MAILBOXES and telecom["system"] != "other":
            yield _issue("system is other", f"Patient.telecom[{number}].system")
    named = [telecom.get("value") for telecom in patient.get("telecom", ())]
    for mailbox in _MAILBOXES:
        if named.count(mailbox) > 1:
            yield _issue(f"{mailbox} only once", "Patient.telecom")


def _practitioner_problems(patient: Json) -> Iterator[Issue]:
    if len(patient.get("generalPractitioner", ())) > 1:
        yield _issue("generalPractitioner only once", "Patient.generalPractitioner")
    for practitioner in patient.get("generalPractitioner", ())[:1]:
        if (
            "reference" in practitioner
            or practitioner.get("identifier", {}).get("system") not in _GENERAL_PRACTITIONERS
        ):
            yield _issue("a general practitioner is named by number", "Patient.generalPractitioner")


def organization_problems(organization: Json) -> Iterator[Issue]:
    """What an organisation's contact is reached by stands in three extensions, never in system and value."""
    for number, contact in enumerate(organization.get("contact", ())):
        for at, telecom in enumerate(contact.get("telecom", ())):
            path = f"Organization.contact[{number}].telecom[{at}]"
            for name in _SAID_ELSEWHERE:
                if name in telecom:
                    yield _issue("ehealth-organization-telecomSystem and -telecomValue say it", f"{path}.{name}")
            yield from extension_problems(telecom, path)
            for url, value_set in _SAID_OF_CONTACT.items():
                yield from _contact_problems(list(extensions(telecom, url)), url, value_set, f"{path}.extension")


def _contact_problems(given: list[Json], url: str, value_set: str | None, path: str) -> Iterator[Issue]:
    if len(given) != 1:
        yield _issue(f"extension {url} exactly once", path)
    for each in given:
        concept = each.get("valueCodeableConcept")
        if value_set and concept and not any(is_bound(value_set, *key) for key in keys(concept)):
            yield unbound(f"no coding in {value_set}", path)


def _issue(detail: str, path: str) -> Issue:
    text = "Oplysningen er skrevet på en måde, som den nationale profil ikke tillader."
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text=text)
