"""Goals, material and what waits as rows: of a plan for administrators, of a citizen for staff and the citizen."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.care.current_plans import CurrentPlan, Waiting
from kommunalpro.care.goals import description_of
from kommunalpro.care.materials import Material
from kommunalpro.fhir.json import Json
from kommunalpro.web.shared.plan_words import place_words, target_words, trigger_words


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal in words; `target` empty: no number and no time."""

    words: str
    target: str


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """What can be read: by its link, or here under `id`, or (empty, not stored) not at all. `place`: where it lies."""

    id: str
    title: str
    link: str
    is_stored: bool
    place: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An activity that waits, and for what."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    title: str
    goals: tuple[GoalRow, ...]
    materials: tuple[MaterialRow, ...]
    waiting: tuple[WaitingRow, ...]


def goal_row(goal: Json) -> GoalRow:
    """Give a goal of a plan, or of a citizen, as a row."""
    return GoalRow(description_of(goal), "; ".join(filter(None, map(target_words, goal.get("target", ())))))


def material_row(material: Material) -> MaterialRow:
    """Give a piece of material as a row."""
    title = material.title or _("Uden titel")
    return MaterialRow(material.id, title, material.link or "", material.size > 0, place_words(material))


def plan_rows(plans: Iterable[CurrentPlan]) -> tuple[PlanRow, ...]:
    """Give a citizen's plans as rows, in their order."""
    return tuple(
        PlanRow(
            title=plan.title,
            goals=tuple(map(goal_row, plan.goals)),
            materials=tuple(map(material_row, plan.materials)),
            waiting=tuple(map(_waiting_row, plan.waiting)),
        )
        for plan in plans
    )


def _waiting_row(waiting: Waiting) -> WaitingRow:
    return WaitingRow(waiting.title or _("En aktivitet"), trigger_words(waiting.trigger, waiting.names))
