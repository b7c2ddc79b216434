"""How long the PRO engine takes: compiling a questionnaire, and everything that is computed from one response.

Run:  python -m bench.pro

A full evaluation is what happens to a response: read and checked as it is submitted (structure, what is asked, every
answer), assessed (scores, lights, acute answers) and advised on. It is told as a multiple of `json.loads` of the same
response in the same run, which means the same on every machine. The exponent is the slope of time over size on
logarithmic scales: 1 is linear, 2 quadratic. Sizes run from 10 to 5,000 questions, and from 10 to 5,000 answers in the
instances of one repeating group.

Aimed for: compile_ms ≤ 5, eval_ratio ≤ 10, exponent ≤ 1.1.

What was tried is told at the end of this file.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from math import log
from statistics import linear_regression, median
from time import perf_counter_ns
from typing import Any

from bench.structure import response as envelope
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.pro.answers import read_response
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.guidance import Guidance, advise, read_guidance
from kommunalpro.pro.response import check_response
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
            **(
                {"enableWhen": [{"question": f"{number}a", "operator": ">", "answerInteger": 0}]} if name == "b" else {}
            ),
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

    def check(self) -> None:
        assert check_response(self.form, self.response, strictness="submit") == ()

    def assess(self) -> Assessment:
        answers = read_response(self.form, self.response)
        return assess(self.form, self.view, answers, questionnaire="urn:q", view_reference="urn:v")

    def evaluate(self) -> None:
        """Do all that is done with one response."""
        self.check()
        answers = read_response(self.form, self.response)
        assessment = assess(self.form, self.view, answers, questionnaire="urn:q", view_reference="urn:v")
        assert advise(self.guidance, None, assessment, answers, today=TODAY)


def microseconds(call: Callable[[], object], seconds: float = 0.4) -> float:
    """Give the median time of one call, from as many as there is time for, and no fewer than five."""
    times: list[int] = []
    while len(times) < 5 or (sum(times) < seconds * 1e9 and len(times) < 2000):
        start = perf_counter_ns()
        call()
        times.append(perf_counter_ns() - start)
    return median(times) / 1000


def exponent(times: dict[int, float]) -> float:
    """Fit the exponent of growth: time grows as size to this power."""
    return linear_regression([log(size) for size in times], [log(time) for time in times.values()]).slope


def main() -> None:
    """Print the table, and the figures that matter as the last line."""
    hundred = questionnaire(100)
    compile_ms = microseconds(lambda: compile_form(hundred)) / 1000
    case = Case(40)
    parse = microseconds(lambda: json.loads(case.text))
    evaluation = microseconds(case.evaluate)
    parts = ((name, microseconds(call)) for name, call in (("check", case.check), ("read and assess", case.assess)))
    print(f"40 questions, {len(case.text):,} bytes: json.loads {parse:.0f} µs, evaluation {evaluation:.0f} µs")
    print(" · ".join(f"{name} {time:.0f} µs" for name, time in parts))
    print(f"\n{'answers':>8} {'questions':>12} {'in instances':>14} {'compile':>12}   (ms)")
    grown: dict[bool, dict[int, float]] = {False: {}, True: {}}
    compiled: dict[int, float] = {}
    for size in SIZES:
        for is_repeating, times in grown.items():
            times[size] = microseconds(Case(size, is_repeating=is_repeating).evaluate)
        asked = questionnaire(size)
        compiled[size] = microseconds(lambda asked=asked: compile_form(asked))  # type: ignore[misc]
        columns = (grown[False][size] / 1000, grown[True][size] / 1000, compiled[size] / 1000)
        print(f"{size:>8} {columns[0]:>12.2f} {columns[1]:>14.2f} {columns[2]:>12.2f}")
    slopes = [exponent(times) for times in (grown[False], grown[True], compiled)]
    print(f"{'exponent':>8} {slopes[0]:>12.2f} {slopes[1]:>14.2f} {slopes[2]:>12.2f}\n")
    print(f"compile_ms={compile_ms:.2f} eval_ratio={evaluation / parse:.1f} exponent={max(slopes):.2f}")


if __name__ == "__main__":
    main()
