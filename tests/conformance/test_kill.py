"""Killed in the middle of things, a few times (`make soak`: fifty): what was acknowledged is there, and it fits."""

import pytest

from kommunalpro.identity.keys import read_audit_key
from tests.databases import default_database
from tests.soak.checking import check
from tests.soak.rounds import ENGINES, soaking
from tests.store.cast import query

SPOILED = {
    "Acknowledged and lost": "DELETE FROM fhir_version WHERE id = %s AND version = 1",
    "has the versions": "UPDATE fhir_resource SET version = 7 WHERE id = %s",
    "is indexed as": "DELETE FROM fhir_index WHERE id = %s AND parameter = 'name'",
    "audited 1 times": "DELETE FROM fhir_version WHERE id = %s",
    "The audit chain": "UPDATE fhir_resource SET json = json || ' ' WHERE type = 'AuditEvent' AND json LIKE %s",
}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_acknowledged_survives_and_nothing_is_half_stored(engine, tmp_path):
    with soaking(engine, tmp_path, seed=7) as soak:
        for number in range(2):
            soak.round(number)
        assert soak.wrong == []
        assert len(soak.journal.versions) > 20
        assert soak.journal.pairs
        _the_look_sees_what_is_spoiled(soak)


def _the_look_sees_what_is_spoiled(soak):
    id = soak.journal.versions[0][0]
    with default_database(soak.live.environment["KOMMUNALPRO_DATABASE_URL"]):
        for expected, spoil in SPOILED.items():
            query(spoil, (f"%{id}%" if "LIKE" in spoil else id,))
            wrong, _ = check(soak.journal, read_audit_key(soak.live.directory / "keys"), soak.head)
            assert any(expected in each for each in wrong), expected
