"""A question that is answered several times, with questions below each answer: what is said of one stays with it."""

from datetime import timedelta

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from tests.spec.forms import answers, form, questionnaire, said
from tests.unit.care.world import MONDAY

LATER = MONDAY + timedelta(hours=1)
DRUGS = "drug: string; repeats\n  dose: integer"


def test_taking_one_answer_away_leaves_the_other_with_what_was_said_of_it(world, nancy):
    nancy.is_asked(questionnaire(DRUGS, status="draft", title="Medicin"))
    (due,) = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)
    opened = drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER)
    given = answers(form(DRUGS), "drug: A + B, drug[0]/dose: 1, drug[1]/dose: 2")
    drafts.save_answers(world.gateway, opened.id, given, by=nancy.self, now=LATER)
    drafts.save_answer(world.gateway, opened.id, "drug", given["drug"][1:], by=nancy.self, now=LATER)
    left = drafts.read_draft(world.gateway, opened.id, by=nancy.self, now=LATER).answers
    assert said({path: left[path] for path in sorted(left)}) == "drug: B, drug[0]/dose: 2"
    again = drafts.read_draft(world.gateway, opened.id, by=nancy.self, now=LATER)
    assert again.touched == {"drug", "drug[0]/dose"}, "of the second drug, which is none now, nobody said anything"
