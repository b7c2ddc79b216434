"""What a million responses cost to find, to page through, to add to and to export, next to bare SQL.

Run:  make bench-large  (PostgreSQL; takes about a quarter of an hour and 10 GB)
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench._performance import write_section
from bench._responses import nancys_response
from bench.large.exporting import export_apart
from bench.large.load import CITIZENS, DAYS, FIRST_DAY, QUESTIONNAIRES, fill
from kommunalpro.fhir.bundle import link
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES, default_database, migrated_template
from tests.store.cast import BASE, NOW, Store, make_server
from tests.store.cast import fill as cast

METHOD = """
- Search: a citizen's responses, newest first, by `Session.search` from the query to the Bundle, next to the same rows
  by one prepared statement. Both without the AuditEvent, whose cost `make bench room=fhirserver` tells.
- Intersections: two parameters, of values drawn by lot.
- Paging: the first, the hundredth and the last page of what 25,000 responses share.
- PostgreSQL has a quarter of the machine's memory (`shared_buffers`), as its manual and ours advise.
- The tables are vacuumed, as PostgreSQL's autovacuum leaves them: an index can then answer without the table.
- Growth: a create with its AuditEvent here, next to one in a store of ten thousand, by turns.
- Export: everything of the type by the worker's own rounds, in a process of its own.
"""
MANY, FEW = 1_000_000, 10_000
RUNS = 100
TYPE = "QuestionnaireResponse"
BARE = """SELECT r.json FROM fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id
WHERE i.type = %s AND i.parameter = %s AND i.value = %s ORDER BY i.last_updated DESC, i.id LIMIT 20"""


def main(arguments: list[str]) -> int:
    """Print what was measured, and as the last line the figures that have a budget."""
    if "postgresql" not in ENGINES:
        print("There is no PostgreSQL here (KOMMUNALPRO_TEST_POSTGRES): run `make bench-large`.")
        return 1
    many = int(arguments[0]) if arguments else MANY
    with _store(FEW) as small, _store(many) as large:
        chance, table = Random(1), [("what", "figure")]
        with default_database(large.url):
            search = _search(large, chance)
            table.append((f"search by citizen of {many:,} responses", f"{search:.2f} × bare SQL"))
            crossed = {name: _slowest(large, draw, chance) for name, draw in CROSSED.items()}
            table += [
                (f"{name}, 50th and 99th percentile", f"{p50:.1f} ms, {p99:.1f} ms")
                for name, (p50, p99) in crossed.items()
            ]
            table += [(name, f"{time:.1f} ms") for name, time in _pages(large)]
        growth = _growth(small, large)
        table.append((f"create at {many:,} responses", f"{growth:.2f} × that at {FEW:,}"))
        export = export_apart(large.url)
        table.append(
            ("export", f"{export.per_second:,.0f} responses a second, {export.megabytes:.0f} MB resident at most")
        )
    for row in table[1:]:
        print(": ".join(row))
    write_section("bench-large", METHOD, table)
    slowest = max(p99 for _, p99 in crossed.values())
    print(
        f"search_ratio={search:.2f} intersection_p99_ms={slowest:.1f} write_growth={growth:.2f}"
        f" export_per_s={export.per_second:.0f}"
    )
    return 0


@contextmanager
def _store(size: int) -> Iterator[Store]:
    with (
        TemporaryDirectory(prefix="kommunalpro-bench-") as directory,
        migrated_template("postgresql", Path(directory)) as template,
        template.copy() as url,
    ):
        store = Store(make_server(), url)
        with default_database(url):
            record_base_url(BASE)
            cast(store)
            started = perf_counter()
            fill(store, size)
            print(f"{size:,} responses in {perf_counter() - started:.0f} s", flush=True)
        yield store


def _search(store: Store, chance: Random) -> float:
    """How many times as long as bare SQL; the two take turns."""
    ours, bare = [], []
    with store.server.session(SYSTEM, now=NOW, only_reads=True) as session:
        for _ in range(RUNS * 3):
            citizen = f"Patient/c{chance.randrange(CITIZENS)}"
            asked = [("subject", f"{BASE}/{citizen}"), ("_sort", "-_lastUpdated")]
            bare.append(_time(lambda citizen=citizen: rows(BARE, (TYPE, "subject", citizen))))
            ours.append(_time(lambda asked=asked: session.search(TYPE, asked)))
    return median(ours[RUNS:]) / median(bare[RUNS:])


Draw = Callable[[Random], list[tuple[str, str]]]


def _citizen(chance: Random) -> tuple[str, str]:
    return "subject", f"Patient/c{chance.randrange(CITIZENS)}"


def _questionnaire(chance: Random) -> tuple[str, str]:
    return "questionnaire", f"{BASE}/Questionnaire/{chance.randrange(QUESTIONNAIRES)}"


def _day(chance: Random) -> tuple[str, str]:
    return "authored", f"ge{FIRST_DAY + timedelta(days=chance.randrange(DAYS))}"


CROSSED: dict[str, Draw] = {
    "citizen and questionnaire": lambda chance: [_citizen(chance), _questionnaire(chance)],
    "citizen and status": lambda chance: [_citizen(chance), ("status", "completed")],
    "questionnaire and status": lambda chance: [_questionnaire(chance), ("status", "amended")],
    "questionnaire and day": lambda chance: [_questionnaire(chance), _day(chance)],
}


def _slowest(store: Store, draw: Draw, chance: Random) -> tuple[float, float]:
    """Give the 50th and the 99th percentile."""
    with store.server.session(SYSTEM, now=NOW, only_reads=True) as session:
        times = sorted(_time(lambda: session.search(TYPE, draw(chance))) for _ in range(RUNS * 2))
    return times[RUNS], times[RUNS * 2 * 99 // 100]


def _pages(store: Store) -> Iterator[tuple[str, float]]:
    asked = [("questionnaire", f"{BASE}/Questionnaire/7"), ("_count", "20"), ("_total", "none")]
    page: list[tuple[str, str]] = []
    times: list[float] = []
    with store.server.session(SYSTEM, now=NOW, only_reads=True) as session:
        for _ in count():
            started = perf_counter()
            answer: Any = session.search(TYPE, [*asked, *page])
            times.append((perf_counter() - started) * 1000)
            cursor = (link(answer, "next") or "").partition("_page=")[2]
            if not cursor:
                break
            page = [("_page", cursor)]
    yield f"pages 1 to 20 of {len(times):,}", median(times[:20])
    yield "pages 100 to 120", median(times[100:120] or times[-20:])
    yield "the last 20 pages", median(times[-21:-1])


def _growth(small: Store, large: Store) -> float:
    """How many times as long a create takes in the large store."""
    seconds, taken = count(3600), {small.url: list[float](), large.url: list[float]()}
    for _ in range(6):
        for store in (small, large):
            with default_database(store.url):
                for _ in range(40):
                    at = NOW + timedelta(seconds=next(seconds))
                    taken[store.url].append(_time(lambda store=store, at=at: store.create(nancys_response(), now=at)))
    return median(taken[large.url][60:]) / median(taken[small.url][60:])


def _time(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
