"""The sealed log: whoever holds the database and not the key cannot rewrite it unseen."""

import hmac
from datetime import timedelta

import pytest

from kommunalpro.fhirserver import sealing
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.facts import reindex
from kommunalpro.fhirserver.sealing import Head, head, seal, verify
from tests.databases import ENGINES
from tests.people import ASTA, NANCY
from tests.store.cast import KEY, NOW, citizen, ids, query, staff
from tests.store.others import at_the_same_time, holding_open, others
from tests.store.plans import plan

WRONG_KEY = bytes(32)


@pytest.fixture
def sealed(clinic):
    """Five events, sealed; gives their ids in order."""
    read(clinic, 5)
    seal(KEY)
    return [audit for (audit,) in query("SELECT audit FROM fhir_seal ORDER BY sequence")]


def read(clinic, times):
    for _ in range(times):
        clinic.read("Patient", "nancy", by=citizen(NANCY))


def test_every_event_is_one_link_and_the_chain_holds(clinic):
    read(clinic, 3)
    first = seal(KEY)
    read(clinic, 2)
    second = seal(KEY)
    assert (first.sequence, second.sequence) == (3, 5)
    verdict = verify(KEY, first)
    assert (verdict.broken, verdict.unsealed, verdict.head) == (None, 0, second)


def test_sealing_again_changes_nothing(clinic, sealed):
    assert seal(KEY) == seal(KEY) == head()


@pytest.mark.parametrize("how", [sealing.seal, lambda _: sealing.count_waiting()], ids=["seal", "count"])
def test_when_nothing_waits_only_the_end_of_the_log_is_looked_at(clinic, sealed, monkeypatch, how):
    """A worker asks every few seconds, however long the log is: through an index, and nothing is sorted or locked."""
    made, rows = [], sealing.rows
    monkeypatch.setattr(sealing, "rows", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    how(KEY)
    plans = [plan(sql, values, by_index=True) for sql, values in made]
    assert not any("Sort" in each or "B-TREE" in each for each in plans)
    # Of the few events of a test PostgreSQL may read all by another index.
    assert "fhir_resource_newest" in plans[1] or is_postgresql()
    assert not any("pg_try" in sql or "r.json" in sql for sql, _ in made)


def test_an_event_that_is_gone_does_not_hide_where_sealing_has_come_to(clinic, sealed):
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[-1],))
    read(clinic, 1)
    assert sealing.count_waiting() == 1
    assert seal(KEY).sequence == 6


def test_an_empty_log_is_whole(store):
    query("DELETE FROM fhir_resource WHERE type = 'AuditEvent'")
    assert verify(KEY) == sealing.Verdict(Head(0, "0" * 64), None, 0)


def test_what_is_not_sealed_yet_is_counted(clinic, sealed):
    read(clinic, 2)
    verdict = verify(KEY)
    assert (verdict.broken, verdict.unsealed) == (None, 2)


def test_a_changed_event_is_named(clinic, sealed):
    text = "UPDATE fhir_resource SET json = replace(json, 'Patient/nancy', 'Patient/tjoern') WHERE id = %s"
    query(text, (sealed[2],))
    assert verify(KEY).broken == f"AuditEvent/{sealed[2]} of link 3 was changed, or the links before it were"


def test_a_removed_event_is_named(clinic, sealed):
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[3],))
    assert verify(KEY).broken == f"AuditEvent/{sealed[3]} of link 4 was removed"


def test_an_event_removed_with_its_link_is_named(clinic, sealed):
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[1],))
    query("DELETE FROM fhir_seal WHERE audit = %s", (sealed[1],))
    assert verify(KEY).broken == "link 2 is missing"


def test_closing_the_gap_afterwards_does_not_help(clinic, sealed):
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[1],))
    query("DELETE FROM fhir_seal WHERE audit = %s", (sealed[1],))
    for number in (3, 4, 5):
        query("UPDATE fhir_seal SET sequence = sequence - 1 WHERE sequence = %s", (number,))
    assert verify(KEY).broken.startswith(f"AuditEvent/{sealed[2]} of link 2 was changed")


def test_an_event_that_somebody_put_in_with_a_link_of_their_own_is_named(clinic, sealed):
    query(
        "INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)"
        " SELECT type, 'forged', version, last_updated, deleted, patient, episode, tag, json"
        " FROM fhir_resource WHERE id = %s",
        (sealed[0],),
    )
    query("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (6, 'forged', %s)", ("f" * 64,))
    assert verify(KEY).broken.startswith("AuditEvent/forged of link 6 was changed")


def test_two_events_cannot_change_places(clinic, sealed):
    query("UPDATE fhir_seal SET audit = 'x' WHERE sequence = 2")
    query("UPDATE fhir_seal SET audit = %s WHERE sequence = 4", (sealed[1],))
    query("UPDATE fhir_seal SET audit = %s WHERE sequence = 2", (sealed[3],))
    assert verify(KEY).broken.startswith(f"AuditEvent/{sealed[3]} of link 2")


def test_two_events_cannot_change_texts(clinic, sealed):
    texts = dict(query("SELECT id, json FROM fhir_resource WHERE type = 'AuditEvent'"))
    for one, other in ((sealed[1], sealed[3]), (sealed[3], sealed[1])):
        query("UPDATE fhir_resource SET json = %s WHERE id = %s", (texts[other], one))
    assert verify(KEY).broken.startswith(f"AuditEvent/{sealed[1]} of link 2 was changed")


@pytest.mark.parametrize("sequence", [0, -7])
def test_a_link_that_somebody_put_in_before_the_first_is_named(clinic, sealed, sequence):
    query("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (%s, 'forged', %s)", (sequence, "f" * 64))
    assert verify(KEY).broken == f"link {sequence} was put in"


def test_an_event_that_somebody_put_in_with_an_old_time_is_named_and_never_sealed(clinic, sealed):
    """One with the time of now is sealed like any other: who may write to the database may write such a one."""
    query(
        "INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)"
        " SELECT type, 'forged', version, last_updated - 3600000000, deleted, patient, episode, tag, json"
        " FROM fhir_resource WHERE id = %s",
        (sealed[0],),
    )
    for _ in range(2):
        assert verify(KEY).broken == "AuditEvent/forged has no link, though newer ones have: it was put in afterwards"
        seal(KEY)


def test_an_event_that_somebody_put_in_and_dated_back_is_never_sealed_and_named_when_time_has_passed(clinic, sealed):
    """By what it says it would be read among those of another day, whatever stands in its row."""
    query(
        "INSERT INTO fhir_resource (type, id, version, last_updated, deleted, patient, episode, tag, json)"
        " SELECT type, 'forged', version, last_updated, deleted, patient, episode, tag, replace(json, %s, '2025')"
        " FROM fhir_resource WHERE id = %s",
        (str(NOW.year), sealed[0]),
    )
    assert seal(KEY) == head()
    clinic.read("Patient", "nancy", by=citizen(NANCY), now=NOW + timedelta(minutes=11))
    assert seal(KEY).sequence == 6
    assert verify(KEY).broken == "AuditEvent/forged has no link, though newer ones have: it was put in afterwards"


@pytest.mark.parametrize(
    "change",
    [
        "last_updated = last_updated - 1",
        "version = 2",
        "deleted = (1 = 1)",
        "patient = ''",
        "patient = 'tjoern'",
        "patient = '', episode = patient",
        "episode = 'other'",
        "tag = 'other'",
    ],
)
def test_an_event_of_which_a_column_was_changed_is_named(clinic, sealed, change):
    """By the columns it is found, and shown to whom it is about."""
    clinic.read("Patient", "nancy")
    seal(KEY)
    [(id, link)] = query(
        "SELECT s.audit, s.sequence FROM fhir_seal s JOIN fhir_resource r ON r.id = s.audit"
        " WHERE r.patient = 'nancy' ORDER BY s.sequence LIMIT 1"
    )
    query(f"UPDATE fhir_resource SET {change} WHERE id = %s", (id,))  # noqa: S608  (our own words)
    assert verify(KEY).broken == f"AuditEvent/{id} of link {link} was changed, or the links before it were"


def test_an_event_that_was_given_another_id_is_named(clinic, sealed):
    query("UPDATE fhir_resource SET id = 'other' WHERE id = %s", (sealed[2],))
    query("UPDATE fhir_seal SET audit = 'other' WHERE sequence = 3")
    assert verify(KEY).broken == "AuditEvent/other of link 3 was changed, or the links before it were"


def test_an_event_that_was_hidden_from_searches_is_brought_back_from_its_text(clinic, sealed):
    """Index rows are not sealed, for they are made from what is: verification says nothing, reindexing mends it."""
    query("DELETE FROM fhir_index WHERE type = 'AuditEvent' AND id = %s", (sealed[2],))
    assert verify(KEY).broken is None
    assert len(ids(clinic.search("AuditEvent", ("patient", "Patient/nancy")))) == 4
    list(reindex(clinic.server))
    assert sealed[2] in ids(clinic.search("AuditEvent", ("patient", "Patient/nancy")))


def test_the_head_is_the_last_link_that_holds(clinic, sealed):
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[3],))
    assert verify(KEY).head.sequence == 3


def test_an_event_that_comes_in_a_little_late_is_sealed_after_newer_ones(clinic, sealed):
    clinic.read("Patient", "nancy", by=citizen(NANCY), now=NOW - timedelta(minutes=5))
    assert verify(KEY) == sealing.Verdict(head(), None, 1)
    assert seal(KEY).sequence == 6
    assert verify(KEY) == sealing.Verdict(head(), None, 0)


def test_all_that_waits_is_sealed_at_once_batch_by_batch(clinic, monkeypatch):
    monkeypatch.setattr(sealing, "_BATCH", 2)
    for minute in (3, 1, 2, 2, 5):
        clinic.read("Patient", "nancy", by=citizen(NANCY), now=NOW + timedelta(minutes=minute))
    assert seal(KEY).sequence == 5
    sealed = "SELECT r.last_updated, r.id FROM fhir_seal s JOIN fhir_resource r ON r.id = s.audit ORDER BY "
    # As the database orders ids, which may be as a language does: in Danish, aa comes last.
    assert query(f"{sealed} s.sequence") == query(f"{sealed} r.last_updated, r.id")
    assert verify(KEY) == sealing.Verdict(head(), None, 0)


def test_a_tail_that_was_cut_off_shows_by_the_head_that_was_printed(clinic, sealed):
    known = head()
    for audit in sealed[3:]:
        query("DELETE FROM fhir_resource WHERE id = %s", (audit,))
        query("DELETE FROM fhir_seal WHERE audit = %s", (audit,))
    assert verify(KEY).broken is None, "without a head that was kept elsewhere, nobody can know"
    assert verify(KEY, known).broken == "the chain ends at link 3, but link 5 was known: the tail was cut off"


def test_a_chain_made_anew_shows_by_the_head_that_was_printed(clinic, sealed):
    known = head()
    query("DELETE FROM fhir_resource WHERE id = %s", (sealed[0],))
    query("DELETE FROM fhir_seal")
    read(clinic, 1)
    assert seal(KEY).sequence == known.sequence
    assert verify(KEY).broken is None
    assert "is not the head that was known" in verify(KEY, known).broken


def test_without_the_key_nothing_holds(clinic, sealed):
    assert verify(WRONG_KEY).broken.startswith(f"AuditEvent/{sealed[0]} of link 1")


def sealed_by_text(count):
    """Seal the first events as it was done before columns were sealed."""
    last = "0" * 64
    for number, (id, text) in enumerate(waiting()[:count], 1):
        last = hmac.new(KEY, f"{last}{text}".encode(), "sha256").hexdigest()
        query("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (%s, %s, %s)", (number, id, last))


def waiting():
    """Give id and text of the events without a link; of one time in the database's order, where `aa` may follow `z`."""
    return query(
        "SELECT id, json FROM fhir_resource WHERE type = 'AuditEvent'"
        " AND NOT EXISTS (SELECT 1 FROM fhir_seal WHERE audit = fhir_resource.id) ORDER BY last_updated, id"
    )


def test_a_chain_that_began_with_seals_of_the_text_alone_is_followed_through_and_that_is_told(clinic):
    read(clinic, 2)
    sealed_by_text(2)
    read(clinic, 2)
    assert seal(KEY).sequence == 4
    assert verify(KEY) == sealing.Verdict(head(), None, 0, by_text=2)
    query("UPDATE fhir_resource SET tag = 'other' WHERE id = (SELECT audit FROM fhir_seal WHERE sequence = 4)")
    assert "of link 4 was changed" in verify(KEY).broken
    query("UPDATE fhir_resource SET json = json || ' ' WHERE id = (SELECT audit FROM fhir_seal WHERE sequence = 2)")
    assert "of link 2 was changed" in verify(KEY).broken


def test_after_the_first_seal_of_a_row_none_of_the_text_alone_is_taken(clinic, sealed):
    """Whoever has the key could have made it; whoever has an old copy of the database might have found one."""
    read(clinic, 1)
    ((id, text),), last = waiting(), head().mac
    by_text = hmac.new(KEY, f"{last}{text}".encode(), "sha256").hexdigest()
    query("INSERT INTO fhir_seal (sequence, audit, mac) VALUES (6, %s, %s)", (id, by_text))
    assert "of link 6 was changed" in verify(KEY).broken


def test_a_long_log_is_followed_to_its_end(clinic, sealed, monkeypatch):
    monkeypatch.setattr(sealing, "_BATCH", 2)
    query("UPDATE fhir_resource SET json = json || ' ' WHERE id = %s", (sealed[4],))
    assert verify(KEY).broken.startswith(f"AuditEvent/{sealed[4]} of link 5")


def test_several_sealers_and_writers_at_once_make_one_chain(clinic):
    def seal_often(number):
        for _ in range(8):
            seal(KEY)

    def write(number):
        for _ in range(8):
            clinic.read("Patient", "nancy", by=staff(ASTA))

    at_the_same_time(seal_often, write, seal_often, write)
    seal(KEY)
    assert verify(KEY) == sealing.Verdict(head(), None, 0)
    assert query("SELECT count(*), count(DISTINCT audit), max(sequence) FROM fhir_seal") == [(16, 16, 16)]


def test_two_processes_that_seal_what_waits_at_once_make_one_chain(clinic):
    read(clinic, 40)
    with others(clinic.url, ("seal-in-twos",), ("seal-in-twos",)) as sealers:
        assert [each.ends() for each in sealers] == [0, 0]
    assert verify(KEY) == sealing.Verdict(head(), None, 0)
    assert query("SELECT count(*), count(DISTINCT audit), max(sequence) FROM fhir_seal") == [(40, 40, 40)]


@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_nothing_is_sealed_while_an_older_transaction_is_still_open(clinic):
    """SQLite has one writer at a time: there no transaction can be open."""
    with holding_open(lambda: clinic.create({"resourceType": "Practitioner", "name": [{"family": "Holm"}]})):
        read(clinic, 2)
        assert seal(KEY).sequence == 0
        assert verify(KEY).unsealed == 2
    assert seal(KEY).sequence == 2
