"""Rules of a plan: what it asks stays in it, and it is part of a plan of the same course of care, and stays so."""

from dataclasses import replace
from uuid import uuid4

import pytest

from tests.people import ASTA
from tests.refusals import refusal
from tests.resources import care_plan, episode_of_care, service_request, to
from tests.store.cast import staff, stored
from tests.store.entries import post

LOST = ("KPRO_CAREPLAN_ACTIVITY_LOST", "CarePlan.activity")
MOVED = ("KPRO_CAREPLAN_PART_OF", "CarePlan.partOf")
NO_SUCH_PLAN = ("CAREPLAN_NOT_FOUND", "CarePlan.partOf")


def test_a_plan_that_has_begun_loses_no_activity(clinic):
    """Else a request would go on, active, and be seen by nobody."""
    for name in ("spoerg", "vej", "sov"):
        clinic.create(service_request("nancy", "nancys"), id=name)
    asked = [{"reference": to(f"ServiceRequest/{each}")} for each in ("spoerg", "vej")]
    draft = clinic.create(care_plan("nancy", "nancys", "nord", activity=asked))
    plan = clinic.update(draft | {"status": "active", "activity": draft["activity"][:1]})
    plan = clinic.update(plan | {"activity": [*plan["activity"], {"reference": to("ServiceRequest/sov")}]})
    without = {name: each for name, each in plan.items() if name != "activity"}
    by = replace(staff(ASTA, patient="nancy", episode_of_care="nancys"), privileges=frozenset({"CarePlan.update"}))
    for lost in (without, without | {"status": "revoked"}):
        assert refusal(lambda lost=lost: clinic.update(lost, by=by)) == [LOST, LOST]
    anew = clinic.update(plan | {"status": "draft"}, by=by)
    for lost in (
        anew | {"activity": anew["activity"][:1]},
        anew | {"activity": anew["activity"][:1], "status": "active"},
    ):
        assert refusal(lambda lost=lost: clinic.update(lost, by=by)) == [LOST], "nor by way of a draft"
    plan = clinic.update(anew | {"status": "active"}, by=by)
    assert clinic.update(plan | {"status": "revoked"}, by=by)["activity"] == plan["activity"]


@pytest.mark.parametrize("status", ["draft", "active"])
def test_a_plan_in_a_plan_stays_in_it(clinic, status):
    """Else it would be a plan of its own, and the whole would lack it."""
    clinic.create(care_plan("nancy", "nancys", "nord"), id="hel")
    clinic.create(care_plan("nancy", "nancys", "nord"), id="anden")
    part = clinic.create(care_plan("nancy", "nancys", "nord", status=status, partOf=[to("CarePlan/hel")]))
    without = {name: each for name, each in part.items() if name != "partOf"}
    for lost in (without, part | {"partOf": [to("CarePlan/anden")]}):
        assert refusal(lambda lost=lost: clinic.update(lost)) == [MOVED]
    assert clinic.update(part | {"status": "revoked"})["partOf"] == part["partOf"]


@pytest.mark.parametrize(
    "whole",
    [
        to("CarePlan/nowhere"),
        to("CarePlan/tjoerns"),
        to("CarePlan/andet"),
        to("https://other.example/fhir/CarePlan/hel"),
        {"display": "Planen"},
    ],
    ids=["nowhere", "another's", "of another course", "elsewhere", "only called"],
)
def test_a_plan_is_part_of_a_plan_of_the_same_course_of_care(clinic, whole):
    """When it is made, and when it is put there later."""
    clinic.create(episode_of_care("nancy", "nord"), id="forloeb-to")
    plans = {"hel": ("nancy", "nancys"), "andet": ("nancy", "forloeb-to"), "tjoerns": ("tjoern", "tjoerns")}
    for id, whose in plans.items():
        clinic.create(care_plan(*whose, "nord"), id=id)
    assert refusal(lambda: clinic.create(care_plan("nancy", "nancys", "nord", partOf=[whole]))) == [NO_SUCH_PLAN]
    alone = clinic.create(care_plan("nancy", "nancys", "nord"))
    assert refusal(lambda: clinic.update(alone | {"partOf": [whole]})) == [NO_SUCH_PLAN]
    assert clinic.update(alone | {"partOf": [to("CarePlan/hel")]})["partOf"]


def test_a_plan_is_part_of_nothing_that_is_part_of_it(clinic):
    top = clinic.create(care_plan("nancy", "nancys", "nord"), id="hel")
    clinic.create(care_plan("nancy", "nancys", "nord", partOf=[to("CarePlan/hel")]), id="del")
    clinic.create(care_plan("nancy", "nancys", "nord", partOf=[to("CarePlan/del")]), id="del-af-del")
    for below in ("hel", "del", "del-af-del"):
        ring = top | {"partOf": [to(f"CarePlan/{below}")]}
        assert refusal(lambda ring=ring: clinic.update(ring)) == [("KPRO_SUB_PLAN", "CarePlan.partOf")]


def test_plans_that_come_together_may_come_in_any_order(clinic):
    """R4 lets no order of a transaction matter: the whole is written before its parts."""
    one, two, three = (f"urn:uuid:{uuid4()}" for _ in "123")
    whole = care_plan("nancy", "nancys", "nord")
    part, smaller = (whole | {"partOf": [{"reference": each}]} for each in (one, two))
    answer = clinic.transact(post(smaller, three), post(part, two), post(whole, one))
    last, middle, first = answer["entry"]
    assert last["resource"]["partOf"] == [{"reference": middle["fullUrl"]}]
    assert middle["resource"]["partOf"] == [{"reference": first["fullUrl"]}]


def test_plans_that_come_together_are_not_part_of_each_other_in_a_ring(clinic):
    one, two = (f"urn:uuid:{uuid4()}" for _ in "12")
    first, second = (care_plan("nancy", "nancys", "nord", partOf=[{"reference": each}]) for each in (two, one))
    before = stored()
    assert ("CAREPLAN_NOT_FOUND", "Bundle.entry[0].resource.partOf") in refusal(
        lambda: clinic.transact(post(first, one), post(second, two))
    )
    assert stored() == before
