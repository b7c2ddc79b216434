"""What one batch of an export reads: the next rows of a type by id, as they were when the export began.

The filter of access stands inside, as it is now: whoever has left the team since gets nothing more. Of a row that has
become another's since, who may see it now gets nothing of what it was then (`seeing.is_of_row` says the same of one).
"""

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.database import Sql
from kommunalpro.fhirserver.export.jobs import Job, Part
from kommunalpro.fhirserver.export.order import read_filters
from kommunalpro.fhirserver.protocols import Rules
from kommunalpro.fhirserver.search.filters import Visible, filter_sql, joined
from kommunalpro.fhirserver.search.query import QueryReader

# A row that was changed after the export began is read from its versions; AuditEvents have none and never change.
_AS_IT_WAS = """CASE WHEN r.last_updated <= %s THEN r.json ELSE
(SELECT CASE WHEN v.deleted OR v.last_updated < %s THEN NULL ELSE v.json END FROM fhir_version v
WHERE v.type = r.type AND v.id = r.id AND v.last_updated <= %s ORDER BY v.version DESC LIMIT 1) END"""
# With the id of such a row stands whose it is now; no id has a bar in it.
_ID_AND_WHOSE = "CASE WHEN r.last_updated <= %s THEN r.id ELSE r.id || '|' || r.patient || '|' || r.episode END"
_DELETION = (
    """'{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"'"""
    """ || r.type || '/' || r.id || '"}}]}'"""
)


def batch_sql(job: Job, part: Part, queries: QueryReader, visible: Visible, limit: int) -> Sql:
    """Give the statement for (key, text or NULL) of the next rows; fewer than `limit` means that they were the last.

    What the keys are, and which of the texts may be shown: `read_key` and `is_shown`.
    """
    since = job.order.since or 0
    limited = not isinstance(visible(part.type), Everything) and not part.is_deletions
    key: Sql = (_ID_AND_WHOSE, (job.until,)) if limited else ("r.id", ())
    text: Sql = (_DELETION, ()) if part.is_deletions else (_AS_IT_WAS, (job.until, since, job.until))
    conditions: list[Sql] = [
        ("r.type = %s AND r.id > %s AND r.last_updated >= %s", (part.type, part.last, since)),
        _there(job, part),
        filter_sql(visible(part.type)),
    ]
    if job.order.patients_only:
        conditions.append(("r.patient <> ''", ()))
    if not part.is_deletions:
        conditions.append(_filtered(job, part.type, queries, visible))
    where, parameters = joined(" AND ", "TRUE", conditions)
    sql = f"SELECT {key[0]}, {text[0]} FROM fhir_resource r WHERE {where} ORDER BY r.id LIMIT %s"
    return sql, (*key[1], *text[1], *parameters, limit)


def read_key(key: str) -> tuple[str, list[str]]:
    """Give the id in a key, and whose the row is now (patient, episode) when its text is that of an earlier version."""
    id, *whose = key.split("|")
    return id, whose


def is_shown(rules: Rules, text: bytes, whose: list[str]) -> bool:
    """Tell whether a text is about whom the row is about now, whose it is (`read_key`)."""
    if not whose:
        return True
    owner = rules.owner(loads(text))
    return [owner.patient or "", owner.episode or ""] == whose


def _there(job: Job, part: Part) -> Sql:
    if part.is_deletions:
        return "r.deleted AND r.last_updated <= %s", (job.until,)
    return "NOT r.deleted OR r.last_updated > %s", (job.until,)


def _filtered(job: Job, type: str, queries: QueryReader, visible: Visible) -> Sql:
    """A row that one of the type's filters finds; without filters every row."""
    found = read_filters(job.order, type, queries, visible)
    each = [joined(" AND ", "TRUE", [condition.sql for condition in query.conditions]) for query in found]
    return joined(" OR ", "TRUE", each)
