"""What the server adds on write: profiles, names, tags and histories; what a client sends there is not believed."""

from datetime import timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.treatment_area import TAG
from tests.people import ASTA
from tests.resources import (
    access_consent,
    access_provenance,
    basic,
    care_plan,
    care_team,
    condition,
    consent,
    episode_of_care,
    practitioner,
    provenance,
    service_request,
    task,
)
from tests.store.cast import BASE, LATER, NOW, staff, stored
from tests.unit.definitions.folders import read

TAGGED = {"meta": {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": TAG}]}}


@pytest.mark.parametrize(("made", "profile"), [(practitioner(), "practitioner"), (care_team("Nord"), "careteam")])
def test_what_says_no_profile_gets_its_types_own(store, made, profile):
    assert store.create(made)["meta"]["profile"] == [f"{ehealth.SD}ehealth-{profile}"]


def test_a_view_and_guidance_are_told_apart(store):
    view = basic(read("hverdagen-med-kronisk-sygdom", "view.json"))
    guidance = basic(read("hverdagen-med-kronisk-sygdom", "guidance.json"), "actionguidance")
    assert store.create(view)["meta"]["profile"] == [ehealth.profile("View")]
    assert store.create(guidance)["meta"]["profile"] == [ehealth.profile("ActionGuidance")]


def test_what_logs_somebody_in_has_profiles_of_its_own(clinic):
    assert clinic.create(access_consent("nancy"))["meta"]["profile"] == [f"{ehealth.SD}ehealth-access-consent"]
    assert clinic.create(consent("nancy", "nancys"))["meta"]["profile"] == [f"{ehealth.SD}ehealth-consent"]
    assert clinic.create(access_provenance("nancy"))["meta"]["profile"] == [f"{ehealth.SD}ehealth-access-provenance"]
    legal = clinic.create(provenance("EpisodeOfCare/nancys"))
    assert legal["meta"]["profile"] == [f"{ehealth.SD}ehealth-provenance"]


def test_a_profile_that_is_said_is_kept(store):
    special = ["http://example.org/profile"]
    assert store.create(practitioner() | {"meta": {"profile": special}})["meta"]["profile"] == special


def test_the_server_says_itself_which_version_it_is_and_when_it_was_written(store):
    claimed = practitioner() | {"meta": {"versionId": "9", "lastUpdated": "2001-01-01T00:00:00Z"}}
    assert store.create(claimed)["meta"]["versionId"] == "1"


def test_a_care_team_gets_a_name_of_its_own_that_it_keeps(store):
    made = store.create(care_team("Nord"))
    [identifier] = made["identifier"]
    assert identifier["value"].startswith("urn:uuid:")
    assert store.update(made | {"name": "Nordvest"})["identifier"] == made["identifier"]


def test_what_belongs_to_a_course_of_care_carries_its_systems_tag(clinic):
    clinic.create(episode_of_care("nancy", "nord") | TAGGED, id="maerket")
    tag = {"system": ehealth.EHEALTH_SYSTEM, "code": TAG}
    for made in (care_plan("nancy", "maerket"), task("nancy", "maerket"), consent("nancy", "maerket")):
        assert clinic.create(made)["meta"]["tag"] == [tag]
    assert "tag" not in clinic.create(task("nancy", "nancys"))["meta"]


def test_a_diagnosis_that_says_of_no_course_of_care_is_of_the_one_in_the_token(clinic):
    """Else nobody would see it, who wrote it included."""
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    made = clinic.create(without_course(condition("nancy", "x")), by=asta)
    named = extension(made, ehealth.WORKFLOW_EPISODE_OF_CARE)
    assert named["valueReference"] == {"reference": f"{BASE}/EpisodeOfCare/nancys"}
    assert clinic.read("Condition", made["id"], by=asta) == made


@pytest.mark.parametrize("by", [staff(ASTA, patient="nancy"), SYSTEM], ids=["staff", "system"])
def test_a_diagnosis_of_no_course_of_care_at_all_is_refused(clinic, by):
    before = stored()
    with pytest.raises(RuleBroken) as refused:
        clinic.create(without_course(condition("nancy", "x")), by=by)
    told = [(each.coding[1], each.expression) for each in refused.value.issues]
    assert told == [("GENERAL_VALIDATION_ERROR", "Condition.extension")]
    assert stored() == before


def without_course(made):
    return {name: each for name, each in made.items() if name != "extension"}


def test_the_history_of_a_course_of_care_is_the_servers(clinic):
    invented = [{"status": "active", "period": {"start": "2001-01-01"}}]
    made = clinic.create(episode_of_care("nancy", statusHistory=invented))
    assert made["statusHistory"] == [{"status": "planned", "period": {"start": to_datetime(NOW)}}]
    same = clinic.update(made | {"period": {"start": "2026-11-02"}}, now=LATER)
    assert same["statusHistory"] == made["statusHistory"]
    after = clinic.update(same | {"status": "cancelled", "statusHistory": invented}, now=LATER)
    first, second = after["statusHistory"]
    assert first["period"]["end"] == second["period"]["start"] == to_datetime(LATER)
    assert (first["status"], second["status"]) == ("planned", "cancelled")


@pytest.mark.parametrize(
    ("made", "url"),
    [
        (care_plan("nancy", "nancys"), ehealth.CAREPLAN_STATUS_HISTORY),
        (
            service_request("nancy", "nancys", occurrenceDateTime="2026-12-01T10:00:00+01:00"),
            ehealth.SERVICEREQUEST_STATUS_HISTORY,
        ),
    ],
)
def test_plans_and_requests_keep_when_they_were_what(clinic, made, url):
    draft = clinic.create(made)
    later = NOW + timedelta(days=1)
    active = clinic.update(draft | {"status": "active"}, now=later)
    found = list(extensions(active, url))
    assert [extension_value(each, "status")["coding"][0]["code"] for each in found] == ["draft", "active"]
    first, second = (extension_value(each, "period") for each in found)
    assert first == {"start": to_datetime(NOW), "end": to_datetime(later)}
    assert second == {"start": to_datetime(later)}
    assert list(extensions(clinic.update(active, now=LATER), url)) == found
