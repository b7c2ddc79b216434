"""A small world with people to log in as, and a browser without a window to visit it with."""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponse
from django.utils import translation

from kommunalpro.identity.demo import Person, save_demo_persons
from tests.browser import Browser
from tests.people import NANCY
from tests.unit.care.world import Enrolled, World

Visit = Callable[..., Browser]


@pytest.fixture(autouse=True)
def danish() -> Iterator[None]:
    """The pages' own language."""
    with translation.override("da"):
        yield


@pytest.fixture
def nancy(world: World) -> Enrolled:
    """Nancy, enrolled by Asta's team."""
    return world.enrol(NANCY)


@pytest.fixture
def persons(world: World, nancy: Enrolled) -> dict[str, Person]:
    """Whom one can log in as."""
    people = [Person("nancy", NANCY.name, "PATIENT", nancy.patient), *(each.person for each in world.staff.values())]
    save_demo_persons(people)
    return {person.key: person for person in people}


@pytest.fixture
def visit(persons: dict[str, Person]) -> Visit:
    """Give a browser: `visit()`, or logged in, `visit("asta")`."""

    def come(key: str | None = None, **options: bool) -> Browser:
        client = Browser(**options)  # type: ignore[arg-type]  # the options are Browser's own
        if key:
            assert client.post("/log-ind/", {"person": key}).status_code == 302
        return client

    return come


@pytest.fixture
def lis(visit: Visit) -> Browser:
    """The clinical administrator's browser."""
    return visit("lis")


def words(response: HttpResponse) -> str:
    """Give a page as text."""
    return response.content.decode()
