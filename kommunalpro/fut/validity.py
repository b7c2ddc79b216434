"""Whether a measurement counts: what says that it is invalid, and what fulfils the request all the same.

Source: `fut.md` 2.8.
"""

from collections.abc import Iterator, Sequence

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session

VALIDITY = "MeasurementValidityUpdate"
"""Code of the ClinicalImpression that says whether a measurement holds."""


def tells_validity(impression: Json) -> bool:
    """Tell whether a ClinicalImpression says that a measurement is invalid, or valid again."""
    codings = impression.get("code", {}).get("coding", ())
    return any(
        coding.get("system") == ehealth.CLINICALIMPRESSION_CODES and coding.get("code") == VALIDITY
        for coding in codings
    )


def fulfils(impression: Json) -> bool:
    """Tell whether it says that a measurement is invalid, and fulfils what was asked for all the same."""
    said = (
        each.get("valueCodeableConcept", {}) for each in extensions(impression, ehealth.CLINICALIMPRESSION_DECISION)
    )
    codes = {coding.get("code") for each in said for coding in each.get("coding", ())}
    return tells_validity(impression) and impression["status"] == "completed" and "invalidated-fulfills" in codes


def fulfilling(session: Session, invalid: Sequence[str]) -> set[str]:
    """Give those of some invalidated measurements, by their URLs, that fulfil their request all the same."""
    _, told = session.system_read_referred(invalid, by=("ClinicalImpression", "investigation"))
    references = (Reference.parse(each) for impression in told if fulfils(impression) for each in _about(impression))
    return {each.url for each in references if each}.intersection(invalid)


def _about(impression: Json) -> Iterator[str]:
    for investigation in impression.get("investigation", ()):
        yield from (item.get("reference", "") for item in investigation.get("item", ()))
