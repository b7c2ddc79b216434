"""Questionnaires as editors read them: lists, and one whole questionnaire in plain Danish."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.modifier_roles import owner_of
from kommunalpro.web.administration.presenters import labels
from kommunalpro.web.administration.presenters.rules import RuleLine, condition_sentence, number, rule_lines


@dataclass(frozen=True, slots=True)
class QuestionnaireRow:
    """One questionnaire in the list: its newest version."""

    id: str
    title: str
    citizen_title: str
    version: str
    status: labels.Status
    origin: labels.Origin
    versions: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a questionnaire; `current` is the one on the page."""

    id: str
    version: str
    status: labels.Status
    date: str
    current: bool


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan that asks a questionnaire. `owner` empty: it is the reader's own organisation's."""

    title: str
    version: str
    status: labels.Status
    owner: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question as an editor reads it; `level` 0 is directly in its topic."""

    link_id: str
    text: str
    short_text: str | None
    help_text: str | None
    kind: str
    required: bool
    options: tuple[str, ...]
    condition: str | None
    rules: tuple[RuleLine, ...]
    is_information: bool
    level: int


@dataclass(frozen=True, slots=True)
class Topic:
    """A root group with all its questions."""

    link_id: str
    title: str
    condition: str | None
    questions: tuple[Question, ...]

    @property
    def count(self) -> int:
        """Questions that can be answered."""
        return sum(not question.is_information for question in self.questions)


def rows(
    questionnaires: Iterable[Json], organization: str | None, organizations: Mapping[str, Json]
) -> tuple[QuestionnaireRow, ...]:
    """Give the list by title, one row for all versions of a questionnaire."""
    by_base: dict[str, list[Json]] = {}
    for each in questionnaires:
        by_base.setdefault(labels.base(each), []).append(each)
    shown = [_row(versions, organization, organizations) for versions in by_base.values()]
    return tuple(sorted(shown, key=lambda row: row.title.casefold()))


def _row(versions: list[Json], organization: str | None, organizations: Mapping[str, Json]) -> QuestionnaireRow:
    newest = max(versions, key=_age)
    return QuestionnaireRow(
        id=newest["id"],
        title=labels.title(newest),
        citizen_title=str(newest.get("title", "")),
        version=labels.version(newest),
        status=labels.status(newest),
        origin=labels.origin(newest, organization, organizations),
        versions=len(versions),
    )


def version_rows(versions: Iterable[Json], current: str) -> tuple[VersionRow, ...]:
    """Give the versions of one questionnaire, newest first. `current` is the id of the one on the page."""
    return tuple(
        VersionRow(
            each["id"],
            labels.version(each),
            labels.status(each),
            labels.day(each.get("approvalDate") or each.get("date", "")),
            each["id"] == current,
        )
        for each in sorted(versions, key=_age, reverse=True)
    )


def plan_rows(
    plans: Iterable[Json], organizations: Mapping[str, Json], organization: str | None
) -> tuple[PlanRow, ...]:
    """Give plans by title. `organizations`: those that own them, by version-less URL; `organization`: the reader's."""
    named = ((each, owner_of(each)) for each in plans)
    rows = (
        PlanRow(
            labels.title(each),
            labels.version(each),
            labels.status(each),
            "" if owner == organization else str(organizations.get(owner or "", {}).get("name", "")),
        )
        for each, owner in named
    )
    return tuple(sorted(rows, key=lambda row: (row.title.casefold(), row.version)))


def _age(questionnaire: Json) -> tuple[list[int], str]:
    parts = labels.version(questionnaire).split(".")
    return [int(part) if part.isdecimal() else 0 for part in parts], str(questionnaire.get("date", ""))


def items(questionnaire: Json) -> Mapping[str, Json]:
    """Give every item by its linkId, groups too."""
    return {item["linkId"]: item for item, _level in _walk(questionnaire.get("item", ()))}


def topics(questionnaire: Json) -> tuple[Topic, ...]:
    """Give the topics with their questions; questions that stand outside a group make a topic of their own."""
    known = items(questionnaire)
    return tuple(_topic(root, known) for root in questionnaire.get("item", ()))


def _topic(root: Json, items: Mapping[str, Json]) -> Topic:
    inner = root.get("item", ()) if root["type"] == "group" else (root,)
    return Topic(
        link_id=root["linkId"],
        title=str(root.get("text") or root["linkId"]),
        condition=condition_sentence(root, items) if root["type"] == "group" else None,
        questions=tuple(_question(item, level, items) for item, level in _walk(inner)),
    )


def _question(item: Json, level: int, items: Mapping[str, Json]) -> Question:
    return Question(
        link_id=item["linkId"],
        text=str(item.get("text", "")),
        short_text=extension_value(item, ehealth.QUESTIONNAIRE_SHORT_TEXT),
        help_text=_help_text(item),
        kind=kind(item),
        required=bool(item.get("required")),
        options=tuple(_option(each) for each in item.get("answerOption", ())),
        condition=condition_sentence(item, items),
        rules=rule_lines(item),
        is_information=item["type"] in ("group", "display"),
        level=level,
    )


def _help_text(item: Json) -> str | None:
    for each in item.get("extension", ()):
        if each["url"] == ehealth.QUESTIONNAIRE_HELP_TEXT:
            text = extension_value(each, "text")
            return str(text) if text else None
    return None


def kind(item: Json) -> str:
    """Say in words how a question is answered."""
    low, high = extension_value(item, ehealth.MIN_VALUE), extension_value(item, ehealth.MAX_VALUE)
    if item["type"] in ("integer", "decimal") and low is not None and high is not None:
        unit = (extension_value(item, ehealth.UNIT) or {}).get("display")
        span = _("Tal fra %(low)s til %(high)s") % {"low": number(low), "high": number(high)}
        return f"{span} ({unit})" if unit else span
    if item["type"] in ("choice", "open-choice"):
        return _("Vælg gerne flere") if item.get("repeats") else _("Vælg én")
    return _kinds().get(item["type"], item["type"])


def _kinds() -> Mapping[str, str]:
    return {
        "group": _("Gruppe"),
        "display": _("Tekst til borgeren"),
        "boolean": _("Ja eller nej"),
        "integer": _("Helt tal"),
        "decimal": _("Tal"),
        "date": _("Dato"),
        "dateTime": _("Dato og klokkeslæt"),
        "time": _("Klokkeslæt"),
        "string": _("Kort tekst"),
        "text": _("Tekst"),
        "quantity": _("Tal med enhed"),
        "attachment": _("Fil"),
        "url": _("Adresse på nettet"),
        "reference": _("Henvisning"),
    }


def _option(option: Json) -> str:
    value = next((option[key] for key in option if key.startswith("value")), "")
    return str(value.get("display") or value.get("code", "")) if isinstance(value, dict) else number(value)


def _walk(items: Iterable[Json], level: int = 0) -> Iterator[tuple[Json, int]]:
    for item in items:
        yield item, level
        yield from _walk(item.get("item", ()), level + 1)
