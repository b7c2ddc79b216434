"""Making Bundles, and reading what is in them."""

from collections.abc import Iterable, Iterator
from typing import Any

from kommunalpro.fhir.json import Json


def searchset(
    matches: Iterable[Json],
    *,
    base_url: str,
    total: int | None = None,
    included: Iterable[Json] = (),
    outcome: Json | None = None,
    links: Iterable[tuple[str, str]] = (),
    id: str | None = None,
) -> dict[str, Any]:
    """Make the answer to a search.

    Args:
        matches: what was searched for.
        base_url: the server's own base, which `fullUrl` begins with.
        total: how many match in all; None leaves it out.
        included: what the matches refer to, and was asked for with them.
        outcome: an OperationOutcome that says something of the search; None: there is nothing to say.
        links: (relation, url): `self`, `next`.
        id: of the Bundle, by which the log names what was answered; None: it has none.
    """
    entries = [_found(each, base_url, "match") for each in matches]
    entries += [_found(each, base_url, "include") for each in included]
    entries += [{"resource": outcome, "search": {"mode": "outcome"}}] if outcome else []
    return {
        "resourceType": "Bundle",
        **({} if id is None else {"id": id}),
        "type": "searchset",
        **({} if total is None else {"total": total}),
        **_unless_empty("link", [{"relation": relation, "url": url} for relation, url in links]),
        **_unless_empty("entry", entries),
    }


def _found(resource: Json, base_url: str, mode: str) -> dict[str, Any]:
    url = f"{base_url}/{resource['resourceType']}/{resource['id']}"
    return {"fullUrl": url, "resource": resource, "search": {"mode": mode}}


def history(entries: Iterable[Json], *, complete_to: str, links: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """Make a history of entries from `version_entry`.

    Args:
        entries: newest first.
        complete_to: an instant from which to ask again; it is the Bundle's own `meta.lastUpdated`.
        links: (relation, url): `self`, `next`.
    """
    return {
        "resourceType": "Bundle",
        "meta": {"lastUpdated": complete_to},
        "type": "history",
        **_unless_empty("link", [{"relation": relation, "url": url} for relation, url in links]),
        **_unless_empty("entry", list(entries)),
    }


def version_entry(url: str, resource: Json | None, version: int, last_updated: str) -> dict[str, Any]:
    """Make a history's entry of one version.

    Args:
        url: the resource's own, without a version.
        resource: as it was; None: with this version it was deleted.
        version: its number, from 1.
        last_updated: the instant at which it was written.
    """
    type, id = url.rsplit("/", 2)[-2:]
    method, status = ("DELETE", "204") if resource is None else ("POST", "201") if version == 1 else ("PUT", "200")
    response = {"status": status, "etag": f'W/"{version}"', "lastModified": last_updated}
    return {
        "fullUrl": url,
        **({} if resource is None else {"resource": resource}),
        "request": {"method": method, "url": type if method == "POST" else f"{type}/{id}"},
        "response": response,
    }


def transaction(entries: Iterable[Json]) -> dict[str, Any]:
    """Make a transaction of entries from `create_entry`, `update_entry` and `delete_entry`."""
    return {"resourceType": "Bundle", "type": "transaction", **_unless_empty("entry", list(entries))}


def create_entry(resource: Json, full_url: str, *, if_none_exist: str | None = None) -> dict[str, Any]:
    """Make an entry that creates a resource.

    Args:
        resource: the new resource, without id.
        full_url: `urn:uuid:…`, by which other entries refer to it.
        if_none_exist: a search; nothing is created if it finds one. None creates always.
    """
    condition = {} if if_none_exist is None else {"ifNoneExist": if_none_exist}
    request = {"method": "POST", "url": resource["resourceType"], **condition}
    return {"fullUrl": full_url, "resource": resource, "request": request}


def update_entry(resource: Json, *, if_match: str | None) -> dict[str, Any]:
    """Make an entry that updates a resource.

    Args:
        resource: the whole resource with its id.
        if_match: the version it was made from; None overwrites whatever is there.
    """
    url = f"{resource['resourceType']}/{resource['id']}"
    condition = {} if if_match is None else {"ifMatch": f'W/"{if_match}"'}
    return {"resource": resource, "request": {"method": "PUT", "url": url, **condition}}


def delete_entry(key: str) -> dict[str, Any]:
    """Make an entry that deletes a resource, named `Type/id`."""
    return {"request": {"method": "DELETE", "url": key}}


def collection(members: Iterable[Json]) -> dict[str, Any]:
    """Make a Bundle that only keeps resources together."""
    entries = [{"resource": each} for each in members]
    return {"resourceType": "Bundle", "type": "collection", **_unless_empty("entry", entries)}


def _unless_empty(name: str, values: list[Any]) -> dict[str, Any]:
    """Give a property, or nothing: FHIR has no empty arrays."""
    return {name: values} if values else {}


def resources(bundle: Json, type: str | None = None) -> Iterator[Json]:
    """Give the resources of a Bundle in their order, of one type when it is named; a search's outcomes are left out."""
    for entry in bundle.get("entry", ()):
        resource = entry.get("resource")
        if resource is None or entry.get("search", {}).get("mode") == "outcome":
            continue
        if type in (None, resource.get("resourceType")):
            yield resource


def link(bundle: Json, relation: str) -> str | None:
    """Give the URL of a Bundle's link (`next`); None means that there is none."""
    return next((each["url"] for each in bundle.get("link", ()) if each["relation"] == relation), None)
