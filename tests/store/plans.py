"""How a database goes about a statement."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from kommunalpro.fhirserver.database import is_postgresql
from tests.store.cast import query


def plan(sql: str, values: Sequence[Any] = (), *, by_index: bool = False) -> str:
    """Give the plan, a step a line. `by_index`: what PostgreSQL's indexes can give.

    With the few rows of a test it would rather read the whole table, and sort it.
    """
    with transaction.atomic():
        for each in ("seqscan", "bitmapscan", "sort") if by_index and is_postgresql() else ():
            # For this transaction alone: others use the connection after it.
            query(f"SET LOCAL enable_{each} = off")
        explain = "EXPLAIN " if is_postgresql() else "EXPLAIN QUERY PLAN "
        return "\n".join(str(row[-1]) for row in query(explain + sql, tuple(values)))
