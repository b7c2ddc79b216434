"""The demo's organisations, care teams and staff, from definitions/demo/organisations.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Context, Gateway, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.fut.treatment_area import TAG
from kommunalpro.identity.demo import Person


@dataclass(frozen=True, slots=True)
class Staff:
    """One practitioner of the demo, ready to act in their first team."""

    key: str
    principal: Principal
    person: Person


@dataclass(frozen=True, slots=True)
class Team:
    """One care team of the demo, with the conditions it works with as codings."""

    key: str
    url: str
    organization: str
    conditions: tuple[Json, ...]


def load_organisations(
    gateway: Gateway, data: Json, now: datetime
) -> tuple[Mapping[str, str], Mapping[str, Team], Mapping[str, Staff]]:
    """Create organisations, practitioners and teams; gives their URLs and people by key."""
    organizations = {each["key"]: _create(gateway, _organization(each), now) for each in data["organizations"]}
    practitioners = {each["key"]: _create(gateway, _practitioner(each), now) for each in data["practitioners"]}
    teams = {}
    for each in data["teams"]:
        members = [person for person in data["practitioners"] if each["key"] in person["teams"]]
        conditions = tuple({"system": ehealth.SKS_DIAGNOSES, **condition} for condition in each["conditions"])
        organization = organizations[each["organization"]]
        url = _create(gateway, _care_team(each["name"], organization, conditions, members, practitioners), now)
        teams[each["key"]] = Team(each["key"], url, organization, conditions)
    staff = {each["key"]: _staff(each, practitioners, teams) for each in data["practitioners"]}
    return organizations, teams, staff


def _create(gateway: Gateway, resource: Json, now: datetime) -> str:
    return own_url(gateway.base_url, gateway.create(resource, by=SYSTEM, now=now))


def _organization(each: Json) -> dict[str, Any]:
    extensions: list[dict[str, Any]] = [
        _concept_extension(ehealth.ORGANIZATION_SOURCE, ehealth.ORGANIZATION_SOURCE_CODES, "manual"),
        _concept_extension(
            ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS,
            ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS_CODES,
            "NotSynchronized",
        ),
        {"url": ehealth.ORGANIZATION_CVR_NUMBER, "valueString": each["cvr"]},
        {"url": ehealth.ORGANIZATION_REGION_CODE, "valueString": each["region"]},
    ]
    if "municipality" in each:
        extensions.append({"url": ehealth.ORGANIZATION_MUNICIPALITY_CODE, "valueString": each["municipality"]})
    return {
        "resourceType": "Organization",
        "extension": extensions,
        "identifier": [{"system": ehealth.CVR, "value": each["cvr"]}],
        "active": True,
        "name": each["name"],
    }


def _practitioner(each: Json) -> dict[str, Any]:
    name = {"use": "official", "given": each["given"], "family": each["family"]}
    return {"resourceType": "Practitioner", "active": True, "name": [name]}


def _care_team(
    name: str,
    organization: str,
    conditions: tuple[Json, ...],
    members: list[Json],
    practitioners: Mapping[str, str],
) -> dict[str, Any]:
    return {
        "resourceType": "CareTeam",
        "status": "active",
        "name": name,
        "participant": [
            {
                "role": [_concept(ehealth.CARETEAM_PARTICIPANT_ROLE, role) for role in member["roles"]],
                "member": {"reference": practitioners[member["key"]]},
            }
            for member in members
        ],
        "reasonCode": [{"coding": [dict(condition)], "text": condition["display"]} for condition in conditions],
        "managingOrganization": [{"reference": organization}],
    }


def _staff(each: Json, practitioners: Mapping[str, str], teams: Mapping[str, Team]) -> Staff:
    url, team = practitioners[each["key"]], teams[each["teams"][0]]
    name = " ".join([*each["given"], each["family"]])
    principal = Principal(
        url,
        "PRACTITIONER",
        name,
        privileges_of(each["roles"]),
        Context(organization=team.organization, care_team=team.url),
        frozenset({TAG}),
    )
    return Staff(each["key"], principal, Person(each["key"], name, "PRACTITIONER", url, each["description"]))


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _concept_extension(url: str, system: str, code: str) -> dict[str, Any]:
    return {"url": url, "valueCodeableConcept": _concept(system, code)}
