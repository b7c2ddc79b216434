"""Which version of a resource is meant: the name by which something made from it can be kept."""

from dataclasses import dataclass
from typing import Self

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import versioned_url


@dataclass(frozen=True, slots=True)
class Stamp:
    """A version's URL, and when it was written: what is rolled back leaves its number to another."""

    url: str
    last_updated: str

    @classmethod
    def of(cls, resource: Json, base_url: str) -> Self:
        """Give the stamp of a resource as it was read."""
        return cls(versioned_url(base_url, resource), resource["meta"]["lastUpdated"])
