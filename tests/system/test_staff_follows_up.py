"""The nurse: sends, sees red first, reads what can be done, closes the task."""

from typing import Any

import pytest

from tests.people import ASTA
from tests.system.browser import Tab
from tests.system.stories import Visits, asta_has_found_nancy, choose, everywhere, lights, logs_in, unfold, write

pytestmark = everywhere

EVERYDAY = "Hverdagen med kronisk sygdom – bredt samtaleskema"
FOLLOW_UP = "Opfølgning på Hverdagen med kronisk sygdom"
"""What staff call the questionnaires; citizens read shorter titles."""
ORDER = ("Kræver opmærksomhed", "Kan kræve opmærksomhed", "Ikke vurderet", "Ingen særlig opmærksomhed")


def test_the_nurse_sends_a_questionnaire_after_reading_what_will_happen(visitor: Visits):
    asta = asta_has_found_nancy(visitor)
    asta.follow("Send spørgeskema")
    when_she_chooses(asta, EVERYDAY, "Nu")
    asta.follow("Se, hvad der sker")
    asta.reads(f"Nancy Ann Berggren får ”{EVERYDAY}” nu og kan svare til og med")
    asta.reads(
        "Nancy Ann Berggren har allerede ”Hverdagen med kronisk sygdom” i gang siden", "hos Sundhedscenter Nord."
    )
    then_she_is_asked_once_more_before_it_is_sent(asta)
    then_nancy_is_asked(asta, EVERYDAY)


@pytest.mark.parametrize("size", [{"width": 320}, {"scripted": False}], ids=["320 px", "without script"])
def test_what_the_citizen_follows_already_is_left_as_it_is_when_the_nurse_thinks_better_of_it(
    visitor: Visits, size: dict[str, Any]
):
    asta = asta_has_found_nancy(lambda: visitor(**size))
    before = asta.page.locator("section", has_text="Sendt og ikke besvaret").last.inner_text()
    asta.follow("Send spørgeskema")
    when_she_chooses(asta, EVERYDAY, "Nu")
    asta.follow("Send spørgeskema")
    asta.reads("Send det en gang til?").follow("Lad det være")
    assert asta.page.locator("section", has_text="Sendt og ikke besvaret").last.inner_text() == before


def test_the_nurse_sends_every_fourth_week(visitor: Visits):
    asta = asta_has_found_nancy(visitor)
    asta.follow("Send spørgeskema")
    when_she_chooses(asta, FOLLOW_UP, "Med faste mellemrum")
    asta.follow("Send spørgeskema")
    assert asta.status == 422
    asta.reads("Vælg den første dag.", "Vælg, hvornår det skal slutte.")


def test_the_worklist_shows_red_first(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    shown = [ORDER.index(next(word for word in ORDER if word == light)) for light in lights(asta)]
    assert shown == sorted(shown)
    assert {0, 1} <= set(shown)


def test_the_nurse_reads_a_red_answer_and_closes_its_task(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    row = asta.page.locator(".staff-row").filter(has=asta.page.locator(".staff-row-light", has_text="Kræver")).first
    link = row.get_by_role("link").first
    address, name = link.get_attribute("href"), link.inner_text()
    asta.follow(name)
    then_the_answer_is_interpreted(asta, name)
    unfold(asta, "Læs mere")
    asta.reads("Hvorfor?")
    write(asta, "Note", "Talt i telefon. Vi ses torsdag.")
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert asta.heading() == "Arbejdsliste"
    assert asta.page.locator(f'a[href="{address}"]').count() == 0
    asta.open(str(address)).reads("Talt i telefon. Vi ses torsdag.", "Asta Holm")


def test_the_nurse_sees_the_answers_over_time_as_chart_and_as_table(visitor: Visits):
    asta = asta_has_found_nancy(visitor)
    asta.follow("Svar over tid")
    assert asta.page.get_by_role("img", name="Kurve for Smerte").count() >= 1
    asta.page.keyboard.press("t")
    assert asta.page.locator("table").locator("visible=true").count() >= 1
    asta.check()


def test_a_changed_light_needs_a_reason(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    asta.follow(asta.page.locator(".staff-row a").first.inner_text())
    asta.page.get_by_label("Samlet vurdering").select_option(label="Ingen særlig opmærksomhed")
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert asta.status == 422
    asta.reads("Skriv, hvorfor du ændrer vurderingen.")


def when_she_chooses(asta: Tab, questionnaire: str, mode: str) -> None:
    choose(asta, questionnaire)
    choose(asta, mode)


def then_she_is_asked_once_more_before_it_is_sent(asta: Tab) -> None:
    asta.follow("Send spørgeskema")
    assert (asta.status, asta.heading()) == (409, "Send det en gang til?")
    asta.reads("kører de ved siden af hinanden").follow("Send det en gang til")
    asta.reads("Spørgeskemaet er sendt.")


def then_nancy_is_asked(asta: Tab, questionnaire: str) -> None:
    waiting = asta.page.locator("section", has_text="Sendt og ikke besvaret").last
    assert questionnaire in waiting.inner_text()


def then_the_answer_is_interpreted(asta: Tab, name: str) -> None:
    asta.reads("Det kan du gøre", "Alle svar", "Kræver opmærksomhed")
    header = asta.page.locator("header").all_inner_texts()
    for words in (ASTA.name, "Sundhedscenter Nord", name):
        assert any(words in text for text in header), f"{words} is not in the header"
