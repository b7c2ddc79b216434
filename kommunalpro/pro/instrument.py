"""Shell instruments: a published questionnaire's structure, scores, bands and licence, without a word of its text.

The text comes by import, and `binding.py` ties the two together. What no source confirms is not offered, and says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.pro.condition import Condition
from kommunalpro.pro.content import ContentError, ContentFault, decimal, schema_problems, twice
from kommunalpro.pro.form import Form, compile_form
from kommunalpro.pro.instrument_schema import INSTRUMENT_SCHEMAS
from kommunalpro.pro.score_check import score_problems
from kommunalpro.pro.score_definition import Direction, ScoreDefinition, read_score
from kommunalpro.pro.score_fit import score_fit_problems
from kommunalpro.pro.text import Text, read_text

LicenceState = Literal["free", "licensed", "unclear"]

_POSITIONS = Text("Positionerne går ikke fra 1 og opefter.", "the positions do not go from 1 upwards")
_NO_WIDTH = Text("Skalaen har ingen bredde.", "it has no width")
_NOT_ALWAYS_THERE = Text(
    "Der er intet spørgsmål {item}, som altid er der.", "there is no item {item} that is always there"
)
_NO_ITEM = Text("Der er intet spørgsmål {item}.", "there is no item {item}")
_NEVER = Text("Intet svar kan opfylde reglen.", "no answer can meet it")
_LIGHTS = Text("Et instrument har ingen lys.", "an instrument has no lights")
_NO_SOURCE = Text("Et interval har ingen kilde.", "a band has no source")
_SAY_THE_SAME = Text("To intervaller i træk siger det samme ved {low}.", "two bands in a row say the same at {low}")
_NOT_EVERY_SCORE = Text("Det nævner ikke alle scorer.", "it does not name every score")
_NOT_EVERY_ITEM = Text(
    "Det har ikke et svar, eller null, til hvert spørgsmål.", "it does not have an answer, or null, for every item"
)
_NO_ANSWER = Text("{answer} er intet svar på spørgsmål {item}.", "{answer} is no answer to item {item}")


class InstrumentError(ContentError):
    """An instrument that cannot be used; `args` are all its problems."""


@dataclass(frozen=True, slots=True)
class InstrumentItem:
    """A question by its position, from 1. `low` to `high` are the numbers it is scored by, both included.

    `direction` None: no score has one. `codes` are those that its question is known by elsewhere.
    """

    position: int
    low: int
    high: int
    direction: Direction | None
    is_optional: bool
    codes: tuple[tuple[str, str], ...]

    @property
    def label(self) -> Text:
        """What it is called here: its number, and nothing of its text."""
        return Text(f"Spørgsmål {self.position}", f"Item {self.position}")


@dataclass(frozen=True, slots=True)
class Licence:
    """What it takes to use the text. `url` None: no page is known that says so."""

    state: LicenceState
    text: Text
    url: str | None


@dataclass(frozen=True, slots=True)
class NotOffered:
    """What is left out, and why."""

    what: Text
    why: Text


@dataclass(frozen=True, slots=True)
class AcuteItem:
    """An answer that may not wait, in the numbers of the instrument.

    It has no words for the citizen: whoever makes the View must write them, or the View is refused.
    """

    id: str
    item: str
    operator: str
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """Answers by position (None: not answered) and the scores that the source says, or that follow from it."""

    answers: tuple[int | None, ...]
    scores: Mapping[str, Decimal | None]
    source: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A shell instrument. Its scores name items by position: `"1"`. `why` None: at least one score is offered.

    `content` is the instrument as it was written; a binding makes its part of a View from that.
    """

    identifier: str
    version: str
    title: Text
    doi: str
    citation: str
    licence: Licence
    items: tuple[InstrumentItem, ...]
    scores: tuple[ScoreDefinition, ...]
    not_offered: tuple[NotOffered, ...]
    why: Text | None
    acute: tuple[AcuteItem, ...]
    golden: tuple[GoldenCase, ...]
    content: Json

    @property
    def name(self) -> str:
        """How a View names it: identifier|version."""
        return f"{self.identifier}|{self.version}"

    @property
    def is_offered(self) -> bool:
        """Whether there is any score to have."""
        return bool(self.scores)

    def item(self, position: str | int) -> InstrumentItem:
        """Give an item by its position."""
        return self.items[int(position) - 1]


def read_instrument(content: Json) -> Instrument:
    """Read a shell instrument, in any schemaVersion there has been.

    Raises:
        InstrumentError: with all problems.
    """
    problems = schema_problems(content, INSTRUMENT_SCHEMAS) or [*_structure_problems(content)]
    if problems:
        raise InstrumentError(*problems)
    instrument = _instrument(content)
    problems = [*_own_problems(instrument)]
    if problems:
        raise InstrumentError(*problems)
    return instrument


def shell(instrument: Instrument) -> Form:
    """Give the instrument as a questionnaire of bare numbers, its items named by position: to try its scores on."""
    return compile_form(
        {
            "resourceType": "Questionnaire",
            "title": instrument.title.da,
            "version": instrument.version,
            "item": [_shell_item(item) for item in instrument.items],
        }
    )


def _shell_item(item: InstrumentItem) -> dict[str, Any]:
    bounds = ((ehealth.MIN_VALUE, item.low), (ehealth.MAX_VALUE, item.high))
    return {
        "linkId": str(item.position),
        "type": "integer",
        "text": item.label.da,
        "extension": [{"url": url, "valueInteger": bound} for url, bound in bounds],
    }


def _instrument(content: Json) -> Instrument:
    licence = content["licence"]
    return Instrument(
        identifier=content["identifier"],
        version=content["version"],
        title=read_text(content["title"]),
        doi=content["doi"],
        citation=content["citation"],
        licence=Licence(licence["state"], read_text(licence["text"]), licence.get("url")),
        items=tuple(_item(each) for each in content["items"]),
        scores=tuple(read_score(each) for each in content["scores"]),
        not_offered=tuple(
            NotOffered(read_text(each["what"]), read_text(each["why"])) for each in content["notOffered"]
        ),
        why=read_text(content["why"]) if "why" in content else None,
        acute=tuple(AcuteItem(**each) for each in content.get("acute", ())),
        golden=tuple(_golden(each) for each in content["golden"]),
        content=content,
    )


def _item(item: Json) -> InstrumentItem:
    return InstrumentItem(
        position=item["position"],
        low=item["low"],
        high=item["high"],
        direction=item.get("direction"),
        is_optional=item.get("optional", False),
        codes=tuple((each["system"], each["code"]) for each in item.get("codes", ())),
    )


def _golden(golden: Json) -> GoldenCase:
    scores = {id: None if value is None else decimal(value) for id, value in golden["scores"].items()}
    return GoldenCase(tuple(golden["answers"]), scores, golden["source"])


def _structure_problems(content: Json) -> Iterator[ContentFault]:
    """What must be so before anything else can be looked at: positions that are there, from 1 and in order."""
    count = len(content["items"])
    if [item["position"] for item in content["items"]] != list(range(1, count + 1)):
        yield ContentFault("items", _POSITIONS)
    for each in content["items"]:
        if each["low"] >= each["high"]:
            yield ContentFault(f"items.{each['position']}", _NO_WIDTH)
    optional = {str(each["position"]) for each in content["items"] if each.get("optional")}
    known = {str(number) for number in range(1, count + 1)}
    for score in content["scores"]:
        for item in score["items"]:
            if item not in known - optional:
                yield ContentFault(f"scores.{score['id']}", _NOT_ALWAYS_THERE.fill(item=item))
    for rule in content.get("acute", ()):
        if rule["item"] not in known - optional:
            yield ContentFault(f"acute.{rule['id']}", _NO_ITEM.fill(item=rule["item"]))


def _own_problems(instrument: Instrument) -> Iterator[ContentFault]:
    """What a schema cannot say: scores that fit their items, bands with a source, golden cases that can be answered."""
    yield from twice([score.id for score in instrument.scores], "scores")
    yield from twice([rule.id for rule in instrument.acute], "acute")
    for rule in instrument.acute:
        item, condition = instrument.item(rule.item), Condition(rule.operator, "Integer", rule.value)
        if not any(condition.meets({"valueInteger": number}) for number in range(item.low, item.high + 1)):
            yield ContentFault(f"acute.{rule.id}", _NEVER)
    form = shell(instrument)
    for score in instrument.scores:
        place = f"scores.{score.id}"
        if found := [*score_problems(score), *_band_problems(score)]:
            yield from (ContentFault(place, text) for text in found)
        else:
            fits = score_fit_problems(score, form)
            yield from (ContentFault(f"{place}.items.{each.link_id}", each.text) for each in fits)
    for number, golden in enumerate(instrument.golden):
        yield from (ContentFault(f"golden.{number}", text) for text in _golden_problems(instrument, golden))


def _band_problems(score: ScoreDefinition) -> Iterator[Text]:
    """Lights are the editor's: a source names what a score may mean, never how much it asks of this team."""
    if score.carries_rule:
        yield _LIGHTS
    if any(not band.source for band in score.bands):
        yield _NO_SOURCE
    for lower, higher in pairwise(score.bands):
        if lower.text == higher.text:
            yield _SAY_THE_SAME.fill(low=higher.low)


def _golden_problems(instrument: Instrument, golden: GoldenCase) -> Iterator[Text]:
    if golden.scores.keys() != {score.id for score in instrument.scores}:
        yield _NOT_EVERY_SCORE
    if len(golden.answers) != len(instrument.items):
        yield _NOT_EVERY_ITEM
        return
    for item, answer in zip(instrument.items, golden.answers, strict=True):
        if answer is not None and not item.low <= answer <= item.high:
            yield _NO_ANSWER.fill(answer=answer, item=item.position)
