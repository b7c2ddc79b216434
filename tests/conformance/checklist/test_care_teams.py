"""Who sees to a plan, since when, and who could (item 27); how a team is put on and taken off is told as a story too,
in `test_course_of_care.py`.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.parameters import parameters
from tests import resources as made
from tests.conformance.checklist.saying import coded, done, named, path_of, to


@pytest.fixture
def plans(town, course):
    """A plan that another is part of: (the plan, what is part of it)."""
    part = town.plan()
    own = town.publishes(town.activity(town.publishes(town.questionnaire())))
    whole = course.applied(town.publishes(town.plan_of(own, part)))
    query = f"/CarePlan?episodeOfCare={quote(course.episode)}&care-team={quote(town.team)}"
    found = resources(
        done(course.asta("GET", f"{query}&part-of={quote(course.town.base + path_of(whole))}")), "CarePlan"
    )
    return (whole, *found)


def change(course, plan, **teams):
    asked = parameters(*(named(name, url) for name, url in teams.items()))
    return done(course.asta("POST", f"{path_of(plan)}/$update-care-teams", asked))


def read(course, plan):
    return done(course.asta("GET", path_of(plan)))


def history(plan):
    """Who was on it, and whether they are still."""
    return [
        (extension_value(each, "careTeam")["reference"], "end" not in extension_value(each, "period"))
        for each in extensions(plan, ehealth.TEAM_HISTORY)
    ]


@pytest.mark.checklist(27)
def test_a_team_that_is_put_on_a_plan_is_put_on_what_is_part_of_it(town, course, plans):
    whole, part = plans
    assert change(course, whole, addCareTeams=town.other_team) == read(course, whole)
    for each in (whole, part):
        stored = read(course, each)
        assert stored["careTeam"] == [to(town.team), to(town.other_team)]
        assert history(stored) == [(town.team, True), (town.other_team, True)]
        assert town.bo(**course.context)("GET", path_of(each)).status == 200


@pytest.mark.checklist(27)
@pytest.mark.parametrize("spelling", ["removeCareTeams", "removeCareteams"])
def test_a_team_that_is_taken_off_was_on_it_until_then(town, course, plans, spelling):
    whole, part = plans
    change(course, whole, addCareTeams=town.third_team)
    change(course, whole, **{spelling: town.third_team})
    for each in (whole, part):
        stored = read(course, each)
        assert stored["careTeam"] == [to(town.team)]
        assert history(stored) == [(town.team, True), (town.third_team, False)]
    assert town.kim(**course.context)("GET", path_of(whole)).status == 403


@pytest.mark.checklist(27)
def test_who_could_see_to_a_plan_has_its_conditions_and_is_of_the_place(town, course, plans):
    whole, _ = plans

    def organization(code):
        place = {"url": ehealth.ORGANIZATION_MUNICIPALITY_CODE, "valueString": code}
        register = made.organization(f"Kommune {code}")
        stored = done(
            town.system("POST", "/Organization", register | {"extension": [*register["extension"], place]}), 201
        )
        return stored["id"]

    def team(name, organization, *conditions, **changes):
        reasons = [coded(ehealth.SKS_DIAGNOSES, each) for each in conditions]
        resource = made.care_team(name, organization=organization) | {"reasonCode": reasons} | changes
        return f"{town.base}/CareTeam/{done(town.system('POST', '/CareTeam', resource), 201)['id']}"

    here, there = organization("0849"), organization("0860")
    wanted = {team("Lunger", here, "DJ44"), team("Lunger og sukker", here, "DE11", "DJ44")}
    for other in (("Sukker", here, "DE11"), ("Andetsteds", there, "DJ44")):
        team(*other)
    team("Lukket", here, "DJ44", status="inactive")

    asked = parameters({"name": "municipalityCode", "valueString": "0849"})
    found = done(course.asta("POST", f"{path_of(whole)}/$suggest-care-teams", asked))
    assert found["type"] == "searchset"
    assert {entry["fullUrl"] for entry in found["entry"] if entry["search"]["mode"] == "match"} == wanted
    assert [each["id"] for each in resources(found, "Organization")] == [here]


@pytest.mark.checklist(27)
def test_a_course_of_care_gets_another_team_and_says_so(town):
    course = town.opens(town.citizen())
    asked = parameters(named("addCareTeams", town.other_team))
    changed = done(course.asta("POST", f"{path_of(course.episode)}/$update-care-teams", asked))
    assert changed["team"] == [to(town.team), to(town.other_team)]
    assert history(changed) == [(town.team, True), (town.other_team, True)]
    assert town.bo(**course.context)("GET", path_of(course.patient)).status == 200
