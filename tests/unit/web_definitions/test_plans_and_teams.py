"""A clinical administrator reads plans, teams and organisations in words."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from kommunalpro.care.organizations import Difference
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.ehealth import SKS_DIAGNOSES as SKS
from kommunalpro.fut.treatment_area import FSIII
from kommunalpro.web.kam.presenters import organizations, plans, teams
from kommunalpro.web.kam.presenters.in_use import not_in_use, not_superseded
from kommunalpro.web.kam.presenters.missing import missing
from kommunalpro.web.shared.reading import OF_QUESTIONNAIRES

BASE = "https://pro.example/fhir"
ACTIVITY = f"{BASE}/ActivityDefinition/a"
QUESTIONNAIRE = f"{BASE}/Questionnaire/q"
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def activity(status: str = "active") -> dict:
    return {
        "resourceType": "ActivityDefinition",
        "id": "a",
        "title": "Svar på skema",
        "status": status,
        "code": {"coding": [{"code": "273586006"}]},
        "relatedArtifact": [{"type": "depends-on", "resource": f"{QUESTIONNAIRE}/_history/1"}],
    }


def plan(*actions: dict) -> dict:
    return {"resourceType": "PlanDefinition", "id": "p", "title": "Plan", "status": "draft", "action": list(actions)}


def test_a_step_says_what_it_asks_and_that_its_time_is_chosen_on_sending() -> None:
    step = {"title": "Første svar", "definitionCanonical": f"{ACTIVITY}/_history/3"}
    (found,) = plans.actions(plan(step), {ACTIVITY: activity()}, {QUESTIONNAIRE: {"id": "q", "title": "Hverdagen"}})
    assert (found.title, found.questionnaire, found.activity) == ("Første svar", "Hverdagen", "a")
    assert found.timing == "Bestemmes, når planen sendes"


def test_a_steps_own_timing_goes_before_its_activitys() -> None:
    weekly = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}
    daily = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    step = {"definitionCanonical": ACTIVITY, "timingTiming": weekly}
    (found,) = plans.actions(plan(step), {ACTIVITY: {**activity(), "timingTiming": daily}}, {})
    assert found.timing == "hver uge"


def test_inner_steps_come_after_their_outer_one() -> None:
    inner = {"title": "Inderst", "definitionCanonical": ACTIVITY}
    found = plans.actions(plan({"title": "Yderst", "action": [inner]}), {ACTIVITY: activity()}, {})
    assert [(step.title, [each.title for each in step.within]) for step in found] == [("Yderst", ["Inderst"])]


def test_a_plan_tells_what_keeps_it_from_being_sent() -> None:
    step = {"title": "Første svar", "definitionCanonical": ACTIVITY}
    assert [each.words for each in missing(plan(), {}, {}, others={})] == ["Planen har ingen aktiviteter."]
    (found,) = missing(plan(step, step), {ACTIVITY: activity("draft")}, {}, others={})
    assert (found.words, found.where, found.id) == ("”Svar på skema” er ikke i brug.", "activity", "a")
    assert missing(plan(step), {ACTIVITY: activity()}, {}, others={}) == ()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("draft", "”Svar på skema” er ikke i brug. Bed Region Nord tage den i brug, eller sæt en anden i stedet."),
        ("retired", "”Svar på skema” er taget ud af brug. Sæt en anden i stedet."),
    ],
)
def test_what_somebody_else_must_take_into_use_says_who_and_what_nobody_can_says_so(status, said) -> None:
    step = {"title": "Første svar", "definitionCanonical": ACTIVITY}
    (found,) = missing(plan(step), {ACTIVITY: activity(status)}, {}, others={"a": "Region Nord"})
    assert (found.words, found.where, found.id) == (said, "activity", "a")


def organization(id: str, name: str, parent: str | None = None, source: str = "SOR") -> dict:
    made = {
        "resourceType": "Organization",
        "id": id,
        "name": name,
        "extension": [{"url": ehealth.ORGANIZATION_SOURCE, "valueCodeableConcept": {"coding": [{"code": source}]}}],
    }
    return {**made, "partOf": {"reference": f"{BASE}/Organization/{parent}"}} if parent else made


def team(name: str, owner: str, *roles: tuple[str, str]) -> dict:
    return {
        "resourceType": "CareTeam",
        "id": name,
        "name": name,
        "status": "active",
        "managingOrganization": [{"reference": f"{BASE}/Organization/{owner}"}],
        "reasonCode": [{"coding": [{"code": "DE11", "display": "Type 2-diabetes"}]}, {"coding": [{"code": "DI50"}]}],
        "participant": [
            {"role": [{"coding": [{"code": code}]}], "member": {"reference": f"{BASE}/Practitioner/{who}"}}
            for who, code in roles
        ],
    }


def test_a_member_with_several_roles_is_one_person() -> None:
    nord = team("Nord", "k", ("asta", "clinicalViewer"), ("asta", "citizenEnroller"), ("lis", "noget-nyt"))
    named = {
        f"{BASE}/Practitioner/asta": {"name": [{"given": ["Asta"], "family": "Holm"}]},
        f"{BASE}/Practitioner/lis": {"name": [{"given": ["Lis"], "family": "Demo"}]},
    }
    asta, lis = teams.members(nord, named, NOW)
    assert (asta.name, asta.roles) == ("Asta Holm", ("Klinisk se adgang", "Borgeropretter"))
    assert lis.roles == ("noget-nyt",)
    assert teams.team_rows([nord], {}, NOW)[0].members == 2


@pytest.mark.parametrize(
    ("concept", "words"),
    [
        (
            {"text": "Sukkersyge", "coding": [{"system": SKS, "code": "DE11", "display": "Type 2-diabetes"}]},
            "Sukkersyge",
        ),
        ({"coding": [{"system": SKS, "code": "DE11", "display": "Diabetes 2"}]}, "Type 2-diabetes"),
        (
            {"coding": [{"code": "E11", "display": "Type 2 diabetes mellitus"}, {"system": SKS, "code": "DE11"}]},
            "Type 2-diabetes",
        ),
        ({"coding": [{"system": SKS, "code": "DF311", "display": "Bipolar"}]}, "Bipolar"),
        ({"coding": [{"system": SKS, "code": "DE11"}]}, "Type 2-diabetes"),
        ({"coding": [{"system": SKS, "code": "DF311"}]}, "SKS DF311"),
        ({"coding": [{"system": FSIII, "code": "J1.1", "display": "Spise"}]}, "Vaske sig"),
        ({"coding": [{"system": FSIII, "code": "I1.1"}]}, "FSIII I1.1"),
        ({"coding": [{"code": "DE11"}]}, "DE11"),
        (
            {"coding": [{"system": FSIII, "code": "I1.1"}, {"system": SKS, "code": "DJ44"}]},
            "Kronisk obstruktiv lungesygdom",
        ),
        ({"coding": []}, ""),
    ],
)
def test_a_condition_is_called_as_its_words_do_else_the_guide_else_a_coding_else_by_its_code(
    concept: dict, words: str
) -> None:
    assert teams.conditions({"reasonCode": [concept]}) == (words,)


def test_organisations_stand_under_their_parent_and_one_with_an_unknown_parent_at_the_top() -> None:
    known = {
        f"{BASE}/Organization/{each['id']}": each
        for each in (
            organization("k", "Demo Kommune"),
            organization("s", "Sundhed", "k", "STS-ORG"),
            organization("x", "Løsreven", "findes-ikke", "manual"),
        )
    }
    kommune, loose = organizations.tree(known, [team("Nord", "s")], {}, NOW)
    assert (kommune.name, loose.name, loose.source.words) == ("Demo Kommune", "Løsreven", "Oprettet manuelt")
    assert [(child.name, child.source.words) for child in kommune.children] == [("Sundhed", "FK Organisation")]
    assert [each.name for each in kommune.children[0].teams] == ["Nord"]


def test_an_organisation_of_which_sources_disagree_shows_both() -> None:
    url = f"{BASE}/Organization/k"
    found = {url: (Difference("name", "Sundhed", "Omsorg", "SOR"), Difference("active", "true", "false", "manual"))}
    [kommune] = organizations.tree({url: organization("k", "Sundhed")}, [], found, NOW)
    name, active = kommune.disagreements
    assert (name.field, name.here, name.there) == ("Navn", "Sundhed", "Omsorg")
    assert name.source.startswith("SOR")
    assert (active.field, active.here, active.there, active.source) == ("Åben", "Ja", "Nej", "Ændret her")


@pytest.mark.parametrize(
    ("language", "opens", "said"),
    [
        ("da", None, "Lukket"),
        ("da", "2026-11-26", "Lukket"),
        ("da", "2026", "Lukket"),
        ("da", "2027-01-01", "Åbner 1. januar 2027"),
        ("en", "2027-01-01", "Opens 1 January 2027"),
    ],
)
def test_an_organisation_that_is_closed_says_so_and_one_that_is_yet_to_open_on_which_day(
    language: str, opens: str | None, said: str
) -> None:
    made = {**organization("k", "Sundhed"), "active": False}
    if opens:
        made["extension"] += [{"url": ehealth.ORGANIZATION_PERIOD, "valuePeriod": {"start": opens}}]
    with translation.override(language):
        [kommune] = organizations.tree({f"{BASE}/Organization/k": made}, [], {}, NOW)
    assert kommune.closed == said


def test_an_organisation_that_is_open_says_nothing_of_it() -> None:
    assert organizations.closed({**organization("k", "Sundhed"), "active": True}, TODAY) == ""


def test_a_version_of_which_a_later_one_is_in_use_is_not_offered_and_drafts_are() -> None:
    def version(number: str, status: str = "active", base: str = "hverdagen") -> dict:
        identifier = {"url": ehealth.BASE, "valueIdentifier": {"value": base}}
        return {"resourceType": "Questionnaire", "status": status, "version": number, "extension": [identifier]}

    known = {"a": version("1.9"), "b": version("1.10"), "c": version("1.11", "draft"), "d": version("1.0", base="søvn")}
    assert [*not_superseded(known)] == ["b", "c", "d"]
    nameless = {"e": {"status": "active"}, "f": {"status": "active", "version": "2.0"}}
    assert [*not_superseded(nameless)] == ["e", "f"], "what says no base is nobody's version"


def test_of_those_that_are_called_the_same_each_says_when_it_was_changed() -> None:
    """One was published with lights, and one without."""
    named = {"resourceType": "Questionnaire", "status": "active", "version": "1.0", "title": "Søvn"}
    moments = {"a": "2026-11-23T09:00:00Z", "b": "2026-11-25T12:30:00Z"}
    twins = {id: {**named, "id": id, "meta": {"lastUpdated": at}} for id, at in moments.items()}
    known = {**twins, "c": {**named, "id": "c", "title": "Hjerte", "meta": {"lastUpdated": moments["a"]}}}
    assert plans.choices(known, {}) == [
        ("c", "Hjerte (1.0)"),
        ("a", "Søvn (1.0) · ændret 23. november 2026 kl. 10.00"),
        ("b", "Søvn (1.0) · ændret 25. november 2026 kl. 13.30"),
    ]


def part_of(questionnaire: dict) -> dict:
    return {name: each for name, each in questionnaire.items() if name in ("id", *OF_QUESTIONNAIRES)}


@pytest.mark.parametrize("called", [{"title": "Hverdagen"}, {"name": "Hverdagen"}])
def test_what_is_read_of_questionnaires_is_all_that_the_pages_tell_of_them(called) -> None:
    """Whole ones are long, and each is read for a list: what would be missing would be told wrongly."""
    base = {"url": ehealth.BASE, "valueIdentifier": {"value": "hverdagen"}}
    whole = {"resourceType": "Questionnaire", "id": "q", "status": "retired", "version": "1.0", "extension": [base]}
    later = whole | {"status": "active", "version": "1.2"}
    for status, unused, offered in (("retired", 1, 2), ("active", 0, 1)):
        asked = whole | called | {"status": status, "item": [{"linkId": "1"}]}
        parts = {url: part_of(each) for url, each in ((QUESTIONNAIRE, asked), ("later", later))}
        step = plan({"definitionCanonical": ACTIVITY})
        assert len([*not_in_use(step, {ACTIVITY: activity()}, parts)]) == unused
        assert len(not_superseded(parts)) == offered
        assert plans.activity_facts(activity(), parts).questionnaire == "Hverdagen"
