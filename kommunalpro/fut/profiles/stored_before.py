"""What was stored before a rule was asked: let be by whoever does not touch it, so that the rest can be changed.

A citizen who once got two general practitioners can be given a telephone number; who gives them a general practitioner
gives them one. What was not at fault before is judged, and so is all of a definition that is published: others will
build on it. This is of what a resource is by itself; what it may be to others, and who may write it, is always asked.

Ours: the guide says nothing of what was stored by an earlier version of it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.content import status_of
from kommunalpro.fut.profiles.lifecycle import DEFINITIONS

_PLACE = re.compile(r"\w+\.(?P<element>\w+)(?:\[(?P<number>\d+)\])?")
_NUMBERS = re.compile(r"\[\d+\]")
# The server goes on writing these.
_SERVERS = (
    ehealth.CAREPLAN_STATUS_HISTORY,
    ehealth.SERVICEREQUEST_STATUS_HISTORY,
    ehealth.SERVICEREQUEST_TIMING_HISTORY,
    ehealth.TEAM_HISTORY,
)

_Problems = Callable[[Json], Iterable[Issue]]


def new_problems(problems: _Problems, resource: Json, previous: Json | None) -> list[Issue]:
    """Give what is wrong with a resource by itself, without what was so before and is not touched."""
    found = list(problems(resource))
    if not found or previous is None or _is_published(resource, previous):
        return found
    known, new = Counter(_key(each) for each in problems(previous)), []
    for each in found:
        if known[_key(each)] and not _is_touched(each, resource, previous):
            known[_key(each)] -= 1  # what was at fault once does not excuse another that is so now
        else:
            new.append(each)
    return new


def _is_published(resource: Json, previous: Json) -> bool:
    is_active = resource["resourceType"] in DEFINITIONS and status_of(resource) == "active"
    return is_active and status_of(previous) != "active"


def _key(problem: Issue) -> tuple[Any, ...]:
    return problem.coding, problem.diagnostics, _NUMBERS.sub("", problem.expression or "")


def _is_touched(problem: Issue, resource: Json, previous: Json) -> bool:
    """Tell whether the element that is at fault is another than before; where none is named, everything is."""
    place = _PLACE.match(problem.expression or "")
    if place is None:
        return True
    now, before = (_element(each, place["element"]) for each in (resource, previous))
    if place["number"] is None or not isinstance(now, list):
        return bool(now != before)
    return resource[place["element"]][int(place["number"])] not in (before or ())


def _element(resource: Json, name: str) -> Any:
    value = resource.get(name)
    return [each for each in value or () if each.get("url") not in _SERVERS] if name == "extension" else value
