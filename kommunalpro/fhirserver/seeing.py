"""Current rows as far as somebody may know of them: the filter of access stands inside each statement."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import Everything, Filter
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.database import NoLongerSo, Row, Sql, in_parts, placeholders, rows_by_key
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.search.canonicals import meant_by, says
from kommunalpro.fhirserver.search.filters import filter_sql
from kommunalpro.fhirserver.stamp import Stamp

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

Key = tuple[str, str]
"""Type and id."""


def read_current(session: "Session", key: Key, *, also_deleted: bool = False, to_write: bool = False) -> Current:
    """Give the current row; `to_write`: also what this user may only write.

    Raises:
        NotFound: there is none, or this user may not know of it.
        Gone: it was deleted, and is not wanted then.
    """
    session.check_type(key[0])
    session.look_for(key[0])
    sql, parameters = filter_sql(session.visible(key[0], to_write=to_write))
    found = rows_by_key(
        "SELECT r.json, r.version, r.last_updated, r.patient, r.deleted FROM fhir_resource r"
        f" WHERE r.type = %s AND r.id = %s AND ({sql})",
        (*key, *parameters),
    )
    if not found:
        raise not_found(key[0])
    *row, is_deleted = found[0]
    if is_deleted and not also_deleted:
        raise gone(key[0])
    return Current(*row)


def find_unseen(session: "Session", keys: Sequence[Key]) -> list[Key]:
    """Give those of these resources that this user may not know of, or that are not here.

    Who may know of everything is not asked, unless it is somebody from outside: the server itself knows what is here.
    The rest is read in one statement for some hundred, and need not be read again.
    """
    is_held = session.known.held is session.principal
    asked = [key for key in keys if not (is_held and key in session.known.seen)]
    limits = {type: session.visible(type, to_write=True) for type in dict.fromkeys(type for type, _ in asked)}
    with_limits = [(key, limits[key[0]]) for key in asked]
    limited = [(key, limit) for key, limit in with_limits if session.is_outside or not isinstance(limit, Everything)]
    found = _read_within(session, limited)
    return [key for key, _ in limited if key not in found]


def find_unmet(session: "Session", wanted: Sequence[tuple[Key, Filter]]) -> list[Key]:
    """Give those of these resources that are not there now, or not within their filter; whoever asks.

    They are read in one statement, and need not be read again: nor looked at, where the filter is the user's own.
    """
    found = _read_within(session, wanted)
    met = [(key, limit) for key, limit in wanted if found.get(key, False)]
    session.known.seen.update(key for key, limit in met if limit == session.visible(key[0], to_write=True))
    return [key for key, _ in wanted if not found.get(key, False)]


def confirm(session: "Session") -> None:
    """Look whether what was presumed is so.

    Raises:
        NoLongerSo: it is not.
    """
    if (presumed := presumed_sql(session)) and not rows_by_key(f"SELECT 1 WHERE {presumed[0]}", presumed[1]):
        raise NoLongerSo


def presumed_sql(session: "Session") -> Sql | None:
    """Give the condition under which what was presumed is so; None: nothing was."""
    return filter_sql(session.known.presumed) if session.known.presumed else None


def _read_within(session: "Session", limited: Sequence[tuple[Key, Filter]]) -> dict[Key, bool]:
    """Read what is within its filter, so that it is at hand; gives whether it is current, of what is."""
    if not limited:
        return {}
    session.look_for(None)
    found: dict[Key, bool] = {}
    for some in in_parts(list(dict.fromkeys(limited))):
        for type, id, text, version, last_updated, is_deleted in rows_by_key(*_within(some)):
            found[type, id] = not is_deleted
            if not is_deleted:
                session.known.rows[type, id] = Current(text, version, last_updated)
    return found


def _within(limited: Sequence[tuple[Key, Filter]]) -> Sql:
    """Give the statement for what is within its filter, which stands there once for all that have the same."""
    alike: dict[tuple[str, Filter], list[str]] = {}
    for (type, id), limit in limited:
        alike.setdefault((type, limit), []).append(id)
    which: list[str] = []
    bound: list[object] = []
    for (type, limit), ids in alike.items():
        sql, parameters = filter_sql(limit)
        those = "= %s" if len(ids) == 1 else f"IN ({placeholders(len(ids))})"
        which.append(f"(r.type = %s AND r.id {those} AND ({sql}))")
        bound += (type, *ids, *parameters)
    columns = "r.type, r.id, r.json, r.version, r.last_updated, r.deleted"
    return f"SELECT {columns} FROM fhir_resource r WHERE {' OR '.join(which)}", tuple(bound)


def read_together(session: "Session", keys: Sequence[Key]) -> None:
    """Read current rows together, whoever asks, so that they are at hand; what is not there is passed over."""
    wanted = sorted({key for key in keys if key not in session.known.rows})
    for type in dict.fromkeys(type for type, _ in wanted):
        session.look_for(type)
    for some in in_parts(wanted):
        ids = {type: [id for _, id in alike] for type, alike in groupby(some, key=itemgetter(0))}
        which = " OR ".join(f"(type = %s AND id IN ({placeholders(len(each))}))" for each in ids.values())
        sql = f"SELECT type, id, json, version, last_updated FROM fhir_resource WHERE ({which}) AND NOT deleted"
        bound = [each for type, alike in ids.items() for each in (type, *alike)]
        for type, id, *current in rows_by_key(sql, bound):
            session.known.rows[type, id] = Current(*current)


def read_referred(session: "Session", keys: Sequence[Key], by: Sequence[tuple[str, str]]) -> list[Current]:
    """Read current rows of one type so that they are at hand, and give what refers to them, newest first; whoever asks.

    `by`: the types of what refers to them, and the parameter by which each is found. One statement for some hundred,
    where a search would first count how many there are; none, where it has been asked before.
    """
    asked = tuple(keys), tuple(by)
    if asked not in session.known.referred:
        session.known.referred[asked] = _referred(session, keys, by)
    return session.known.referred[asked]


def _referred(session: "Session", keys: Sequence[Key], by: Sequence[tuple[str, str]]) -> list[Current]:
    found: dict[Key, Current] = {}
    referring = {type for type, _ in by}
    for type in (*referring, *(type for type, _ in keys[:1])):
        session.look_for(type)
    for some in in_parts([id for _, id in keys]):
        names, here = placeholders(len(some)), keys[0][0]
        current = "SELECT r.type, r.id, r.json, r.version, r.last_updated FROM fhir_resource r WHERE NOT r.deleted AND"
        refers = (
            f" UNION ALL {current} r.type = %s AND r.id IN (SELECT i.id"
            f" FROM fhir_index i WHERE i.type = %s AND i.parameter = %s AND i.value IN ({names}))"
        )
        sql = f"{current} r.type = %s AND r.id IN ({names}){refers * len(by)}"
        values = [f"{here}/{id}" for id in some]
        bound = (here, *some, *(each for type, parameter in by for each in (type, type, parameter, *values)))
        for row_type, id, *row in rows_by_key(sql, bound):
            read = session.known.rows[row_type, id] = Current(*row)
            if row_type in referring:
                found[row_type, id] = read
    return [each for _, each in sorted(found.items(), key=lambda each: (-each[1].last_updated, each[0][1]))]


def is_of_row(session: "Session", version: Json, patient: str, episode: str) -> bool:
    """Tell whether who may know of a row may know of a version of it: whose it was then, the row is now.

    What was about somebody else before it was corrected stays with them. `patient` and `episode` are the row's.
    """
    if isinstance(session.visible(version["resourceType"]), Everything):
        return True
    owner = session.server.rules.owner(version)
    return (owner.patient or "", owner.episode or "") == (patient, episode)


def read_stamp(
    session: "Session",
    key: Key,
    *,
    referring: tuple[str, str] | None = None,
    beside: tuple[str, str, int] | None = None,
) -> Stamp:
    """Tell which version is the current one, whoever asks; `referring`: with those of what refers to it, as below.

    `beside`: with the stamp of a version of something of another type, by its number; none where there is no such.

    Raises:
        NotFound: there is none.
        Gone: it was deleted.
    """
    if key not in session.known.stamps:
        asked: list[tuple[str, Sequence[object]]] = [(f"{_STAMPS} r.type = %s AND r.id = %s", key)]
        asked += [(_REFERRING, _referring(key, referring))] if referring else []
        asked += [(_PINNED, beside)] if beside else []
        for type in (key[0], *(referring or ())[:1], *(beside or ())[:1]):
            session.look_for(str(type))
        sql = " UNION ALL ".join(each for each, _ in asked)
        found = rows_by_key(sql, [each for _, bound in asked for each in bound])
        if referring:
            _note_stamps(session, (key, referring), [row for row in found if row[0] == referring[0]])
        for row in found if beside else ():
            if row[:3] == beside and not row[4]:
                session.known.pinned[beside] = _stamp(session, row[:2], row[2], row[3])
        version, last_updated, is_deleted, patient = next((row[2:] for row in found if row[:2] == key), (None,) * 4)
        if version is None:
            raise not_found(key[0])
        if is_deleted:
            raise gone(key[0])
        stamp = session.known.stamps[key] = _stamp(session, key, version, last_updated)
        session.trail.touch(patient, stamp.url)
    return session.known.stamps[key]


def read_stamps_referring(session: "Session", key: Key, by: tuple[str, str]) -> list[Stamp]:
    """Tell which versions of what refers to a resource are the current ones, newest first, whoever asks.

    `by`: the type of what refers to it, which is about no patient, and the parameter by which it is found.
    """
    if (key, by) not in session.known.referring:
        session.look_for(by[0])
        _note_stamps(session, (key, by), rows_by_key(_REFERRING, _referring(key, by)))
    return session.known.referring[key, by]


_STAMPS = "SELECT r.type, r.id, r.version, r.last_updated, r.deleted, r.patient FROM fhir_resource r WHERE"
_REFERRING = (
    f"{_STAMPS} NOT r.deleted AND r.type = %s AND r.id IN"
    " (SELECT i.id FROM fhir_index i WHERE i.type = %s AND i.parameter = %s AND i.value = %s)"
)


_PINNED = (
    "SELECT v.type, v.id, v.version, v.last_updated, v.deleted, '' FROM fhir_version v"
    " WHERE v.type = %s AND v.id = %s AND v.version = %s"
)


def _referring(key: Key, by: tuple[str, str]) -> tuple[str, ...]:
    return by[0], *by, "/".join(key)


def _note_stamps(session: "Session", asked: tuple[Key, tuple[str, str]], found: list[Row]) -> None:
    newest = sorted(found, key=lambda row: (-row[3], row[1]))
    session.known.referring[asked] = [_stamp(session, (row[0], row[1]), row[2], row[3]) for row in newest]


def _stamp(session: "Session", key: Key, version: int, last_updated: int) -> Stamp:
    url = f"{session.server.base_url}/{'/'.join(key)}/_history/{version}"
    return Stamp(url, to_instant(from_microseconds(last_updated)))


def is_alone_in_its_second(resource: Json) -> bool:
    """Tell whether the version before this one was written in another second, or there is none."""
    sql = (
        "SELECT 1 FROM fhir_version v"
        " JOIN fhir_version b ON b.type = v.type AND b.id = v.id AND b.version = v.version - 1"
        " WHERE v.type = %s AND v.id = %s AND v.version = %s AND v.last_updated / 1000000 = b.last_updated / 1000000"
    )
    return not rows_by_key(sql, (resource["resourceType"], resource["id"], int(resource["meta"]["versionId"])))


_IN_VERSION = (
    "SELECT w.version, w.json FROM fhir_version w WHERE w.type = %s AND w.id = %s AND NOT w.deleted AND {says}"
    " ORDER BY w.version"
)


def version_of(wanted: Reference) -> str | None:
    """Give the version that a reference is pinned to; None: it means the current one.

    Of a canonical with a business version (`…|1.0`), what was published with it, as `search/canonicals.py` has it.

    Raises:
        NotFound: no version bears it.
    """
    if wanted.version or not wanted.business:
        return wanted.version
    sql, pattern = says("version", wanted.business)
    found: dict[int, str] = dict(rows_by_key(_IN_VERSION.format(says=sql), (wanted.type, wanted.id, *pattern)))
    keys = [(wanted.id, version) for version in found]
    if meant := meant_by(keys, {"version": wanted.business}, lambda key: loads(found[key[1]])):
        return str(meant["meta"]["versionId"])
    raise not_found(wanted.type)


def not_found(type: str) -> NotFound:
    """Make the refusal of what does not exist, or may not be known of: the same of both."""
    return NotFound("Det findes ikke, eller du har ikke adgang.", diagnostics=f"No such {type}, or not visible")


def gone(type: str) -> Gone:
    """Make the refusal of what was deleted."""
    return Gone("Det er slettet.", diagnostics=f"{type} was deleted")
