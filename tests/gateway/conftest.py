"""The gateway on the embedded server, on SQLite and on PostgreSQL, and as FUT has it, over HTTP (`national.py`).

With the demo's teams and a published questionnaire. The world is made once on each; what a test does to it is rolled
back.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import transaction

from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.gateway import Principal
from kommunalpro.identity.keys import make_keys
from tests.databases import ENGINES, Template, default_database, migrated_template
from tests.gateway.answering import Asked, asked_of
from tests.gateway.national import national
from tests.people import NANCY
from tests.unit.care.world import Enrolled, World, make_world

REMOTE = "remote"


@pytest.fixture(scope="session", params=[*ENGINES, REMOTE])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A template on each engine in turn, and one more on SQLite, which is reached as the national infrastructure is."""
    engine = "sqlite" if request.param == REMOTE else request.param
    with migrated_template(engine, tmp_path_factory.mktemp("templates")) as template:
        yield replace(template, is_remote=request.param == REMOTE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the remote gateway cannot be asked, and what takes connections that know nothing of each other."""
    embedded = [each for each in items if _is_remote(each) and _is_only_embedded(each)]
    config.hook.pytest_deselected(items=embedded)
    items[:] = [each for each in items if each not in embedded]


def _is_remote(item: pytest.Item) -> bool:
    parameters = getattr(item, "callspec", None)
    return parameters is not None and parameters.params.get("template") == REMOTE


def _is_only_embedded(item: pytest.Item) -> bool:
    return item.get_closest_marker("embedded") is not None or "real_world" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def made(template: Template) -> Iterator[World]:
    with _open(template) as world:
        yield world


@pytest.fixture
def world(made: World) -> Iterator[World]:
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def lis(world: World) -> Principal:
    """Lis, who edits questionnaires and plans."""
    return world.staff["lis"].principal


@pytest.fixture
def elsewhere(world: World, lis: Principal) -> Principal:
    """An editor like Lis, of another organisation."""
    return lis.within(organization=world.kim.context.organization)


@pytest.fixture
def real_world(template: Template) -> Iterator[World]:
    """A world of its own for tests that commit."""
    with _open(template) as world:
        yield world


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, enrolled by Asta's team."""
    return world.enrol(NANCY)


@pytest.fixture
def asked(nancy: Enrolled) -> Asked:
    """What Nancy is asked: the questionnaire, sent by Asta now."""
    nancy.gets()
    return asked_of(nancy)


@contextmanager
def _open(template: Template) -> Iterator[World]:
    with template.copy() as url, default_database(url):
        make_keys(settings.KEYS_DIRECTORY)
        record_base_url(settings.FHIR_BASE_URL)
        with national() if template.is_remote else nullcontext():
            yield make_world()
