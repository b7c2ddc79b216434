"""What a resolved timing says: a slot has its two ends, and what is of no slot has neither.

It is the same on a measurement, which says which slot it fills, and on a Task, which says which slot it is about.

Source: `fut.md` 1A (ehealth-questionnaireresponse: ehealth-resolved-timing).
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.moments import is_moment

_TYPES = ("Resolved", "Unresolved", "Adhoc", "Extra")


def timing_faults(resource: Json) -> Iterator[str]:
    """Tell, for developers, what the resolved timing of a resource does not keep; one that has none keeps it all."""
    timing = extension(resource, ehealth.RESOLVED_TIMING)
    if timing is None:
        return
    type = (extension_value(timing, "type") or {}).get("coding", [{}])[0].get("code")
    start, end = (extension_value(timing, name) for name in ("start", "end"))
    if type not in _TYPES:
        yield f"type is one of {', '.join(_TYPES)}, not {type}"
    elif type != "Resolved" and (start, end) != (None, None):
        yield f"{type} has neither start nor end"
    elif type == "Resolved" and not (is_moment(start) and is_moment(end)):
        yield "Resolved has a start and an end, each with minutes and a time zone"
    elif type == "Resolved" and parse_datetime(end) < parse_datetime(start):
        yield "start is after end"
