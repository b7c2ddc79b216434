"""What comes along by a reference to a version comes in that version: it is what was meant, whatever has come since.

Source: R4 search.html#include. A canonical with a business version (`…|1.0`) is meant so too. What is not there in the
version that is named does not come. What may have come because it refers (`_revinclude`) comes as it is now, too.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.database import rows_by_key
from kommunalpro.fhirserver.search.paths import finder
from kommunalpro.fhirserver.search.query import Query
from kommunalpro.fhirserver.search.run import Page
from kommunalpro.fhirserver.seeing import is_of_row, version_of

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Key = tuple[str, str]


def in_their_versions(session: "Session", query: Query, page: Page) -> Iterator[dict[str, Any]]:
    """Give what comes along with a page, each in the versions by which it is referred to, and the current one else."""
    named: dict[Key, set[Reference]] = {}
    for reference in _references(session, query, page):
        named.setdefault((reference.type, reference.id), set()).add(reference)
    referring = {include.type for include in query.includes if include.is_reverse}
    for resource in page.included:
        references = named.get((resource["resourceType"], resource["id"]), set())
        versions = {_version(each, resource) for each in references}
        if not versions or resource["resourceType"] in referring:
            versions.add(_current(resource))
        for version in sorted(versions - {""}, key=lambda each: (len(each), each)):
            found = resource if version == _current(resource) else _read(session, resource, version)
            if found is not None:
                yield found


def _references(session: "Session", query: Query, page: Page) -> Iterator[Reference]:
    """Give our own references by which something may have come."""
    for include in query.includes:
        for source in (*page.matches, *(page.included if include.iterates else ())):
            if not include.is_reverse and include.type in ("*", source["resourceType"]):
                yield from own_references(session, source, include.parameter)


def own_references(session: "Session", source: Json, name: str) -> Iterator[Reference]:
    """Give our own references that a resource has where a parameter looks; `*`: where any does."""
    for parameter in session.server.parameters[source["resourceType"]].values():
        if parameter.kind == "reference" and name in ("*", parameter.name):
            for element in (each for path in parameter.paths for each in finder(path)(source)):
                text = element.get("reference") if isinstance(element, dict) else element
                reference = Reference.parse(text) if isinstance(text, str) else None
                if reference and reference.base in (None, session.server.base_url):
                    yield reference


def _version(reference: Reference, resource: Json) -> str:
    """Give the number of the version that is meant; empty when there is none."""
    if reference.business and reference.business == resource.get("version") and not reference.version:
        return _current(resource)
    try:
        return version_of(reference) or _current(resource)
    except NotFound:
        return ""


def _current(resource: Json) -> str:
    return str(resource["meta"]["versionId"])


def _read(session: "Session", resource: Json, version: str) -> dict[str, Any] | None:
    """Give another version of what may be seen, if it may be; None: it may not, or there is none."""
    sql = (
        "SELECT v.json, r.patient, r.episode FROM fhir_version v JOIN fhir_resource r ON r.type = v.type"
        " AND r.id = v.id WHERE v.type = %s AND v.id = %s AND v.version = %s AND NOT v.deleted"
    )
    if not version.isdecimal() or len(version) > 9:
        return None
    for text, *whose in rows_by_key(sql, (resource["resourceType"], resource["id"], int(version))):
        found: dict[str, Any] = loads(text)
        if is_of_row(session, found, *whose):
            return found
    return None
