"""What holds for a database for good: the base URL that everything is named by, renaming it, and the index rebuilt."""

from concurrent.futures import ThreadPoolExecutor, wait
from itertools import pairwise

import pytest
from django.db import connection

from kommunalpro.fhirserver import facts
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.facts import WrongBaseUrl, check_base_url, rebase, record_base_url, reindex
from kommunalpro.fhirserver.sealing import seal, verify
from tests.people import ASTA, NANCY
from tests.resources import care_plan, clinical_impression, consent, organization, task, to
from tests.store.cast import BASE, KEY, Store, citizen, ids, make_server, query, staff
from tests.store.others import holding_open
from tests.store.plans import plan

NEW = "https://ny.example/fhir"
_STORED = (
    "SELECT json FROM fhir_resource WHERE type <> 'AuditEvent' UNION ALL SELECT json FROM fhir_version"
    " UNION ALL SELECT result FROM fhir_submission"
)


@pytest.fixture
def full(clinic):
    """The clinic with something of every kind, and a log that is sealed."""
    clinic.create(care_plan("nancy", "nancys", "nord"), id="plan")
    clinic.create(consent("nancy", "nancys"), id="samtykke")
    clinic.create(clinical_impression("nancy", "nancys"), id="vurdering")
    clinic.create(task("nancy", "nancys", focus=to("ClinicalImpression/vurdering")), id="opgave")
    clinic.update(clinic.read("Task", "opgave") | {"status": "accepted"})
    clinic.read("Patient", "nancy", by=citizen(NANCY))
    seal(KEY)
    return clinic


@pytest.fixture
def in_threes(monkeypatch):
    """Batches of three resources, so that a few are many batches."""
    for name in ("_ON_POSTGRESQL", "_ON_SQLITE"):
        monkeypatch.setattr(facts, name, 3)


def index():
    return set(query("SELECT type, id, parameter, value, high, last_updated FROM fhir_index"))


def test_the_first_name_is_recorded_and_stays(store):
    record_base_url(BASE)
    check_base_url(BASE)


def test_a_start_under_another_name_is_refused_and_says_what_to_do(store):
    for check in (check_base_url, record_base_url):
        with pytest.raises(WrongBaseUrl, match=f"^KOMMUNALPRO_FHIR_BASE_URL is .* `kommunalpro rebase {BASE} {NEW}`"):
            check(NEW)


def test_a_database_that_was_never_prepared_is_told(store):
    query("DELETE FROM fhir_fact")
    with pytest.raises(WrongBaseUrl, match="kommunalpro migrate"):
        check_base_url(BASE)


def test_the_index_rebuilt_is_the_index_that_was(full):
    before = index()
    query("DELETE FROM fhir_index WHERE parameter <> 'status'")
    query("UPDATE fhir_index SET value = 'wrong ' || value")
    assert max(reindex(full.server)) == query("SELECT count(*) FROM fhir_resource WHERE NOT deleted")[0][0]
    assert index() == before


def test_rebuilding_goes_on_where_a_batch_ended(full, in_threes):
    before = index()
    steps = list(reindex(full.server))
    assert {after - before for before, after in pairwise([0, *steps])} == {1, 2, 3}
    assert steps[-1] == query("SELECT count(*) FROM fhir_resource WHERE NOT deleted")[0][0]
    assert index() == before


def test_rebuilding_ends_beside_whoever_goes_on_writing(store, in_threes):
    for _ in range(4):
        store.create(organization("gammel"))
    query("UPDATE fhir_index SET value = 'wrong ' || value")
    for step, _ in enumerate(reindex(store.server)):
        store.create(organization("ny"))
        assert step < 20
    assert set(query("SELECT value FROM fhir_index WHERE parameter = 'name'")) == {("gammel",), ("ny",)}


def test_rebuilding_leaves_what_others_have_written_since_it_was_read(store, monkeypatch):
    made, index_of = store.create(organization("gammel")), facts._index

    def index_what_another_writes_then(*given):
        found = index_of(*given)
        if '"gammel"' in given[2]:
            store.update(made | {"name": "ny"}, if_match="1")
        return found

    monkeypatch.setattr(facts, "_index", index_what_another_writes_then)
    list(reindex(store.server))
    assert query("SELECT value FROM fhir_index WHERE id = %s AND parameter = 'name'", (made["id"],)) == [("ny",)]


def test_rebuilding_loses_nothing_that_others_write_meanwhile(store, monkeypatch):
    """Somebody writes while a batch is put in its place: they wait, and theirs stands."""
    made = store.create(organization("gammel"))
    rebuild = facts._replace

    def write():
        try:
            return store.update(made | {"name": "ny"}, if_match="1")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writing = []

        def rebuild_while_another_writes(*given):
            if not writing:
                writing.append(pool.submit(write))
                wait(writing, timeout=0.5)
            rebuild(*given)

        monkeypatch.setattr(facts, "_replace", rebuild_while_another_writes)
        list(reindex(store.server))
        assert writing[0].result(60)["meta"]["versionId"] == "2"
    assert query("SELECT value FROM fhir_index WHERE id = %s AND parameter = 'name'", (made["id"],)) == [("ny",)]


def test_rebuilding_waits_for_whoever_holds_the_index_and_holds_nobody_up_meanwhile(store, monkeypatch):
    """Who stands in the way is a writer that is not done, here; VACUUM stands in it likewise."""
    made = store.create(organization("gammel"))
    [(stored,)] = query("SELECT count(*) FROM fhir_resource WHERE NOT deleted")
    query("UPDATE fhir_index SET value = 'wrong ' || value")
    monkeypatch.setattr(facts, "_PAUSE", 0)
    if not is_postgresql():
        query("PRAGMA busy_timeout = 50")
    rebuilding = reindex(store.server)
    with holding_open(lambda: store.create(organization("under vejs"))):
        assert [next(rebuilding) for _ in range(2)] == [0, 0]
        if is_postgresql():  # SQLite has one writer as it is
            store.update(made | {"name": "ny"}, if_match="1")
    assert list(rebuilding)[-1] == stored
    assert query("SELECT 1 FROM fhir_index WHERE value LIKE %s", ("wrong %",)) == []


def test_rebuilding_waits_at_times_for_so_long_that_autovacuum_is_ended_for_it(store, monkeypatch):
    """Which PostgreSQL does for who has waited for `deadlock_timeout`; SQLite sweeps nothing by itself."""
    if not is_postgresql():
        return
    store.create(organization("gammel"))
    replace, read, waited = facts._replace, "SELECT setting::int FROM pg_settings WHERE name = %s", []
    monkeypatch.setattr(facts, "_PAUSE", 0)
    monkeypatch.setattr(facts, "_PATIENCE", 1)
    monkeypatch.setattr(
        facts, "_replace", lambda *given: waited.append(query(read, ("lock_timeout",))) or replace(*given)
    )
    rebuilding = reindex(store.server)
    with holding_open(lambda: store.create(organization("under vejs"))):
        assert [next(rebuilding) for _ in range(29)] == [0] * 29
    list(rebuilding)
    assert waited[0] > query(read, ("deadlock_timeout",))
    assert waited[1:] == [[(1,)]] * (len(waited) - 1)


def test_what_others_wait_for_is_looked_up_by_its_keys_and_not_in_all_of_its_type(clinic, in_threes, monkeypatch):
    made, rows = [], facts.rows
    monkeypatch.setattr(facts, "rows", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    stored = query("SELECT type, id FROM fhir_resource WHERE NOT deleted ORDER BY type, id")
    list(reindex(clinic.server))
    while_held = [(sql, values) for sql, values in made if "id IN" in sql]
    assert sorted((values[0], id) for _, values in while_held for id in values[1:]) == stored
    if not is_postgresql():  # which chooses by how many rows there are: here few
        assert all("(type=? AND id=?)" in plan(*each) for each in while_held)


def test_everything_gets_the_new_name_every_version_of_it(full):
    rebase(BASE, NEW)
    renamed = Store(make_server(NEW), full.url)
    check_base_url(NEW)
    opgave = renamed.read("Task", "opgave")
    assert opgave["for"]["reference"] == f"{NEW}/Patient/nancy"
    assert renamed.vread("Task", "opgave", "1")["focus"]["reference"] == f"{NEW}/ClinicalImpression/vurdering"
    assert [text for (text,) in query(_STORED) if BASE in text] == []


def test_foreign_names_that_begin_alike_are_left_alone(store):
    made = store.create(organization("x") | {"partOf": to("https://fhir.example/fhirside/Organization/7")})
    rebase(BASE, NEW)
    renamed = Store(make_server(NEW), store.url)
    assert (
        renamed.read("Organization", made["id"])["partOf"]["reference"]
        == "https://fhir.example/fhirside/Organization/7"
    )


def test_searching_finds_the_same_under_the_new_name_before_and_after_rebuilding(full):
    def found(store, base):
        person = staff(ASTA) if base == BASE else ASTA.at(NEW)
        return [
            ids(store.search("Task", ("responsible", f"{base}/CareTeam/nord"), ("status", "accepted"), by=person)),
            ids(store.search("CarePlan", ("care-team", f"{base}/CareTeam/nord"), by=person)),
            ids(store.search("EpisodeOfCare", ("patient", f"{base}/Patient/nancy"), ("condition.code", "DJ44"))),
            len(ids(store.search("AuditEvent", ("patient", f"{base}/Patient/nancy"), ("action", "R")))),
        ]

    before = found(full, BASE)
    assert before[:3] == [["opgave"], ["plan"], ["nancys"]]
    rebase(BASE, NEW)
    renamed = Store(make_server(NEW), full.url)
    after = found(renamed, NEW)
    list(reindex(renamed.server))
    rebuilt = found(renamed, NEW)
    assert after[:3] == rebuilt[:3] == before[:3]
    assert before[3] <= after[3] <= rebuilt[3], "each look adds to the log; none of it is lost"


def test_the_sealed_log_is_not_touched(full):
    rebase(BASE, NEW)
    assert verify(KEY).broken is None


def test_renaming_from_a_name_that_is_not_the_databases_changes_nothing(full):
    with pytest.raises(WrongBaseUrl):
        rebase(NEW, BASE)
    assert full.read("Task", "opgave")["for"]["reference"] == f"{BASE}/Patient/nancy"


def test_renaming_there_and_back_gives_what_was(full):
    before = query("SELECT type, id, json FROM fhir_resource ORDER BY type, id")
    rebase(BASE, NEW)
    rebase(NEW, BASE)
    assert query("SELECT type, id, json FROM fhir_resource ORDER BY type, id") == before
    list(reindex(full.server))
    assert ids(full.search("Task", ("patient", f"{BASE}/Patient/nancy"))) == ["opgave"]
