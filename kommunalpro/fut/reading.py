"""Reading what may be there or not: what a reference names, and what a resource was before."""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhirserver.session import Session


def read_if_there(session: Session, reference: str) -> dict[str, Any] | None:
    """Read what a reference names, with the system's rights; None means that it is not here, or deleted."""
    try:
        return session.system_read(reference)
    except (NotFound, Gone):
        return None


def earlier_versions(session: Session, resource: Json) -> Iterator[dict[str, Any]]:
    """Give what a resource was before, the last version first, with the system's rights; deletions are passed over."""
    type, id = resource["resourceType"], resource["id"]
    for version in range(int(resource["meta"]["versionId"]) - 1, 0, -1):
        try:
            yield session.elevated().vread(type, id, str(version))
        except Gone:
            continue
