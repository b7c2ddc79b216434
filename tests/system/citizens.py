"""What a citizen does on their pages, and the questions of ”Opfølgning på hverdagen” that the demo asks Nancy."""

import re

from playwright.sync_api import expect

from tests.people import NANCY, Citizen
from tests.system.browser import Tab, Visitor
from tests.system.stories import choose, logs_in

MOOD = "Hvordan har dit humør været"
PAIN = "Hvor stærke har dine smerter været"
IN_THE_WAY = "Hvor meget står smerterne i vejen"
SLEEP = "Hvordan har du sovet"
DAYS = "Hvor mange dage i den sidste uge har du bevæget dig"
LIFE = "Hvor godt synes du selv"
CHANGE = "Hvordan går det, når du sammenligner"
TALK = "Hvad vil du helst tale om"

TOPICS = (("Trivsel", MOOD), ("Smerte", PAIN), ("Søvn", SLEEP), ("Bevægelse", DAYS), ("Det vigtigste for dig", LIFE))
"""Each topic with the one question in it that must be answered."""


def begins(visitor: Visitor, who: Citizen = NANCY) -> Tab:
    """Log in and begin what is due."""
    return logs_in(visitor, who).follow("Begynd")


def answers(tab: Tab, question: str, *options: str) -> None:
    """Answer a question; where there is a script, it saves each answer, and says so."""
    for option in options:
        if not tab.scripted:
            choose(tab, option, within=question)
            continue
        with tab.page.expect_response(lambda response: response.request.method == "POST"):
            choose(tab, option, within=question)
        expect(tab.page.locator("#gemt")).to_have_text(re.compile(r"^Gemt kl\. \d"))


def answers_topic(tab: Tab, number: int) -> None:
    """Answer the one question of a topic that must be answered, and go on."""
    topic, question = TOPICS[number - 1]
    assert tab.heading() == topic
    answers(tab, question, "0" if question == PAIN else "5")
    tab.follow("Se dine svar igennem" if number == len(TOPICS) else "Næste emne")


def goes_to_review(tab: Tab, *, since: int = 1) -> None:
    """Answer what must be answered, from this topic to the last."""
    for number in range(since, len(TOPICS) + 1):
        answers_topic(tab, number)
    assert tab.heading() == "Se dine svar igennem"


def earlier_answers(tab: Tab) -> int:
    """Count what the citizen has sent."""
    return tab.open("/borger/tidligere/").page.locator(".citizen-list li").count()


def focused(tab: Tab) -> str:
    """Give the id of what has the focus."""
    return str(tab.page.evaluate("document.activeElement.id"))


def chosen(tab: Tab, question: str) -> list[str]:
    """Give what is chosen in answer to a question."""
    group = tab.page.get_by_role("group", name=question)
    return [text.strip() for text in group.locator("input:checked + label").all_inner_texts()]


def status(tab: Tab) -> str:
    """Give what the page says about saving."""
    return tab.page.locator("#gemt").inner_text()
