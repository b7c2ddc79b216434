"""The smallest resources that FUT's profiles take."""

from typing import Any

from kommunalpro.fhir import ehealth


def organization(name: str = "Birkelund Kommune") -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "extension": [
            _coded(ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SOURCE_CODES, "manual"),
            _coded(
                ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS,
                ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS_CODES,
                "NotSynchronized",
            ),
        ],
        "identifier": [{"system": ehealth.CVR, "value": "12345678"}],
        "active": True,
        "name": name,
    }


def practitioner(family: str = "Holm", given: str = "Asta") -> dict[str, Any]:
    return {"resourceType": "Practitioner", "active": True, "name": [{"family": family, "given": [given]}]}


def _coded(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}
