"""What comes along with the matches of a search: what they refer to, and what refers to them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import Sql, in_parts, is_postgresql, placeholders, rows, rows_by_key, size_sql
from kommunalpro.fhirserver.search.filters import Visible, filter_sql
from kommunalpro.fhirserver.search.links import Links
from kommunalpro.fhirserver.search.query import Include
from kommunalpro.fhirserver.sizes import MOST_ALONG, Room
from kommunalpro.fhirserver.unindexing import NAMED

MOST_INCLUDED = 5000
"""Resources that may come along with one page."""

Key = tuple[str, str]
"""Type and id."""
Stored = tuple[str | None, int]
"""The text of a resource, None where it was too much to read, and its bytes."""


def room_along() -> Room:
    """Give the room that there is for what comes along with one page."""
    return Room(MOST_ALONG, f"More than {MOST_ALONG} bytes would be included: ask for a smaller _count")


def included(
    matches: Sequence[Json], includes: Sequence[Include], links: Links, room: Room
) -> Iterator[dict[str, Any]]:
    """Give what comes along, each once, as far as it may be seen; what matches itself does not come along as well.

    Raises:
        BadRequest: it is more than one answer should hold.
    """
    there = {_key(each) for each in matches}
    beside = set(there)
    wanted = list(includes)
    while beside and wanted:
        before, beside = beside, set()
        for text, size in (each for include in wanted for each in _one_link(include, before, links)):
            each = loads(text or room.refuse())
            if _key(each) not in there:
                room.take(size)
                there.add(_key(each))
                beside.add(_key(each))
                yield each
            # At once: what refers to these may be read no further, nor kept.
            refuse_too_many(len(there) - len(matches))
        wanted = [each for each in includes if each.iterates]


def refuse_too_many(along: int) -> None:
    """Refuse to bring along more than one answer should hold.

    Raises:
        BadRequest: they are too many.
    """
    if along > MOST_INCLUDED:
        raise BadRequest(
            "Svaret bliver for stort.",
            diagnostics=f"More than {MOST_INCLUDED} resources would be included: ask for a smaller _count",
            code="too-costly",
        )


def _one_link(include: Include, keys: Iterable[Key], links: Links) -> Iterator[Stored]:
    ids: dict[str, list[str]] = {}
    for type, id in sorted(keys):
        ids.setdefault(type, []).append(id)
    for type, many in ids.items():
        if include.is_reverse and include.target in ("", type):
            yield from _referring(include, type, many, links)
        elif not include.is_reverse and include.type in ("*", type):
            yield from _visible_of(_referred_to(include, type, many, links), links.visible)


def _referred_to(include: Include, type: str, ids: list[str], links: Links) -> set[str]:
    """Give the index keys (`Type/id`) that rows refer to by one parameter, or by whichever."""
    named, parameters = _named(include, type)
    found: set[str] = set()
    for some in in_parts(ids):
        among = placeholders(len(some))
        sql = f"SELECT DISTINCT i.value FROM fhir_index i WHERE i.type = %s AND {named} AND i.id IN ({among})"
        found.update(value for (value,) in rows_by_key(sql, (type, *parameters, *some)))
        found.update(links.meant_by(type, include.parameter, some))
    return {each for each in found if not include.target or each.startswith(f"{include.target}/")}


def _named(include: Include, type: str) -> Sql:
    if include.parameter != "*":
        return "i.parameter = %s", (include.parameter,)
    return (NAMED, (type, type)) if is_postgresql() else ("TRUE", ())


def _referring(include: Include, type: str, ids: list[str], links: Links) -> Iterator[Stored]:
    seen, limits = filter_sql(links.visible(include.type))
    for some in in_parts(ids):
        referring, bound = links.ids_of_referring(links.parameters[include.type][include.parameter], type, some)
        yield from rows(
            f"SELECT {_fitting()} FROM fhir_resource r WHERE r.type = %s AND NOT r.deleted AND r.id IN ({referring})"
            f" AND ({seen}) ORDER BY r.id LIMIT {MOST_INCLUDED + 1}",
            (include.type, *bound, *limits),
        )


def _visible_of(keys: Iterable[str], visible: Visible) -> Iterator[Stored]:
    """Give the resources of these keys (`Type/id`) that may be seen; foreign references are nobody's here."""
    by_type: dict[str, list[str]] = {}
    for key in sorted(keys):
        type, slash, id = key.partition("/")
        if slash and type.isalpha() and "/" not in id and "|" not in id:
            by_type.setdefault(type, []).append(id)
    for type, ids in by_type.items():
        seen, limits = filter_sql(visible(type))
        for some in in_parts(ids):
            yield from rows_by_key(
                f"SELECT {_fitting()} FROM fhir_resource r WHERE r.type = %s AND NOT r.deleted"
                f" AND r.id IN ({placeholders(len(some))}) AND ({seen}) ORDER BY r.id",
                (type, *some, *limits),
            )


def _fitting() -> str:
    """Give what is read of rows by their id: the text of as many as may come along, and its size.

    What is there already may be among them and takes no room: as much again is read at most.
    """
    size = size_sql("r.json")
    so_far = f"sum({size}) OVER (ORDER BY r.id ROWS UNBOUNDED PRECEDING)"
    return f"CASE WHEN {so_far} <= {2 * MOST_ALONG} THEN r.json END, {size}"


def _key(resource: Json) -> Key:
    return resource["resourceType"], resource["id"]
