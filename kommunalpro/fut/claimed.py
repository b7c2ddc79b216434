"""Which profiles a resource says that it keeps to."""

from kommunalpro.fhir.json import Json


def claimed(resource: Json) -> frozenset[str]:
    """Give the URL of each, whichever version of it is named: what it is does not depend on that."""
    return frozenset(each.partition("|")[0] for each in resource.get("meta", {}).get("profile", ()))
