"""Filling a store by COPY, with the rows that the server itself writes: one is made by it, the others are like it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import psycopg
from django.db import connection

from bench._responses import nancys_response
from bench.structure import response
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhirserver.clockwork import from_microseconds, to_microseconds
from kommunalpro.fhirserver.identifiers import new_id
from tests.store.cast import NOW, Store, query

CITIZENS, QUESTIONNAIRES, DAYS = 100_000, 40, 2_000
SECOND = 1_000_000
AT_ONCE = 20_000
FIRST_DAY = date(2020, 1, 1)
# They are made when all rows are there: so many times faster.
_MADE_LATER = {
    "fhir_index_value": "fhir_index (type, parameter, value, last_updated DESC, id, high)",
    "fhir_index_end": "fhir_index (type, parameter, high, value, id) WHERE high <> ''",
    "fhir_resource_newest": "fhir_resource (type, last_updated DESC, id)",
    "fhir_resource_patient": "fhir_resource (patient, type)",
    "fhir_resource_episode": "fhir_resource (episode, type)",
}
_TABLES = {
    "fhir_resource": "type, id, version, last_updated, deleted, patient, episode, tag, json",
    "fhir_version": "type, id, version, last_updated, deleted, json",
    "fhir_index": "type, id, parameter, value, high, last_updated",
}


@dataclass(frozen=True)
class Sample:
    """A response as the server stored it, and its index rows: (parameter, value, high)."""

    id: str
    last_updated: int
    json: str
    index: tuple[tuple[str, str, str], ...]


def fill(store: Store, count: int) -> Sample:
    """Put `count` responses into the store, by citizens in turn; gives the one that they are like."""
    sample = _sample(store)
    for name in _MADE_LATER:
        query(f"DROP INDEX {name}")
    chance = Random(7)
    for begin in range(0, count, AT_ONCE):
        rows = [_like(sample, number, chance) for number in range(begin, min(begin + AT_ONCE, count))]
        for table, columns in _TABLES.items():
            _copy(table, columns, (line for each in rows for line in each[table]))
    for name, what in _MADE_LATER.items():
        query(f"CREATE INDEX {name} ON {what}")
    query("VACUUM ANALYZE")  # as autovacuum does within minutes
    return sample


def _sample(store: Store) -> Sample:
    made = nancys_response()
    made["item"] = response()["item"][0]["item"] + [{"linkId": "mere", "answer": [{"valueString": "Ja. " * 90}]}]
    id = store.create(made)["id"]
    ((text, last_updated),) = query("SELECT json, last_updated FROM fhir_resource WHERE id = %s", (id,))
    index = query("SELECT parameter, value, high FROM fhir_index WHERE id = %s ORDER BY 1, 2", (id,))
    assert "\\" not in text, "nothing to be escaped in a COPY"
    return Sample(id, last_updated, text, tuple(index))


def _like(sample: Sample, number: int, chance: Random) -> dict[str, list[str]]:
    """Give the lines of each table for another response: other citizen, questionnaire, status and days."""
    id, citizen = new_id(), f"c{number % CITIZENS}"
    at = to_microseconds(NOW) - 400 * 24 * 3600 * SECOND + number * 30 * SECOND
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    changes = {
        sample.id: id,
        "Patient/nancy": f"Patient/{citizen}",
        "EpisodeOfCare/nancys": f"EpisodeOfCare/e{citizen}",
        "Questionnaire/1": f"Questionnaire/{chance.randrange(QUESTIONNAIRES)}",
        "completed": chance.choices(("completed", "amended"), (7, 3))[0],
        "2026-11-01T": f"{day}T",
        to_instant(from_microseconds(sample.last_updated)): to_instant(from_microseconds(at)),
    }

    def changed(text: str) -> str:
        for old, new in changes.items():
            text = text.replace(old, new)
        return text

    text = changed(sample.json)
    key = f"QuestionnaireResponse\t{id}"
    return {
        "fhir_resource": [f"{key}\t1\t{at}\tf\t{citizen}\te{citizen}\t\t{text}\n"],
        "fhir_version": [f"{key}\t1\t{at}\tf\t{text}\n"],
        "fhir_index": [
            f"{key}\t{name}\t{changed(value)}\t{changed(high)}\t{at}\n" for name, value, high in sample.index
        ],
    }


def _copy(table: str, columns: str, lines: Iterator[str]) -> None:
    driver: Any = connection.connection
    with psycopg.Cursor(driver) as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for line in lines:
            copy.write(line)
