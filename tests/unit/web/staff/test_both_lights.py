"""What a professional says of an answer stands beside the automatic assessment, and never in its place."""

from datetime import timedelta

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.history import responses_of
from kommunalpro.pro.triage import Light
from kommunalpro.web.staff.forms.task import CompleteTask
from kommunalpro.web.staff.presenters.citizen import answer_row
from kommunalpro.web.staff.presenters.response import ResponsePage, response_page
from kommunalpro.web.staff.presenters.summary import summary_text
from tests.unit.care.world import BAD_PAIN, MONDAY

EVENING = MONDAY + timedelta(hours=8)
CONVERSATION = "http://kommunalpro.dk/fhir/CodeSystem/hverdagen"
OWN_WORDS = "Min søn.\nHan flytter snart."
SOMETHING_ELSE = {
    "samtale-emner": [{"valueCoding": {"system": CONVERSATION, "code": "samtale"}}],
    "samtale-andet": [{"valueString": OWN_WORDS}],
}


def page_of(world, nancy, response) -> ResponsePage:
    found = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=EVENING)
    return response_page(found, "Diabetes", user=world.asta.user)


def judge(world, nancy, response: str, light: Light) -> None:
    by = nancy.seen_by(world.asta)
    task = read_interpreted(world.gateway, response, by=by, now=EVENING).task
    by = by.within(episode_of_care=nancy.episode)
    complete_task(world.gateway, task.url, version=task.version, note="Talt sammen.", light=light, by=by, now=EVENING)


def test_both_lights_stand_on_the_citizens_page_and_on_the_answers(world, nancy):
    response = nancy.answers(BAD_PAIN)
    judge(world, nancy, response, Light.YELLOW)
    (past,) = responses_of(world.gateway, nancy.patient, by=nancy.seen_by(world.asta), now=EVENING)
    page = page_of(world, nancy, response)
    for shown in (answer_row(past, EVENING), page):
        assert (shown.light, shown.judged) == ("red", "yellow")
    summary = summary_text(page).splitlines()
    assert "Automatisk vurdering: kræver opmærksomhed" in summary
    assert "Faglig vurdering: kan kræve opmærksomhed" in summary


def test_where_no_professional_set_a_light_the_automatic_one_stands_alone(world, nancy):
    page = page_of(world, nancy, nancy.answers(BAD_PAIN))
    assert (page.light, page.judged) == ("red", "")


def test_there_is_nothing_to_agree_with_where_nothing_was_assessed():
    for light, unchanged in (
        ("not-assessed", "Jeg sætter ikke noget lys"),
        ("yellow", "Jeg er enig i vurderingen"),
    ):
        form = CompleteTask({"light": "green"})  # a reason is missing, so the form is shown again
        assert not form.is_valid()
        form.word_agreement(light)
        assert [words for code, words in form["light"].field.choices if not code] == [unchanged]


def test_what_the_citizen_wrote_is_read_in_their_own_words(world, nancy):
    page = page_of(world, nancy, nancy.answers(SOMETHING_ELSE))
    assert page.wishes == "Noget andet"
    assert [row.words for row in page.own_words] == [(OWN_WORDS,)]
    assert f"”{OWN_WORDS}”" in summary_text(page)
