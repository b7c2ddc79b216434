"""Whose national content may be: what the setting says, and what holds where it says nothing."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fut.rules import EHealthRules
from kommunalpro.fut.terminology import OF_FUT
from tests.people import LIS
from tests.refusals import refusal
from tests.resources import basic, organization, value_set
from tests.store.cast import BASE
from tests.unit.definitions.folders import read

FOLDER = "hverdagen-med-kronisk-sygdom"
VIEW, GUIDANCE = read(FOLDER, "view.json"), read(FOLDER, "guidance.json")
BOTH = pytest.mark.parametrize(
    ("kind", "content"), [("view", VIEW), ("actionguidance", GUIDANCE)], ids=["view", "guidance"]
)
COMPANY, UNIT, UUID = "29190925", "634491000016008", "6a0c3d2e-0000-4000-8000-000000000001"


def said(store, *owners):
    """The same server, where these are whose national content may be."""
    return replace(store, server=replace(store.server, rules=EHealthRules(national_owners=frozenset(owners))))


def lis(organization="kommune"):
    return LIS.at(BASE).within(organization=f"{BASE}/Organization/{organization}")


def published(content=VIEW, kind="view", owner="kommune"):
    return basic(content, kind, owner, status="active")


NOBODYS = [("KPRO_NATIONAL_OWNER", "Basic.extension")]


SYSTEMS, SETS = f"{ehealth.CS}task-category", f"{ehealth.VS}conditions"
CODES = {"resourceType": "CodeSystem", "url": SYSTEMS, "status": "active", "content": "complete", "version": "9"}
THEIRS = value_set("https://kommune.example/vs/egne", "a")


@pytest.mark.parametrize(
    "made", [CODES, value_set(SETS, "a"), {"resourceType": "ConceptMap", "url": f"{OF_FUT}map", "status": "draft"}]
)
def test_the_national_codes_are_replaced_by_who_may_own_what_is_national_alone(clinic, made):
    """What is stored answers for what is shipped, to everybody."""
    type = made["resourceType"]
    by = replace(lis(), privileges=lis().privileges | {f"{type}.{verb}" for verb in ("create", "update", "delete")})
    unsaid, refused = said(clinic), [("KPRO_NATIONAL_OWNER", f"{type}.url")]
    assert refusal(lambda: unsaid.create(made, by=by)) == refused
    stored = clinic.create(made, by=by)
    assert refused[0] in refusal(lambda: unsaid.update(stored | {"url": "https://kommune.example/x"}, by=by))
    assert refusal(lambda: unsaid.delete(type, stored["id"], by=by)) == refused
    assert unsaid.update(stored | {"title": "Ny udgave"})["title"] == "Ny udgave", "the system"


def test_own_codes_are_whose_they_are(clinic):
    by = replace(lis(), privileges=lis().privileges | {"ValueSet.create", "ValueSet.update"})
    stored = said(clinic).create(THEIRS, by=by)
    assert refusal(lambda: said(clinic).update(stored | {"url": SETS}, by=by)) == [
        ("KPRO_NATIONAL_OWNER", "ValueSet.url")
    ]


@BOTH
def test_where_nothing_is_said_nobody_publishes_for_all_and_everybody_for_themselves(clinic, kind, content):
    unsaid = said(clinic)
    for by in ({"by": lis()}, {}):
        assert refusal(lambda by=by: unsaid.create(published(content, kind), **by)) == NOBODYS
        assert unsaid.create(published({**content, "level": "local"}, kind), **by)["id"]
    draft = unsaid.create(basic(content, kind), by=lis())
    extension(draft, ehealth.STATUS)["valueCoding"]["code"] = "active"
    assert refusal(lambda: unsaid.update(draft, by=lis())) == NOBODYS


def test_what_was_national_stays_and_can_be_retired_and_nothing_else(clinic):
    """Lights do not change because a setting does; and what is wrong must come out of force."""
    stored, unsaid = clinic.create(published(), by=lis()), said(clinic)
    assert unsaid.read("Basic", stored["id"]) == stored
    recommended = {"url": ehealth.RECOMMENDATION, "valueCodeableConcept": _recommended()}
    changed = {**stored, "extension": [*stored["extension"], recommended]}
    assert refusal(lambda: unsaid.update(changed, by=lis())) == NOBODYS
    extension(stored, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    retired = unsaid.update(stored, by=lis())
    assert extension(retired, ehealth.STATUS)["valueCoding"]["code"] == "retired"


def _recommended():
    return {"coding": [{"system": ehealth.CS + "plandefinition-recommendation", "code": "Recommended"}]}


@pytest.mark.parametrize(
    ("one", "may"),
    [
        ((ehealth.CVR, COMPANY), {"selskab", "enhed"}),
        ((ehealth.SOR, UNIT), {"enhed"}),
        ((ehealth.STS_ORG, UUID), {"forvaltning"}),
        ((ehealth.SOR, COMPANY), set()),
    ],
    ids=["all of a company", "one unit", "one of FK Organisation", "a number of another register"],
)
def test_an_organisation_is_known_by_the_numbers_that_it_has_here(clinic, one, may):
    numbers = {"selskab": (ehealth.CVR, COMPANY), "enhed": (ehealth.SOR, UNIT), "forvaltning": (ehealth.STS_ORG, UUID)}
    for key, (system, value) in numbers.items():
        made = organization(key) | {"identifier": [{"system": system, "value": value}]}
        if key == "enhed":
            made["extension"].append({"url": ehealth.ORGANIZATION_CVR_NUMBER, "valueString": COMPANY})
        clinic.create(made, id=key)
    server = said(clinic, one)
    for key in numbers:
        if key in may:
            assert server.create(published(owner=key), by=lis(key))["id"]
        else:
            assert refusal(lambda key=key: server.create(published(owner=key), by=lis(key))) == NOBODYS


def test_an_owner_that_is_not_here_is_none_of_them(clinic):
    assert refusal(lambda: clinic.create(published(owner="nowhere"))) == NOBODYS
