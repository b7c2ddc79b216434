"""Whether a measurement counts: what says that it is invalid, and what fulfils the request all the same.

Source: `fut.md` 2.8.
"""

from collections.abc import Iterable, Iterator, Sequence

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session

VALIDITY = "MeasurementValidityUpdate"
"""Code of the ClinicalImpression that says whether a measurement holds."""


INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"
"""The two findings of it."""

FULFILS, DOES_NOT_FULFIL = "invalidated-fulfills", "invalidated-is-not-fulfillment"
"""The two decisions about a measurement that is invalid: whether it is what was asked for all the same."""


def is_light(impression: Json) -> bool:
    """Tell whether a ClinicalImpression is the automatic one (TriagingResult)."""
    return "TriagingResult" in _codes([impression.get("code")], ehealth.CLINICALIMPRESSION_CODES)


def tells_validity(impression: Json) -> bool:
    """Tell whether a ClinicalImpression says that a measurement is invalid, or valid again."""
    return VALIDITY in _codes([impression.get("code")], ehealth.CLINICALIMPRESSION_CODES)


def validity_findings(impression: Json) -> set[str]:
    """Give FUT's codes by which it finds a measurement invalid, or valid again; empty: it says nothing of that."""
    found = [each.get("itemCodeableConcept") for each in impression.get("finding", ())]
    return _codes(found, ehealth.CLINICALIMPRESSION_FINDING_CODES) & {INVALIDATED, RETRACTED}


def decisions(impression: Json) -> set[str]:
    """Give FUT's codes of what a ClinicalImpression decides (ehealth-clinicalimpression-decision)."""
    said = extensions(impression, ehealth.CLINICALIMPRESSION_DECISION)
    return _codes([each.get("valueCodeableConcept") for each in said], ehealth.CLINICALIMPRESSION_DECISION_CODES)


def approves_sharing(impression: Json) -> bool:
    """Tell whether a ClinicalImpression approves that a measurement is shared nationally."""
    return "approved-for-sharing" in decisions(impression)


def validity_decisions(impression: Json) -> set[str]:
    """Give FUT's codes by which it decides what an invalid measurement fulfils; empty: it decides nothing of that."""
    return decisions(impression) & {FULFILS, DOES_NOT_FULFIL}


def fulfils(impression: Json) -> bool:
    """Tell whether it says that a measurement is invalid, and fulfils what was asked for all the same."""
    return (
        tells_validity(impression) and impression["status"] == "completed" and FULFILS in validity_decisions(impression)
    )


def _codes(concepts: Iterable[Json | None], system: str) -> set[str]:
    return {code for concept in concepts for of, code in keys(concept) if of == system}


def fulfilling(session: Session, invalid: Sequence[str]) -> set[str]:
    """Give those of some invalidated measurements, by their URLs, that fulfil their request all the same."""
    _, told = session.system_read_referred(invalid, by=[("ClinicalImpression", "investigation")])
    return {url for each in told if fulfils(each) for url in about(each)}.intersection(invalid)


def about(impression: Json) -> Iterator[str]:
    """Give the version-less URLs of what a ClinicalImpression looks at."""
    items = (item for each in impression.get("investigation", ()) for item in each.get("item", ()))
    yield from (parsed.url for item in items if (parsed := Reference.parse(item.get("reference", ""))))
