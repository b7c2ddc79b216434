"""The worklist as the page shows it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kommunalpro.care.bundles import url_id
from kommunalpro.care.runs import Span, runs
from kommunalpro.care.team_due import TeamDue
from kommunalpro.care.worklist import Ownership, TopicLight, WorkItem
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.pro.triage import Light
from kommunalpro.web.shared.measured import limits_lines, reading_words
from kommunalpro.web.staff.presenters import dates, slots

_SHOWN = 4

OWNERSHIP: dict[str, Ownership] = {"alle": "all", "ledige": "free", "mine": "mine"}
"""The word in the page's address → whose tasks."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of the list, with how many it holds."""

    key: str
    words: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One new answer. `response_id` None: the task is about something without a page of its own.

    `is_protected`: name and address are protected. `is_error`: it was marked as an error, and its light no longer
    holds. `task_version`: to close the task by where the row stands, empty where the page of the answer is the place
    to. `has_light`: it is about an assessment.
    `reading_kind` and `reading_id`: of the number or picture that it is about; empty: of none.
    """

    light: str
    name: str
    is_protected: bool
    headline: str
    received: str
    owner: str
    is_acute: bool
    patient_id: str
    response_id: str | None
    task_id: str
    is_error: bool
    task_version: str
    has_light: bool
    reading_kind: str
    reading_id: str


@dataclass(frozen=True, slots=True)
class DueRow:
    """What is asked for and not there, once or many times. `task_id` None: nobody was told; there is nothing to close.

    `is_protected`: name and address are protected. `task_until` empty: there is one task; else there is one for each
    time, of which `task_id` is the first, up to what opens then.
    """

    name: str
    is_protected: bool
    title: str
    when: str
    patient_id: str
    task_id: str | None
    task_version: str
    task_until: str


def tabs(chosen: str, *, new: int, missed: int, coming: int) -> tuple[Tab, ...]:
    """Give the tabs; an unknown choice is the first."""
    counted = (
        ("nye", _("Nye svar"), new),
        ("forfaldne", _("Forfaldne"), missed),
        ("kommende", _("Kommende"), coming),
        ("alle", _("Alle"), new + missed + coming),
    )
    known = chosen if chosen in {key for key, _words, _count in counted} else "nye"
    return tuple(Tab(key, words, count, key == known) for key, words, count in counted)


def owners(chosen: str) -> tuple[Choice, ...]:
    """Give whose tasks can be shown."""
    words = {"alle": _("Alle opgaver"), "ledige": _("Ledige opgaver"), "mine": _("Mine opgaver")}
    return tuple(Choice(value, words[value], value == chosen) for value in OWNERSHIP)


def work_row(item: WorkItem, *, user: str, now: datetime) -> WorkRow:
    is_settled_here = item.is_unexpected or item.is_undone
    kind, id = item.reading.url.split("/")[-2:] if item.reading else ("", "")
    return WorkRow(
        light=item.light.code,
        name=item.patient_name,
        is_protected=item.is_protected,
        headline=_row_headline(item),
        received=dates.received(item.received, now),
        owner=owner_words(item, user),
        is_acute=item.priority == "stat",
        patient_id=url_id(item.patient),
        response_id=url_id(item.response) if item.response else None,
        task_id=url_id(item.task),
        is_error=item.is_invalidated,
        task_version=item.version if is_settled_here or item.reading else "",
        has_light=not is_settled_here,
        reading_kind=kind,
        reading_id=id,
    )


def _row_headline(item: WorkItem) -> str:
    """Say what stands out; what is not assessed is never said to be calm."""
    if item.is_invalidated:
        return _("Svaret tæller ikke længere: afslut opgaven")
    if item.is_unexpected:
        return _("Kom på et uventet tidspunkt")
    if item.reading:
        return ". ".join([reading_words(item.reading), *limits_lines(item.reading)])
    if item.is_undone:
        return _("En planlagt ændring kunne ikke gennemføres: se borgerens forløb")
    if item.is_failure:
        return _("Den automatiske vurdering mislykkedes: læs svarene")
    if item.light is Light.NOT_ASSESSED and not item.topics:
        return _("Ikke vurderet: læs svarene")
    return _("Se emnerne på svarets side") if item.topics is None else _headline(item, item.topics)


def _headline(item: WorkItem, topics: Iterable[TopicLight]) -> str:
    """Say what stands out: the red topics and answers, else the yellow ones; at most four topics by name."""
    found = {light: [topic for topic in topics if topic.light is light] for light in (Light.RED, Light.YELLOW)}
    for light, named in found.items():
        if said := [*_topics(light, named), *_answers(light, item.apart.count(light))]:
            return ". ".join(said)
    return _("Intet skiller sig ud") if item.light is Light.GREEN else _("Læs svarene")


def _topics(light: Light, found: list[TopicLight]) -> Iterator[str]:
    count = len(found)
    if light is Light.RED:
        words = ngettext(
            "%(count)d emne kræver opmærksomhed: %(names)s", "%(count)d emner kræver opmærksomhed: %(names)s", count
        )
    else:
        words = ngettext(
            "%(count)d emne kan kræve opmærksomhed: %(names)s",
            "%(count)d emner kan kræve opmærksomhed: %(names)s",
            count,
        )
    if found:
        yield words % {"count": count, "names": _names(found)}


def _answers(light: Light, count: int) -> Iterator[str]:
    """Count the answers that stand in no topic."""
    if light is Light.RED:
        words = ngettext("%(count)d svar kræver opmærksomhed", "%(count)d svar kræver opmærksomhed", count)
    else:
        words = ngettext("%(count)d svar kan kræve opmærksomhed", "%(count)d svar kan kræve opmærksomhed", count)
    if count:
        yield words % {"count": count}


def owner_words(item: WorkItem, user: str) -> str:
    if item.owner is None:
        return _("ledig")
    if item.has_left:
        return _("ledig, var hos %(name)s") % {"name": item.owner_name}
    return _("dig") if item.owner == user else item.owner_name


def due_rows(found: Iterable[TeamDue], *, now: datetime) -> list[DueRow]:
    """Give the rows of what is asked for, of what was missed the first to end first; what comes often is a few rows."""
    gathered = sorted(runs(found, lambda due: due.time), key=lambda each: _turn(each.first))
    return [_due_row(each.first, each.span, now) for each in gathered if each.span]


def _turn(due: TeamDue) -> datetime:
    return due.closes if due.state == "missed" else due.opens


def _due_row(due: TeamDue, span: Span, now: datetime) -> DueRow:
    return DueRow(
        name=due.patient_name,
        is_protected=due.is_protected,
        title=due.title,
        when=slots.when(span, now),
        patient_id=url_id(due.patient),
        task_id=url_id(due.task) if due.task else None,
        task_version=due.task_version,
        task_until=to_datetime(span.last.opens) if span.count > 1 else "",
    )


def _names(topics: list[TopicLight]) -> str:
    names = [topic.title.say(get_language() or "da") for topic in topics]
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
