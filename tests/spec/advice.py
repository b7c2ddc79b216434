"""Small ActionGuidance, written so that it can be read: one line a piece of advice or an offer.

    advice walk: pain; red, yellow; rank 10; if dog = yes
    offer course: pain, sleep; red; starts 2026-12-01; places 12
    replaces rest

Conditions are on answers (`dog = yes`) or on scores (`#total >= 10`).
"""

from datetime import date
from typing import Any

from kommunalpro.pro.guidance import Advice, Guidance, advise, read_guidance
from kommunalpro.pro.triage import assess
from tests.spec.forms import answers, form
from tests.spec.views import QUESTIONNAIRE, VIEW, view

TODAY = date(2026, 11, 23)


def content(text: str, **more: Any) -> dict[str, Any]:
    """Make the content of an ActionGuidance."""
    made: dict[str, Any] = {"advice": [], "offers": [], "replaces": []}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        kind, _, rest = line.partition(" ")
        if kind == "replaces":
            made["replaces"] += rest.split(", ")
            continue
        id, _, rest = rest.partition(": ")
        made[{"advice": "advice", "offer": "offers"}[kind]].append(_entry(kind, id, rest))
    title = {"da": "Handlevejledning", "en": "Guidance"}
    head = {"schemaVersion": 1, "identifier": "skema", "version": "1.0", "level": "national", "title": title}
    return {**head, **made, **more}


def guidance(text: str, **more: Any) -> Guidance:
    """Read what is written."""
    return read_guidance(content(text, **more))


def advised(
    asked: str, topics: str, given: str, national: str | None, local: str | None = None, *, today: date = TODAY
) -> tuple[Advice, ...]:
    """Give the advice on answers: a questionnaire, a View, answers, and guidance as they are written."""
    written = form(asked)
    read = answers(written, given)
    assessment = assess(written, view(topics), read, questionnaire=QUESTIONNAIRE, view_reference=VIEW)
    shared = None if national is None else guidance(national)
    own = None if local is None else guidance(local, level="local")
    return advise(shared, own, assessment, read, today=today)


def _entry(kind: str, id: str, text: str) -> dict[str, Any]:
    topics, lights, *parts = text.split("; ")
    title = {"da": id.capitalize(), "en": id.capitalize()}
    made: dict[str, Any] = {"id": id, "title": title, "text": title}
    made |= {"topic": topics, "source": "egen"} if kind == "advice" else {"topics": topics.split(", ")}
    made["lights"] = [light.replace(" ", "-") for light in lights.split(", ")]
    for part in parts:
        word, _, rest = part.partition(" ")
        if word == "if":
            made["conditions"] = [_condition(each) for each in rest.split(" and ")]
        else:
            made[word] = int(rest) if word in ("rank", "places") else rest
    return made


def _condition(text: str) -> dict[str, Any]:
    what, sign, value = text.split(" ")
    named = {"score": what[1:]} if what.startswith("#") else {"item": what}
    read: Any = {"yes": True, "no": False}.get(value, value)
    return {**named, "operator": sign, "value": read}
