"""Pages while others write: every row comes once, wherever it moves to."""

from base64 import urlsafe_b64decode
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.database import change
from kommunalpro.fhirserver.migrations import _online
from kommunalpro.fhirserver.pages import query_of
from kommunalpro.fhirserver.search import moved, run
from tests.databases import ENGINES
from tests.people import NANCY
from tests.resources import organization
from tests.store.cast import NOW, ids, query

ORDERS = ("_lastUpdated", "-_lastUpdated", "name", "-name", "-name,_lastUpdated", "_id")

# What somebody else does between two pages: to which row, how many seconds after the first page it says it was, and
# the row's new name. A writer that began before the page was read, and commits after it, says a time before it.
writes = st.tuples(st.integers(0, 6), st.sampled_from((-4, -1, 1, 30)), st.sampled_from("AGM"))


def next_page(store, order, count, now, cursor=None):
    page = [("_page", cursor)] if cursor else []
    answer = store.search("Organization", ("_sort", order), ("_count", str(count)), *page, now=now)
    return ids(answer), (link(answer, "next") or "").partition("_page=")[2]


@contextmanager
def emptied():
    """Each example begins with an empty store. What the first page saw, only what is committed can tell."""
    yield
    for table in ("fhir_resource", "fhir_version", "fhir_index"):
        change(f"DELETE FROM {table}")  # noqa: S608  (our own names)


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.sampled_from("BFKZ"), min_size=3, max_size=7),
    before=st.lists(writes, max_size=3),
    meanwhile=st.lists(st.lists(writes, max_size=3), min_size=6, max_size=6),
    order=st.sampled_from(ORDERS),
    count=st.integers(1, 3),
    most=st.sampled_from((run.MOST_TEXT, 1500)),
)
def test_a_row_that_is_written_meanwhile_comes_once_like_every_other(
    store, names, before, meanwhile, order, count, most
):
    with emptied(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "MOST_TEXT", most)
        made = [
            store.create(organization(name), id=f"o{n}", now=NOW - timedelta(hours=1)) for n, name in enumerate(names)
        ]

        def write(many):
            for number, seconds, name in many:
                id = made[number % len(made)]["id"]
                store.update({**organization(name), "id": id}, now=NOW + timedelta(seconds=seconds))

        write([(number, -abs(seconds), name) for number, seconds, name in before])
        seen, cursor = next_page(store, order, count, NOW)
        for between in (*meanwhile, *([()] * 10)):
            if not cursor:
                break
            write(between)
            page, cursor = next_page(store, order, count, NOW + timedelta(seconds=40), cursor)
            seen += page
        assert sorted(seen) == sorted(each["id"] for each in made)


def test_a_page_of_large_resources_holds_fewer_and_the_next_goes_on(store, monkeypatch):
    """A thousand of the largest would take all the memory there is: no more are read than the page holds."""
    given, rows = [], run.rows
    monkeypatch.setattr(run, "rows", lambda *asked: given.append(found := rows(*asked)) or found)
    large = [{**organization("Nord"), "alias": ["x" * 1_000_000] * 3} for _ in range(5)]
    made = sorted(store.create(each)["id"] for each in large)
    seen, cursor = next_page(store, "_id", 1000, NOW)
    assert seen == made[:2]
    while cursor:
        page, cursor = next_page(store, "_id", 1000, NOW, cursor)
        seen += page
    assert seen == made
    assert max(len(str(each)) for each in given) < run.MOST_TEXT


@pytest.mark.parametrize("order", ["_lastUpdated", "-_lastUpdated", "name"])
def test_what_is_made_meanwhile_does_not_come_twice_either(store, order):
    for number in range(5):
        store.create(organization(f"Team {number}"), id=f"o{number}")
    seen, cursor = next_page(store, order, 2, NOW)
    for number in range(5, 30):
        if not cursor:
            break
        if number < 9:
            at = NOW + timedelta(seconds=number)
            store.create(organization(f"Team {number % 3}"), id=f"o{number}", now=at)
            store.update({**organization("Aa"), "id": f"o{number}"}, now=at + timedelta(milliseconds=1))
        page, cursor = next_page(store, order, 2, NOW + timedelta(minutes=1), cursor)
        seen += page
    assert cursor == "", "the pages come to an end"
    assert len(seen) == len(set(seen))
    assert {f"o{number}" for number in range(5)} <= set(seen)


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_written_while_a_page_is_read_comes_once(store, monkeypatch, order):
    """A page is read in two statements, and a write may be committed between them."""
    for number in range(6):
        store.create(organization(f"Team {number}"), id=f"o{number}")
    seen, cursor = next_page(store, order, 2, NOW)
    find = run.moved

    def after_a_write(*given):
        for number in range(6):
            store.update({**organization("Aa"), "id": f"o{number}"}, now=NOW + timedelta(seconds=20))
        return find(*given)

    monkeypatch.setattr(run, "moved", after_a_write)
    for _ in range(4):
        page, cursor = next_page(store, order, 2, NOW + timedelta(seconds=40), cursor) if cursor else ([], "")
        seen += page
    assert sorted(seen) == [f"o{number}" for number in range(6)]


def test_a_row_that_no_longer_matches_is_left_out_and_one_that_was_deleted_too(store):
    for number in range(4):
        store.create(organization("Team"), id=f"o{number}", now=NOW - timedelta(hours=1))
    seen, cursor = next_page(store, "_id", 1, NOW)
    store.delete("Organization", "o1", now=NOW + timedelta(seconds=1))
    store.update({**organization("Team"), "id": "o2", "active": False}, now=NOW + timedelta(seconds=1))
    rest, _ = next_page(store, "_id", 5, NOW + timedelta(seconds=2), cursor)
    assert (seen, rest) == (["o0"], ["o2", "o3"])


@pytest.mark.parametrize("order", ORDERS)
def test_what_a_transaction_wrote_before_it_searched_stands_where_it_wrote_it(store, order):
    for number in range(6):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=1))
    with transaction.atomic():
        for number in range(4):
            store.update({**organization("AGM"[number % 3]), "id": f"o{number}"}, now=NOW)
        seen, cursor = next_page(store, order, 2, NOW)
    while cursor:
        page, cursor = next_page(store, order, 2, NOW, cursor)
        seen += page
    assert sorted(seen) == [f"o{number}" for number in range(6)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_a_database_that_was_restored_from_a_copy_loses_no_row(store, order):
    """Its versions bear the numbers of transactions of another, which are still to come here."""
    for number in range(6):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=2))
        store.update({**organization("AGM"[number % 3]), "id": f"o{number}"}, now=NOW - timedelta(hours=1))
    change("UPDATE fhir_version SET xact = '9000000000'")
    seen, cursor = next_page(store, order, 2, NOW)
    store.update({**organization("A"), "id": "o5"}, now=NOW + timedelta(seconds=1))
    while cursor:
        page, cursor = next_page(store, order, 2, NOW + timedelta(seconds=2), cursor)
        seen += page
    assert sorted(seen) == [f"o{number}" for number in range(6)]


@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_a_database_of_before_is_altered_as_soon_as_nobody_reads_what_is_altered(store, monkeypatch):
    change("ALTER TABLE fhir_version DROP COLUMN xact")
    store.create(organization("B"), id="o0")
    reader = psycopg.connect(store.url)
    reader.execute("SELECT count(*) FROM fhir_version")
    monkeypatch.setattr(_online, "sleep", lambda _: reader.close())
    with connection.schema_editor(atomic=False) as editor:
        import_module("kommunalpro.fhirserver.migrations.0011_seen").add(None, editor)
    assert reader.closed, "it gave way, and came again"
    store.create(organization("B"), id="o1")
    assert query("SELECT id, xact IS NULL FROM fhir_version ORDER BY id") == [("o0", True), ("o1", False)]


def test_a_link_is_one_that_proxies_take_though_hundreds_were_writing_when_the_first_page_was_read(store):
    running = ",".join(str(10**9 + number) for number in range(400))
    cursor = run.Cursor(("Andersen", "01a2205c-90de-7c1e-8e21-5d3f0c1a2b3c"), 10**15, f"{10**9}:{2 * 10**9}:{running} ")
    assert len(store.server.pages.write("Patient?_sort=family", cursor.to_json())) < 7_500


def test_a_link_holds_nothing_that_its_reader_can_read(clinic):
    """The order may be by what is secret."""
    page = link(clinic.search("Patient", ("_sort", "identifier"), ("_count", "1")), "next").partition("_page=")[2]
    assert NANCY.cpr.encode() not in urlsafe_b64decode(page + "==")
    assert NANCY.cpr in str(clinic.server.pages.read(query_of("Patient", [("_sort", "identifier")]), page))


def test_who_reads_on_while_everything_is_written_is_told_to_begin_anew(store, monkeypatch):
    monkeypatch.setattr(moved, "MOST_MOVED", 3)
    for number in range(4):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=1))
    _, cursor = next_page(store, "_id", 1, NOW)
    for number in range(3):
        store.update({**organization("C"), "id": f"o{number}"}, now=NOW + timedelta(seconds=1))
    assert next_page(store, "_id", 1, NOW, cursor)[0] == ["o1"]
    store.update({**organization("C"), "id": "o3"}, now=NOW + timedelta(seconds=1))
    with pytest.raises(BadRequest) as refused:
        next_page(store, "_id", 1, NOW, cursor)
    assert refused.value.issues[0].code == "too-costly"


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("since", [-3600, 1], ids=["before", "meanwhile"])
def test_a_row_that_is_written_often_counts_once(store, monkeypatch, order, since):
    """As one that a device writes every minute: whoever pages when it writes again reads on."""
    monkeypatch.setattr(moved, "MOST_MOVED", 2)
    for number in range(4):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=2))
    written = [{**organization(f"C{number}"), "id": "o2"} for number in range(6)]
    if since < 0:
        for number, each in enumerate(written):
            store.update(each, now=NOW + timedelta(seconds=since + number))
    seen, cursor = next_page(store, order, 1, NOW)
    for number, each in enumerate(written):
        store.update(each, now=NOW + timedelta(seconds=1 + number))
    while cursor:
        page, cursor = next_page(store, order, 1, NOW + timedelta(minutes=1), cursor)
        seen += page
    assert sorted(seen) == [f"o{number}" for number in range(4)]


@pytest.mark.parametrize(("order", "texts"), [("_lastUpdated", 1), ("_id", 1), ("name", 4 + 1)])
def test_of_what_moved_only_what_the_page_holds_is_read(store, monkeypatch, order, texts):
    """A page of one; by name, what each was called when the first page was read as well."""
    for number in range(5):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=2))
        for minute in range(1, 9):
            store.update({**organization("B"), "id": f"o{number}"}, now=NOW - timedelta(minutes=minute))
    _, cursor = next_page(store, order, 1, NOW)
    for number in range(1, 5):
        store.update({**organization("B"), "id": f"o{number}"}, now=NOW + timedelta(seconds=1))
    read = []
    for module in (moved, run):
        for name in ("rows", "rows_by_key"):
            given = getattr(module, name)
            monkeypatch.setattr(module, name, lambda *asked, given=given: read.extend(found := given(*asked)) or found)
    next_page(store, order, 1, NOW + timedelta(minutes=1), cursor)
    assert sum(str(value).startswith("{") for row in read for value in row) == texts


@pytest.mark.parametrize("order", ORDERS)
def test_a_danish_database_loses_no_row_whose_id_has_an_aa_in_it(store, order):
    made = ["3e9f", "3ea6", "3eaa", "3ead", "3ebe", "3ec4", "3ed0"]
    for id in made:
        store.create(organization("B"), id=id)
    seen, cursor = next_page(store, order, 2, NOW)
    while cursor:
        page, cursor = next_page(store, order, 2, NOW, cursor)
        seen += page
    assert sorted(seen) == made
