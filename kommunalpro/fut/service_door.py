"""A service of FUT's before the embedded server: its types and operations alone, at a base of its own.

What is stored is called by the one base URL; who comes by a service finds everything called as FUT calls it, and may
call it so (`service_urls.py`). Nothing comes along with a search from another service. Of a type that several services
have, what is another's is not there (404, not found), and is not written (422).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode

from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.outcome import FhirError, Unprocessable
from kommunalpro.fhirserver.access import Access, AllOf, AsOf, Everything, Filter, Nothing, Request
from kommunalpro.fhirserver.http.body import parse
from kommunalpro.fhirserver.http.headers import FORM
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.rest import FhirDoor
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.audit import EHealthAudit
from kommunalpro.fut.operations import of_service
from kommunalpro.fut.rules import EHealthRules
from kommunalpro.fut.service_rows import row_of, share
from kommunalpro.fut.service_urls import Move, ServiceUrls, everywhere, in_query
from kommunalpro.fut.services import SERVICE_NAMES, rows_at

Environ = Mapping[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Inward:
    """Takes in what is called as FUT's services call it: in what is searched for, and in what is sent."""

    here: Move
    limit: int
    """Of how many bytes a body is looked at; what is larger is for the door behind to refuse."""

    def __call__(self, environ: Environ) -> dict[str, Any]:
        """Give a request that calls everything as we do."""
        changed = {**environ, "QUERY_STRING": self._query(environ.get("QUERY_STRING", ""))}
        length = environ.get("CONTENT_LENGTH") or "0"
        body = environ["wsgi.input"].read(int(length)) if length.isdecimal() else b""
        if body and len(body) <= self.limit:
            is_form = environ.get("CONTENT_TYPE", "").partition(";")[0].strip() == FORM
            body = self._form(body) if is_form else self._json(body)
        return changed | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)) if body else length}

    def _query(self, text: str) -> str:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
        except ValueError:
            return text
        return urlencode([(name, in_query(value, self.here)) for name, value in pairs])

    def _form(self, body: bytes) -> bytes:
        try:
            return self._query(body.decode()).encode()
        except UnicodeDecodeError:
            return body

    def _json(self, body: bytes) -> bytes:
        """Move what is JSON; what is not is for the door behind to refuse."""
        try:
            return dumps(everywhere(parse(body), self.here))
        except FhirError:
            return body


@dataclass(frozen=True)
class ServiceDoor:
    """The WSGI callable of one service. `PATH_INFO` is below its base, as it is at the door behind."""

    name: str
    urls: ServiceUrls
    door: FhirDoor
    inward: Inward

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        begun: list[Any] = []
        inside = self.inward(environ)
        # What is compressed could not be read here.
        inside.pop("HTTP_ACCEPT_ENCODING", None)
        parts = self.door(inside, lambda status, headers: begun.extend((status, headers)))
        try:
            answer = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        status, headers = begun
        body = self._outward(answer, is_search="$" not in environ["PATH_INFO"])
        start_response(status, [*self._headers(headers, body)])
        return [body] if body else []

    def _outward(self, body: bytes, *, is_search: bool) -> bytes:
        try:
            answer = loads(body) if body else None
        except ValueError:
            return body
        return dumps(everywhere(self._own(answer) if is_search else answer, self.urls.there)) if body else body

    def _own(self, answer: Any) -> Any:
        """Leave out what came along with a search and is another service's."""
        if not isinstance(answer, dict) or answer.get("type") != "searchset" or "entry" not in answer:
            return answer
        entries = [each for each in answer["entry"] if not self._is_anothers(each)]
        rest = {name: value for name, value in answer.items() if name != "entry"}
        return rest | ({"entry": entries} if entries else {})

    def _is_anothers(self, entry: Json) -> bool:
        if entry.get("search", {}).get("mode") != "include":
            return False
        return not rows_at(entry["resource"]["resourceType"], self.name)

    def _headers(self, headers: Iterable[tuple[str, str]], body: bytes) -> Iterator[tuple[str, str]]:
        """Give the headers of the moved answer; how long one is that is not sent (HEAD) nobody can tell."""
        for name, value in headers:
            if name != "Content-Length":
                yield name, self.urls.there(value) if name == "Location" else value
            elif body or value == "0":
                yield name, str(len(body))


@dataclass(frozen=True, slots=True)
class Share:
    """Who may do what at a service: what they may behind it, with what is its own (implements `Access`)."""

    behind: Access
    service: str
    base_url: str

    def authorise(self, request: Request, principal: Principal) -> None:
        """Refuse what is refused behind."""
        self.behind.authorise(request, principal)

    def visible(self, type: str, principal: Principal, now: datetime, **named: Any) -> Filter:
        """Give the rows that may be known of behind, and are the service's own."""
        found, own = self.behind.visible(type, principal, now, **named), share(type, self.service)
        if isinstance(own, Everything) or isinstance(found, Nothing):
            return found
        return AsOf(AllOf((own, found.filter)), found.moment) if isinstance(found, AsOf) else AllOf((own, found))

    def check_context(self, session: Session) -> None:
        """Refuse what is refused behind."""
        self.behind.check_context(session)

    def authorise_write(self, resource: dict[str, Any], previous: dict[str, Any] | None, principal: Principal) -> None:
        """Refuse what is refused behind, and then what another service has.

        Raises:
            Unprocessable: it is of a kind that is not the service's.
        """
        self.behind.authorise_write(resource, previous, principal)
        type, home = resource["resourceType"], row_of(resource, self.base_url).name
        if rows_at(type, self.service) and home != self.service:
            said = f"A {type} of this kind is the {home} service's"
            raise Unprocessable("Det hører til hos en anden tjeneste.", diagnostics=said)


def common_door(door: FhirDoor, urls: ServiceUrls) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    """Give the door of all services at once: it knows what they call everything, for so does who has their tokens.

    It answers in the names of its own one base.
    """
    # As at each of the services, an id is of one resource, whichever of them it is at.
    inward = Inward(replace(urls, at=SERVICE_NAMES[0]).here, door.limit)
    return lambda environ, start_response: door(inward(environ), start_response)


def service_doors(door: FhirDoor, urls: ServiceUrls) -> Mapping[str, ServiceDoor]:
    """Give the door of each service by its name, before the door of a strict server."""
    return {name: _door(door, name, replace(urls, at=name)) for name in SERVICE_NAMES}


def _door(door: FhirDoor, name: str, urls: ServiceUrls) -> ServiceDoor:
    access = Share(door.server.access, name, door.server.base_url)
    server = replace(door.server, access=access, audit_shape=EHealthAudit(observer=urls.services[name]))
    inside = replace(door, server=server, part=_part(door, name, urls))
    return ServiceDoor(name, urls, inside, Inward(urls.here, door.limit))


def _part(door: FhirDoor, name: str, urls: ServiceUrls) -> Any:
    """Give what a service offers of the server."""
    rules = EHealthRules(is_strict=True, service=name)
    operations = of_service(door.server.operations, name)
    return replace(door.server, base_url=urls.services[name], rules=rules, operations=operations)
