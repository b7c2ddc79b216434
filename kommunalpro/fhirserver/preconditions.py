"""What a request hangs on: which version there is, or when it was written. Source: RFC 9110, 13; R4 http.html.

A write is held against it after whatever would be refused anyway, and before what was sent is looked at.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Gone, NotFound, PreconditionFailed
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.etags import is_named
from kommunalpro.fhirserver.seeing import is_alone_in_its_second

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must be so of what is there, or nothing is written; None: nothing is said of it.

    `if_match` is the version that it must be, `if_none_match` the tags of those that it must not be, and
    `if_unmodified_since` a whole second that it must not have been written after; that counts without `if_match` alone.
    """

    if_match: str | None = None
    if_none_match: str | None = None
    if_unmodified_since: datetime | None = None

    def version_for(self, session: "Session", request: Request) -> str | None:
        """Give the version that a write of one resource is meant for; None: any.

        Of what is not there, or not to be seen, nothing is told: the write itself says so.

        Raises:
            PreconditionFailed: what is there is not what it must be.
            Forbidden: this user may not do that at all.
        """
        if not self._asks_what_is_there:
            return self.if_match
        session.authorise(request)
        try:
            return self.version_of(session.current(request.type or "", request.id or "").resource)
        except (NotFound, Gone):
            return self.if_match

    def version_of(self, found: Json) -> str | None:
        """Give the version that a write of what was found is meant for; None: any.

        Once something was asked of it, it is the one that was found: whoever is overtaken then has lost.

        Raises:
            PreconditionFailed: it is not what it must be.
        """
        if not self._asks_what_is_there:
            return self.if_match
        version, since = found["meta"]["versionId"], self.if_unmodified_since
        if self.if_match is None and since and not _is_unchanged(found, since, written_in(found)):
            raise PreconditionFailed(
                "En anden har ændret det, siden du åbnede det.",
                diagnostics=f"Written since, or twice that second; current version is {version}: name it in If-Match",
            )
        if is_named(version, self.if_none_match):
            raise PreconditionFailed(
                "Det findes i forvejen, og så skulle det ikke ændres.",
                diagnostics=f"If-None-Match names what is there; current version is {version}",
            )
        return self.if_match or str(version)

    def refuse_nothing(self, type: str) -> None:
        """Refuse to make what was not found, where a version of it is meant.

        Raises:
            PreconditionFailed: one is.
        """
        if self.if_match is not None:
            raise PreconditionFailed(
                "Der er ingen, der passer, og så skulle intet oprettes.",
                diagnostics=f"The condition finds no {type}, or none that is visible, and If-Match names a version",
            )

    @property
    def _asks_what_is_there(self) -> bool:
        return self.if_none_match is not None or self.if_unmodified_since is not None


def is_had(resource: Json, tags: str | None, since: datetime | None, written: datetime) -> bool:
    """Tell whether a reader has this version: by the tags of those it has, or without any, by when it was `written`."""
    if tags is not None:
        return is_named(resource["meta"]["versionId"], tags)
    return since is not None and _is_unchanged(resource, since, written)


def written_at(resource: Json) -> datetime:
    """Give when a version was written, as it says itself."""
    return datetime.fromisoformat(resource["meta"]["lastUpdated"])


def written_in(resource: Json) -> datetime:
    """Give the second in which a version was written, which is all that a date of HTTP says."""
    return written_at(resource).replace(microsecond=0)


def _is_unchanged(resource: Json, since: datetime, written: datetime) -> bool:
    """Of two versions in one second nobody can tell by a time which is meant (RFC 9110, 8.8.2.2)."""
    return written < since or (written == since and is_alone_in_its_second(resource))
