"""The gateway on the embedded server, on SQLite and on PostgreSQL, and as FUT has it, over HTTP (`national.py`).

With the demo's teams and a published questionnaire. The world is made once on each, Nancy is enrolled and asked in it
once for all tests that need no more of her; what a test does is rolled back.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.conf import settings

from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.gateway import Principal
from kommunalpro.identity.keys import make_keys
from tests.conftest import rolled_back
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
    """Leave out what the remote gateway cannot be asked, and what takes connections that know nothing of each other.

    Who needs the same to have happened comes one after another.
    """
    embedded = {each for each in items if _is_remote(each) and _is_only_embedded(each)}
    config.hook.pytest_deselected(items=list(embedded))
    items[:] = sorted((each for each in items if each not in embedded), key=lambda each: (_engine(each), _steps(each)))


def _is_remote(item: pytest.Item) -> bool:
    return _engine(item) == REMOTE


def _engine(item: pytest.Item) -> str:
    parameters = getattr(item, "callspec", None)
    return str(parameters.params.get("template", "")) if parameters else ""


def _steps(item: pytest.Item) -> int:
    return sum(step in getattr(item, "fixturenames", ()) for step in ("enrolled_before", "asked_before"))


def _is_only_embedded(item: pytest.Item) -> bool:
    return item.get_closest_marker("embedded") is not None or "real_world" in getattr(item, "fixturenames", ())


@dataclass
class Course:
    """How far things have come in a world: Nancy is enrolled, and then she is asked.

    A step is taken once, and taken back when a test comes that is to see nothing of it.
    """

    world: World
    _taken: list[tuple[Any, ExitStack]] = field(default_factory=list)

    def come_to(self, steps: int) -> None:
        """Take the first of the steps, and no more."""
        while len(self._taken) > steps:
            self._taken.pop()[1].close()
        while len(self._taken) < steps:
            with ExitStack() as back:
                back.enter_context(rolled_back())
                made = _ask(self.nancy) if self._taken else self.world.enrol(NANCY)
                self._taken.append((made, back.pop_all()))

    @property
    def nancy(self) -> Enrolled:
        nancy: Enrolled = self._taken[0][0]
        return nancy

    @property
    def asked(self) -> Asked:
        asked: Asked = self._taken[1][0]
        return asked


@pytest.fixture(scope="session")
def course(template: Template) -> Iterator[Course]:
    with _open(template) as world:
        course = Course(world)
        yield course
        course.come_to(0)


@pytest.fixture
def world(course: Course, request: pytest.FixtureRequest) -> Iterator[World]:
    course.come_to(_steps(request.node))
    with rolled_back():
        yield course.world


@pytest.fixture
def enrolled_before(world: World, course: Course) -> Enrolled:
    """Whoever asks for it finds Nancy enrolled from the beginning."""
    return course.nancy


@pytest.fixture
def asked_before(enrolled_before: Enrolled, course: Course) -> Asked:
    """Whoever asks for it finds Nancy asked from the beginning."""
    return course.asked


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
def nancy(enrolled_before: Enrolled) -> Enrolled:
    """Nancy, enrolled by Asta's team."""
    return enrolled_before


@pytest.fixture
def asked(asked_before: Asked) -> Asked:
    """What Nancy is asked: the questionnaire, sent by Asta now."""
    return asked_before


def _ask(nancy: Enrolled) -> Asked:
    """Send Nancy the questionnaire."""
    nancy.gets()
    return asked_of(nancy)


@contextmanager
def _open(template: Template) -> Iterator[World]:
    with template.copy() as url, default_database(url):
        make_keys(settings.KEYS_DIRECTORY)
        record_base_url(settings.FHIR_BASE_URL)
        with national() if template.is_remote else nullcontext():
            yield make_world()
