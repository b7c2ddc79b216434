"""Invariants of the resources that tell what is and what happened."""

from collections.abc import Mapping
from typing import Any

from kommunalpro.fhir.structure.invariants.catalogue import Catalogue, choice, is_distinct
from kommunalpro.fhir.structure.invariants.datatypes import not_after

RECORDS = Catalogue()

RECORDS.excludes("qrs-1", "QuestionnaireResponse.item", "answer", "item")
RECORDS.excludes("sev-1", "AuditEvent.entity", "name", "query")
RECORDS.excludes("cpl-3", "CarePlan.activity", "detail", "reference")
RECORDS.requires("prr-1", "ServiceRequest", "orderDetail", "code")
RECORDS.any_of("con-1", "Condition.stage", "summary", "assessment")
RECORDS.any_of("con-2", "Condition.evidence", "code", "detail")
RECORDS.any_of("ppc-1", "Consent", "policy", "policyRule")
RECORDS.any_of("obs-3", "Observation.referenceRange", "low", "high", "text")
RECORDS.any_of("org-1", "Organization", "identifier", "name")
RECORDS.any_of("pat-1", "Patient.contact", "name", "telecom", "address", "organization")


@RECORDS.rule(
    "org-2", "Organization", "En organisation har ingen hjemmeadresse.", "an organization has no address of use home"
)
def _(organization: Mapping[str, Any]) -> bool:
    return all(each.get("use") != "home" for each in organization.get("address", ()))


@RECORDS.rule(
    "org-3", "Organization", "En organisation har ingen hjemmetelefon.", "an organization has no telecom of use home"
)
def _(organization: Mapping[str, Any]) -> bool:
    return all(each.get("use") != "home" for each in organization.get("telecom", ()))


@RECORDS.rule("inv-1", "Task", "Opgaven er ændret, før den blev oprettet.", "lastModified is before authoredOn")
def _(task: Mapping[str, Any]) -> bool:
    authored, modified = task.get("authoredOn"), task.get("lastModified")
    return authored is None or modified is None or not_after(authored, modified)


@RECORDS.rule(
    "inv-1",
    "Parameters.parameter",
    "En parameter har én af værdi, ressource og dele.",
    "one of value[x], resource and part",
    is_of_names=True,
)
def _(parameter: Mapping[str, Any]) -> bool:
    return ("part" in parameter) + ("resource" in parameter) + (
        choice(parameter, "value") is not None or _is_extended(parameter)
    ) == 1


def _is_extended(parameter: Mapping[str, Any]) -> bool:
    return any(name.startswith("_value") for name in parameter)


# --- Condition
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _has_code(concept: Mapping[str, Any], system: str, *codes: str) -> bool:
    return any(coding.get("system") == system and coding.get("code") in codes for coding in concept.get("coding", ()))


@RECORDS.rule(
    "con-4",
    "Condition",
    "En tilstand, der er ophørt, er ikke længere aktiv.",
    "abatement requires an inactive clinicalStatus",
)
def _(condition: Mapping[str, Any]) -> bool:
    return choice(condition, "abatement") is None or _has_code(
        condition.get("clinicalStatus", {}), _CLINICAL, "resolved", "remission", "inactive"
    )


@RECORDS.rule(
    "con-5", "Condition", "En fejlregistrering har ingen klinisk status.", "entered-in-error has no clinicalStatus"
)
def _(condition: Mapping[str, Any]) -> bool:
    return "clinicalStatus" not in condition or not _has_code(
        condition.get("verificationStatus", {}), _VERIFICATION, "entered-in-error"
    )


# --- Observation
@RECORDS.rule(
    "obs-6",
    "Observation",
    "Der er både en værdi og en grund til, at den mangler.",
    "dataAbsentReason and value exclude each other",
)
def _(observation: Mapping[str, Any]) -> bool:
    return "dataAbsentReason" not in observation or choice(observation, "value") is None


@RECORDS.rule(
    "obs-7",
    "Observation",
    "En del har samme kode som helheden.",
    "a component has the observation's own code, and both have values",
)
def _(observation: Mapping[str, Any]) -> bool:
    if choice(observation, "value") is None:
        return True
    own = _codings(observation)
    return all(own.isdisjoint(_codings(component)) for component in observation.get("component", ()))


def _codings(coded: Mapping[str, Any]) -> set[tuple[str | None, str | None]]:
    return {(coding.get("system"), coding.get("code")) for coding in coded.get("code", {}).get("coding", ())}


# --- Bundle
_REQUESTS = frozenset({"batch", "transaction", "history"})
_RESPONSES = frozenset({"batch-response", "transaction-response", "history"})


@RECORDS.rule("bdl-1", "Bundle", "Kun søgninger og historik har et antal.", "total is for searchset and history only")
def _(bundle: Mapping[str, Any]) -> bool:
    return "total" not in bundle or bundle.get("type") in {"searchset", "history"}


@RECORDS.rule("bdl-2", "Bundle", "Kun søgninger har ”search”.", "entry.search is for searchset only")
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") == "searchset" or all("search" not in entry for entry in bundle.get("entry", ()))


@RECORDS.rule(
    "bdl-3",
    "Bundle",
    "Netop transaktioner, bundter og historik har ”request”.",
    "entry.request is for batch, transaction and history",
)
def _(bundle: Mapping[str, Any]) -> bool:
    return all(("request" in entry) == (bundle.get("type") in _REQUESTS) for entry in bundle.get("entry", ()))


@RECORDS.rule(
    "bdl-4", "Bundle", "Netop svar og historik har ”response”.", "entry.response is for responses and history"
)
def _(bundle: Mapping[str, Any]) -> bool:
    return all(("response" in entry) == (bundle.get("type") in _RESPONSES) for entry in bundle.get("entry", ()))


@RECORDS.rule("bdl-7", "Bundle", "Den samme fullUrl står to gange.", "fullUrl is not unique")
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") == "history" or is_distinct(
        [
            (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
            for entry in bundle.get("entry", ())
            if "fullUrl" in entry
        ]
    )


@RECORDS.rule(
    "bdl-9", "Bundle", "Et dokument skal have en identifikation.", "a document has an identifier with system and value"
)
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") != "document" or {"system", "value"} <= bundle.get("identifier", {}).keys()


@RECORDS.rule("bdl-10", "Bundle", "Et dokument skal have et tidspunkt.", "a document has a timestamp")
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") != "document" or "timestamp" in bundle


@RECORDS.rule(
    "bdl-11", "Bundle", "Et dokument begynder med en Composition.", "a document's first resource is a Composition"
)
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") != "document" or _first_type(bundle) == "Composition"


@RECORDS.rule(
    "bdl-12", "Bundle", "En besked begynder med en MessageHeader.", "a message's first resource is a MessageHeader"
)
def _(bundle: Mapping[str, Any]) -> bool:
    return bundle.get("type") != "message" or _first_type(bundle) == "MessageHeader"


def _first_type(bundle: Mapping[str, Any]) -> Any:
    entries = bundle.get("entry", ({},))
    return entries[0].get("resource", {}).get("resourceType")


RECORDS.any_of("bdl-5", "Bundle.entry", "resource", "request", "response")


@RECORDS.rule("bdl-8", "Bundle.entry", "En fullUrl peger ikke på en bestemt version.", "fullUrl is version specific")
def _(entry: Mapping[str, Any]) -> bool:
    return "/_history/" not in entry.get("fullUrl", "")
