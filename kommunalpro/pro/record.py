"""The record: an assessment as FHIR Parameters, kept with the response for ever, and read back as it was.

It stands contained in the ClinicalImpression (decisionContext, ARCHITECTURE §5 "Light of record"). A later rule never
changes it. `schemaVersion` says how it is written; every version there has been stays readable. 1 said everything
twice: the rule that was met within its finding, as FUT's finding-basis says it in the same ClinicalImpression; and what
a finding says as the topic's reason again, which in 2 is the finding's number.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.parameters import parameters, parts, value
from kommunalpro.pro.acute import AcuteHit
from kommunalpro.pro.failure import Failure
from kommunalpro.pro.light import Light
from kommunalpro.pro.scoring import Score
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment, Finding, Reason, Source, TopicAssessment

SCHEMA_VERSION = 2
_VERSIONS = frozenset({1, SCHEMA_VERSION})
"""What is read here, for ever."""

_Part = dict[str, Any]


class RecordError(ValueError):
    """Parameters that are no record of ours, or of a version that is not known here."""


def write_record(assessment: Assessment) -> dict[str, Any]:
    """Give an assessment as Parameters (without an id)."""
    source, findings = assessment.source, assessment.findings
    numbers = {Reason(each.light, each.text): number for number, each in enumerate(findings)}
    view = [
        {"name": "view", "valueUri": source.view} if source.view else None,
        _string("viewIdentifier", source.view_identifier),
        _string("viewVersion", source.view_version),
        _string("level", source.level),
    ]
    return parameters(
        {"name": "schemaVersion", "valueInteger": SCHEMA_VERSION},
        {"name": "questionnaire", "valueUri": source.questionnaire},
        *filter(None, view),
        _light(assessment.light),
        *(_topic(each, numbers) for each in assessment.topics),
        *(_score(each) for each in assessment.scores.values()),
        *(_finding(each) for each in findings),
        *(_acute(each) for each in assessment.acute),
        *(_failure(each) for each in assessment.failures),
    )


def read_record(record: Json) -> Assessment:
    """Read an assessment back; of its findings, without the rules unless the record says them.

    Raises:
        RecordError: it is not one of ours.
    """
    try:
        version = value(record, "schemaVersion")
        if type(version) is int and version in _VERSIONS:
            return _read(record)
    except (LookupError, TypeError, AttributeError, ValueError) as broken:
        raise RecordError(f"a record that is not whole: {broken!r}") from broken
    raise RecordError(f"schemaVersion {version!r} is not known")


def _read(record: Json) -> Assessment:
    scores = [_read_score(each) for each in _named(record, "score")]
    findings = tuple(_read_finding(each) for each in _named(record, "finding"))
    return Assessment(
        light=Light(value(record, "light")),
        topics=tuple(_read_topic(each, findings) for each in _named(record, "topic")),
        scores={each.id: each for each in scores},
        findings=findings,
        acute=tuple(_read_acute(each) for each in _named(record, "acute")),
        source=Source(
            questionnaire=value(record, "questionnaire"),
            view=value(record, "view"),
            view_identifier=value(record, "viewIdentifier") or "",
            view_version=value(record, "viewVersion") or "",
            level=value(record, "level") or "",
        ),
        failures=tuple(_read_failure(each) for each in _named(record, "failure")),
    )


def _named(record: Json, name: str) -> Iterator[Json]:
    return (each for each in record["parameter"] if each["name"] == name)


def _string(name: str, text: str) -> _Part | None:
    return {"name": name, "valueString": text} if text else None


@cache
def _light(light: Light) -> _Part:
    return Lasting({"name": "light", "valueCode": light.code})


@lru_cache(maxsize=100)
def _code(code: str) -> _Part:
    return Lasting({"name": "code", "valueCode": code})


@lru_cache(maxsize=1000)
def _numbered(finding: int) -> _Part:
    """Give a reason that says what a finding says."""
    return Lasting({"name": "reason", "valueUnsignedInt": finding})


@lru_cache(maxsize=4096)
def _place(name: str, place: str) -> _Part:
    """Give where a finding was made; of a questionnaire it is the same few each time."""
    return Lasting({"name": name, "valueString": place})


def _text(name: str, text: Text) -> list[_Part]:
    return [part for part in (_string(name, text.da), _string(f"{name}.en", text.en)) if part]


def _read_text(found: dict[str, Any], name: str) -> Text:
    return Text(found.get(name, ""), found.get(f"{name}.en", ""))


def _topic(topic: TopicAssessment, numbers: Mapping[Reason, int]) -> _Part:
    reasons = [_reason(each, numbers.get(each)) for each in topic.reasons]
    found = [{"name": "id", "valueString": topic.id}, *_text("title", topic.title), _light(topic.light), *reasons]
    return {"name": "topic", "part": found}


def _reason(reason: Reason, number: int | None) -> _Part:
    """Give a reason; of what a finding says, the finding's number, from 0."""
    if number is not None:
        return _numbered(number)
    return {"name": "reason", "part": [_light(reason.light), *_text("text", reason.text)]}


def _read_topic(parameter: Json, findings: Sequence[Finding]) -> TopicAssessment:
    found = parts(parameter)
    reasons = tuple(_read_reason(part, findings) for part in parameter["part"] if part["name"] == "reason")
    return TopicAssessment(found["id"], _read_text(found, "title"), Light(found["light"]), reasons)


def _read_reason(part: Json, findings: Sequence[Finding]) -> Reason:
    if "valueUnsignedInt" in part:
        finding = findings[part["valueUnsignedInt"]]
        return Reason(finding.light, finding.text)
    found = parts(part)
    return Reason(Light(found["light"]), _read_text(found, "text"))


def _score(score: Score) -> _Part:
    number = [] if score.value is None else [{"name": "value", "valueDecimal": score.value}]
    rule = [] if score.carries_rule else [{"name": "carriesRule", "valueBoolean": False}]
    found = [{"name": "id", "valueString": score.id}, *_text("title", score.title), *number, _light(score.light)]
    return {"name": "score", "part": [*found, *rule]}


def _read_score(parameter: Json) -> Score:
    found = parts(parameter)
    number = found.get("value")
    return Score(
        found["id"],
        _read_text(found, "title"),
        None if number is None else Decimal(number),
        Light(found["light"]),
        found.get("carriesRule", True),
    )


def _finding(finding: Finding) -> _Part:
    answer = [{"name": "answer", **finding.answer}] if finding.answer is not None else []
    found = [
        _place("path", finding.path),
        _place("linkId", finding.link_id),
        _code(finding.code),
        _light(finding.light),
    ]
    return {"name": "finding", "part": [*found, *answer, *_text("text", finding.text)]}


def _read_finding(parameter: Json) -> Finding:
    found = parts(parameter)
    answer = next((part for part in parameter["part"] if part["name"] == "answer"), None)
    return Finding(
        path=found["path"],
        link_id=found["linkId"],
        code=found["code"],
        light=Light(found["light"]),
        answer=None if answer is None else {key: each for key, each in answer.items() if key != "name"},
        rule=extension(parameter, ehealth.ANSWER_SIGNIFICANCE),
        text=_read_text(found, "text"),
    )


def _acute(hit: AcuteHit) -> _Part:
    found = [{"name": "id", "valueString": hit.id}, {"name": "path", "valueString": hit.path}]
    return {"name": "acute", "part": [*found, *_text("text", hit.text)]}


def _read_acute(parameter: Json) -> AcuteHit:
    found = parts(parameter)
    return AcuteHit(found["id"], found["path"], _read_text(found, "text"))


def _failure(failure: Failure) -> _Part:
    found = [{"name": "path", "valueString": failure.path}, {"name": "linkId", "valueString": failure.link_id}]
    return {"name": "failure", "part": [*found, *_text("text", failure.text)]}


def _read_failure(parameter: Json) -> Failure:
    found = parts(parameter)
    return Failure(found["path"], found["linkId"], _read_text(found, "text"))
