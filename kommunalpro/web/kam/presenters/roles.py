"""Who may change a plan or an activity: the organisation that owns it, and those it has let do it too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kommunalpro.fhir.json import Json
from kommunalpro.fut.modifier_roles import co_authors_of, owner_of


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation, by id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Roles:
    """`owner` None: it is not known here. `decides`: the reader may say who else changes it."""

    owner: Named | None
    co_authors: tuple[Named, ...]
    decides: bool


def roles(definition: Json, organizations: Mapping[str, Json], *, decides: bool) -> Roles:
    """Give who may change a definition, by name. `organizations` are by version-less URL."""
    owner, others = owner_of(definition), co_authors_of(definition)
    return Roles(
        owner=_named(organizations[owner]) if owner and owner in organizations else None,
        co_authors=_sorted(organizations[url] for url in others if url in organizations),
        decides=decides,
    )


def others(found: Iterable[Json], name: str, who: Roles) -> tuple[Named, ...]:
    """Give the organisations with a name that may not change it yet; those they stand below were not looked for."""
    may = {each.id for each in (who.owner, *who.co_authors) if each}
    wanted = (each for each in found if name.casefold() in str(each.get("name", "")).casefold())
    return _sorted(each for each in wanted if each["id"] not in may)


def _sorted(organizations: Iterable[Json]) -> tuple[Named, ...]:
    return tuple(sorted(map(_named, organizations), key=lambda each: each.name.casefold()))


def _named(organization: Json) -> Named:
    return Named(organization["id"], str(organization.get("name", "")))
