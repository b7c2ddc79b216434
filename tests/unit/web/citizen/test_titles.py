"""Two activities on one questionnaire are told apart by their titles, wherever a citizen or a nurse reads them."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.due import due_for
from kommunalpro.care.history import responses_of
from kommunalpro.care.planning import Titles
from kommunalpro.care.sending import AsPlanned, send
from kommunalpro.care.team_due import team_due
from kommunalpro.web.staff.presenters.citizen import answer_row, asked_rows
from tests.people import NANCY
from tests.unit.care.world import MONDAY
from tests.unit.web.citizen.conftest import LATER, log_in
from tests.unit.web.citizen.test_pages import REQUIRED

ASKS = "Hverdagen med kronisk sygdom"
FOR_STAFF = f"{ASKS} – bredt samtaleskema"


@pytest.fixture
def nancy(world):
    """Nancy, who is asked the same in the morning and in the evening."""
    lis, gateway = world.staff["lis"].principal, world.gateway
    own, base = str(lis.context.organization), gateway.base_url
    asked = gateway.read(world.published.questionnaire, by=lis, now=MONDAY)

    def activity(*titles):
        draft = planning.new_activity(Titles(*titles), asked, world.published.questionnaire, own)
        made = gateway.create({**draft, "status": "active"}, by=lis, now=MONDAY)
        return made, f"{base}/ActivityDefinition/{made['id']}"

    plan = planning.new_plan(Titles("Et døgn"), *activity("Din morgen"), own)
    plan = planning.with_step(plan, *activity("Din aften", "Aftenmåling"))
    plan = planning.with_step(plan, *activity(ASKS.upper()))
    made = gateway.create({**plan, "status": "active"}, by=lis, now=MONDAY)
    nancy = world.enrol(NANCY)
    when = AsPlanned(MONDAY.date())
    send(gateway, nancy.patient, nancy.episode, f"{base}/PlanDefinition/{made['id']}", when, by=world.asta, now=MONDAY)
    return nancy


def test_the_citizen_reads_the_title_of_the_activity_from_the_front_page_to_the_answers_that_were_sent(nancy):
    visit = log_in(nancy).open("/borger/").reads("Din morgen", "Din aften", ASKS)
    [address, *_] = re.findall(r'action="(/borger/begynd/[^"]+)"', visit.page.split("Din morgen", 1)[1])
    visit.post(address).reads("Din morgen").does_not_read(ASKS)
    for number, answers in REQUIRED.items():
        visit.open(f"{visit.draft}emne/{number}/").press("naeste", answers)
    visit.open(f"{visit.draft}gennemse/").reads("Din morgen").does_not_read(ASKS)
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]}).reads("Tak", "Din morgen", "Din aften")
    visit.open("/borger/tidligere/").reads("Din morgen").does_not_read(ASKS)


def test_a_nurse_reads_the_questionnaire_beside_the_title_where_they_differ(nancy):
    world, gateway = nancy.world, nancy.world.gateway
    due = due_for(gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER)
    assert sorted(row.title for row in asked_rows(due, LATER)) == [
        f"Aftenmåling ({FOR_STAFF})",
        f"Din morgen ({FOR_STAFF})",
        FOR_STAFF,
    ]
    of_the_team = sorted(each.title for each in team_due(gateway, by=world.asta, now=LATER))
    assert of_the_team == ["Et døgn: Din aften", "Et døgn: Din morgen", f"Et døgn: {ASKS.upper()}"]
    titles = {each.own_title: each for each in due}
    assert titles.keys() == {"Din morgen", "Din aften", ""}
    nancy.answers({})
    [response] = responses_of(gateway, nancy.patient, by=nancy.seen_by(world.asta), now=LATER)
    assert answer_row(response, LATER).title in (f"Din morgen ({ASKS})", f"Din aften ({ASKS})", ASKS)
