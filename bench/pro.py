"""How long the PRO engine takes: compiling a questionnaire, and everything that is computed from one response.

Run:  make bench room=pro        or  python -m bench.pro

A full evaluation is what happens to a response: read and checked as it is submitted (structure, what is asked, every
answer), read again as it is processed, assessed (scores, lights with their words, acute answers), advised on. It is
told as a multiple of the standard library's `json.loads` of the same response, taken in turn with it. The exponent is
the slope of time over size on logarithmic scales: 1 is linear, 2 quadratic. Sizes run from 10 to 5,000 questions, and
from 10 to 5,000 answers in the instances of one repeating group.

What is remembered of a questionnaire in use is remembered here: all that is said of such answers. With nothing
remembered a response takes some 3 more. Checking, assessing and advising are three moments, between which a database
lies, and each begins from the start: what is asked is found in each of them, and the response is read in two. Writing
the record (some 2.5) is not counted, as it was not in what is aimed for.

Aimed for: compile_ms ≤ 5, eval_ratio ≤ 10, exponent ≤ 1.1. What was tried stands in the README. How `json.loads`
itself grows is printed beside the rest: beyond some 300 questions neither it nor the engine finds what it reads in the
processor's cache, which others on the machine make smaller.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from math import inf, log
from statistics import linear_regression
from time import thread_time_ns
from typing import Any

from bench.structure import response as envelope
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.structure import validate
from kommunalpro.pro.answers import Answers, read_response
from kommunalpro.pro.enablement import enabled_answers, enabled_paths
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.guidance import Advice, Guidance, advise, read_guidance
from kommunalpro.pro.response import check_answers, check_response
from kommunalpro.pro.triage import Assessment, assess
from kommunalpro.pro.view import View, read_view

SIZES = (10, 30, 100, 300, 1000, 3000, 5000)
QUESTIONS = 5
"""In each group: a scale that may hide the next, a choice, a yes or no, and words."""

SYSTEM = "urn:oid:1.2.208.176.1.5"
CODES = ("slet-ikke", "lidt", "en-del", "meget")
TODAY = date(2026, 11, 23)


def questionnaire(questions: int, *, is_repeating: bool = False) -> dict[str, Any]:
    """Make a questionnaire of groups of five; or of one group that repeats, with five questions."""
    groups = [group(number) for number in range(1 if is_repeating else questions // QUESTIONS)]
    if is_repeating:
        groups[0]["repeats"] = True
    return {"resourceType": "Questionnaire", "version": "1.0", "title": "Hverdagen", "status": "active", "item": groups}


def group(number: int) -> dict[str, Any]:
    """Make one topic's group."""
    return {"linkId": f"g{number}", "type": "group", "text": "Trivsel", "item": list(items(number))}


def items(number: int) -> Iterator[dict[str, Any]]:
    """Make the five questions of a group."""
    asked = f"Hvor tit har du i de sidste to uger været generet af smerter, når du gik, sad eller sov? ({number})"
    more_than_none = {"question": f"{number}a", "operator": ">", "answerInteger": 0}
    for name in ("a", "b"):
        yield {
            "linkId": f"{number}{name}",
            "type": "integer",
            "text": asked,
            "required": name == "a",
            "extension": [
                {"url": ehealth.MIN_VALUE, "valueInteger": 0},
                {"url": ehealth.MAX_VALUE, "valueInteger": 10},
                {"url": ehealth.SLIDER_STEP_VALUE, "valueInteger": 1},
                rule("red", ("valueInteger", 7, ">=")),
                rule("yellow", ("valueInteger", 4, ">="), ("valueInteger", 6, "<=")),
                rule("green", ("valueInteger", 3, "<=")),
            ],
            **({"enableWhen": [more_than_none]} if name == "b" else {}),
        }
    options = [{"valueCoding": {"system": SYSTEM, "code": code, "display": code}} for code in CODES]
    colours = ("green", "green", "yellow", "red")
    rules = [
        rule(light, ("valueCoding", {"system": SYSTEM, "code": code}, "="))
        for code, light in zip(CODES, colours, strict=True)
    ]
    yield {"linkId": f"{number}c", "type": "choice", "text": asked, "answerOption": options, "extension": rules}
    yield {"linkId": f"{number}d", "type": "boolean", "text": asked}
    yield {
        "linkId": f"{number}e",
        "type": "text",
        "text": asked,
        "maxLength": 1000,
        "enableWhen": [{"question": f"{number}d", "operator": "=", "answerBoolean": True}],
    }


def rule(light: str, *conditions: tuple[str, Any, str]) -> dict[str, Any]:
    """Make one answerSignificance."""
    parts = [
        complex_extension(
            ehealth.ANSWER_CONDITION, {"url": "value", key: value}, {"url": "operator", "valueCode": sign}
        )
        for key, value, sign in conditions
    ]
    return complex_extension(
        ehealth.ANSWER_SIGNIFICANCE, *parts, {"url": "significance", "valueCoding": {"code": light}}
    )


def view(questions: int, *, is_repeating: bool = False) -> View:
    """Make a View with a topic and a score for each group; instances have no scores."""
    numbers = range(1 if is_repeating else questions // QUESTIONS)
    return read_view(
        {
            "schemaVersion": 1,
            "identifier": "hverdagen",
            "version": "1.0",
            "level": "national",
            "title": {"da": "Hverdagen"},
            "scores": [] if is_repeating else [score(number) for number in numbers],
            "topics": [
                {
                    "id": f"t{number}",
                    "title": {"da": "Trivsel", "en": "Well-being"},
                    "items": [f"{number}{name}" for name in "abcde"],
                    "scores": [] if is_repeating else [f"s{number}"],
                }
                for number in numbers
            ],
            "acute": [
                {
                    "id": "akut",
                    "item": "0a",
                    "operator": "=",
                    "value": 10,
                    "text": {"da": "Ring 112."},
                    "source": "egen",
                }
            ],
        }
    )


def score(number: int) -> dict[str, Any]:
    """Make the score of one group."""
    bands = (("0", "6", "green"), ("7", "12", "yellow"), ("13", "20", "red"))
    return {
        "id": f"s{number}",
        "title": {"da": "Trivsel i alt"},
        "method": "sum",
        "items": [f"{number}a", f"{number}b"],
        "scale": {"low": "0", "high": "20"},
        "direction": "high-is-worse",
        "missing": {"rule": "all"},
        "bands": [{"low": low, "high": high, "light": light} for low, high, light in bands],
        "source": "egne grænser",
    }


def guidance(questions: int, *, is_repeating: bool = False) -> Guidance:
    """Make advice for each topic, on its light and on one answer, and one offer for all topics."""
    topics = [f"t{number}" for number in range(1 if is_repeating else questions // QUESTIONS)]
    title = {"da": "Tal om smerten", "en": "Talk about the pain"}
    return read_guidance(
        {
            "schemaVersion": 1,
            "identifier": "hverdagen",
            "version": "1.0",
            "level": "national",
            "title": title,
            "advice": [
                {
                    "id": f"a{number}",
                    "topic": topic,
                    "lights": ["red", "yellow"],
                    "conditions": [{"item": f"{number}c", "operator": "=", "value": "lidt"}],
                    "title": title,
                    "text": title,
                    "source": "egen",
                }
                for number, topic in enumerate(topics)
            ],
            "offers": [{"id": "hold", "topics": topics, "lights": ["red"], "title": title, "text": title}],
        }
    )


def response(questions: int, *, is_repeating: bool = False) -> dict[str, Any]:
    """Make a response that answers every question."""
    numbers = range(questions // QUESTIONS)
    instances = [(0, "g0") if is_repeating else (number, f"g{number}") for number in numbers]
    return {**envelope(), "item": [{"linkId": name, "item": answered(number)} for number, name in instances]}


def answered(number: int) -> list[dict[str, Any]]:
    """Answer the five questions of a group."""
    coding = {"system": SYSTEM, "code": "lidt", "display": "lidt"}
    words = "Jeg går ture i skoven hver dag, men knæet driller"
    values: tuple[dict[str, Any], ...] = (
        {"valueInteger": 7},
        {"valueInteger": 4},
        {"valueCoding": coding},
        {"valueBoolean": True},
        {"valueString": words},
    )
    asked = "Hvor tit har du i de sidste to uger været generet af smerter, når du gik, sad eller sov?"
    named = zip("abcde", values, strict=True)
    return [{"linkId": f"{number}{name}", "text": asked, "answer": [value]} for name, value in named]


class Case:
    """A questionnaire with all that belongs to it, and a response to it."""

    def __init__(self, questions: int, *, is_repeating: bool = False) -> None:
        self.form: Form = compile_form(questionnaire(questions, is_repeating=is_repeating))
        self.view = view(questions, is_repeating=is_repeating)
        self.guidance = guidance(questions, is_repeating=is_repeating)
        self.text = dumps(response(questions, is_repeating=is_repeating))
        self.response = loads(self.text)
        self.answers = self.read()
        self.assessment = self.assess()
        assert check_response(self.form, self.response, strictness="submit") == ()
        assert self.advise()

    def read(self) -> Answers:
        return read_response(self.form, self.response)

    def assess(self) -> Assessment:
        return assess(self.form, self.view, self.answers, questionnaire="urn:q", view_reference="urn:v")

    def advise(self) -> tuple[Advice, ...]:
        counted = enabled_answers(self.form, self.answers)
        return advise(self.guidance, None, self.assessment, counted, today=TODAY)

    def evaluate(self) -> None:
        """Do all that is done with one response, from the start."""
        check_response(self.form, self.response, strictness="submit")
        answers = read_response(self.form, self.response)
        assessment = assess(self.form, self.view, answers, questionnaire="urn:q", view_reference="urn:v")
        advise(self.guidance, None, assessment, enabled_answers(self.form, answers), today=TODAY)


def microseconds(*calls: Callable[[], object], seconds: float = 0.5) -> list[float]:
    """Give the shortest time of each of some calls, made in turn: what else the machine does falls on all of them.

    The processor's time of this thread alone; as often as there is time for, and no fewer than seven times.
    """
    best, started, rounds = [inf] * len(calls), thread_time_ns(), 0
    while rounds < 7 or (thread_time_ns() - started < seconds * 1e9 * len(calls) and rounds < 2000):
        for number, call in enumerate(calls):
            start = thread_time_ns()
            call()
            best[number] = min(best[number], thread_time_ns() - start)
        rounds += 1
    return [each / 1000 for each in best]


def exponent(times: dict[int, float]) -> float:
    """Fit the exponent of growth: time grows as size to this power."""
    return linear_regression([log(size) for size in times], [log(time) for time in times.values()]).slope


def main() -> None:
    """Print the table, and the figures that matter as the last line."""
    case, hundred = Case(40), questionnaire(100)
    calls: dict[str, Callable[[], object]] = {
        "json.loads": lambda: json.loads(case.text),
        "all of it": case.evaluate,
        "structure": lambda: validate(case.response),
        "read": case.read,
        "what is asked": lambda: enabled_paths(case.form, case.answers),
        "check answers": lambda: check_answers(case.form, case.answers, strictness="submit"),
        "assess": case.assess,
        "advise": case.advise,
    }
    times = dict(zip(calls, microseconds(*calls.values()), strict=True))
    print(f"A response of 40 questions, {len(case.text):,} bytes          µs    times json.loads")
    for name, time in times.items():
        print(f"  {name:<44} {time:>8.0f} {time / times['json.loads']:>10.1f}")
    [compile_us] = microseconds(lambda: compile_form(hundred))
    print(f"Compiling 100 questions {compile_us / 1000:>31.2f} ms")
    slopes = growth()
    print(
        f"\ncompile_ms={compile_us / 1000:.2f} eval_ratio={times['all of it'] / times['json.loads']:.1f} "
        f"exponent={max(slopes):.2f}"
    )


def growth() -> list[float]:
    """Print how times grow with the size, and give the exponents of the engine's own."""
    print(f"\n{'size':>8} {'questions':>12} {'in instances':>14} {'compile':>12} {'json.loads':>12}   (ms)")
    grown: list[dict[int, float]] = [{}, {}, {}, {}]
    for size in SIZES:
        asked, whole, repeated = questionnaire(size), Case(size), Case(size, is_repeating=True)
        calls = (whole.evaluate, repeated.evaluate, partial(compile_form, asked), partial(json.loads, whole.text))
        found = microseconds(*calls, seconds=0.3)
        for times, time in zip(grown, found, strict=True):
            times[size] = time
        print(f"{size:>8} " + _row([time / 1000 for time in found]))
    slopes = [exponent(times) for times in grown]
    print(f"{'exponent':>8} " + _row(slopes))
    return slopes[:3]


def _row(figures: list[float]) -> str:
    return "{:>12.2f} {:>14.2f} {:>12.2f} {:>12.2f}".format(*figures)


if __name__ == "__main__":
    main()
