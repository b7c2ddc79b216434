"""Action triggers: a questionnaire that waits for answers to another, and then is asked."""

import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from kommunalpro.care.due import due_for
from kommunalpro.care.sending import AsPlanned, send
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, to_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut import afterwards
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import GOOD, LATER, Asked, answers, bundle_of
from tests.gateway.looking import all_of, rows
from tests.gateway.test_apply import another_plan
from tests.unit.care import validity
from tests.unit.care.world import MONDAY


def trigger(*conditions, behavior="one-or-more", offset=None, effect="status-on-hold-to-active"):
    """What an action waits for: so many measurements of so many actions."""
    return {
        "url": ehealth.ACTION_TRIGGER,
        "extension": [
            *(
                {
                    "url": ehealth.TRIGGER_CONDITION,
                    "extension": [
                        {"url": "actionId", "valueId": action},
                        {"url": "count", "valueInteger": count},
                    ],
                }
                for action, count in conditions
            ),
            {"url": "triggerBehavior", "valueCode": behavior},
            {"url": "action", "valueCoding": {"system": ehealth.ACTION, "code": effect}},
            *([{"url": "offset", "valueDuration": offset}] if offset else []),
        ],
    }


def lasting(value, code):
    return {"value": value, "system": "http://unitsofmeasure.org", "code": code}


def steps(*named):
    """Make a plan of actions (id, trigger), each asking the published questionnaire."""

    def change(plan):
        action = plan["action"][0]
        plan["action"] = [
            {**copy.deepcopy(action), "id": id, **({"extension": [waits]} if waits else {})} for id, waits in named
        ]

    return change


def test_what_waits_is_sent_though_the_date_of_its_plan_has_passed(nancy):
    """It is asked when the answers have come that it waits for, and then for as long as it was planned to be."""
    period = {"start": "2026-10-01T08:00:00+02:00", "end": "2026-10-08T08:00:00+02:00"}
    world = nancy.world

    def change(plan):
        steps(("one", None), ("two", trigger(("one", 1))))(plan)
        plan["action"][1]["timingPeriod"] = period

    when, plan = AsPlanned(date(2026, 11, 23), days=10), another_plan(world, change)
    sent = send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    both = Sent(nancy, dict(zip(("one", "two"), sent.service_requests, strict=True)))
    assert both.request("two")["occurrencePeriod"] == period
    both.answers("one")
    asked = both.request("two")
    begins, ends = (datetime.fromisoformat(asked["occurrencePeriod"][each]) for each in ("start", "end"))
    assert (asked["status"], begins, ends - begins) == ("active", LATER, timedelta(days=7))


@dataclass
class Sent:
    """A plan that Nancy was sent; requests by the name of their action."""

    nancy: object
    urls: dict

    def request(self, action):
        return self.nancy.world.gateway.read(self.urls[action], by=SYSTEM, now=LATER)

    def state(self, action):
        found = self.request(action)
        return found["status"], extension_value(found, ehealth.TRIGGER_ENABLEMENT_CODE)

    def answers(self, action, now=LATER):
        due = due_for(self.nancy.world.gateway, self.nancy.patient, by=self.nancy.self, now=now)
        asked = Asked(self.nancy, next(each for each in due if each.service_request == self.urls[action]))
        asked.submit(bundle_of(asked.response(answers(GOOD))), now=now)
        return asked


def is_sent(nancy, *named):
    world = nancy.world
    plan = another_plan(world, steps(*named))
    when = AsPlanned(date(2026, 11, 23), days=10)
    sent = send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    return Sent(nancy, dict(zip([id for id, _ in named], sent.service_requests, strict=True)))


def test_what_waits_is_on_hold_and_not_asked_until_the_other_is_answered(nancy):
    sent = is_sent(nancy, ("start", None), ("followup", trigger(("start", 1), offset=lasting(2, "wk"))))
    assert sent.state("start") == ("active", "NO_TRIGGER")
    assert sent.state("followup") == ("on-hold", "TRIGGER_ENABLED")
    due = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    assert [each.service_request for each in due] == [sent.urls["start"]]
    sent.answers("start")
    assert sent.state("followup") == ("active", "TRIGGER_DONE")
    [due] = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    assert due.service_request == sent.urls["followup"]
    assert due.slot_start == datetime(2026, 12, 7, tzinfo=DENMARK), "midnight, two weeks after the day it was answered"
    # Sent from the 23rd at midnight to the last minute of the 3rd of December, and now as long from then on.
    assert due.slot_end - due.slot_start == timedelta(days=10, hours=23, minutes=59)


@pytest.mark.parametrize(
    ("offset", "opens"),
    [
        (None, LATER),
        (lasting(0, "d"), LATER),
        (lasting(36, "h"), LATER + timedelta(hours=36)),
        (lasting(1, "d"), datetime(2026, 11, 24, tzinfo=DENMARK)),
    ],
    ids=["no offset", "zero", "hours", "a day"],
)
def test_what_waited_opens_at_once_or_to_the_minute_in_hours_or_with_the_day(nancy, offset, opens):
    sent = is_sent(nancy, ("start", None), ("followup", trigger(("start", 1), offset=offset)))
    sent.answers("start")
    [due] = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    assert due.slot_start == opens
    assert due.slot_end == opens + timedelta(days=10, hours=23, minutes=59), "as long as it was sent for"


@pytest.mark.parametrize(
    ("offset", "first"),
    [(None, "2026-11-23T08:00:00+01:00"), (lasting(2, "d"), "2026-11-25T08:00:00+01:00")],
    ids=["at once", "days after"],
)
def test_what_is_asked_from_eight_to_twelve_is_so_too_after_its_trigger(nancy, offset, first):
    sent = is_sent(nancy, ("start", None), ("followup", trigger(("start", 1), offset=offset)))
    gateway, request = nancy.world.gateway, sent.request("followup")
    regime = {"frequency": 1, "period": 1, "periodUnit": "d", "duration": 4, "durationUnit": "h"}
    repeat = {"boundsPeriod": {"start": "2026-11-23T08:00:00+01:00"}, **regime}
    planned = {name: value for name, value in request.items() if not name.startswith("occurrence")}
    planned["occurrenceTiming"] = {"repeat": repeat}
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    gateway.update(planned, if_match=request["meta"]["versionId"], by=by, now=MONDAY)
    sent.answers("start")
    assert sent.request("followup")["occurrenceTiming"]["repeat"] == repeat | {"boundsPeriod": {"start": first}}
    due, *_ = due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)
    assert (due.slot_start.isoformat(), due.slot_end - due.slot_start) == (first, timedelta(hours=4))


def test_one_of_several_is_enough_or_all_of_them_must_be_answered(nancy):
    both = ("start", 1), ("middle", 1)
    sent = is_sent(
        nancy, ("start", None), ("middle", None), ("any", trigger(*both)), ("all", trigger(*both, behavior="all"))
    )
    sent.answers("middle")
    assert sent.state("any") == ("active", "TRIGGER_DONE")
    assert sent.state("all") == ("on-hold", "TRIGGER_ENABLED")
    sent.answers("start")
    assert sent.state("all") == ("active", "TRIGGER_DONE")


def test_as_many_answers_are_waited_for_as_the_trigger_says_and_one_by_one(nancy):
    sent = is_sent(nancy, ("start", None), ("second", trigger(("start", 2))), ("third", trigger(("second", 1))))
    asked = sent.answers("start")
    assert sent.state("second") == ("on-hold", "TRIGGER_ENABLED")
    asked.submit(bundle_of(asked.response(answers(GOOD), authored=to_datetime(LATER + timedelta(minutes=1)))))
    assert sent.state("second") == ("active", "TRIGGER_DONE")
    assert sent.state("third") == ("on-hold", "TRIGGER_ENABLED")
    sent.answers("second")
    assert sent.state("third") == ("active", "TRIGGER_DONE")


def test_an_answer_that_counts_again_lets_begin_what_waited_for_it(nancy):
    sent = is_sent(nancy, ("start", None), ("second", trigger(("start", 2))))
    asked = sent.answers("start")
    [first] = (own_url(nancy.world.gateway.base_url, each) for each in all_of(asked, "QuestionnaireResponse"))
    validity.invalidate(nancy, first)
    asked.submit(bundle_of(asked.response(answers(GOOD), authored=to_datetime(LATER + timedelta(minutes=1)))))
    assert sent.state("second") == ("on-hold", "TRIGGER_ENABLED"), "one of the two counts"
    validity.take_back(nancy, first)
    assert sent.state("second") == ("active", "TRIGGER_DONE")
    validity.invalidate(nancy, first)
    assert sent.state("second") == ("active", "TRIGGER_DONE"), "it has begun"


def test_whoever_sets_it_active_gets_it_on_hold_unless_the_trigger_is_off(nancy):
    sent = is_sent(nancy, ("start", None), ("followup", trigger(("start", 1))))
    gateway, request = nancy.world.gateway, sent.request("followup")
    by = nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    version = request["meta"]["versionId"]
    kept = gateway.update({**request, "status": "active"}, if_match=version, by=by, now=LATER)
    assert kept["status"] == "on-hold"
    off = {"url": ehealth.TRIGGER_ENABLEMENT_CODE, "valueCode": "TRIGGER_DISABLED"}
    others = [each for each in request["extension"] if each["url"] != ehealth.TRIGGER_ENABLEMENT_CODE]
    changed = {**request, "status": "active", "extension": [*others, off]}
    gateway.update(changed, if_match=kept["meta"]["versionId"], by=by, now=LATER)
    assert sent.state("followup") == ("active", "TRIGGER_DISABLED")


def test_a_trigger_that_fails_never_refuses_an_answer_but_is_told(nancy, monkeypatch):
    sent = is_sent(nancy, ("start", None), ("followup", trigger(("start", 1))))

    def fail(session, care_plan):
        raise RuntimeError("The sky fell")

    monkeypatch.setattr(afterwards, "release", fail)
    asked = sent.answers("start")
    assert len(all_of(asked, "QuestionnaireResponse")) == 1
    told = [extension_value(each, ehealth.TASK_CATEGORY)["coding"][0]["code"] for each in all_of(asked, "Task")]
    assert "MeasurementForAssessmentFailureInAutoProcessing" in told


class Heard:
    """A gateway that keeps what it is sent in transactions: any server may be behind it."""

    def __init__(self, gateway):
        self._gateway, self.sent = gateway, []

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def transaction(self, bundle, **how):
        self.sent += [entry["resource"] for entry in bundle["entry"]]
        return self._gateway.transaction(bundle, **how)


def test_staff_who_send_a_plan_ask_for_what_waits_to_be_on_hold(nancy):
    world, heard = nancy.world, Heard(nancy.world.gateway)
    plan = another_plan(world, steps(("start", None), ("followup", trigger(("start", 1)))))
    when = AsPlanned(date(2026, 11, 23), days=10)
    send(heard, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    assert [(each["resourceType"], each["status"]) for each in heard.sent] == [
        ("CarePlan", "active"),
        ("ServiceRequest", "active"),
        ("ServiceRequest", "on-hold"),
    ]


def waiting(*conditions, **how):
    return [("a", None), ("b", trigger(*conditions, **how))]


UNWORKABLE = (
    (waiting(("c", 1)), "no activity of the plan has the id 'c'", "ikke er en aktivitet i planen"),
    ([("a", trigger(("a", 1)))], "waits for itself", "på sig selv"),
    ([("a", trigger(("b", 1))), ("b", trigger(("a", 1)))], "waits for itself", "på sig selv"),
    (waiting(("a", 0)), "count of 1 or more", "mindst ét"),
    (waiting(), "at least one triggerCondition", "mindst ét"),
    (waiting(("a", 1), behavior="some"), "triggerBehavior", "alle eller kun på én"),
    (waiting(("a", 1), effect="explode"), "status-on-hold-to-active", "kan kun begynde"),
    (waiting(("a", 1), offset=lasting(1, "moon")), "offset", "et helt antal"),
    (waiting(("a", 1), offset=lasting(-3, "d")), "offset", "et helt antal"),
    (waiting(("a", 1), offset=lasting(9000, "a")), "ten years", "højst ti år"),
    (waiting(("a", 1), offset=lasting(10**12, "d")), "ten years", "højst ti år"),
    (waiting(("a", 1), offset=lasting(Decimal("1e300"), "d")), "ten years", "højst ti år"),
    ([("a", None), *waiting(("a", 1))], "several actions have the id 'a'", "flere i planen"),
)


def test_a_plan_whose_triggers_could_never_work_is_not_stored(world):
    before = rows()
    for named, told, danish in UNWORKABLE:
        with pytest.raises(RuleBroken) as refused:
            another_plan(world, steps(*named))
        issue = refused.value.issues[0]
        assert issue.coding[1] == "KPRO_ACTION_TRIGGER"
        assert told in issue.diagnostics
        assert danish in issue.text
    assert rows() == before


def test_a_trigger_may_wait_ten_years(world):
    assert another_plan(world, steps(*waiting(("a", 1), offset=lasting(10, "a"))))
