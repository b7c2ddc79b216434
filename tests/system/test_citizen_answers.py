"""The citizen: answers, leaves, comes back, reads it through, sends, and has it in writing."""

import re

from playwright.sync_api import expect

from tests.people import ASTA, NANCY
from tests.system.browser import Tab
from tests.system.citizens import (
    CHANGE,
    IN_THE_WAY,
    LIFE,
    MOOD,
    PAIN,
    SLEEP,
    TALK,
    answers,
    answers_topic,
    begins,
    chosen,
    earlier_answers,
    focused,
    goes_to_review,
    status,
)
from tests.system.stories import Visits, everywhere, logs_in, unfold, write

NO_CONNECTION = "Der er ikke forbindelse lige nu."


def test_the_citizen_answers_half_loses_the_connection_and_comes_back_in_another_browser(visitor: Visits):
    nancy, phone = given_nancy_has_answered_two_topics(visitor)
    phone.loses_the_connection()
    when_she_answers_without_connection(nancy, SLEEP, "2")
    then_she_stays_on_the_page_with_her_answer(nancy, SLEEP, "2")
    phone.leaves()

    library = logs_in(visitor(), NANCY)
    library.reads("Du er nået til emne 2 af 5")
    library.follow("Fortsæt, hvor du slap")
    assert library.heading() == "Søvn"
    goes_to_review(library, since=3)
    library.follow("Send mine svar")
    then_it_is_sent(library)


def test_what_was_answered_without_connection_is_sent_when_it_is_back(visitor: Visits):
    nancy, phone = given_nancy_has_answered_two_topics(visitor)
    phone.loses_the_connection()
    when_she_answers_without_connection(nancy, SLEEP, "2")
    phone.context.set_offline(False)
    expect(nancy.page.locator("#gemt")).to_have_text(re.compile("^Gemt kl"))
    nancy.page.reload()
    assert chosen(nancy, SLEEP) == ["2"]


def test_nothing_that_is_answered_is_kept_by_the_browser(visitor: Visits):
    nancy = begins(visitor())
    answers(nancy, MOOD, "3")
    kept = nancy.page.evaluate("[localStorage.length, Object.values(sessionStorage), document.cookie]")
    address = nancy.page.url.removeprefix(nancy.page.url.split("/borger/")[0])
    assert kept in ([0, [], ""], [0, [address], ""]), "htmx notes where one is; nothing else may be kept"


def test_a_question_that_an_answer_brings_appears_in_place_and_nothing_moves(visitor: Visits):
    nancy = begins(visitor())
    answers_topic(nancy, 1)
    nancy.does_not_read(IN_THE_WAY)
    before = nancy.page.get_by_role("group", name=PAIN).bounding_box()
    answers_and_new_ones_come(nancy, PAIN, "6")
    nancy.reads(IN_THE_WAY).check()
    assert nancy.page.get_by_role("group", name=PAIN).bounding_box() == before
    assert nancy.page.evaluate("document.activeElement.value") == "6"
    answers(nancy, PAIN, "0")
    expect(nancy.page.get_by_role("group", name=IN_THE_WAY)).to_have_count(0)


def test_what_is_missing_is_told_at_once_and_each_line_leads_to_its_question(visitor: Visits):
    nancy = begins(visitor())
    answers_topic(nancy, 1)
    nancy.open(re.sub("emne/.*", "gennemse/", nancy.page.url))
    nancy.follow("Send mine svar")
    assert nancy.status == 422
    nancy.reads("Svarene er ikke sendt endnu.")
    assert "citizen-faults" in nancy.page.evaluate("document.activeElement.className")
    summary = nancy.page.locator(".citizen-faults li")
    assert [PAIN in summary.nth(0).inner_text(), LIFE in summary.nth(3).inner_text()] == [True, True]
    assert summary.count() == 4

    nancy.follow(SLEEP, within="Svarene er ikke sendt endnu.")
    assert nancy.heading() == "Søvn"
    group = nancy.page.get_by_role("group", name=SLEEP)
    assert focused(nancy) == group.get_attribute("id")
    assert "Vælg eller skriv et tal." in group.inner_text()
    answers(nancy, SLEEP, "4")
    nancy.follow("Gem, og gå tilbage")
    assert nancy.page.locator(".citizen-faults li").count() == 3


@everywhere
def test_the_citizen_reads_her_answers_changes_one_and_sends(visitor: Visits):
    nancy = begins(visitor())
    goes_to_review(nancy)
    nancy.reads("5 dage", "ikke besvaret")
    nancy.follow("Ret Det vigtigste for dig")
    answers(nancy, CHANGE, "Bedre")
    answers(nancy, TALK, "Smerte", "Søvn")
    nancy.follow("Gem, og gå tilbage").reads("Bedre", "Smerte", "Søvn")
    nancy.follow("Send mine svar")
    then_it_is_sent(nancy)
    nancy.follow("Læs dine svar").reads("Nancy Ann Berggren svarede", "Bedre")
    nancy.does_not_read("Kræver opmærksomhed", "Ikke vurderet")


@everywhere
def test_sending_twice_sends_once(visitor: Visits):
    browser = visitor()
    nancy = begins(browser)
    before = earlier_answers(browser.tab())
    goes_to_review(nancy)
    other = browser.tab().open(nancy.page.url)
    with nancy.page.expect_navigation(url="**/kvittering/"):
        nancy.page.get_by_role("button", name="Send mine svar").dblclick()
    then_it_is_sent(nancy.check())
    other.follow("Send mine svar")
    then_it_is_sent(other)
    assert earlier_answers(nancy) == before + 1


def test_an_answer_may_be_skipped_and_taken_back(visitor: Visits):
    nancy = begins(visitor())
    group = "Hvor meget overskud"
    answers(nancy, group, "7")
    with nancy.page.expect_response(lambda response: response.request.method == "POST"):
        nancy.press("Fjern mit svar")
    assert chosen(nancy, group) == []
    nancy.page.reload()
    assert chosen(nancy, group) == []


def test_a_wrong_number_is_met_where_it_stands_and_kept(visitor: Visits):
    nancy = given_nancy_is_asked_how_much_she_smokes(visitor)
    field = nancy.page.get_by_label("Hvor mange cigaretter")
    field.fill("mange")
    field.blur()
    nancy.reads("Skriv et helt tal mellem 0 og 100.", "Et svar er ikke gemt endnu.")
    nancy.follow("Næste emne")
    assert nancy.status == 422
    assert field.input_value() == "mange"
    write(nancy, "Hvor mange cigaretter", "12")
    field.blur()
    expect(nancy.page.locator("#gemt")).to_have_text(re.compile("^Gemt kl"))
    nancy.follow("Næste emne")
    assert nancy.heading() == "Medicin"


def test_one_question_at_a_time(visitor: Visits):
    nancy = begins(visitor())
    nancy.follow("Vis ét spørgsmål ad gangen").reads("spørgsmål 1 af 2")
    answers(nancy, MOOD, "3")
    nancy.follow("Næste spørgsmål").reads("spørgsmål 2 af 2", "Hvor meget overskud")
    nancy.follow("Næste emne")
    assert nancy.heading() == "Smerte"
    nancy.follow("Forrige").reads("spørgsmål 2 af 2")
    nancy.follow("Vis hele emnet på én side").reads(MOOD)


def test_the_citizen_throws_her_answers_away_after_reading_what_is_lost(visitor: Visits):
    nancy = begins(visitor())
    answers(nancy, MOOD, "3")
    nancy.follow("Gem og fortsæt senere").reads("Dine svar er gemt.")
    nancy.follow("Slet mine svar").reads("Du har svaret på 1 spørgsmål.")
    nancy.follow("Slet mine svar").reads("Svarene er slettet.")
    nancy.follow("Begynd")
    assert chosen(nancy, MOOD) == []


def test_the_citizen_reads_how_answers_are_used_and_what_she_sent(visitor: Visits):
    nancy = logs_in(visitor(), NANCY)
    nancy.reads("Ved akut sygdom: ring 112.")
    nancy.follow("Sådan bruger vi dine svar").reads("Hvem kan se dem?")
    nancy.follow("Tilbage").follow("Dine tidligere svar")
    nancy.follow("Hverdagen med kronisk sygdom").reads("Nancy Ann Berggren svarede")


def test_the_pages_speak_english(visitor: Visits):
    nancy = logs_in(visitor(), NANCY)
    nancy.follow("English")
    assert nancy.page.locator("html").get_attribute("lang") == "en"
    nancy.follow("Begin").reads("Well-being", "How has your mood been")
    nancy.does_not_read("Næste emne", "skal besvares", "Hjælp til")


def given_nancy_has_answered_two_topics(visitor: Visits):
    phone = visitor()
    nancy = begins(phone)
    answers_topic(nancy, 1)
    answers_topic(nancy, 2)
    assert nancy.heading() == "Søvn"
    return nancy, phone


def given_nancy_is_asked_how_much_she_smokes(visitor: Visits) -> Tab:
    asta = logs_in(visitor(), ASTA).open("/medarbejder/").follow("Find borger")
    write(asta, "CPR-nummer", "251248-9996")
    asta.follow("Find borger").follow("Send spørgeskema")
    asta.page.get_by_label("Hverdagen med kronisk sygdom").first.check()
    asta.page.get_by_label("Nu", exact=True).check()
    asta.follow("Send spørgeskema").follow("Send det en gang til")
    nancy = logs_in(visitor(), NANCY).follow("Begynd Hverdagen med kronisk sygdom")
    unfold(nancy, "Alle emner")
    nancy.follow("Tobak og alkohol")
    answers_and_new_ones_come(nancy, "Ryger du", "Ja, hver dag")
    return nancy


def when_she_answers_without_connection(nancy: Tab, question: str, option: str) -> None:
    nancy.page.get_by_role("group", name=question).get_by_label(option, exact=True).check()
    nancy.reads(NO_CONNECTION).check()


def then_she_stays_on_the_page_with_her_answer(nancy: Tab, question: str, option: str) -> None:
    nancy.press("Næste emne")
    nancy.reads(NO_CONNECTION)
    assert nancy.heading() == "Søvn"
    assert chosen(nancy, question) == [option]


def then_it_is_sent(tab: Tab) -> None:
    assert tab.page.url.endswith("/kvittering/")
    tab.reads("Tak for dine svar", "er sendt til Demo Kommune", "Sundhedscenter Nord", "Hvad sker der nu?")


def answers_and_new_ones_come(tab: Tab, question: str, option: str) -> None:
    with tab.page.expect_response(lambda response: response.request.method == "POST"):
        tab.page.get_by_role("group", name=question).get_by_label(option, exact=True).check()
    expect(tab.page.locator("#gemt")).to_contain_text("Der er kommet flere spørgsmål på siden.")
    assert status(tab).startswith("Gemt kl.")
