"""Answers on their way: saved as they are given, never lost, never another's."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection

from kommunalpro.care import drafts
from kommunalpro.care.due import Due, due_for
from kommunalpro.care.models import Draft
from kommunalpro.care.renaming import rename_drafts
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import BadRequest, Conflict, Forbidden, NotFound, Unprocessable
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Unanswered
from tests.people import TJOERN
from tests.unit.care.world import MONDAY, REQUIRED, Enrolled, World

LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def due(world: World, nancy: Enrolled) -> Due:
    nancy.gets()
    return due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)[0]


@pytest.fixture
def draft(world: World, nancy: Enrolled, due: Due) -> UUID:
    return drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER).id


def test_opening_again_gives_the_draft_that_is_open(world, nancy, due, draft):
    again = drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER + timedelta(days=1))
    assert again.id == draft
    assert Draft.objects.count() == 1


def test_every_answer_is_there_when_the_citizen_comes_back(world, nancy, draft):
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    drafts.save_answer(world.gateway, draft, "trivsel-humoer", [{"valueInteger": 3}], by=nancy.self, now=LATER)
    answers = drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER).answers
    assert answers == {"smerte-styrke": ({"valueInteger": 8},), "trivsel-humoer": ({"valueInteger": 3},)}


def test_the_overview_says_how_far_the_citizen_has_come(world, nancy, draft):
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    due = due_for(world.gateway, nancy.patient, by=nancy.self, now=LATER)[0]
    assert due.draft == draft
    assert due.progress is not None
    assert (due.progress.answered, due.progress.topics_begun, due.progress.topics) == (1, 1, 10)


def test_an_empty_answer_takes_the_earlier_one_away(world, nancy, draft):
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [], by=nancy.self, now=LATER)
    assert drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER).answers == {}


def test_a_wrong_value_comes_back_and_the_right_one_beside_it_is_kept(world, nancy, draft):
    changes = {"smerte-styrke": [{"valueString": "meget"}], "trivsel-humoer": [{"valueInteger": 3}]}
    saved = drafts.save_answers(world.gateway, draft, changes, by=nancy.self, now=LATER)
    assert {issue.path for issue in saved.issues} == {"smerte-styrke"}
    assert set(drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER).answers) == {"trivsel-humoer"}


@pytest.mark.parametrize("path", ["findes-ikke", "smerte", "smerte[0]/smerte-styrke", "../smerte-styrke"])
def test_a_path_that_the_questionnaire_does_not_have_is_refused_whole(world, nancy, draft, path):
    changes = {path: [{"valueInteger": 1}], "trivsel-humoer": [{"valueInteger": 3}]}
    with pytest.raises(BadRequest):
        drafts.save_answers(world.gateway, draft, changes, by=nancy.self, now=LATER)
    assert drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER).answers == {}


def test_a_number_with_forty_decimals_is_refused_or_kept_to_the_digit(world, nancy, draft):
    value = Decimal("3.1234567890123456789012345678901234567890")
    changes = {"smerte-styrke": [{"valueDecimal": value}]}
    saved = drafts.save_answers(world.gateway, draft, changes, by=nancy.self, now=LATER)
    assert [issue.path for issue in saved.issues] == ["smerte-styrke"]


def test_what_is_missing_is_told_all_at_once(world, nancy, draft):
    missing = drafts.check(world.gateway, draft, by=nancy.self, now=LATER)
    assert {issue.path for issue in missing} == {
        item.link_id
        for item in drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER).definition.form.questions()
        if item.required
    }


def test_the_same_submission_again_gives_the_first_result(world, nancy, draft):
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    first = drafts.submit(world.gateway, draft, by=nancy.self, now=LATER)
    assert drafts.submit(world.gateway, draft, by=nancy.self, now=LATER + timedelta(hours=1)) == first


def test_the_response_says_whose_for_what_and_from_when_to_when(world, nancy, due, draft):
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    end = LATER + timedelta(minutes=7)
    drafts.save_answer(world.gateway, draft, "trivsel-humoer", [{"valueInteger": 3}], by=nancy.self, now=end)
    url = drafts.submit(world.gateway, draft, by=nancy.self, now=end + timedelta(days=1)).response
    response = world.gateway.read(url, by=nancy.self, now=LATER)
    assert response["basedOn"] == [{"reference": due.service_request}]
    assert response["questionnaire"] == world.published.questionnaire
    assert response["subject"] == response["source"] == {"reference": nancy.patient}
    assert response["extension"][0]["valueReference"] == {"reference": nancy.episode}
    period = next(each["valuePeriod"] for each in response["extension"] if "valuePeriod" in each)
    assert period == {"start": "2026-11-23T11:00:00Z", "end": "2026-11-23T11:07:00Z"}


def test_a_refused_submission_loses_nothing(world, nancy, draft, monkeypatch):
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    before = drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER)
    Draft.objects.update(service_request_version="99", timing_type="Unheard")
    with pytest.raises(Unprocessable):
        drafts.submit(world.gateway, draft, by=nancy.self, now=LATER)
    after = drafts.read_draft(world.gateway, draft, by=nancy.self, now=LATER)
    assert (after.answers, after.submitted_at) == (before.answers, None)
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 7}], by=nancy.self, now=LATER)


def test_while_a_draft_is_sent_nothing_is_locked_and_no_other_press_sends_or_changes_it(
    world, nancy, draft, monkeypatch
):
    monkeypatch.setattr(drafts, "PAUSES", (0.001,))
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    around, refused = len(connection.savepoint_ids), []

    class Slow:
        """The infrastructure, which takes so long that the citizen presses again, and writes."""

        def __getattr__(self, name):
            return getattr(world.gateway, name)

        def operation(self, *given, **named):
            assert len(connection.savepoint_ids) == around, "no transaction is open while it answers"
            for again in (
                lambda: drafts.submit(world.gateway, draft, by=nancy.self, now=LATER),
                lambda: drafts.save_answer(world.gateway, draft, "smerte-styrke", [], by=nancy.self, now=LATER),
                lambda: drafts.discard(world.gateway, draft, by=nancy.self, now=LATER),
            ):
                with pytest.raises(Unanswered) as wrong:
                    again()
                refused.append(wrong.value.issues[0].text)
            return world.gateway.operation(*given, **named)

    sent = drafts.submit(Slow(), draft, by=nancy.self, now=LATER)
    assert refused == ["Svarene er måske ved at blive sendt."] * 3
    assert drafts.submit(world.gateway, draft, by=nancy.self, now=LATER) == sent


def test_a_draft_whose_sending_broke_off_can_be_sent_again_and_gives_what_was_stored(world, nancy, draft, monkeypatch):
    monkeypatch.setattr(drafts, "PAUSES", ())
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "_write_sent", breaks_off)
        with pytest.raises(KeyboardInterrupt):
            drafts.submit(world.gateway, draft, by=nancy.self, now=LATER)
    with pytest.raises(Unanswered):
        drafts.submit(world.gateway, draft, by=nancy.self, now=LATER + timedelta(seconds=119))
    again = drafts.submit(world.gateway, draft, by=nancy.self, now=LATER + timedelta(minutes=2))
    found = world.gateway.search("QuestionnaireResponse", [], by=SYSTEM, now=LATER)
    assert [own_url(world.gateway.base_url, each) for each in resources(found)] == [again.response]


def test_what_may_be_on_its_way_is_not_sent_by_another_press_before_that_is_over(world, nancy, draft, monkeypatch):
    monkeypatch.setattr(drafts, "PAUSES", ())
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    sent = []

    class Silent:
        """The infrastructure, which takes in what is sent, and does not say so."""

        def __getattr__(self, name):
            return getattr(world.gateway, name)

        def operation(self, *given, **named):
            sent.append(given)
            raise Unanswered("Vi fik ikke svar.")

    with pytest.raises(Unanswered):
        drafts.submit(Silent(), draft, by=nancy.self, now=LATER)
    for again in (
        lambda now: drafts.submit(Silent(), draft, by=nancy.self, now=now),
        lambda now: drafts.save_answer(world.gateway, draft, "smerte-styrke", [], by=nancy.self, now=now),
    ):
        with pytest.raises(Unanswered):
            again(LATER + timedelta(seconds=119))
    assert len(sent) == 1
    assert drafts.submit(world.gateway, draft, by=nancy.self, now=LATER + timedelta(minutes=2)).response


def test_a_second_press_waits_for_the_first_and_gets_its_receipt(world, nancy, draft, monkeypatch):
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    Draft.objects.update(sending_until=LATER + timedelta(minutes=1))
    first = f"{world.gateway.base_url}/QuestionnaireResponse/1"
    done = {"response": first, "submitted_at": LATER, "sending_until": None}
    monkeypatch.setattr(drafts.time, "sleep", lambda _: Draft.objects.update(**done))
    assert drafts.submit(world.gateway, draft, by=nancy.self, now=LATER).response == first


def breaks_off(*_, **__):
    raise KeyboardInterrupt


def test_what_is_submitted_can_neither_be_changed_nor_discarded(world, nancy, draft):
    drafts.save_answers(world.gateway, draft, REQUIRED, by=nancy.self, now=LATER)
    drafts.submit(world.gateway, draft, by=nancy.self, now=LATER)
    with pytest.raises(Conflict):
        drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 1}], by=nancy.self, now=LATER)
    with pytest.raises(Conflict):
        drafts.discard(world.gateway, draft, by=nancy.self, now=LATER)


def test_a_discarded_draft_is_gone_and_can_be_begun_again(world, nancy, due, draft):
    drafts.discard(world.gateway, draft, by=nancy.self, now=LATER)
    assert drafts.open_draft(world.gateway, due, by=nancy.self, now=LATER).id != draft


def test_another_citizens_draft_is_not_found(world, nancy, draft):
    tjoern = world.enrol(TJOERN).self
    for call in (drafts.read_draft, drafts.check, drafts.discard, drafts.submit):
        with pytest.raises(NotFound):
            call(world.gateway, draft, by=tjoern, now=LATER)


def test_a_rename_of_everything_takes_the_drafts_along(world, nancy, draft):
    drafts.save_answer(world.gateway, draft, "smerte-styrke", [{"valueInteger": 8}], by=nancy.self, now=LATER)
    rename_drafts(world.gateway.base_url, "https://nyt.example/fhir")
    row = Draft.objects.get(pk=draft)
    urls = [row.patient, row.episode_of_care, row.service_request, row.questionnaire, row.questionnaire_version]
    urls += [row.opened_by, row.answers.get().author]
    assert all(url.startswith("https://nyt.example/fhir/") for url in urls)
    assert row.as_answers() == {"smerte-styrke": ({"valueInteger": 8},)}


def test_a_draft_that_never_was_is_not_found(world, nancy):
    with pytest.raises(NotFound):
        drafts.read_draft(world.gateway, uuid4(), by=nancy.self, now=LATER)


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_a_nurse_of_another_team_may_not_see_the_draft(world, nancy, draft, outsider):
    by = nancy.seen_by(world.staff[outsider].principal)
    with pytest.raises((NotFound, Forbidden)):
        drafts.read_draft(world.gateway, draft, by=by, now=LATER)
