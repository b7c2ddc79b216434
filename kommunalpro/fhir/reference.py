"""References between resources, as FUT writes them: absolute URLs, versioned ones ending in `/_history/n`.

FUT's canonicals are literal resource URLs too, so the same parser reads them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

_URL = re.compile(
    r"(?:(?P<base>https?://[^\s]+?)/)?(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?(?:\|(?P<business>[^|\s]{1,64}))?"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One literal reference. `base` None means relative; `version` None means the current version.

    `business` is the version that a canonical names after a bar, which the resource has in its `version`.
    """

    type: str
    id: str
    base: str | None = None
    version: str | None = None
    business: str | None = None

    @staticmethod
    @lru_cache(maxsize=4096)
    def parse(text: str) -> Optional["Reference"]:
        """Read a literal reference; None for `urn:uuid:`, `#contained` and anything else.

        The same few are read again and again in a request: a submission reads fifteen, two hundred times.
        """
        match = _URL.fullmatch(text)
        if match is None:
            return None
        return Reference(match["type"], match["id"], match["base"], match["version"], match["business"])

    @property
    def key(self) -> str:
        """`Type/id`, without base and version."""
        return f"{self.type}/{self.id}"

    @property
    def url(self) -> str:
        """The reference as text, without its version."""
        return f"{self.base}/{self.key}" if self.base else self.key

    def at(self, base: str) -> str:
        """Give the absolute, version-less URL; `base` is that of the server where a relative one is read."""
        return f"{self.base or base}/{self.key}"

    def __str__(self) -> str:
        """Give the reference as text, with its version when it has one."""
        pinned = f"{self.url}/_history/{self.version}" if self.version else self.url
        return f"{pinned}|{self.business}" if self.business else pinned

    def to_fhir(self) -> dict[str, Any]:
        """Give the reference as a FHIR Reference."""
        return {"reference": str(self)}


def own_url(base: str, resource: "dict[str, Any] | Any") -> str:
    """Give the absolute, version-less URL of a stored resource."""
    return f"{base}/{resource['resourceType']}/{resource['id']}"


def versioned_url(base: str, resource: "dict[str, Any] | Any") -> str:
    """Give the absolute URL of exactly this version of a stored resource."""
    return f"{own_url(base, resource)}/_history/{resource['meta']['versionId']}"
