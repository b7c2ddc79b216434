"""The gateway to the national infrastructure: the same calls, over HTTP, to the service that each type belongs to.

Pages call everything by our own base URL; what goes out is named as the services name it, and what comes in as we do
(`fut/service_urls.py`). A search that several services are for is asked of each; what they give is one page, and is not
sorted between them. Searches are posted, so that nothing about a person stands in an address. `now` is for tokens: what
time it is otherwise, the services know.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import BadRequest, FhirError, NotAllowed, NotFound, NotImplementedHere
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.http.headers import FORM, JSON, JSON_PATCH
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.gateway.along import AT_ONCE, Along, understood
from kommunalpro.fut.gateway.expected import ANYTHING, OPERATIONS, SEARCHSET, TRANSACTION, Expected
from kommunalpro.fut.gateway.failures import unreachable
from kommunalpro.fut.gateway.protocol import Parameters, Unanswered
from kommunalpro.fut.gateway.resending import found_again
from kommunalpro.fut.gateway.service import Asked, Services, content
from kommunalpro.fut.search_context import dimensions
from kommunalpro.fut.service_rows import asked as asked_for
from kommunalpro.fut.service_rows import row_of
from kommunalpro.fut.service_urls import ServiceUrls, everywhere, in_query, with_ids
from kommunalpro.fut.services import OPERATIONS_OF_SERVICES, TRANSACTIONS

_AND = " "
"""Parts the addresses of the pages that several services go on with; no address holds one."""
SUBMIT = "$submit-measurement"
_WHOLE = {"Prefer": "return=representation"}
_JSON = {"Content-Type": f"{JSON}; charset=utf-8"} | _WHOLE


@dataclass(frozen=True)
class RemoteGateway:
    """Calls FUT's services. `urls` says where each of them is, and what everything is called here."""

    urls: ServiceUrls
    services: Services

    @property
    def base_url(self) -> str:
        """The base that everything is called by here: FHIR_BASE_URL."""
        return self.urls.base_url

    def read(self, reference: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Read a resource by its URL; a versioned URL gives exactly that version.

        A canonical with a business version is of the resource as it is now, if that is the version that it bears: a
        version of a definition is a resource of its own.
        """
        wanted = self._own(reference)
        version = f"/_history/{wanted.version}" if wanted.version else ""
        expected = replace(self._expected(wanted), is_read=True)
        found = self._ask(Asked("GET", f"{self._address(wanted)}{version}", expected), by, now)
        if wanted.business not in (None, found.get("version")):
            raise NotFound("Det findes ikke, eller du har ikke adgang.", diagnostics=f"No such {wanted.type}")
        return found

    def search(self, type: str, parameters: Parameters, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Search one page."""
        self._base(type)
        asked = ((self._search(type, each, parameters), Along.of(parameters)) for each in self._whom(type, parameters))
        return self._pages(asked, by, now)

    def page(self, url: str, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Fetch the page that a link of a searchset names."""
        asked = []
        for address, along in map(Along.behind, url.split(_AND)):
            there = self.urls.there(address)
            if not self.urls.is_there(there):
                raise unreachable("a searchset's link leads elsewhere")
            asked.append((Asked("GET", there, SEARCHSET), along))
        return self._pages(asked, by, now)

    def create(self, resource: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Create a resource."""
        type = str(resource["resourceType"])
        self._base(type)
        base = self.urls.services[row_of(resource, self.base_url).name]
        return self._ask(Asked("POST", f"{base}/{type}", Expected((type,)), self._body(resource), _JSON), by, now)

    def update(self, resource: Json, *, if_match: str, by: Principal, now: datetime) -> dict[str, Any]:
        """Replace a resource that still has version `if_match`."""
        wanted, headers = Reference(str(resource["resourceType"]), str(resource.get("id", ""))), _JSON | _if(if_match)
        address, expected = self._address(wanted), self._expected(wanted)
        return self._ask(Asked("PUT", address, expected, self._body(resource), headers, is_change=True), by, now)

    def patch(
        self, reference: str, operations: Sequence[Json], *, if_match: str | None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Apply a JSON Patch."""
        wanted = self._own(reference)
        address, expected = self._address(wanted), self._expected(wanted)
        headers = {"Content-Type": JSON_PATCH} | _WHOLE | (_if(if_match) if if_match else {})
        body = self._body(list(operations))
        return self._ask(Asked("PATCH", address, expected, body, headers, is_change=True), by, now)

    def delete(self, reference: str, *, by: Principal, now: datetime) -> None:
        """Delete a resource."""
        self._ask(Asked("DELETE", self._address(self._own(reference)), ANYTHING), by, now)

    def transaction(self, bundle: Json, *, by: Principal, now: datetime) -> dict[str, Any]:
        """Run a transaction Bundle: all or nothing."""
        address = self.urls.services[TRANSACTIONS]
        asked = Asked("POST", address, TRANSACTION, self._body(bundle), _JSON, is_change=True)
        return self._ask(asked, by, now)

    def operation(
        self, name: str, parameters: Json | None = None, *, target: str | None = None, by: Principal, now: datetime
    ) -> dict[str, Any]:
        """Run an operation at system, type or instance level."""
        given = parameters or {"resourceType": "Parameters"}
        address, expected = f"{self._place(name, target)}/{name}", OPERATIONS.get(name, ANYTHING)
        asked = Asked("POST", address, expected, self._body(given), _JSON)
        try:
            return self._submit(asked, given, by, now) if name == SUBMIT else self._ask(asked, by, now)
        except NotAllowed:
            raise _not_offered(name, target) from None

    # --- Inside
    def _submit(self, asked: Asked, given: Json, by: Principal, now: datetime) -> dict[str, Any]:
        """Send a submission, once: what is there already is not sent.

        Where nothing came back that tells how it went, it is looked for. If it is not found it may be on its way still,
        so it is for whoever presses to try again, and to look first.
        """
        if found := found_again(self, given, by=by, now=now):
            return found
        try:
            return self._ask(asked, by, now)
        except Unanswered as silent:
            try:
                found = found_again(self, given, by=by, now=now)
            except FhirError:
                raise silent from None
            if found is None:
                raise
            return found

    def _whom(self, type: str, parameters: Parameters) -> Sequence[str]:
        """Give the services that a search is for: those of the ids that it asks for, else by what it asks."""
        ids = [id for name, value in parameters if name == "_id" for id in value.split(",")]
        rows = [row.name for row in asked_for(type, parameters)]
        return [*dict.fromkeys(self.urls.service_of(type, id) for id in ids)] or rows

    def _search(self, type: str, service: str, parameters: Parameters) -> Asked:
        form = [(name, self._in_search(type, service, name, each)) for name, each in understood(parameters, service)]
        address = f"{self.urls.services[service]}/{type}/_search"
        return Asked("POST", address, SEARCHSET, urlencode(form).encode(), {"Content-Type": FORM})

    def _in_search(self, type: str, service: str, name: str, value: str) -> str:
        """Write a value as the service has it; of ids, those that are its own."""
        if name != "_id":
            return in_query(value, self.urls.there)
        own = (id for id in value.split(",") if self.urls.service_of(type, id) == service)
        return ",".join(self.urls.id_there(type, id) for id in own)

    def _pages(self, asked: Iterable[tuple[Asked, Along]], by: Principal, now: datetime) -> dict[str, Any]:
        """Fetch a page of each search, and give them as one: first what is the first service's."""
        first, *others = [self._page(each, along, by, now) for each, along in asked]
        if not others:
            return first
        pages = (first, *others)
        entries = [entry for each in pages for entry in each.get("entry", ())]
        links = [each for each in first.get("link", ()) if each["relation"] != "next"]
        if following := [url for each in pages if (url := link(each, "next"))]:
            links.append({"relation": "next", "url": _AND.join(following)})
        totals = [each["total"] for each in pages if "total" in each]
        whole = {**({"entry": entries} if entries else {}), **({"link": links} if links else {})}
        return first | whole | ({"total": sum(totals)} if len(totals) == len(pages) else {})

    def _page(self, asked: Asked, along: Along, by: Principal, now: datetime) -> dict[str, Any]:
        found = self._ask(asked, by, now)
        if not along.wanted:
            return found
        entries = [*found.get("entry", ()), *self._along(found, along, by, now)]
        if following := link(found, "next"):
            links = [each for each in found["link"] if each["relation"] != "next"]
            found |= {"link": [*links, {"relation": "next", "url": along.on(following)}]}
        return found | ({"entry": entries} if entries else {})

    def _along(self, found: Json, along: Along, by: Principal, now: datetime) -> Iterator[Json]:
        """Give what comes along from other services, as entries."""
        for type, ids in along.missing(found, self.urls).items():
            carried = [(names[0], value) for names, value in dimensions(type, by)]
            for start in range(0, len(ids), AT_ONCE):
                some = ",".join(ids[start : start + AT_ONCE])
                page = self.search(type, [("_id", some), *carried, ("_count", str(AT_ONCE))], by=by, now=now)
                yield from (each | {"search": {"mode": "include"}} for each in page.get("entry", ()))

    def _ask(self, asked: Asked, by: Principal, now: datetime) -> dict[str, Any]:
        answer = everywhere(content(asked, self.services.ask(asked, by=by, now=now)), self.urls.here)
        return with_ids(answer, partial(self.urls.id_here, url=asked.url))

    def _body(self, value: Json | list[Json]) -> bytes:
        sent = with_ids(value, self.urls.id_there) if isinstance(value, Mapping) else value
        return dumps(everywhere(sent, self.urls.there))

    def _place(self, name: str, target: str | None) -> str:
        """Give where an operation is offered.

        Raises:
            NotImplementedHere: no service has it at system level, or the type is nobody's.
        """
        if target is None and name in OPERATIONS_OF_SERVICES:
            return self.urls.services[OPERATIONS_OF_SERVICES[name]]
        if target is not None and "/" in target:
            return self._address(self._own(target))
        if target is not None and self.urls.of(target):
            return f"{self._base(target)}/{target}"
        raise _not_offered(name, target)

    def _expected(self, wanted: Reference) -> Expected:
        """Give what a change to a resource is answered with: itself, by the id that its service has."""
        return Expected((wanted.type,), id=self.urls.id_there(wanted.type, wanted.id))

    def _base(self, type: str, id: str = "") -> str:
        """Give the base of the service of a type, or of that which has an id.

        Raises:
            NotFound: no service has it.
        """
        base = self.urls.of(type, id)
        if base is None:
            raise NotFound("Typen findes ikke her.", diagnostics=f"{type} is not served here", code="not-supported")
        return base

    def _address(self, wanted: Reference) -> str:
        base, type = self._base(wanted.type, wanted.id), wanted.type
        return f"{base}/{type}/{self.urls.id_there(type, wanted.id)}"

    def _own(self, reference: str) -> Reference:
        """Read a reference to what the services have: the same id elsewhere is somebody else.

        Raises:
            BadRequest: it is no literal reference.
            NotFound: it names something on another server.
        """
        wanted = Reference.parse(self.urls.here(reference))
        if wanted is None:
            raise BadRequest("Adressen kan ikke læses.", diagnostics="Not a literal reference to a resource")
        if wanted.base not in (None, self.base_url):
            raise NotFound("Det findes ikke her.", diagnostics="A reference to another server")
        return wanted


def _not_offered(name: str, target: str | None) -> NotImplementedHere:
    level = "system" if target is None else "instance" if "/" in target else "type"
    return NotImplementedHere("Den operation findes ikke her.", diagnostics=f"{name} is not offered at {level} level")


def _if(version: str) -> dict[str, str]:
    return {"If-Match": f'W/"{version}"'}
