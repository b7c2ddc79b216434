"""A store with a citizen and her team, and the response that is written into it: 40 items, about 10 KB."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.structure import response
from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fhirserver.principal import Principal
from tests.databases import default_database, migrated_template
from tests.people import ASTA
from tests.resources import questionnaire_response
from tests.store.cast import BASE, Store, fill, make_server, staff


@contextmanager
def stores(engine: str) -> Iterator[Store]:
    """Make a database with the cast of the tests in it; gone afterwards."""
    with (
        TemporaryDirectory(prefix="kommunalpro-bench-") as directory,
        migrated_template(engine, Path(directory)) as template,
        template.copy() as url,
        default_database(url),
    ):
        record_base_url(BASE)
        store = Store(make_server(), url)
        fill(store)
        yield store


def nurse() -> Principal:
    """Give somebody of the citizen's team who may write responses."""
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    return replace(asta, privileges=asta.privileges | {"QuestionnaireResponse.create"})


def nancys_response() -> dict[str, Any]:
    """Give a response of the citizen's with 40 answers, its references absolute, as FUT's clients write them."""
    text = dumps(questionnaire_response("nancy", "nancys", item=response()["item"])).decode()
    absolute: dict[str, Any] = loads(text.replace('"reference":"', f'"reference":"{BASE}/'))
    return absolute
