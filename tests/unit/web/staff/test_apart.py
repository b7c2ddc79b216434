"""What gives a light and stands in no topic: without a View every answer, and the nurse reads which, by which rule."""

from datetime import timedelta

import pytest

from kommunalpro.care import drafts
from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.due import due_for
from kommunalpro.care.worklist import worklist
from kommunalpro.web.staff.presenters.response import response_page
from kommunalpro.web.staff.presenters.summary import summary_text
from kommunalpro.web.staff.presenters.worklist import work_row
from tests.people import NANCY
from tests.spec.forms import questionnaire
from tests.unit.care.world import MONDAY, assess_what_waits

NOW = MONDAY + timedelta(hours=1)
QUESTIONS = """
pain: integer; red >= 7; yellow >= 4 and <= 6; green <= 3
sleep: integer; red >= 7; yellow >= 4 and <= 6; green <= 3
"""


@pytest.fixture
def nancy(world):
    """Nancy, who is asked what nobody has made a View of."""
    nancy = world.enrol(NANCY)
    nancy.is_asked(questionnaire(QUESTIONS, status="draft"))
    return nancy


def answers(nancy, **given):
    gateway = nancy.world.gateway
    [due] = due_for(gateway, nancy.patient, by=nancy.self, now=NOW)
    draft = drafts.open_draft(gateway, due, by=nancy.self, now=NOW).id
    saved = {link_id: [{"valueInteger": number}] for link_id, number in given.items()}
    drafts.save_answers(gateway, draft, saved, by=nancy.self, now=NOW)
    url = drafts.submit(gateway, draft, by=nancy.self, now=NOW).response
    assess_what_waits(NOW)
    return response_page(read_interpreted(gateway, url, by=nancy.seen_by(nancy.world.asta), now=NOW), "", user="")


def on_the_worklist(nancy):
    found = worklist(nancy.world.gateway, by=nancy.world.asta, now=NOW).items
    return [work_row(each, user="", now=NOW).headline for each in found]


@pytest.mark.parametrize(
    ("given", "light", "rows", "headline"),
    [
        ({"sleep": 9, "pain": 8}, "red", [("Pain", "red"), ("Sleep", "red")], "2 svar kræver opmærksomhed"),
        ({"sleep": 9, "pain": 5}, "red", [("Sleep", "red"), ("Pain", "yellow")], "1 svar kræver opmærksomhed"),
        ({"sleep": 5, "pain": 0}, "yellow", [("Sleep", "yellow")], "1 svar kan kræve opmærksomhed"),
        ({"sleep": 0}, "not-assessed", [("Pain", "not-assessed")], "Ikke vurderet: læs svarene"),
        ({"sleep": 0, "pain": 0}, "green", [], "Intet skiller sig ud"),
    ],
)
def test_without_a_view_each_question_that_wants_attention_is_told(nancy, given, light, rows, headline):
    page = answers(nancy, **given)
    assert (page.light, [(row.title, row.light) for row in page.loud]) == (light, rows)
    assert on_the_worklist(nancy) == [headline]


def test_its_answer_and_its_rule_are_told_and_go_to_the_record(nancy):
    page = answers(nancy, sleep=9, pain=0)
    [sleep] = page.loud
    assert sleep.value == "9"
    assert ["Grænsen for rød er 7 eller mere" in reason for reason in sleep.reasons] == [True]
    assert "Sleep: kræver opmærksomhed, 9" in summary_text(page)
