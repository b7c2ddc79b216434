"""What a Task says: which time it is about, who hands over to whom, and whom it may name.

Source: `fut.md` 1A (ehealth-task); the guide's page of ehealth-task.
"""

import pytest

from kommunalpro.fhir import ehealth
from tests.refusals import refusal
from tests.resources import practitioner_role, task, to

BEGINS, ENDS = "2026-11-20T08:00:00+01:00", "2026-11-20T20:00:00+01:00"
TIMING, FORM = "GENERAL_TIMING_VALIDATION_ERROR", "GENERAL_VALIDATION_ERROR"


def about(type, start=None, end=None):
    """The time that a Task is about."""
    kind = {"coding": [{"system": ehealth.RESOLVED_TIMING_TYPE, "code": type}]}
    ends = [{"url": name, "valueDateTime": each} for name, each in (("start", start), ("end", end)) if each]
    version = {"url": "serviceRequestVersionId", "valueId": "1"}
    return {
        "url": ehealth.RESOLVED_TIMING,
        "extension": [version, *ends, {"url": "type", "valueCodeableConcept": kind}],
    }


def refused(clinic, made):
    found = refusal(lambda: clinic.create(made))
    assert clinic.search("Task")["total"] == 0
    return found


@pytest.mark.parametrize(
    "timing",
    [
        about("Resolved", BEGINS, ENDS),
        about("Resolved", BEGINS, BEGINS),
        about("Unresolved"),
        about("Adhoc"),
        about("Extra"),
    ],
    ids=["a slot", "a slot without length", "unresolved", "ad hoc", "extra"],
)
def test_a_task_is_about_a_slot_or_about_none(clinic, timing):
    assert clinic.create(task("nancy", "nancys", extensions=(timing,)))["id"]


@pytest.mark.parametrize(
    "timing",
    [
        about("Resolved"),
        about("Resolved", start=BEGINS),
        about("Resolved", end=ENDS),
        about("Resolved", ENDS, BEGINS),
        about("Resolved", "2026-11-20", "2026-11-21"),
        about("Unresolved", BEGINS, ENDS),
        about("Adhoc", start=BEGINS),
        about("Extra", end=ENDS),
    ],
    ids=["no slot", "no end", "no beginning", "backwards", "days", "unresolved", "ad hoc", "extra"],
)
def test_a_slot_has_both_ends_in_order_and_what_is_of_no_slot_has_neither(clinic, timing):
    assert refused(clinic, task("nancy", "nancys", extensions=(timing,))) == [(TIMING, "Task.extension")]


# --- Handover


def handover(*roles, teams=("nord", "syd"), **changes):
    """Nord asks syd to take over Nancy's course of care. `roles`: (role in the handover, whose it is)."""
    made = task("nancy", "nancys", focus=to("EpisodeOfCare/nancys"))
    made["extension"] = [each for each in made["extension"] if each["url"] != ehealth.TASK_RESPONSIBLE]
    made["extension"] += [{"url": ehealth.TASK_RESPONSIBLE, "valueReference": to(f"CareTeam/{each}")} for each in teams]
    for each in made["extension"]:
        if each["url"] == ehealth.TASK_CATEGORY:
            each["valueCodeableConcept"]["coding"][0]["code"] = "HandoverNegotiation"
    played = [{"type": role(name), "valueReference": to(who)} for name, who in roles]
    return {**made, **({"input": played} if played else {}), **changes}


def role(code):
    return {"coding": [{"system": ehealth.TASK_HANDOVER_ROLES, "code": code}]}


def test_in_a_handover_the_teams_that_are_responsible_have_their_roles(clinic):
    roles = [("inviting-entity", "CareTeam/nord"), ("leaving-entity", "CareTeam/nord")]
    assert clinic.create(handover(*roles, ("arriving-entity", "CareTeam/syd")))["id"]


@pytest.mark.parametrize(
    ("part", "place"),
    [
        (("leaving", "CareTeam/nord"), "Task.input[0].type"),
        (("arriving-entity", "Practitioner/bo"), "Task.input[0].value"),
        (("arriving-entity", "CareTeam/hjerte"), "Task.input[0].value"),
    ],
    ids=["no role of the guide", "no care team", "a team that is not responsible"],
)
def test_a_role_is_one_of_the_guides_and_a_responsible_team_has_it(clinic, part, place):
    assert refused(clinic, handover(part)) == [(FORM, place)]


def test_a_handover_says_what_is_handed_over_between_whom(clinic):
    made = handover(teams=("nord",))
    del made["focus"]
    assert refused(clinic, made) == [(FORM, "Task.focus"), (FORM, "Task.extension")]


def test_what_else_a_task_takes_in_is_left_as_it_is(clinic):
    other = {"type": {"text": "Bemærkning"}, "valueString": "Ring først."}
    assert clinic.create(task("nancy", "nancys", input=[other]))["input"] == [other]


# --- Whom it may name


@pytest.mark.parametrize(
    ("element", "who", "is_taken"),
    [
        ("owner", "Practitioner/asta", True),
        ("owner", "CareTeam/nord", False),
        ("requester", "Practitioner/asta", True),
        ("requester", "PractitionerRole/asta", False),
    ],
)
def test_who_has_taken_it_and_who_has_asked_are_people_or_organisations(clinic, element, who, is_taken):
    clinic.create(practitioner_role("asta"), id="asta")
    made = task("nancy", "nancys", **{element: to(who)})
    if is_taken:
        assert clinic.create(made)["id"]
    else:
        assert refused(clinic, made) == [(FORM, f"Task.{element}")]
