"""When a ServiceRequest asked before its times were changed: kept by the server alone, and read by `timing.py`.

A time holds from when it is set. Who moves 8 o'clock to 18 o'clock moves what is to come: what could be answered
before, was asked for as it stood then, and nobody is told to have missed what nobody had asked for. What is open when
the times are moved is moved with them: the new ones ask for it, also of who had answered already.

Ours, in an extension of ours: the guide tells the times of each version apart (`fut.md` 4.2), but not how one learns
them without reading every version. It is written at each write, by whatever door; what a client says of it is not kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime, to_datetime
from kommunalpro.fhir.extension import complex_extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fut.status_history import active_spans

_OCCURRENCES = ("Timing", "Period", "DateTime")
"""What `occurrence[x]` may be."""


@dataclass(frozen=True, slots=True)
class Era:
    """The times that a request asked for after `since`, up to and with `until`; None: from ever, and for ever.

    `occurrence`: the element as a request has it. `version`: the last that had it; None: the one that it has now.
    """

    occurrence: Json
    version: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, closes: datetime) -> bool:
        """Tell whether a slot that could be answered until then was asked for by these times."""
        return (self.since is None or self.since < closes) and (self.until is None or closes <= self.until)


def with_timing_history(request: dict[str, Any], previous: Json | None, now: datetime) -> dict[str, Any]:
    """Give a request with the history of `previous` (None: it is new), and its times where they change now.

    What was never active has asked for nothing.
    """
    url = ehealth.SERVICEREQUEST_TIMING_HISTORY
    history = list(extensions(previous, url)) if previous else []
    if previous and active_spans(previous) and _occurrence(previous) != _occurrence(request):
        history.append(_entry(previous, now))
    others = [each for each in request.get("extension", ()) if each["url"] != url]
    return {**request, "extension": [*others, *history]} if history or "extension" in request else request


def eras(request: Json) -> list[Era]:
    """Give the times of a request in order, those that it has now as the last."""
    found: list[Era] = []
    since = None
    for entry in extensions(request, ehealth.SERVICEREQUEST_TIMING_HISTORY):
        until = parse_datetime(extension_value(entry, "until"))
        found.append(Era(dict(_kept(entry)), extension_value(entry, "version"), since, until))
        since = until
    return [*found, Era(request, since=since)]


def _occurrence(request: Json) -> dict[str, Any]:
    return {name: request[name] for each in _OCCURRENCES if (name := f"occurrence{each}") in request}


def _entry(previous: Json, now: datetime) -> dict[str, Any]:
    occurrence = [
        {"url": "occurrence", name.replace("occurrence", "value"): each} for name, each in _occurrence(previous).items()
    ]
    return complex_extension(
        ehealth.SERVICEREQUEST_TIMING_HISTORY,
        {"url": "version", "valueId": previous["meta"]["versionId"]},
        {"url": "until", "valueDateTime": to_datetime(now)},
        *occurrence,
    )


def _kept(entry: Json) -> Iterator[tuple[str, Any]]:
    for part in entry["extension"]:
        if part["url"] == "occurrence":
            yield from ((name.replace("value", "occurrence"), each) for name, each in part.items() if name != "url")
