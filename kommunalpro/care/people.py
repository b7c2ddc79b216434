"""Who somebody is, as people are told apart on a page."""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json


def first_name(patient: Json) -> str:
    """Give what a person is called: the first given name."""
    return (full_name(patient).split(" ") or [""])[0]


def is_protected(patient: Json) -> bool:
    """Tell whether a Patient has name and address protection: it carries the security label R, of whichever release."""
    labels = patient.get("meta", {}).get("security", ())
    return any(each.get("code") == "R" and "confidentiality" in each.get("system", "").lower() for each in labels)


def cpr_of(patient: Json) -> str | None:
    """Give a Patient's CPR number as ten digits; None when the resource carries none. For headers, never for logs."""
    for identifier in patient.get("identifier", ()):
        if identifier.get("system") == ehealth.CPR:
            return str(identifier.get("value", "")).replace("-", "") or None
    return None
