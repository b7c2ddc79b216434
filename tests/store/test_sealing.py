"""The sealed log: whoever holds the database and not the key cannot rewrite it unseen."""

import pytest

from kommunalpro.fhirserver import sealing
from kommunalpro.fhirserver.sealing import Head, head, seal, verify
from tests.databases import ENGINES
from tests.people import ASTA, NANCY
from tests.store.cast import KEY, citizen, query, staff
from tests.store.others import at_the_same_time, holding_open

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


@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_nothing_is_sealed_while_an_older_transaction_is_still_open(clinic):
    """SQLite has one writer at a time: there no transaction can be open."""
    with holding_open(lambda: clinic.create({"resourceType": "Practitioner", "name": [{"family": "Holm"}]})):
        read(clinic, 2)
        assert seal(KEY).sequence == 0
        assert verify(KEY).unsealed == 2
    assert seal(KEY).sequence == 2
