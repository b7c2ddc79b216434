"""Rules of the triggers in a PlanDefinition: what they wait for is there, and nothing waits for itself.

Ours, where the guide is silent: a trigger stands on an action that is an activity, and waits for such actions of the
same plan, for only an activity brings measurements; their `id` is how they are named; and nothing waits longer than
slots are looked for.

Source: `fut.md` 1A (plandefinition), "related actions must exist".
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.errors import issue
from kommunalpro.fut.moments import is_duration, later
from kommunalpro.fut.triggers import BEHAVIORS, EFFECT, Trigger, trigger_of

_SOME_DAY, _LONGEST = datetime(2026, 1, 5, tzinfo=DENMARK), {"value": 10, "code": "a"}
_NOT_THERE = "En aktivitet venter på noget, der ikke er en aktivitet i planen."
_SEVERAL = "En aktivitet venter på en anden, hvis id flere i planen har."
_ITSELF = "En aktivitet venter på sig selv, eller på en, der venter på den."


def trigger_problems(actions: list[tuple[str, Json]]) -> Iterator[Issue]:
    """Give what is wrong with the triggers of a plan's actions, each with its FHIRPath."""
    ids = Counter(action["id"] for _, action in actions if "id" in action)
    activities = {action["id"] for _, action in actions if "id" in action and _is_activity(action)}
    waiting = {path: (action, trigger) for path, action in actions if (trigger := trigger_of(action))}
    for path, (action, trigger) in waiting.items():
        yield from (_problem(detail, path, text) for detail, text in _incomplete(action, trigger))
        for each in trigger.conditions:
            if each.action not in activities:
                yield _problem(f"no activity of the plan has the id {each.action!r}", path, _NOT_THERE)
            elif ids[each.action] > 1:
                yield _problem(f"several actions have the id {each.action!r}", path, _SEVERAL)
    graph = {
        action["id"]: {each.action for each in trigger.conditions}
        for action, trigger in waiting.values()
        if "id" in action
    }
    for path, (action, _) in waiting.items():
        if action.get("id") in graph and action["id"] in _reached(graph, action["id"]):
            yield _problem("it waits for itself", path, _ITSELF)


def _incomplete(action: Json, trigger: Trigger) -> Iterator[tuple[str, str]]:
    """Give what is wrong with a trigger itself, for developers and in Danish."""
    found = extension(action, ehealth.ACTION_TRIGGER) or {}
    if not _is_activity(action):
        yield "a trigger stands on an action with an ActivityDefinition", "Kun en aktivitet kan vente på andre."
    if not trigger.conditions or any(each.count < 1 for each in trigger.conditions):
        detail = "at least one triggerCondition, each with an actionId and a count of 1 or more"
        yield detail, "En aktivitet venter på en anden, uden at det er sagt, hvor mange svar der skal være: mindst ét."
    if extension_value(found, "triggerBehavior") not in BEHAVIORS:
        detail = f"triggerBehavior is one of {', '.join(BEHAVIORS)}"
        yield detail, "Det er ikke sagt, om en aktivitet venter på alle eller kun på én af de andre."
    effect = extension_value(found, "action") or {}
    if {name: effect.get(name) for name in EFFECT} != EFFECT:
        yield (
            "action is status-on-hold-to-active",
            "En aktivitet, der venter, kan kun begynde, når den andens svar er der.",
        )
    if trigger.offset is not None and not _is_offset(trigger.offset):
        detail = "offset is a whole number of s, min, h, d, wk, mo or a, and no longer than ten years"
        yield detail, "Hvor længe efter en aktivitet begynder, er et helt antal og højst ti år."


def _is_offset(offset: Json) -> bool:
    return is_duration(offset) and later(_SOME_DAY, offset) <= later(_SOME_DAY, _LONGEST)


def _is_activity(action: Json) -> bool:
    reference = Reference.parse(action.get("definitionCanonical", ""))
    return reference is not None and reference.type == "ActivityDefinition"


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Give every action that one waits for, through others too."""
    found: set[str] = set()
    left = set(graph[start])
    while left:
        each = left.pop()
        found.add(each)
        left |= graph.get(each, set()) - found
    return found


def _problem(detail: str, path: str, text: str) -> Issue:
    return issue("KPRO_ACTION_TRIGGER", detail, f"{path}.extension", text=text)
