"""The entries of a submission: measurements, and Provenances that tell which of them are reused.

They may refer to each other by `fullUrl`; each gets its id before anything is stored.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.outcome import Issue, RuleBroken
from kommunalpro.fhir.structure.uris import with_uris
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurements import MEASUREMENTS

_UUID = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a Bundle, where it stands there, and the id that it gets. `full_url` empty: it has none."""

    path: str
    full_url: str
    resource: Json
    id: str

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])

    @property
    def is_measurement(self) -> bool:
        """Whether it is a measurement, and no Provenance of one."""
        return self.type in MEASUREMENTS


def read_entries(bundle: Json, found: Sequence[Json]) -> list[Entry]:
    """Give the entries in order. `found`: those that hold a resource.

    Raises:
        RuleBroken: it is no transaction of measurements, each with a `urn:uuid:` of its own.
    """
    if bundle.get("type") != "transaction":
        raise RuleBroken(issues=[issue("KPRO_SUBMIT_BUNDLE", "not a transaction", "Bundle.type")])
    if not found:
        raise RuleBroken(issues=[issue("MEASUREMENT_SUBMITMEASUREMENT_EMPTY_INPUT_BUNDLE", "", "Bundle")])
    if len(found) != len(bundle["entry"]):
        raise RuleBroken(issues=[issue("KPRO_SUBMIT_BUNDLE", "an entry holds no resource", "Bundle")])
    problems = [each for number, entry in enumerate(found) for each in _problems(entry, f"Bundle.entry[{number}]")]
    full_urls = [str(entry["fullUrl"]) for entry in found if "fullUrl" in entry]
    if len(set(full_urls)) < len(full_urls):
        problems.append(issue("KPRO_SUBMIT_BUNDLE", "a fullUrl is there twice", "Bundle.entry.fullUrl"))
    if not problems and all(entry["resource"]["resourceType"] == "Provenance" for entry in found):
        name = "MEASUREMENT_SUBMITMEASUREMENT_INPUT_BUNDLE_CONTAINS_NONE_OF_EXPECTED_RESOURCES"
        problems.append(issue(name, "", "Bundle"))
    if problems:
        raise RuleBroken(issues=problems)
    return [
        Entry(f"Bundle.entry[{number}].resource", str(entry.get("fullUrl", "")), _lasting(entry["resource"]), new_id())
        for number, entry in enumerate(found)
    ]


def _lasting(resource: Json) -> Json:
    """Let answers be gone through once: the questionnaire's rules ask whether they are R4, and then the store."""
    items = resource.get("item")
    if not isinstance(items, list):
        return resource
    return {**resource, "item": [Lasting(each) if isinstance(each, dict) else each for each in items]}


def _problems(entry: Json, path: str) -> Iterator[Issue]:
    type, full_url = entry["resource"].get("resourceType"), entry.get("fullUrl")
    if type not in (*MEASUREMENTS, "Provenance"):
        name = "MEASUREMENT_SUBMITMEASUREMENT_INPUT_BUNDLE_CONTAINS_INVALID_RESOURCES"
        yield issue(name, str(type), path)
    elif not str(full_url).startswith(_UUID) and (type != "Provenance" or full_url is not None):
        yield issue("KPRO_SUBMIT_BUNDLE", "fullUrl must be a urn:uuid:", path)


def others(entries: Sequence[Entry], entry: Entry) -> Container[str]:
    """Give what an entry may refer to within the Bundle."""
    return {each.full_url for each in entries if each is not entry and each.full_url}


def resolved(entries: Sequence[Entry], base_url: str) -> list[tuple[str, dict[str, Any]]]:
    """Give (id, resource) of each, which refer to each other by the addresses that they get."""
    if len(entries) == 1:
        return [(each.id, dict(each.resource)) for each in entries]
    addresses = {each.full_url: f"{base_url}/{each.type}/{each.id}" for each in entries if each.full_url}
    return [(each.id, _at(each.resource, addresses)) for each in entries]


def _at(resource: Json, addresses: Mapping[str, str]) -> dict[str, Any]:
    return with_uris(resource, lambda url: addresses.get(url, url))
