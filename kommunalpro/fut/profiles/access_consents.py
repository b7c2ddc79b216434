"""Rules of `ehealth-access-consent`: what a consent to assisted login says, and that it says nothing else.

It is to no course of care and shows no lights: what would count as another consent is refused in it.

Source: `fut.md` 1B (ehealth-access-consent).
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.access_consents import INFORMATION_ACCESS
from kommunalpro.fut.errors import issue
from kommunalpro.fut.owners import episode_reference

_PRIVACY = ("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
# GUESS: the guide says `cric` and not of which system; HL7's has it (Common Rule Informed Consent).
_INFORMED = ("http://terminology.hl7.org/CodeSystem/consentpolicycodes", "cric")

_ALONE = "Et samtykke til hjulpet login kan ikke være et andet samtykke med."


def access_consent_problems(consent: Json) -> Iterator[Issue]:
    """Give what an access consent does not keep of its profile."""
    categories, performers = consent.get("category", ()), consent.get("performer", ())
    provision = consent.get("provision", {})
    wanted = (
        ("category", any(INFORMATION_ACCESS in _codes(each) for each in categories)),
        ("performer", bool(performers) and all(map(_is_practitioner, performers))),
        ("scope", _PRIVACY in _codes(consent.get("scope", {}))),
        ("policyRule", _INFORMED in _codes(consent.get("policyRule", {}))),
        ("provision.type", provision.get("type") == "permit"),
    )
    for element, is_kept in wanted:
        if not is_kept:
            yield issue("GENERAL_VALIDATION_ERROR", f"{element} of an access consent", f"Consent.{element}")
    of_others = (
        ("category", any(_codes(each) - {INFORMATION_ACCESS} for each in categories)),
        ("policy", "policy" in consent),
        ("provision.code", "code" in provision),
        ("provision.data", episode_reference(consent) is not None),
    )
    for element, is_there in of_others:
        if is_there:
            detail = f"{element} of an access consent is that of another Consent"
            yield issue("GENERAL_VALIDATION_ERROR", detail, f"Consent.{element}", text=_ALONE)


def _is_practitioner(performer: Json) -> bool:
    reference = Reference.parse(performer.get("reference", ""))
    return reference is not None and reference.type == "Practitioner"


def _codes(concept: Any) -> set[tuple[Any, Any]]:
    return {(each.get("system"), each.get("code")) for each in concept.get("coding", ())}
