"""Canonicals: definitions named by their `url`, and by their business version after a bar (`url|version`).

One with a version means exactly the definition that was published with this version first, for ever; one without means
the active one that was written last, of those that the caller may see (R4 references.html#canonical leaves the choice
to the server). A canonical that is the address of a resource here, as FUT's are, is followed as a reference is.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import count
from typing import Any

from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.structure.tables import elements
from kommunalpro.fhirserver.database import Sql, rows, rows_by_key
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.filters import Visible, filter_sql, joined, name_when_deleted
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


_WITH_URL = "fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
_ACTIVE = (
    f"SELECT r.json FROM {_WITH_URL} WHERE i.type = %s AND i.parameter = 'url' AND i.value = %s"
    " AND NOT r.deleted AND ({seen}) ORDER BY r.last_updated DESC, r.id"
)
_VERSIONS = (
    f"SELECT w.id, w.version FROM {_WITH_URL} JOIN fhir_version w ON w.type = r.type AND w.id = r.id"
    f" WHERE i.type = %s AND i.parameter IN ('url', '{name_when_deleted('url')}') AND i.value = %s AND ({{seen}})"
    " AND NOT w.deleted AND {says} ORDER BY w.last_updated, w.id, w.version"
)
_TEXT = "SELECT w.json FROM fhir_version w WHERE w.type = %s AND w.id = %s AND w.version = %s"

Key = tuple[str, int]
"""Id and version."""


def newest(type: str, canonical: str, visible: Visible) -> dict[str, Any] | None:
    """Give what a canonical means, as it was when it had the version that is named, if it has another now or is gone.

    None: nothing is stored so that may be seen.
    """
    url, _, version = canonical.partition("|")
    if version:
        keys = _versions(type, url, visible, says("version", version))
        return meant_by(keys, {"url": url, "version": version}, lambda key: _read(type, key))
    seen, limits = filter_sql(visible(type))
    found = _one_by_one(_ACTIVE.format(seen=seen), (type, url[:LONGEST], *limits))
    return next((each for each in found if _says(each, {"url": url, "status": "active"})), None)


def meant_by(keys: Sequence[Key], wanted: Json, read: Callable[[Key], dict[str, Any]]) -> dict[str, Any] | None:
    """Give what a name means of the versions that may bear it, oldest first; None: none does.

    What was published by it first, as it last was until it took another: it means that for ever, whoever took the name
    since. Where nothing was, its last draft.
    """
    runs, within = _runs(keys), keys
    if len(runs) > 1:
        first = next((key for key in keys if _says(each := read(key), wanted) and is_published(each)), None)
        within = next((run for run in runs if first in run), keys)
    return next((each for key in reversed(within) if _says(each := read(key), wanted)), None)


def published(type: str, said: Json, visible: Visible) -> Iterator[dict[str, Any]]:
    """Give all versions that were published under a url, and say what else is said, oldest first."""
    # Drafts are passed over by their text: there may be many, and what is published holds no draft.
    is_draft, draft = says("status", "draft")
    others = [says(*each) for each in said.items()]
    found = _versions(type, said["url"], visible, joined(" AND ", "TRUE", [(f"NOT ({is_draft})", draft), *others]))
    yield from (each for key in found if _says(each := _read(type, key), said))


def is_published(definition: Json) -> bool:
    """Tell whether others may name it: it is no draft."""
    return definition.get("status") != "draft"


def says(name: str, value: str) -> Sql:
    """Give the condition that the text of a version `w` may say this: there may be a hundred others, each large.

    SQLite takes patterns of 50,000 bytes: of a longer one the beginning will do.
    """
    text = dumps({name: value}).decode()[1:-1][:LONGEST]
    return "w.json LIKE %s ESCAPE '!'", (f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%",)


def _versions(type: str, url: str, visible: Visible, said: Sql) -> list[Any]:
    """Give the versions of all that has a url, or had when it was deleted, oldest first."""
    seen, limits = filter_sql(visible(type))
    # Of a long address the index has the beginning alone.
    return rows(_VERSIONS.format(seen=seen, says=said[0]), (type, url[:LONGEST], *limits, *said[1]))


def _runs(keys: Sequence[Key]) -> list[list[Key]]:
    """Part versions where a resource had another name between two of them."""
    last: dict[str, list[Key]] = {}
    runs = []
    for id, version in keys:
        if id in last and last[id][-1] == (id, version - 1):
            last[id].append((id, version))
        else:
            runs.append(run := [(id, version)])
            last[id] = run
    return runs


def _says(resource: Json, wanted: Json) -> bool:
    return wanted.items() <= resource.items()


def _read(type: str, key: Key) -> dict[str, Any]:
    found: dict[str, Any] = loads(rows_by_key(_TEXT, (type, *key))[0][0])
    return found


def _one_by_one(statement: str, parameters: tuple[object, ...]) -> Iterator[dict[str, Any]]:
    """Read no more than is asked for: it is large, and mostly the first."""
    for number in count():
        if not (found := rows(f"{statement} LIMIT 1 OFFSET {number}", parameters)):
            return
        yield loads(found[0][0])
