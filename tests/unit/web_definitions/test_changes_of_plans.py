"""A clinical administrator reads all that a version of a plan changes: never nothing, where something is changed."""

from copy import deepcopy

import pytest

from kommunalpro.care.planning import edited_with
from kommunalpro.fhir import ehealth
from kommunalpro.fut.descent import version_of
from kommunalpro.fut.modifier_roles import owned_by
from kommunalpro.web.kam.presenters.differences import differences, organizations_named
from kommunalpro.web.kam.presenters.elements import unlike
from tests.unit.web_definitions.test_plans_and_teams import BASE, QUESTIONNAIRE

A, NEWER, ALIKE, STRANGE = (f"{BASE}/ActivityDefinition/{id}" for id in ("a", "newer", "alike", "strange"))
SAME, OTHER = f"{BASE}/Questionnaire/same", f"{BASE}/Questionnaire/other"
INNER, INNER_ALIKE = f"{BASE}/PlanDefinition/i", f"{BASE}/PlanDefinition/j"
KOMMUNE, REGION = f"{BASE}/Organization/k", f"{BASE}/Organization/r"
ORGANIZATIONS = {KOMMUNE: {"id": "k", "name": "Kommunen"}, REGION: {"id": "r", "name": "Regionen"}}
QUESTIONNAIRES = {
    QUESTIONNAIRE: {"id": "q", "title": "Hverdagen", "version": "1.0"},
    SAME: {"id": "same", "title": "Hverdagen", "version": "1.0"},
    OTHER: {"id": "other", "title": "Søvn", "version": "2.0"},
}


def coded(code, system="urn:system"):
    return {"coding": [{"system": system, "code": code}]}


def extended(definition, url, **value):
    kept = [each for each in definition.get("extension", ()) if each["url"] != url]
    return {**definition, "extension": [*kept, {"url": url, **value}]}


def based(definition, base):
    base = {"url": ehealth.BASE, "valueIdentifier": {"system": ehealth.UUID, "value": base}}
    uuid = {"system": ehealth.UUID, "value": f"urn:uuid:{definition['id']}"}
    return {**definition, "version": "1.0", "status": "active", "identifier": [uuid], "extension": [base]}


ACTIVITY = {
    **based({"resourceType": "ActivityDefinition", "id": "a", "title": "Smertedagbog"}, "of-activity"),
    "code": coded("273586006"),
    "relatedArtifact": [{"type": "depends-on", "resource": QUESTIONNAIRE}],
}
PLAN = {
    **based({"resourceType": "PlanDefinition", "id": "p", "title": "Smerteplan"}, "of-plan"),
    "action": [
        {"id": "one", "title": "Svar", "definitionCanonical": A},
        {"id": "two", "title": "Svar", "definitionCanonical": A},
        {"title": "Sov godt", "definitionCanonical": INNER},
    ],
    "goal": [{"description": {"text": "Sov"}}],
}
PLAN["extension"] = [*PLAN["extension"], owned_by(KOMMUNE)]
PLANS = {url: {"id": url[-1], "title": "Sov godt", "version": "1.0"} for url in (INNER, INNER_ALIKE)}


def asking(url, **more):
    return {**ACTIVITY, **more, "relatedArtifact": [{"type": "depends-on", "resource": url}]}


ACTIVITIES = {
    A: ACTIVITY,
    NEWER: asking(OTHER, id="newer", version="1.1", title="Din dagbog"),
    ALIKE: asking(SAME, id="alike"),
    STRANGE: based({"resourceType": "ActivityDefinition", "id": "strange", "title": "Vægt"}, "of-weight"),
}


def changed(before, change):
    """Give what is told of a version that is changed so; it is given new values or gets the whole to change."""
    version = {**version_of(before, "1.1"), "id": "n", "date": "2026-11-28", "meta": {"versionId": "7"}}
    version = change(deepcopy(version)) if callable(change) else {**version, **change}
    known = {"plans_in": PLANS, "organizations": ORGANIZATIONS}
    found = differences(version, [before, version], ACTIVITIES, QUESTIONNAIRES, **known)
    return [(each.what, each.before, each.after) for each in found.changes]


def with_step(number, **values):
    return {"action": [{**each, **values} if at == number else each for at, each in enumerate(PLAN["action"])]}


# --- What is the same
@pytest.mark.parametrize("definition", [PLAN, ACTIVITY])
def test_a_version_that_nobody_has_changed_says_nothing(definition):
    assert changed(definition, {}) == []


def test_other_ids_of_steps_that_refer_to_each_other_as_before_say_nothing():
    def renamed(action):
        return {**action, "id": f"trin-{action['title']}"}

    assert changed(PLAN, {"action": [renamed(each) for each in PLAN["action"]]}) == []


# --- A plan
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"topic": [coded("self-treatment")]}, ("Andet: emne", "", "self-treatment")),
        ({"jurisdiction": [coded("service-act")]}, ("Andet: lovgrundlag", "", "service-act")),
        ({"library": [f"{BASE}/Library/l"]}, ("Andet: regler i et bibliotek", "", f"{BASE}/Library/l")),
        ({"experimental": True}, ("Andet: kun til afprøvning", "", "Ja")),
        ({"usage": "Til alle"}, ("Andet: brug", "", "Til alle")),
        (
            {"useContext": [{"code": coded("program")["coding"][0], "valueCodeableConcept": coded("telma")}]},
            ("Andet: hvor den bruges (program)", "", "program, telma"),
        ),
        (
            {"relatedArtifact": [{"type": "citation", "citation": "Jensen 2020"}]},
            ("Andet: henvisninger", "", "citation, Jensen 2020"),
        ),
        ({"hvadsomhelst": 3}, ("Andet: hvadsomhelst", "", "3")),
        (
            lambda plan: extended(
                plan, f"{ehealth.SD}ehealth-plandefinition-recommendation", valueCodeableConcept=coded("Mandatory")
            ),
            ("Andet: anbefaling", "", "Mandatory"),
        ),
        (
            lambda plan: extended(plan, ehealth.INTENDED_AUDIENCE, valueReference={"reference": REGION}),
            ("Andet: målgruppe", "", "Regionen"),
        ),
        (
            lambda plan: edited_with(plan, REGION),
            ("Hvem må rette", "Kommunen (ejer)", "Kommunen (ejer), Regionen"),
        ),
        (
            {"_title": {"extension": [{"url": ehealth.TRANSLATION, "valueString": "Pain"}]}},
            (
                "Titel for borgeren",
                "Smerteplan",
                f"Smerteplan (url: {ehealth.TRANSLATION}; Pain)",
            ),
        ),
    ],
)
def test_what_has_no_words_of_its_own_is_told_by_its_element(change, told):
    assert changed(PLAN, change) == [told]


# --- A step
@pytest.mark.parametrize(
    ("number", "step", "told"),
    [
        (0, {"description": "Hjemme"}, ("Trin 1 · Andet: beskrivelse", "", "Hjemme")),
        (
            0,
            {"extension": [{"url": ehealth.INCLUDE_AS_EXTRA, "valueBoolean": True}]},
            ("Trin 1 · Andet: kan sendes ekstra", "", "Ja"),
        ),
        (
            1,
            {"extension": [{"url": ehealth.OVERVIEW_USAGE_MODE, "valueCodeableConcept": coded("display-all")}]},
            ("Trin 2 · Andet: hvordan den vises i overblikket", "", "display-all"),
        ),
        (
            2,
            {"definitionCanonical": INNER_ALIKE},
            ("Trin 3", "Sov godt: Version 1.0", "Sov godt: Version 1.0 (en anden plan)"),
        ),
        (
            0,
            {"definitionCanonical": f"{A}/_history/2"},
            (
                "Trin 1 · Aktivitet",
                f"Smertedagbog 1.0 (definitionCanonical: {A})",
                f"Smertedagbog 1.0 (definitionCanonical: {A}/_history/2)",
            ),
        ),
        (0, {"definitionCanonical": STRANGE}, ("Trin 1 · Aktivitet", "Smertedagbog 1.0", "Vægt 1.0")),
    ],
)
def test_a_step_tells_what_it_runs_and_all_else_that_is_changed_in_it(number, step, told):
    assert changed(PLAN, with_step(number, **step)) == [told]


def test_another_version_of_an_activity_is_told_with_what_it_asks_now():
    assert changed(PLAN, with_step(0, definitionCanonical=NEWER)) == [
        ("Trin 1 · Aktivitet", "Smertedagbog 1.0", "Din dagbog 1.1"),
        ("Trin 1 · Din dagbog · Titel for borgeren", "Smertedagbog", "Din dagbog"),
        ("Trin 1 · Din dagbog · Spørgeskema", "Hverdagen 1.0", "Søvn 2.0"),
    ]


def test_another_activity_and_questionnaire_of_the_same_words_are_told_apart():
    assert changed(PLAN, with_step(0, definitionCanonical=ALIKE)) == [
        (
            "Trin 1 · Aktivitet",
            "Smertedagbog 1.0",
            "Smertedagbog 1.0 (en anden aktivitet med samme titel og version)",
        ),
        (
            "Trin 1 · Smertedagbog · Spørgeskema",
            "Hverdagen 1.0",
            "Hverdagen 1.0 (et andet spørgeskema med samme titel og version)",
        ),
    ]


def test_a_step_that_waits_for_another_of_the_same_title_says_which():
    def waiting_for(id):
        condition = {"url": ehealth.TRIGGER_CONDITION, "extension": [{"url": "actionId", "valueId": id}]}
        waits = [{"url": ehealth.ACTION_TRIGGER, "extension": [condition]}]
        return [*PLAN["action"][:2], {"title": "Til sidst", "definitionCanonical": A, "extension": waits}]

    before = {**PLAN, "action": waiting_for("one")}
    ((what, one, other),) = changed(before, {"action": waiting_for("two")})
    assert what == "Trin 3"
    assert one.endswith("(Trin 1)")
    assert other.endswith("(Trin 2)")


def test_what_only_its_place_tells_apart_is_told_with_the_place():
    here, there = ([coded("a"), coded("b")], [coded("b"), coded("a")])
    assert unlike({"input": here}, {"output": here})[0] == "input.coding.system: urn:system; input.coding.code: a; " + (
        "input[1].coding.system: urn:system; input[1].coding.code: b"
    )
    assert unlike(here, there) == ("code: a; code: b", "code: b; code: a")


# --- An activity
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            asking(SAME),
            (
                "Spørgeskema",
                "Hverdagen 1.0",
                "Hverdagen 1.0 (et andet spørgeskema med samme titel og version)",
            ),
        ),
        (asking(f"{BASE}/Questionnaire/gone"), ("Spørgeskema", "Hverdagen 1.0", f"{BASE}/Questionnaire/gone")),
        (
            {"code": coded("445988008")},
            (
                "Slags",
                "Spørgeskema (code: 273586006)",
                "Spørgeskema (code: 445988008)",
            ),
        ),
        ({"useContext": [{"valueCodeableConcept": coded("telma")}]}, ("Andet: hvor den bruges (program)", "", "telma")),
        (
            lambda activity: extended(activity, ehealth.INTENDED_AUDIENCE, valueReference={"reference": KOMMUNE}),
            ("Andet: målgruppe", "", "Kommunen"),
        ),
        (
            lambda activity: extended(
                activity, ehealth.SHARING_APPROVAL_POLICY, valueCodeableConcept=coded("automatic")
            ),
            ("Når svar kan deles", "En medarbejder godkender hver gang", "Svar deles automatisk"),
        ),
    ],
)
def test_an_activity_tells_all_that_is_changed(change, told):
    if isinstance(change, dict):
        change = {name: each for name, each in change.items() if name in ("code", "useContext", "relatedArtifact")}
    assert told in changed(ACTIVITY, change)


def test_the_organizations_to_be_read_are_those_of_both_versions_and_their_activities():
    version = {**edited_with(version_of(PLAN, "1.1"), REGION), "id": "n"}
    audience = extended(ACTIVITY, ehealth.INTENDED_AUDIENCE, valueReference={"reference": f"{BASE}/Organization/x"})
    found = organizations_named(version, [PLAN], {A: audience})
    assert found == {KOMMUNE, REGION, f"{BASE}/Organization/x"}
    assert organizations_named(PLAN, [PLAN]) == set()


def test_a_version_is_compared_with_the_last_that_was_in_use_and_not_with_a_draft_that_was_given_up():
    """A package brought in was made from that draft; what nobody has used says nothing of what is changed."""
    own = {"system": ehealth.UUID, "value": "urn:uuid:gone"}
    gone = {**version_of(PLAN, "1.1"), "id": "gone", "status": "retired", "title": "Opgivet", "identifier": [own]}
    version = {**version_of(gone, "1.2"), "id": "n", "status": "active"}
    [change] = differences(version, [PLAN, gone, version], ACTIVITIES, QUESTIONNAIRES, plans_in=PLANS).changes
    assert (change.before, change.after) == ("Smerteplan", "Opgivet")
    used = {**gone, "approvalDate": "2026-11-01"}
    assert differences(version, [PLAN, used, version], ACTIVITIES, QUESTIONNAIRES, plans_in=PLANS).changes == ()
