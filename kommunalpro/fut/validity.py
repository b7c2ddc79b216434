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
    _, told = session.system_read_referred(invalid, by=[("ClinicalImpression", "investigation")])
    return {url for each in told if fulfils(each) for url in about(each)}.intersection(invalid)


def about(impression: Json) -> Iterator[str]:
    """Give the version-less URLs of what a ClinicalImpression looks at."""
    items = (item for each in impression.get("investigation", ()) for item in each.get("item", ()))
    yield from (parsed.url for item in items if (parsed := Reference.parse(item.get("reference", ""))))
