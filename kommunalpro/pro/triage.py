"""The lights: what answers mean by the rules of the questionnaire and its View.

A topic is the worst of those of its questions and scores that are asked and carry a rule: red > yellow > not assessed >
green. One unanswered question makes a green topic *not assessed*, and never hides a red. What is not asked does not
count; a topic without rules is not assessed. The whole is the worst of all rules that were asked, in a topic or not.
Where an expression failed, what it is about is at best not assessed (`failure`).

Source: ARCHITECTURE §5 "Triage"; FUT's answerSignificance and finding codes (`fut.md` 2.1, 2.2).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from msgspec import Struct

from kommunalpro.fhir.json import Json
from kommunalpro.pro import explanation
from kommunalpro.pro.acute import AcuteHit, hits_among
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import value_alone
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.failure import Failure
from kommunalpro.pro.form import Form, Item, Option, Rule
from kommunalpro.pro.item import one_of_few
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.scoring import Score, is_asked, scores
from kommunalpro.pro.text import Text
from kommunalpro.pro.view import Topic, View

__all__ = [
    "NO_ANSWER",
    "NO_EFFECT",
    "AcuteHit",
    "Assessment",
    "Finding",
    "Light",
    "Reason",
    "TopicAssessment",
    "assess",
]

_LIGHTS = {light.code: light for light in Light}
_CODES = {light: f"{light.code}-question-answer" for light in (Light.RED, Light.YELLOW, Light.GREEN)}
_SEVERITY = attrgetter("light.severity")
NO_EFFECT, NO_ANSWER = "no-effective-answer-significance", "data-absent"
"""FUT's codes of a question whose answer meets no condition, and of one without an answer."""


class Finding(Struct, frozen=True):
    """What the rules on one question said. `code` is FUT's (clinicalimpression-finding-codes).

    `rule` is the answerSignificance that was met, as the Questionnaire has it; None: none was, or it is read from a
    record that does not say it. `answer` is a value alone, None: there is no answer.
    """

    path: str
    link_id: str
    code: str
    light: Light
    answer: Json | None
    rule: Json | None
    text: Text


class _Said(Struct, frozen=True):
    """What a rule says that is met, wherever its question is asked."""

    rule: Rule
    code: str
    light: Light
    text: Text


class Reason(Struct, frozen=True):
    """Why a topic has its light: one question or score, with its own light and the words for it."""

    light: Light
    text: Text


class TopicAssessment(Struct, frozen=True):
    """A topic with its light and all reasons for it, the most pressing first."""

    id: str
    title: Text
    light: Light
    reasons: tuple[Reason, ...]


class Source(Struct, frozen=True):
    """By what was assessed: versioned URLs, and the View's name and version as people know it. Empty: no View."""

    questionnaire: str
    view: str | None = None
    view_identifier: str = ""
    view_version: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that the rules say of one response."""

    light: Light
    topics: tuple[TopicAssessment, ...]
    scores: Mapping[str, Score]
    findings: tuple[Finding, ...]
    acute: tuple[AcuteHit, ...]
    source: Source
    failures: tuple[Failure, ...] = ()

    @property
    def has_rules(self) -> bool:
        """Whether anything was there to assess by: a rule on a question that was asked, or a score with lights."""
        return bool(self.findings) or any(each.carries_rule for each in self.scores.values())

    @property
    def apart(self) -> tuple[Finding, ...]:
        """The findings that stand in no topic, the most pressing first: without a View, all of them. They count too."""
        told = {reason for topic in self.topics for reason in topic.reasons}
        found = (each for each in self.findings if Reason(each.light, each.text) not in told)
        return tuple(sorted(found, key=_SEVERITY, reverse=True))


def assess(
    form: Form, view: View | None, answers: Answers, *, questionnaire: str, view_reference: str | None
) -> Assessment:
    """Assess answers. `view` None: there are no topics and scores, only the rules on the questions.

    `questionnaire` and `view_reference` are the versioned URLs of what is assessed by; they stand in the record.
    """
    enabled = Enablement(form, answers)
    asked, given = enabled.asked(), enabled.counted()
    findings: list[Finding] = []
    for path, item in asked.items():
        if item.rules:
            findings += _findings(form, path, item, given.get(path, ()))
    scored = scores((each for each in view.scores if is_asked(each, asked.keys())) if view else (), form, given)
    failures = enabled.failures()
    doubts = _doubts(form, failures)
    lights = [finding.light for finding in findings] + [each.light for each in scored.values() if each.carries_rule]
    return Assessment(
        light=worst([*lights, *(Light.NOT_ASSESSED for _ in failures)]),
        topics=tuple(_topics(form, view, findings, scored, doubts)) if view else (),
        scores=scored,
        findings=tuple(findings),
        acute=hits_among(view, given) if view else (),
        source=_source(view, questionnaire, view_reference),
        failures=failures,
    )


def _doubts(form: Form, failures: tuple[Failure, ...]) -> Mapping[str, list[Reason]]:
    """Give what speaks against knowing, for every item that a failure is about or that lies inside of such."""
    found: dict[str, list[Reason]] = {}
    for each in failures:
        items = [form.item(each.link_id)]
        while items:
            item = items.pop()
            found.setdefault(item.link_id, []).append(Reason(Light.NOT_ASSESSED, each.text))
            items += item.items
    return found


def _source(view: View | None, questionnaire: str, view_reference: str | None) -> Source:
    if view is None:
        return Source(questionnaire)
    return Source(questionnaire, view_reference, view.identifier, view.version, view.level)


def _findings(form: Form, path: str, item: Item, answers: tuple[Json, ...]) -> list[Finding]:
    """Give every rule on a question that is met, and one finding without a rule for what no rule speaks of."""
    if len(answers) > 1:
        return _findings_of_several(form, path, item, answers)
    found = []
    answer = answers[0] if answers else None
    for said in _said(form, item, answer):
        found.append(_finding(path, item, answer, said))
    return found or [_unspoken(form, path, item, answers)]


def _findings_of_several(form: Form, path: str, item: Item, answers: tuple[Json, ...]) -> list[Finding]:
    """Give each rule with the first of the answers that meets it."""
    met: dict[Rule, Finding] = {}
    for answer in answers:
        for said in _said(form, item, answer):
            met.setdefault(said.rule, _finding(path, item, answer, said))
    found = [met[rule] for rule in item.rules if rule in met]
    unspoken = tuple(answer for answer in answers if not _said(form, item, answer))
    return [*found, _unspoken(form, path, item, unspoken)] if unspoken else found


def _finding(path: str, item: Item, answer: Json | None, said: _Said) -> Finding:
    given = None if answer is None else value_alone(answer)
    return Finding(path, item.link_id, said.code, said.light, given, said.rule.source, said.text)


def _unspoken(form: Form, path: str, item: Item, answers: tuple[Json, ...]) -> Finding:
    """Give the finding on answers that no rule speaks of, or on there being none."""
    code, answer = (NO_EFFECT, value_alone(answers[0])) if answers else (NO_ANSWER, None)
    text = explanation.no_rule_hit(form, item, answers)
    return Finding(path, item.link_id, code, Light.NOT_ASSESSED, answer, None, text)


def _said(form: Form, item: Item, answer: Json | None) -> tuple[_Said, ...]:
    """Give what the rules say that one answer meets; `answer` None: there is none."""
    if answer is None:
        return form.once(_said_of, item, None, None)
    choice = one_of_few(item, answer)
    # The type is given too: True and 1 are the same key, and not the same answer.
    return _rules_met(form, item, answer) if choice is None else form.once(_said_of, item, choice, type(choice))


def _said_of(form: Form, item: Item, choice: Option | int | None, kind: type | None) -> tuple[_Said, ...]:
    """Say what is remembered: of an answer that many give (`one_of_few`), or of there being none."""
    if isinstance(choice, Option):
        return _rules_met(form, item, choice.value)
    key = "valueBoolean" if kind is bool else "valueInteger"
    return _rules_met(form, item, None if choice is None else {key: choice})


def _rules_met(form: Form, item: Item, answer: Json | None) -> tuple[_Said, ...]:
    found = []
    for rule in item.rules:
        if _is_about_none(rule) if answer is None else rule.is_met_by(answer):
            light = _LIGHTS[rule.light]
            found.append(_Said(rule, _CODES[light], light, explanation.rule_hit(form, item, rule, answer, light)))
    return tuple(found)


def _is_about_none(rule: Rule) -> bool:
    """Tell whether a rule is met by there being no answer."""
    return all(each.operator == "exists" and each.value is False for each in rule.conditions)


def _topics(
    form: Form,
    view: View,
    findings: Sequence[Finding],
    scores: Mapping[str, Score],
    doubts: Mapping[str, list[Reason]],
) -> Iterator[TopicAssessment]:
    definitions = {each.id: each for each in view.scores}
    source = explanation.view_words(view)
    found: dict[str, list[Reason]] = {}
    for each in findings:
        found.setdefault(each.link_id, []).append(Reason(each.light, each.text))
    for topic in view.topics:
        reasons: list[Reason] = []
        for item in topic.items:
            reasons += found.get(item, ())
        for id in topic.scores:
            if id in scores and scores[id].carries_rule:
                text = explanation.score_reason(definitions[id], scores[id], source)
                reasons.append(Reason(scores[id].light, text))
        reasons += _doubts_in(topic, definitions, doubts) if doubts else ()
        if not reasons:
            text = explanation.no_reason(has_rules=_has_rules(form, topic, definitions))
            reasons.append(Reason(Light.NOT_ASSESSED, text))
        reasons.sort(key=_SEVERITY, reverse=True)
        yield TopicAssessment(topic.id, topic.title, reasons[0].light, tuple(reasons))


def _doubts_in(
    topic: Topic, definitions: Mapping[str, ScoreDefinition], doubts: Mapping[str, list[Reason]]
) -> Iterator[Reason]:
    items = [*topic.items, *(item for id in topic.scores for item in definitions[id].items)]
    yield from dict.fromkeys(doubt for item in dict.fromkeys(items) for doubt in doubts.get(item, ()))


def _has_rules(form: Form, topic: Topic, definitions: Mapping[str, ScoreDefinition]) -> bool:
    items = (form.item(item) for item in topic.items if item in form.places)
    return any(item.rules for item in items) or any(definitions[id].carries_rule for id in topic.scores)
