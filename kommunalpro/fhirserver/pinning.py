"""What comes along by a reference to a version comes in that version: it is what was meant, whatever has come since.

Source: R4 search.html#include. A canonical with a business version (`…|1.0`) is meant so too, be it an address or a
`url`. What is not there in the version that is named does not come; what was deleted since does, for a reference to a
version means it for ever. What may have come because it refers (`_revinclude`) comes as it is now, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.database import in_parts, placeholders, rows_by_key
from kommunalpro.fhirserver.search.canonicals import newest
from kommunalpro.fhirserver.search.filters import filter_sql
from kommunalpro.fhirserver.search.including import refuse_too_many
from kommunalpro.fhirserver.search.links import Links
from kommunalpro.fhirserver.search.paths import finder
from kommunalpro.fhirserver.search.query import Include, Query
from kommunalpro.fhirserver.search.run import Page
from kommunalpro.fhirserver.seeing import is_of_row, version_of

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Key = tuple[str, str]


def in_their_versions(session: "Session", query: Query, page: Page) -> Iterator[dict[str, Any]]:
    """Give what comes along with a page, each in the versions by which it is referred to, and the current one else.

    Raises:
        BadRequest: with all its versions, it is more than one answer should hold.
    """
    there, at_hand = set(), {(*_key(each), _current(each)) for each in page.included}
    for resource in chain(_along(session, query, page), _by_url(session, query, page)):
        if (version := (*_key(resource), _current(resource))) not in there:
            there.add(version)
            if version not in at_hand:
                page.room.take(len(dumps(resource)))
            refuse_too_many(len(there))
            yield resource


def _along(session: "Session", query: Query, page: Page) -> Iterator[dict[str, Any]]:
    named: dict[Key, set[Reference]] = {}
    canonicals: set[str] = set()
    for include, source in _ways(query, page):
        canonicals |= (texts := set(_named(session, source, include.parameter)))
        for reference in _own(session, texts):
            if include.target in ("", reference.type):
                named.setdefault((reference.type, reference.id), set()).add(reference)
    referring = {include.type for include in query.includes if include.is_reverse}
    for resource in page.included:
        versions = {_version(each, resource) for each in named.get(_key(resource), ())}
        url, in_version = _canonicals_of(resource)
        # What a url means in a version comes by `_by_url`: it need not be what bears it now.
        is_meant = url in canonicals or not versions
        if resource["resourceType"] in referring or (is_meant and in_version not in canonicals):
            versions.add(_current(resource))
        yield from _in(session, _key(resource), versions, resource)
    for resource in page.matches:
        # What matches is there as it is now.
        versions = {_version(each, resource) for each in named.get(_key(resource), ())}
        yield from _in(session, _key(resource), versions - {_current(resource)})
    there = {_key(each) for each in (*page.included, *page.matches)}
    yield from _deleted_since(session, {key: many for key, many in named.items() if key not in there})


def _deleted_since(session: "Session", named: Mapping[Key, Iterable[Reference]]) -> Iterator[dict[str, Any]]:
    """Give, of what is named and did not come, the versions that are named of what was deleted and may be seen."""
    ids: dict[str, list[str]] = {}
    for (type, id), references in sorted(named.items()):
        if any(each.version or each.business for each in references):
            ids.setdefault(type, []).append(id)
    for type, many in ids.items():
        seen, limits = filter_sql(session.visible(type))
        for some in in_parts(many):
            sql = (
                f"SELECT r.id FROM fhir_resource r WHERE r.type = %s AND r.id IN ({placeholders(len(some))})"
                f" AND r.deleted AND ({seen}) ORDER BY r.id"
            )
            for (id,) in rows_by_key(sql, (type, *some, *limits)):
                yield from _in(session, (type, id), {_version(each) for each in named[type, id]})


def _in(
    session: "Session", key: Key, versions: set[str], now: dict[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Give what may be seen of these versions; `now`: the current one, where it is at hand."""
    for version in sorted(versions - {""}, key=lambda each: (len(each), each)):
        found = now if now and version == _current(now) else _read(session, key, version)
        if found is not None:
            yield found


def _by_url(session: "Session", query: Query, page: Page) -> Iterator[dict[str, Any]]:
    """Give what is named by its url in a version, which it may have no more; by the same url without one, as well."""
    links = Links(session.server.parameters, session.visible)
    named: dict[tuple[str, str], None] = {}
    for include, source in _ways(query, page):
        for target, _ in links.named_by_canonicals(source["resourceType"], include.parameter):
            if include.target in ("", target):
                texts = _named(session, source, include.parameter)
                named |= {(target, each): None for each in texts if not any(_own(session, [each]))}
    in_versions = {each.partition("|")[0] for _, each in named if "|" in each}
    wanted = (each for each in named if each[1].partition("|")[0] in in_versions)
    yield from filter(None, (newest(*each, session.visible) for each in wanted))


def _ways(query: Query, page: Page) -> Iterator[tuple[Include, Json]]:
    """Give what may have brought something along, with what it may have brought it along with."""
    for include in query.includes:
        for source in (*page.matches, *(page.included if include.iterates else ())):
            if not include.is_reverse and include.type in ("*", source["resourceType"]):
                yield include, source


def own_references(session: "Session", source: Json, name: str) -> Iterator[Reference]:
    """Give our own references that a resource has where a parameter looks; `*`: where any does."""
    return _own(session, _named(session, source, name))


def _own(session: "Session", texts: Iterable[str]) -> Iterator[Reference]:
    for text in texts:
        reference = Reference.parse(text)
        if reference and reference.base in (None, session.server.base_url):
            yield reference


def _named(session: "Session", source: Json, name: str) -> Iterator[str]:
    for parameter in session.server.parameters[source["resourceType"]].values():
        if parameter.kind == "reference" and name in ("*", parameter.name):
            for element in (each for path in parameter.paths for each in finder(path)(source)):
                text = element.get("reference") if isinstance(element, dict) else element
                if isinstance(text, str):
                    yield text


def _version(reference: Reference, now: Json | None = None) -> str:
    """Give the number of the version that is meant; empty when there is none. `now`: the current one, if any."""
    current = _current(now) if now else ""
    if now and reference.business and reference.business == now.get("version") and not reference.version:
        return current
    try:
        return version_of(reference) or current
    except NotFound:
        return ""


def _canonicals_of(resource: Json) -> tuple[str, str]:
    """Give how a definition is named otherwise than by its address."""
    url = str(resource.get("url", ""))
    return url, f"{url}|{resource.get('version', '')}"


def _key(resource: Json) -> Key:
    return resource["resourceType"], resource["id"]


def _current(resource: Json) -> str:
    return str(resource["meta"]["versionId"])


def _read(session: "Session", key: Key, version: str) -> dict[str, Any] | None:
    """Give a version of what may be seen, if it may be; None: it may not, or there is none."""
    sql = (
        "SELECT v.json, r.patient, r.episode FROM fhir_version v JOIN fhir_resource r ON r.type = v.type"
        " AND r.id = v.id WHERE v.type = %s AND v.id = %s AND v.version = %s AND NOT v.deleted"
    )
    if not version.isdecimal() or len(version) > 9:
        return None
    for text, *whose in rows_by_key(sql, (*key, int(version))):
        found: dict[str, Any] = loads(text)
        if is_of_row(session, found, *whose):
            return found
    return None
