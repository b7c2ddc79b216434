"""What must be so of a database whatever happened: looked at from behind the server's back."""

import json
from collections import Counter
from collections.abc import Iterator

from kommunalpro.fhirserver.sealing import Head, seal, verify
from tests.soak.load import Journal
from tests.store.cast import query


def check(journal: Journal, key: bytes, known: Head | None) -> tuple[list[str], Head]:
    """Give everything that is wrong, and the new head of the audit chain."""
    head = seal(key)
    verdict = verify(key, known)
    chain = [] if verdict.broken is None else [f"The audit chain: {verdict.broken}"]
    return [*journal.refused, *_lost(journal), *_halved(), *_torn(), *_unseen(), *chain], head


def _lost(journal: Journal) -> Iterator[str]:
    """What was acknowledged and is not there."""
    stored = {
        (id, version, json.loads(text)["name"])
        for id, version, text in query("SELECT id, version, json FROM fhir_version WHERE type = 'Organization'")
    }
    names = {name for _, _, name in stored}
    yield from (f"Acknowledged and lost: {each}" for each in journal.versions if each not in stored)
    yield from (f"Acknowledged and lost: {each}" for each in journal.pairs if f"{each}-a" not in names)


def _halved() -> Iterator[str]:
    """Transactions of which only one half is there."""
    rows = query("SELECT json FROM fhir_version WHERE type = 'Organization' AND version = 1")
    halves = Counter(name[:-2] for (text,) in rows if (name := json.loads(text)["name"])[-2:] in ("-a", "-b"))
    yield from (f"Half a transaction: {name}" for name, count in halves.items() if count != 2)


def _torn() -> Iterator[str]:
    """Resources whose current row, versions and index rows do not fit together."""
    versions: dict[str, list[tuple[int, int, str]]] = {}
    for id, version, updated, text in query(
        "SELECT id, version, last_updated, json FROM fhir_version WHERE type = 'Organization' ORDER BY version"
    ):
        versions.setdefault(id, []).append((version, updated, text))
    index: dict[str, list[tuple[int, str]]] = {}
    for id, updated, value in query(
        "SELECT id, last_updated, value FROM fhir_index WHERE type = 'Organization' AND parameter = 'name'"
    ):
        index.setdefault(id, []).append((updated, value))
    for id, version, updated, text in query(
        "SELECT id, version, last_updated, json FROM fhir_resource WHERE type = 'Organization'"
    ):
        had = versions.pop(id, [])
        if [each[0] for each in had] != list(range(1, version + 1)) or had[-1] != (version, updated, text):
            yield f"Organization/{id} at version {version} has the versions {[each[0] for each in had]}"
        if index.get(id) != [(updated, json.loads(text)["name"])]:
            yield f"Organization/{id} is indexed as {index.get(id)}"
    yield from (f"Organization/{id} has versions and no current row" for id in versions)


def _unseen() -> Iterator[str]:
    """Versions without exactly one AuditEvent, and AuditEvents about versions that are not there."""
    stored = Counter(
        f"Organization/{id}/_history/{version}"
        for id, version in query("SELECT id, version FROM fhir_version WHERE type = 'Organization'")
    )
    audited = Counter(
        "/".join(entity["what"]["reference"].split("/")[-4:])
        for (text,) in query("SELECT json FROM fhir_resource WHERE type = 'AuditEvent'")
        for entity in json.loads(text).get("entity", ())
        if "/_history/" in entity.get("what", {}).get("reference", "")
    )
    yield from (
        f"{each} is stored {stored[each]} times and audited {audited[each]} times"
        for each in stored | audited
        if stored[each] != audited[each]
    )
