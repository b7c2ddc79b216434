"""Canonicals: definitions named by their `url`, and by their business version after a bar (`url|version`).

One with a version means exactly the definition that has this version; one without means the active one that was
written last, of those that the caller may see (R4 references.html#canonical leaves the choice to the server). A
canonical that is the address of a resource here, as FUT's are, is followed as a reference is.
"""

from collections.abc import Collection, Iterator
from functools import cache
from itertools import chain, count
from typing import Any

from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.structure.tables import elements
from kommunalpro.fhirserver.database import Sql, rows
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Visible, filter_sql, name_when_deleted
from kommunalpro.fhirserver.search.values import LONGEST, reference_key
from kommunalpro.fhirserver.writer import IndexRow

_NAMING = frozenset({"canonical", "uri"})
NAMED = "_named"
"""What the names of definitions are indexed as, which nobody searches by: their address, `url|version` and `url`."""
BARE = "|"
"""Stands where an interval would end, beside the `url` of an active definition: it is meant where no version is."""


def is_definition(parameters: Collection[str]) -> bool:
    """Tell by the parameters of a type whether what is of it has a `url` and versions."""
    return "url" in parameters and "version" in parameters


@cache
def holds_canonicals(parameter: SearchParameter) -> bool:
    """Tell whether R4 has a canonical, or the uri of a definition, where a reference parameter looks.

    An extension could have one too; those that FUT's searches look into have references.
    """
    return parameter.kind == "reference" and any(_NAMING & _types(parameter.type, path) for path in parameter.paths)


def _types(type: str, path: str) -> frozenset[str]:
    """Give the types of what stands at a path; none below an extension."""
    here = frozenset({type})
    for step in path.split("."):
        name, _, chosen = step.rstrip("]").partition("[")
        if not name.startswith("where("):
            below = (each for of in here if of[:1].isupper() for each in elements(of) if each.path_name == name)
            found = frozenset(word.removeprefix("#").partition("(")[0] for each in below for word in each.types)
            here = found & {chosen} if chosen not in ("", "x") else found
    return here


def name_rows(resource: Json, base_url: str) -> Iterator[IndexRow]:
    """Give the index rows of a definition's names. What is longer than the index has names nothing."""
    yield IndexRow(NAMED, f"{resource['resourceType']}/{resource['id']}")
    url = reference_key(str(resource.get("url", "")), base_url)
    version = resource.get("version")
    if url and version and len(f"{url}|{version}") < LONGEST:
        yield IndexRow(NAMED, f"{url}|{version}")
    if url and resource.get("status") == "active" and len(url) < LONGEST:
        yield IndexRow(NAMED, url, BARE)


def meant_sql(type: str, visible: Visible) -> Sql:
    """Say of an index row `l` of a reference that it means the definition of a type that the row `a` is a name of."""
    seen, limits = filter_sql(visible(type), "n")
    sql = (
        f"a.parameter = '{NAMED}' AND a.value = l.value AND (a.high = '' OR (l.high = '' AND NOT EXISTS ("
        "SELECT 1 FROM fhir_index o JOIN fhir_resource n ON n.type = o.type AND n.id = o.id"
        f" WHERE o.type = a.type AND o.parameter = '{NAMED}' AND o.value = a.value"
        " AND (o.last_updated > a.last_updated OR (o.last_updated = a.last_updated AND o.id < a.id))"
        f" AND NOT n.deleted AND ({seen}))))"
    )
    return sql, limits


_WITH_URL = (
    "fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id{also} WHERE i.type = %s"
    " AND i.parameter = '{url}' AND i.value = %s AND {is_there} AND ({{seen}})"
    " ORDER BY {row}.last_updated DESC, r.id, {row}.version DESC"
)
_THERE, _GONE = ("url", "NOT r.deleted"), (name_when_deleted("url"), "r.deleted")
_OF_R = " JOIN fhir_version w ON w.type = r.type AND w.id = r.id AND w.json LIKE %s ESCAPE '!'"


def _with_url(which: tuple[str, str], also: str, row: str) -> str:
    url, is_there = which
    return f"SELECT {row}.json FROM {_WITH_URL.format(also=also, url=url, is_there=is_there, row=row)}"


_NOW, *_BEFORE = _with_url(_THERE, "", "r"), _with_url(_THERE, _OF_R, "w"), _with_url(_GONE, _OF_R, "w")


def newest(type: str, canonical: str, visible: Visible) -> dict[str, Any] | None:
    """Give what a canonical means, as it was when it had the version that is named, if it has another now or is gone.

    None: nothing is stored so that may be seen.
    """
    url, _, version = canonical.partition("|")
    # Of a long address the index has the beginning alone.
    wanted = {"url": url, **({"version": version} if version else {"status": "active"})}
    seen, limits = filter_sql(visible(type))
    bound = (type, url[:LONGEST], *limits)
    found = _one_by_one(_NOW.format(seen=seen), bound)
    if version:
        before = (_one_by_one(each.format(seen=seen), (_with(version), *bound)) for each in _BEFORE)
        found = chain(found, chain.from_iterable(before))
    return next((each for each in found if wanted.items() <= each.items()), None)


def _with(version: str) -> str:
    """Give a pattern of the text of what has a version: there may be a hundred others, each large, and none with it.

    SQLite takes patterns of 50,000 bytes: of a longer version the beginning will do.
    """
    text = dumps({"version": version}).decode()[1:-1][:LONGEST]
    return f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"


def _one_by_one(statement: str, parameters: tuple[object, ...]) -> Iterator[dict[str, Any]]:
    """Read no more than is asked for: it is large, and mostly the first."""
    for number in count():
        if not (found := rows(f"{statement} LIMIT 1 OFFSET {number}", parameters)):
            return
        yield loads(found[0][0])
