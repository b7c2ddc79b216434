"""What the index has of who works where, and whom which team follows."""

from kommunalpro.fut.standings import standings
from tests.people import ASTA, BO
from tests.resources import care_team, episode_of_care
from tests.store.cast import BASE


def entries(resource):
    return {(row.parameter, row.value): row.high for row in standings(resource, BASE)}


def team(**changes):
    made = care_team("Nord", ASTA, BO)
    made["participant"] = [
        {"member": {"reference": f"{BASE}/Practitioner/asta"}, "period": {"end": "2026-11-23T12:00:00Z"}},
        {"member": {"reference": f"{BASE}/Practitioner/asta"}},
        {"member": {"reference": f"{BASE}/Practitioner/bo"}, "period": {"end": "2026-11-23T12:00:00Z"}},
        {"member": {"reference": "https://other.example/fhir/Practitioner/kim"}},
    ]
    return {**made, "managingOrganization": [{"reference": f"{BASE}/Organization/kommune"}], **changes}


ENDS = "2026-11-23T12:00:01.000000"


def test_a_member_is_in_the_team_until_the_last_of_their_memberships_ends():
    assert {key: end for key, end in entries(team()).items() if key[0] == "member"} == {
        ("member", "Practitioner/asta"): "",
        ("member", "Practitioner/bo"): ENDS,
        ("member", "https://other.example/fhir/Practitioner/kim"): "",
    }


def test_in_an_active_team_they_work_also_for_the_organisation_that_runs_it():
    assert {key: end for key, end in entries(team()).items() if key[0] == "active-member"} == {
        ("active-member", "Practitioner/asta"): "",
        ("active-member", "Practitioner/asta Organization/kommune"): "",
        ("active-member", "Practitioner/bo"): ENDS,
        ("active-member", "Practitioner/bo Organization/kommune"): ENDS,
    }
    assert {key[0] for key in entries(team(status="inactive"))} == {"member"}


def test_a_team_follows_the_citizen_of_each_course_of_care_that_it_is_on():
    course = episode_of_care("nancy", "nord", "syd")
    assert entries(course) == {
        ("team-and-patient", "CareTeam/nord Patient/nancy"): "",
        ("team-and-patient", "CareTeam/syd Patient/nancy"): "",
    }
    assert entries({**course, "patient": {"display": "Nancy"}}) == {}
