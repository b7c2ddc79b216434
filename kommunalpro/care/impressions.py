"""What a ClinicalImpression says: which response it is about, and the light of record.

The record is a contained Parameters that the extension `decisionContext` names (ARCHITECTURE §5). The national
infrastructure may leave it out; then only the overall finding is known, and topics are not.
"""

from kommunalpro.care.bundles import versionless
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.pro.record import RecordError, read_record
from kommunalpro.pro.triage import Assessment, Light

_LIGHTS = {light.code: light for light in Light}


def code_of(impression: Json) -> str:
    """Give FUT's code of a ClinicalImpression: TriagingResult, MeasurementAssessment ..."""
    return _first_code(impression.get("code", {}), ehealth.CLINICALIMPRESSION_CODES) or ""


def finding_of(impression: Json) -> str | None:
    """Give FUT's code of the first finding; None: there is none."""
    concepts = (finding.get("itemCodeableConcept", {}) for finding in impression.get("finding", ()))
    codes = (_first_code(each, ehealth.CLINICALIMPRESSION_FINDING_CODES) for each in concepts)
    return next((code for code in codes if code is not None), None)


def record_of(impression: Json) -> Assessment | None:
    """Give the assessment of record; None: the infrastructure kept none, or none that can be read here."""
    contained = {f"#{each['id']}": each for each in impression.get("contained", ()) if "id" in each}
    for each in extensions(impression, ehealth.CLINICALIMPRESSION_DECISION_CONTEXT):
        parameters = contained.get(each.get("valueReference", {}).get("reference", ""))
        if parameters is not None and parameters["resourceType"] == "Parameters":
            try:
                return read_record(parameters)
            except RecordError:
                return None  # Another application's facts: FUT leaves open what the Parameters hold.
    return None


def light_of(impression: Json) -> Light:
    """Give the overall light: of the record, else of FUT's finding; not assessed when there is neither."""
    record = record_of(impression)
    if record is not None:
        return record.light
    for finding in impression.get("finding", ()):
        code = _first_code(finding.get("itemCodeableConcept", {}), ehealth.CLINICALIMPRESSION_FINDING_CODES)
        if code in _LIGHTS:
            return _LIGHTS[code]
    return Light.NOT_ASSESSED


def response_of(impression: Json) -> str | None:
    """Give the version-less URL of the QuestionnaireResponse that was looked at; None: it was something else."""
    for investigation in impression.get("investigation", ()):
        for item in investigation.get("item", ()):
            reference = Reference.parse(item.get("reference", ""))
            if reference is not None and reference.type == "QuestionnaireResponse":
                return versionless(item["reference"])
    return None


def view_of(impression: Json) -> str | None:
    """Give the versioned URL of the View that the light was made by; None: by no View."""
    for investigation in impression.get("investigation", ()):
        value = extension_value(investigation, ehealth.VIEW_INVESTIGATION_ITEM)
        if value:
            return str(value["reference"])
    return None


def _first_code(concept: Json, system: str) -> str | None:
    return next((each["code"] for each in concept.get("coding", ()) if each.get("system") == system), None)
