"""Who saves second is led back to the plan as it is now, and nothing they wrote is lost or lands in the wrong place."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.goals import Aim, with_aim
from kommunalpro.care.planning import Titles
from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.web.kam.forms.definition import TitlesForm
from kommunalpro.web.kam.presenters.written import written
from tests.unit.web.shared.conftest import words

FASTER = "En anden har ændret det imens"
UNSAVED = "Det, du skrev, er ikke gemt:"


@pytest.fixture
def plan(world):
    """A draft of two steps and two goals, as it was when the page was opened."""
    by, now = world.staff["lis"].principal, wiring.clock().now()
    activity = world.gateway.read(world.published.activity, by=by, now=now)
    draft = planning.new_plan(Titles("Godt i gang"), activity, world.published.activity, by.context.organization)
    draft = planning.with_step(draft, {"title": "Anden gang"}, world.published.activity)
    draft = with_aim(with_aim(draft, 0, Aim("Gå en tur")), 1, Aim("Sov godt"))
    return planning.create(world.gateway, draft, by=by, now=now)


def stored(plan):
    return wiring.gateway().read(plan, by=SYSTEM, now=wiring.clock().now())


def page_of(plan):
    return f"/kam/planer/{url_id(plan)}/"


def version_in(page):
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def titles_of(plan):
    return [step["title"] for step in stored(plan)["action"]]


def somebody_turns_the_steps_around(lis, plan):
    assert lis.post(f"{page_of(plan)}trin/0/plads/", {"version": "1", "do": "down"}).status_code == 302


def test_titles_stay_in_their_fields_and_can_be_saved_over_what_was_read(lis, plan):
    somebody_turns_the_steps_around(lis, plan)
    given = {"citizen": "Godt på vej", "staff": "", "description": ""}
    second = lis.post(f"{page_of(plan)}ret/", {**given, "version": "1"})
    page = words(second)
    assert second.status_code == 412
    for said in (FASTER, UNSAVED, "Titel for borgeren: Godt på vej", 'value="Godt på vej"', "<h1>Ret ”Godt i gang”"):
        assert said in page
    assert lis.post(f"{page_of(plan)}ret/", {**given, "version": version_in(page)}).status_code == 302
    assert stored(plan)["title"] == "Godt på vej"
    assert titles_of(plan)[0] == "Anden gang", "what the first changed stands"


def test_what_the_second_did_not_touch_is_as_the_first_left_it_and_is_told(lis, plan):
    before = {"citizen": stored(plan)["title"], "staff": "", "description": ""}
    assert lis.post(f"{page_of(plan)}ret/", {**before, "citizen": "Godt i vej", "version": "1"}).status_code == 302
    second = lis.post(f"{page_of(plan)}ret/", {**before, "description": "Til nye borgere.", "version": "1"})
    page = words(second)
    assert second.status_code == 412
    for said in ("Det er ændret imens:", "Titel for borgeren: Godt i vej", 'value="Godt i vej"', "Til nye borgere."):
        assert said in page


def test_what_was_written_of_a_step_is_told_and_written_on_no_other(lis, plan):
    somebody_turns_the_steps_around(lis, plan)
    before = titles_of(plan)
    given = {"version": "1", "save": "1", "title": "Tredje gang", "has_regime": "yes", "every": "2", "unit": "wk"}
    given |= {"days": ["mon", "thu"], "open_for": "2", "open_unit": "d", "lasts_unit": "wk"}
    given |= {"needs": "all", "offset_unit": "d"}
    second = lis.post(f"{page_of(plan)}trin/1/", given)
    assert second.status_code == 412
    page = words(second)
    said = ("Titel: Tredje gang", "Hvornår?: Med faste mellemrum", "Hver: 2", "Ugedage: Mandag, Torsdag")
    assert all(line in page for line in said), page
    assert "Enhed" not in page.split(UNSAVED)[1].split("</ul>")[0], "what was left as it stood is not told"
    assert titles_of(plan) == before


STEP = {"version": "1", "title": "Tredje gang", "needs": "all", "offset_unit": "d"}
WEEKLY = {"has_regime": "yes", "every": "2", "unit": "wk", "open_for": "2", "open_unit": "d", "lasts_unit": "wk"}
TOO_FAR = "Kalenderen viser højst ti år tilbage og frem."


def test_what_was_left_empty_is_not_told():
    form = TitlesForm({"citizen": "Godt på vej", "staff": "", "description": " "}, initial={"staff": "Start"})
    assert written(form) == (("Titel for borgeren", "Godt på vej"),)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["without script", "with script"])
def test_a_calendar_that_cannot_begin_on_the_day_that_was_chosen_says_so(lis, plan, headers):
    def shown(begins):
        return words(lis.post(f"{page_of(plan)}trin/1/", {**STEP, **WEEKLY, "begins": begins}, headers=headers))

    for far in ("9999-12-30", "0001-01-01", "31. februar"):
        assert TOO_FAR in shown(far)
    for near in ("2026-12-30", ""):
        assert TOO_FAR not in shown(near)


def test_a_step_that_is_gone_meanwhile_is_no_page_that_does_not_exist(lis, plan):
    assert lis.post(f"{page_of(plan)}trin/1/plads/", {"version": "1", "do": "remove"}).status_code == 302
    second = lis.post(f"{page_of(plan)}trin/1/", {"version": "1", "save": "1", "title": "Tredje gang"})
    assert second.status_code == 412
    assert "Titel: Tredje gang" in words(second)
    assert len(titles_of(plan)) == 1


def test_the_goal_that_was_meant_is_meant_though_another_has_gone_before_it(lis, plan):
    assert lis.post(f"{page_of(plan)}maal/0/fjern/", {"version": "1"}).status_code == 302
    as_it_stood = {"comparator": ">=", "unit": "1", "within_unit": "wk", "has_number": ""}
    given = {"version": "1", "description": "Sov længe", **as_it_stood}
    second = lis.post(f"{page_of(plan)}maal/1/", given)
    assert second.status_code == 412
    assert "Målet: Sov længe" in words(second)
    assert "Enhed" not in words(second).split(UNSAVED)[1].split("</ul>")[0], "a list that nobody touched is not told"
    assert lis.post(f"{page_of(plan)}maal/0/fjern/", {"version": "1"}).status_code == 412
    assert [each["description"]["text"] for each in stored(plan)["goal"]] == ["Sov godt"]


def test_a_document_is_told_by_its_name(lis, plan):
    somebody_turns_the_steps_around(lis, plan)
    paper = SimpleUploadedFile("øvelser.pdf", b"%PDF-1.4", "application/pdf")
    second = lis.post(f"{page_of(plan)}materiale/ny/", {"version": "1", "title": "Øvelser", "link": "", "file": paper})
    assert second.status_code == 412
    assert "Titel: Øvelser" in words(second)
    assert ": øvelser.pdf" in words(second)


@pytest.mark.parametrize(("address", "given"), [("trin/0/plads/", {"do": "remove"}), ("trin/", {"chosen": "x"})])
def test_where_nothing_was_written_the_plan_is_shown_as_it_is_now(lis, plan, world, address, given):
    somebody_turns_the_steps_around(lis, plan)
    if "chosen" in given:
        given = {"chosen": url_id(world.published.activity)}
    second = lis.post(f"{page_of(plan)}{address}", {"version": "1", **given})
    assert second.status_code == 412
    assert FASTER in words(second)
    assert UNSAVED not in words(second)
    assert len(titles_of(plan)) == 2


def test_a_plan_that_was_taken_into_use_meanwhile_is_shown_and_not_edited(lis, plan):
    lis.post(f"{page_of(plan)}status/", {"version": "1", "do": "active"})
    assert stored(plan)["status"] == "active"
    second = lis.post(f"{page_of(plan)}maal/0/", {"version": "1", "description": "Gå to ture", "has_number": ""})
    page = words(second)
    assert second.status_code == 412
    assert "Målet: Gå to ture" in page
    assert "I brug" in page
    assert "Gem titel og beskrivelse" not in page


@pytest.mark.parametrize(("address", "given"), [("status/", {"do": "active"}), ("status/", {"do": "retired"})])
def test_what_somebody_else_changed_is_read_before_it_is_taken_into_use_or_discarded(lis, plan, address, given):
    somebody_turns_the_steps_around(lis, plan)
    second = lis.post(f"{page_of(plan)}{address}", {"version": "1", **given})
    assert second.status_code == 412
    assert FASTER in words(second)
    assert version_in(words(second)) == "2"
    assert stored(plan)["status"] == "draft"


def test_who_may_change_it_is_decided_on_the_page_as_it_is_now(lis, plan, world):
    somebody_turns_the_steps_around(lis, plan)
    kims = url_id(str(world.kim.context.organization))
    second = lis.post(f"{page_of(plan)}hvem-maa-rette/", {"version": "1", "do": "add", "organization": kims})
    assert second.status_code == 412
    assert FASTER in words(second)


def test_an_activity_keeps_what_was_written_in_its_fields_and_tells_what_stands_there(lis, world):
    by, now = world.staff["lis"].principal, wiring.clock().now()
    activity = planning.clone(world.gateway, world.published.activity, "minor-version", by=by, now=now)
    page = f"/kam/aktiviteter/{url_id(activity)}/ret/"
    given = {"citizen": "Hver måned", "chosen": url_id(world.published.questionnaire), "has_regime": "", "reuse": ""}
    given |= {"policy": "noSharing", "approval": "manual", "save": "1"}
    first = lis.post(page, {**given, "version": "1"})
    assert first.status_code == 302, words(first)
    second = lis.post(page, {**given, "citizen": "Hver uge", "version": "1"})
    shown = words(second)
    assert second.status_code == 412
    for said in (FASTER, "Titel for borgeren: Hver måned", 'value="Hver uge"'):
        assert said in shown
    again = lis.post(page, {**given, "citizen": "Hver uge", "version": version_in(shown)})
    assert again.status_code == 302
    assert stored(activity)["title"] == "Hver uge"


def test_of_an_activity_too_what_the_second_did_not_touch_is_as_the_first_left_it(lis, world):
    by, now = world.staff["lis"].principal, wiring.clock().now()
    activity = planning.clone(world.gateway, world.published.activity, "minor-version", by=by, now=now)
    page, seen = f"/kam/aktiviteter/{url_id(activity)}/ret/", stored(activity)
    given = {"citizen": seen["title"], "chosen": url_id(world.published.questionnaire), "has_regime": "", "reuse": ""}
    given |= {"policy": "noSharing", "approval": "manual", "save": "1", "version": "1"}
    given |= {"every": "1", "unit": "wk", "open_for": "7", "open_unit": "d", "lasts": "", "lasts_unit": "wk"}
    weekly = {"has_regime": "yes", "every": "2", "open_for": "2", "days": ["mon", "thu"]}
    assert lis.post(page, {**given, **weekly}).status_code == 302
    shown = words(lis.post(page, {**given, "description": "Til nye borgere."}))
    assert "Til nye borgere." in shown
    assert "Hvornår: hver 2. uge om mandagen og torsdagen" in shown
    for name, value in (("every", "2"), ("days", "mon"), ("days", "thu"), ("has_regime", "yes")):
        field = next(each for each in re.findall(r"<input[^>]*>", shown) if f'name="{name}"' in each and value in each)
        assert name == "every" or "checked" in field


def test_a_version_that_never_was_is_no_way_in(lis, plan):
    for version in ("99", "../1", ""):
        second = lis.post(f"{page_of(plan)}maal/0/fjern/", {"version": version})
        assert second.status_code == 412
    assert len(stored(plan)["goal"]) == 2


def test_it_is_told_in_english_too(lis, plan):
    somebody_turns_the_steps_around(lis, plan)
    lis.cookies["django_language"] = "en"
    page = words(lis.post(f"{page_of(plan)}maal/0/", {"version": "1", "description": "Gå to ture", "has_number": ""}))
    assert "What you wrote is not saved:" in page
    assert "Gå to ture" in page
