"""The gateway on the embedded server, on SQLite and on PostgreSQL, with the demo's teams and a published questionnaire.

The world is made once for a file of tests; what a test does to it is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction

from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.gateway import Principal
from kommunalpro.identity.keys import make_keys
from tests.databases import Template, default_database, template
from tests.gateway.answering import Asked, asked_of
from tests.people import NANCY
from tests.unit.care.world import Enrolled, World, make_world

__all__ = ["template"]


@pytest.fixture(scope="module")
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
        yield make_world()
