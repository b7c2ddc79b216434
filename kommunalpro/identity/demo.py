"""Demo login: a person chosen from a list, without proof. Production has no such list."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from kommunalpro.fhirserver.principal import UserType
from kommunalpro.identity.models import Login


class NoDemo(Exception):
    """Demo login was asked for where it does not exist."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody one can log in as. `user_url` is the absolute URL of their Practitioner or Patient."""

    key: str
    name: str
    user_type: UserType
    user_url: str
    description: str = ""


def demo_persons() -> tuple[Person, ...]:
    """Give the persons of the demo in their order.

    Raises:
        NoDemo: this is not a demo.
    """
    _only_in_a_demo()
    return tuple(_person(login) for login in Login.objects.filter(is_demo=True))


def find_demo_person(key: str) -> Person | None:
    """Give the demo person of this key; None when there is none.

    Raises:
        NoDemo: this is not a demo.
    """
    _only_in_a_demo()
    login = Login.objects.filter(is_demo=True, key=key).first()
    return _person(login) if login else None


def save_demo_persons(persons: Iterable[Person]) -> None:
    """Make these the demo's persons, in this order.

    Raises:
        NoDemo: this is not a demo.
    """
    _only_in_a_demo()
    Login.objects.filter(is_demo=True).delete()
    Login.objects.bulk_create(
        Login(
            key=person.key,
            name=person.name,
            user_type=person.user_type,
            user_url=person.user_url,
            description=person.description,
            is_demo=True,
            position=position,
        )
        for position, person in enumerate(persons)
    )


def _person(login: Login) -> Person:
    user_type: UserType = "PATIENT" if login.user_type == "PATIENT" else "PRACTITIONER"
    return Person(login.key, login.name, user_type, login.user_url, login.description)


def _only_in_a_demo() -> None:
    if not settings.DEMO:
        raise NoDemo("Demo login exists in the demo only.")
