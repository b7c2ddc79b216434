"""The codes of a stored ValueSet, for `:in`: as far as they are enumerated, and refused where they are not."""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.search.filters import Visible, filter_sql

MOST_CODES = 1000


def codes_of(url: str, visible: Visible) -> list[str]:
    """Give `system|code` of every code in the ValueSet with this canonical URL (`url` or `url|version`).

    Raises:
        BadRequest: it is not here, it is not enumerated, or it has too many codes to search by.
    """
    found = _by_url("ValueSet", url, visible)
    if found is None:
        raise BadRequest("Værdisættet findes ikke her.", diagnostics="No such ValueSet here", code="not-found")
    codes = sorted(set(_expanded(found, visible)))
    if not 0 < len(codes) <= MOST_CODES:
        raise BadRequest(
            "Der kan ikke søges i så mange koder.", diagnostics=f"A ValueSet to search by has 1 to {MOST_CODES} codes"
        )
    return codes


def _expanded(value_set: Json, visible: Visible) -> Iterator[str]:
    if "expansion" in value_set:
        yield from _contained(value_set["expansion"].get("contains", ()))
        return
    compose = value_set.get("compose", {})
    if compose.get("exclude") or any({"filter", "valueSet"} & set(each) for each in compose.get("include", ())):
        raise _not_enumerated()
    for include in compose.get("include", ()):
        concepts = include.get("concept") or _whole_system(include.get("system", ""), visible)
        yield from (f"{include.get('system', '')}|{code}" for code in _codes(concepts))


def _contained(entries: object) -> Iterator[str]:
    for each in entries if isinstance(entries, list) else ():
        if "code" in each and not each.get("abstract"):
            yield f"{each.get('system', '')}|{each['code']}"
        yield from _contained(each.get("contains"))


def _whole_system(url: str, visible: Visible) -> object:
    system = _by_url("CodeSystem", url, visible)
    if system is None or system.get("content") != "complete":
        raise _not_enumerated()
    return system.get("concept", [])


def _codes(concepts: object) -> Iterator[str]:
    for each in concepts if isinstance(concepts, list) else ():
        yield each["code"]
        yield from _codes(each.get("concept"))


def _by_url(type: str, canonical: str, visible: Visible) -> Json | None:
    """Give the newest that is stored under this URL, and has this version where one is named."""
    url, _, version = canonical.partition("|")
    seen, limits = filter_sql(visible(type))
    sql = (
        "SELECT r.json FROM fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
        f" WHERE i.type = %s AND i.parameter = 'url' AND i.value = %s AND NOT r.deleted AND ({seen})"
        " ORDER BY r.last_updated DESC, r.id"
    )
    found = (loads(text) for (text,) in rows(sql, (type, url, *limits)))
    return next((each for each in found if version in ("", each.get("version"))), None)


def _not_enumerated() -> BadRequest:
    return BadRequest("Værdisættet kan ikke foldes ud her.", diagnostics="The ValueSet is not enumerated here")
