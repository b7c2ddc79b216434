"""A plan whose sending breaks off: it was sent or it was not, and no draft of it is left behind."""

from datetime import timedelta

import pytest

from kommunalpro.care import planning
from kommunalpro.care.already_sent import running_plans
from kommunalpro.care.due import due_for
from kommunalpro.care.planning import Titles
from kommunalpro.care.sending import AsPlanned, Now, send
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import Forbidden, PreconditionFailed, Unavailable
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Unanswered
from tests.people import NANCY
from tests.store.others import at_the_same_time
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(minutes=5)
DOUBT = Unanswered("Vi fik ikke svar. Det er måske gjort alligevel.")


class Breaking:
    """The infrastructure, which fails at the first transactions; what each does is said in turn."""

    def __init__(self, gateway, *faults):
        self.gateway, self.faults, self.late = gateway, list(faults), []

    def __getattr__(self, name):
        return getattr(self.gateway, name)

    def transaction(self, bundle, **named):
        wrong, is_done = self.faults.pop(0) if self.faults else (None, True)
        if is_done:
            answer = self.gateway.transaction(bundle, **named)
        else:
            self.late.append(lambda: self.gateway.transaction(bundle, **named))
        if wrong is not None:
            raise wrong
        return answer


def sends(nancy, gateway, *, now=MONDAY):
    world = nancy.world
    return send(gateway, nancy.patient, nancy.episode, world.published.plan, Now(), by=world.asta, now=now)


def asked(nancy):
    return due_for(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)


def test_an_answer_that_was_lost_hides_nothing_of_what_was_sent(nancy):
    sent = sends(nancy, Breaking(nancy.world.gateway, (DOUBT, True)))
    assert [each.care_plan for each in asked(nancy)] == [sent.care_plan]
    assert [each.service_request for each in asked(nancy)] == list(sent.service_requests)


@pytest.mark.parametrize("wrong", [DOUBT, Forbidden("Det har du ikke adgang til at gøre.")])
def test_what_was_not_sent_is_taken_back_and_is_in_nobodys_way(nancy, wrong):
    with pytest.raises(Unavailable if wrong is DOUBT else Forbidden) as told:
        sends(nancy, Breaking(nancy.world.gateway, (wrong, False)))
    assert not isinstance(told.value, Unanswered)
    [plan] = resources(nancy.world.gateway.search("CarePlan", [], by=SYSTEM, now=LATER))
    [activity] = plan["activity"]
    request = nancy.world.gateway.read(activity["reference"]["reference"], by=SYSTEM, now=LATER)
    assert (plan["status"], request["status"]) == ("revoked", "revoked")
    assert sends(nancy, nancy.world.gateway, now=LATER), "and it is sent without a question"
    assert len(asked(nancy)) == 1


def test_what_is_on_its_way_still_comes_to_nothing_when_it_was_said_not_to_be_sent(nancy):
    breaking = Breaking(nancy.world.gateway, (DOUBT, False))
    with pytest.raises(Unavailable):
        sends(nancy, breaking)
    [late] = breaking.late
    with pytest.raises(PreconditionFailed):
        late()
    assert asked(nancy) == ()


def test_where_nobody_can_tell_it_is_said_and_asked_about_when_it_is_there_by_then(nancy):
    breaking = Breaking(nancy.world.gateway, (DOUBT, False), (DOUBT, False))
    with pytest.raises(Unanswered):
        sends(nancy, breaking)
    breaking.late[0]()
    plan, world = nancy.world.published.plan, nancy.world
    assert running_plans(world.gateway, nancy.patient, nancy.episode, plan, by=world.asta, now=LATER)


def test_of_several_presses_at_once_one_sends_it_and_the_others_are_asked(real_world):
    nancy = real_world.enrol(NANCY)
    answers = at_the_same_time(*[lambda _: sends(nancy, real_world.gateway)] * 3)
    assert sorted(type(each).__name__ for each in answers) == ["AlreadySent", "AlreadySent", "Sent"]
    assert len(asked(nancy)) == 1


def test_of_a_plan_and_one_that_it_is_in_sent_at_once_the_last_is_asked(real_world):
    nancy, lis = real_world.enrol(NANCY), real_world.staff["lis"].principal
    gateway, part = real_world.gateway, real_world.published.plan
    draft = planning.new_plan(
        Titles("Godt i gang"), gateway.read(part, by=lis, now=MONDAY), part, lis.context.organization
    )
    made = gateway.create({**draft, "status": "active"}, by=lis, now=MONDAY)
    whole = f"{gateway.base_url}/PlanDefinition/{made['id']}"
    planned = AsPlanned(MONDAY.date(), days=10)
    answers = at_the_same_time(
        lambda _: sends(nancy, gateway),
        lambda _: send(gateway, nancy.patient, nancy.episode, whole, planned, by=real_world.asta, now=MONDAY),
    )
    assert sorted(type(each).__name__ for each in answers) == ["AlreadySent", "Sent"]
