"""The citizen with what they have: no mouse, a narrow phone, no JavaScript."""

from tests.people import NANCY
from tests.system.browser import Tab
from tests.system.citizens import (
    IN_THE_WAY,
    MOOD,
    PAIN,
    answers,
    answers_topic,
    begins,
    chosen,
    goes_to_review,
)
from tests.system.stories import Visits, choose, logs_in, unfold

MOST_TABS = 60
WHAT_HAS_FOCUS = """() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.innerText ?? "";
  return `${label} ${here.closest("fieldset")?.querySelector("legend")?.innerText ?? ""} ${here.innerText ?? ""}`;
}"""
OUT_OF_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.bottom < 0 || box.top > window.innerHeight;
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll("main :is(a, button, summary, input, select, textarea)")]
  .filter((each) => each.type !== "hidden" && each.checkVisibility() && !each.closest("[aria-hidden=true], .sr-only"))
  .map((each) => [each, (each.labels?.[0] ?? each).getBoundingClientRect()])
  .filter(([each, box]) => box.height < 44 || box.width < 44)
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""
SMALL_TEXT = """() => [...document.querySelectorAll("main *")]
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((each) => each.checkVisibility() && !each.closest(".sr-only, [aria-hidden=true], .citizen-new"))
  .filter((each) => parseFloat(getComputedStyle(each).fontSize) < 18)
  .map((each) => each.outerHTML.slice(0, 90))"""


def test_the_keyboard_is_enough_from_the_overview_through_a_topic(visitor: Visits):
    nancy = logs_in(visitor(), NANCY)
    reaches(nancy, "Begynd")
    nancy.send_key("Enter")
    assert nancy.heading() == "Trivsel"
    reaches(nancy, MOOD)
    for _ in range(3):
        nancy.page.keyboard.press("ArrowRight")
    assert chosen(nancy, MOOD) == ["3"]
    reaches(nancy, "Hjælp til spørgsmålet")
    nancy.page.keyboard.press("Enter")
    nancy.reads("Tænk på ugen som helhed.")
    reaches(nancy, "Næste emne")
    nancy.send_key("Enter")
    assert nancy.heading() == "Smerte"
    reaches(nancy, PAIN)
    nancy.page.keyboard.press("ArrowRight")
    nancy.reads(IN_THE_WAY)
    reaches(nancy, IN_THE_WAY)
    nancy.page.keyboard.press("Space")
    assert chosen(nancy, IN_THE_WAY) == ["0"]
    nancy.send_key("Enter")
    assert nancy.heading() == "Søvn"


def test_the_first_key_leads_past_the_header(visitor: Visits):
    nancy = begins(visitor())
    nancy.page.keyboard.press("Tab")
    assert "Gå til indhold" in nancy.page.evaluate(WHAT_HAS_FOCUS)


def test_a_narrow_phone_is_enough(visitor: Visits):
    phone = visitor(width=320, height=640)
    nancy = logs_in(phone, NANCY)
    fits_a_hand_that_shakes(nancy)
    nancy.follow("Begynd")
    fits_a_hand_that_shakes(nancy)
    first, second = (nancy.page.get_by_role("group", name=MOOD).get_by_label(point, exact=True) for point in "01")
    assert first.bounding_box()["y"] < second.bounding_box()["y"], "the points are not stacked"
    unfold(nancy, "Alle emner")
    nancy.check()
    fits_a_hand_that_shakes(nancy)
    nancy.follow("Smerte")
    nancy.follow("Forrige")
    goes_to_review(nancy)
    fits_a_hand_that_shakes(nancy)
    nancy.follow("Send mine svar").reads("Tak for dine svar")
    fits_a_hand_that_shakes(nancy)
    nancy.follow("Læs dine svar")
    nancy.open("/borger/saadan-bruger-vi-dine-svar/").open("/borger/tidligere/")
    fits_a_hand_that_shakes(nancy)


def test_zoomed_to_twice_the_size_nothing_is_cut(visitor: Visits):
    """A window of 1280 at 200 % is one of 640."""
    nancy = begins(visitor(width=640, height=400))
    goes_to_review(nancy)


def test_without_javascript_from_log_in_to_receipt(visitor: Visits):
    nancy = begins(visitor(scripted=False))
    answers_topic(nancy, 1)
    choose(nancy, "6", within=PAIN)
    nancy.follow("Næste emne").reads("Der er kommet 1 spørgsmål mere på siden.", "Nyt spørgsmål", IN_THE_WAY)
    choose(nancy, "4", within=IN_THE_WAY)
    nancy.follow("Næste emne")
    answers_topic(nancy, 3)
    unfold(nancy, "Alle emner")
    nancy.follow("Det vigtigste for dig")
    answers_topic(nancy, 5)
    nancy.follow("Send mine svar")
    assert nancy.status == 422
    nancy.follow("Hvor mange dage", within="Svarene er ikke sendt endnu.")
    answers(nancy, "Hvor mange dage", "5")
    nancy.follow("Gem, og gå tilbage").reads("Nu mangler der ikke noget.")
    nancy.follow("Send mine svar").reads("Tak for dine svar", "er sendt til Demo Kommune")


def test_without_javascript_an_answer_is_taken_back_and_one_goes_on_later(visitor: Visits):
    nancy = begins(visitor(scripted=False))
    choose(nancy, "7", within="Hvor meget overskud")
    nancy.follow("Gem og fortsæt senere").reads("Dine svar er gemt.")
    nancy.follow("Fortsæt, hvor du slap").follow("Fjern mit svar")
    assert chosen(nancy, "Hvor meget overskud") == []
    nancy.follow("Vis ét spørgsmål ad gangen").reads("spørgsmål 1 af 2")


def reaches(tab: Tab, words: str) -> None:
    """Press Tab until what has the focus says these words; it is in sight then."""
    for _ in range(MOST_TABS):
        tab.page.keyboard.press("Tab")
        if words in tab.page.evaluate(WHAT_HAS_FOCUS):
            assert not tab.page.evaluate(OUT_OF_SIGHT)
            return
    raise AssertionError(f"{words} is not reached by the Tab key")


def fits_a_hand_that_shakes(tab: Tab) -> None:
    """Targets of 44 pixels, text of 18 (DESIGN.md: an old hand, an old phone)."""
    assert tab.page.evaluate(SMALL_TARGETS) == []
    assert tab.page.evaluate(SMALL_TEXT) == []
