"""Rules of `ehealth-task`: the time that it is about, and who hands over to whom.

Which categories are about a time the guide does not say, so that a Task of any category may have one, and none must. A
Task about a handover names the resource that is handed over and the care teams that take part: at least the one that
hands over and the one that takes over.

Not here: the Tasks about reference ranges (RefRangeNeeded, RefRangeFixingNeeded, RefBaseNeeded, RefBaseFixingNeeded).
The guide says that a range or a base that automated processing needs is missing or wrong; whether a rule needs one, a
rule of its Library says, and those are not run here (`fut.md` 2.7). So nothing makes such a Task, and one that is sent
is held to what is asked of every Task: what it is about and whom it is for, the guide leaves open.

Source: `fut.md` 1A (ehealth-task); the guide's page of ehealth-task.
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue, unbound
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.profiles.resolved_timings import timing_faults

_HANDOVER = (ehealth.TASK_CATEGORY_CODES, "HandoverNegotiation")
_FEWEST_TEAMS = 2


def task_problems(task: Json) -> Iterator[Issue]:
    """Give what a Task does not keep of its profile, beyond what is asked of every resource."""
    if "for" not in task:
        yield issue("TASK_FOR_NOT_SET", "", "Task.for")
    for fault in timing_faults(task):
        yield issue("GENERAL_TIMING_VALIDATION_ERROR", fault, "Task.extension")
    yield from _input_problems(task)
    if _is_handover(task):
        yield from _handover_problems(task)


def _is_handover(task: Json) -> bool:
    categories = extensions(task, ehealth.TASK_CATEGORY)
    return any(_HANDOVER in set(keys(each.get("valueCodeableConcept"))) for each in categories)


def _input_problems(task: Json) -> Iterator[Issue]:
    """A role in a handover is one of FUT's, and a care team has it that is responsible for the Task."""
    responsible = _responsible_teams(task)
    for number, each in enumerate(task.get("input", ())):
        path = f"Task.input[{number}]"
        roles = [code for system, code in keys(each.get("type")) if system == ehealth.TASK_HANDOVER_ROLES]
        if not roles:
            continue
        if not all(is_bound(ehealth.TASK_HANDOVER_ROLES, ehealth.TASK_HANDOVER_ROLES, code) for code in roles):
            yield unbound(f"{', '.join(roles)} in {ehealth.TASK_HANDOVER_ROLES}", f"{path}.type")
        team = _care_team(each.get("valueReference"))
        if team is None:
            yield _issue("who has a role in a handover is a CareTeam", f"{path}.value")
        elif team not in responsible:
            yield _issue("who has a role in a handover is among ehealth-task-responsible", f"{path}.value")


def _handover_problems(task: Json) -> Iterator[Issue]:
    if "reference" not in task.get("focus", {}):
        yield _issue("focus of a handover is what is handed over", "Task.focus")
    if len(_responsible_teams(task)) < _FEWEST_TEAMS:
        detail = "responsible for a handover are the CareTeam that hands over and the one that takes over"
        yield _issue(detail, "Task.extension")


def _responsible_teams(task: Json) -> set[str]:
    found = (_care_team(each.get("valueReference")) for each in extensions(task, ehealth.TASK_RESPONSIBLE))
    return {each for each in found if each}


def _care_team(value: Json | None) -> str | None:
    reference = Reference.parse((value or {}).get("reference", ""))
    return reference.url if reference and reference.type == "CareTeam" else None


def _issue(detail: str, path: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path)
