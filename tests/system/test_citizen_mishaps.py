"""What goes wrong around a citizen, and how it is said: nothing is lost, nobody answers for another."""

from playwright.sync_api import expect

from tests.live import LiveServer
from tests.people import NANCY, TJOERN
from tests.system.browser import Tab
from tests.system.citizens import MOOD, SLEEP, answers, answers_topic, begins, chosen, goes_to_review
from tests.system.stories import (
    Visits,
    asta_has_found_nancy,
    choose,
    everywhere,
    given_another_solution_sets_it_to,
    is_chosen,
    logs_in,
)

ADD_A_FIELD = """([name, value]) => {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  document.getElementById("svar").append(field);
}"""


@everywhere
def test_two_tabs_with_two_citizens_are_told_apart(visitor: Visits):
    shared = visitor()
    first = begins(shared)
    second = shared.tab().open("/borger/").follow("Log af")
    is_chosen(shared, second, TJOERN)
    assert "Tjørn" in second.heading()

    first.page.get_by_role("group", name=MOOD).get_by_label("3", exact=True).check()
    first.reads(f"Siden blev åbnet af {NANCY.name}, men nu er {TJOERN.name} logget ind.")
    first.follow("Næste emne")
    assert first.status == 409
    first.reads(NANCY.name, TJOERN.name, "Det er ikke gemt eller sendt.")
    then_nothing_is_begun(second.open("/borger/"))


def test_what_is_written_when_the_course_is_put_on_pause_stands_on_the_first_page(visitor: Visits, live: LiveServer):
    nancy = begins(visitor())
    answers_topic(nancy, 1)
    given_another_solution_sets_it_to("onhold", live, asta_has_found_nancy(visitor))
    nancy.open("/borger/").reads("Begyndt, men ikke sendt", "Spørgeskemaet er sat på pause. Dine svar er gemt.")
    assert nancy.follow("Se dine svar").heading() == "Se dine svar igennem"


def test_a_forged_field_is_refused_and_what_was_saved_is_there(visitor: Visits):
    nancy = begins(visitor())
    answers(nancy, MOOD, "3")
    address = nancy.page.url
    nancy.page.evaluate(ADD_A_FIELD, ["svar:findes-ikke", "1"])
    nancy.follow("Næste emne")
    assert nancy.status == 400
    nancy.reads("Formularen passer ikke til spørgeskemaet.").does_not_read("Traceback", "findes-ikke")
    nancy.open(address)
    assert chosen(nancy, MOOD) == ["3"]


def test_an_option_that_was_never_offered_is_refused(visitor: Visits):
    nancy = begins(visitor())
    for number in range(1, 5):
        answers_topic(nancy, number)
    place = (
        nancy.page.get_by_role("group", name="Hvordan går det, når du sammenligner").locator("input[type=radio]").first
    )
    place.evaluate("(radio) => { radio.value = '99'; }")
    place.check()
    nancy.follow("Se dine svar igennem")
    assert nancy.status == 400
    nancy.reads("Formularen passer ikke til spørgeskemaet.")


def test_a_lost_csrf_token_is_a_clear_page_in_danish(visitor: Visits):
    browser = visitor()
    nancy = begins(browser)
    answers(nancy, MOOD, "3")
    browser.context.clear_cookies(name="csrftoken")
    nancy.follow("Næste emne")
    assert nancy.status == 403
    nancy.reads("Siden har ligget for længe").does_not_read("CSRF", "Forbidden")
    nancy.follow("Gå til forsiden").follow("Fortsæt, hvor du slap")
    assert chosen(nancy, MOOD) == ["3"]


@everywhere
def test_a_session_that_has_ended_is_said_where_one_is_and_no_answer_is_lost(visitor: Visits):
    browser = visitor()
    nancy = begins(browser)
    answers(nancy, MOOD, "3")
    browser.tab().open("/borger/").follow("Log af")
    choose(nancy, "4", within="Hvor meget overskud")
    nancy.reads("Du er logget af. Dine svar bliver her på siden.").check()
    nancy.press("Næste emne").reads("Du er logget af.")
    with nancy.page.expect_popup() as new_tab:
        nancy.press("Log ind igen")
    is_chosen(browser, Tab(new_tab.value, scripted=True), NANCY)
    expect(new_tab.value.get_by_role("heading", level=1)).to_have_text("Hej Nancy")
    nancy.follow("Næste emne").follow("Forrige")
    assert chosen(nancy, MOOD) == ["3"]
    assert chosen(nancy, "Hvor meget overskud") == ["4"]


def test_leaving_warns_only_while_something_is_not_sent(visitor: Visits):
    phone = visitor()
    nancy = begins(phone)
    warnings: list[str] = []
    nancy.page.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.dismiss()))
    answers(nancy, MOOD, "3")
    nancy.page.goto("/borger/")
    assert warnings == []
    nancy.page.go_back()
    phone.loses_the_connection()
    choose(nancy, "4", within="Hvor meget overskud")
    nancy.reads("Der er ikke forbindelse lige nu.")
    nancy.page.get_by_role("link", name="Kommunal PRO").first.click()
    nancy.reads("Der er ikke forbindelse lige nu.")
    assert warnings == ["beforeunload"]


def test_what_was_sent_in_another_browser_is_met_with_the_receipt(visitor: Visits):
    nancy = begins(visitor())
    goes_to_review(nancy)
    other = logs_in(visitor(), NANCY).follow("Fortsæt, hvor du slap")
    nancy.follow("Send mine svar").reads("Tak for dine svar")
    other.open(nancy.page.url.replace("kvittering", "emne/3")).reads(
        "Svarene er allerede sendt", "Vil du rette noget, så kontakt Demo Kommune.", "Tak for dine svar"
    )


def test_an_old_page_in_another_browser_takes_nothing_away(visitor: Visits):
    at_home = begins(visitor())
    at_the_library = logs_in(visitor(), NANCY).follow("Begynd")
    answers(at_home, MOOD, "8")
    answers(at_the_library, "Hvor meget overskud", "4")
    at_the_library.follow("Næste emne").follow("Forrige")
    assert chosen(at_the_library, MOOD) == ["8"]


def test_what_changed_since_it_was_read_is_read_again_before_it_is_sent(visitor: Visits):
    nancy = begins(visitor())
    goes_to_review(nancy)
    other = logs_in(visitor(), NANCY).open(nancy.page.url.replace("gennemse", "emne/3"))
    answers(other, SLEEP, "1")
    nancy.follow("Send mine svar")
    assert nancy.status == 409
    nancy.reads("Svarene er ændret, siden du åbnede siden.")
    nancy.follow("Send mine svar").reads("Tak for dine svar")


def then_nothing_is_begun(tab: Tab) -> None:
    expect(tab.page.get_by_role("button", name="Begynd")).to_be_visible()
    assert tab.page.get_by_role("link", name="Fortsæt").count() == 0
