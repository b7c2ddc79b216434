"""One unit of work: everything that may be asked of the store, by one user, in one transaction.

Every user-level call is authorised before any lookup, filtered inside the SQL, and noted for the audit. An operation
may go on as the system (`elevated`): no filter, no privileges, the same transaction, the same audit.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from kommunalpro.fhir.bundle import searchset
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.identifier import mask_cpr
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import BadRequest, Gone, NotFound, NotImplementedHere, PreconditionFailed
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fhirserver.access import Everything, Filter, Request
from kommunalpro.fhirserver.clockwork import from_microseconds, to_microseconds
from kommunalpro.fhirserver.database import is_postgresql, rows
from kommunalpro.fhirserver.known import Current, Known
from kommunalpro.fhirserver.patching import patched
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.search.filters import filter_sql, joined
from kommunalpro.fhirserver.search.run import Search
from kommunalpro.fhirserver.stamp import Stamp
from kommunalpro.fhirserver.storing import store, store_deletion, store_new
from kommunalpro.fhirserver.trail import Trail
from kommunalpro.fhirserver.transactions import run_transaction

if TYPE_CHECKING:
    from kommunalpro.fhirserver.server import Server

_VERSION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Session:
    """What a request, or an operation in it, may do. Made by `Server.session`."""

    server: "Server"
    principal: Principal
    now: datetime
    trace_id: str
    trail: Trail
    is_elevated: bool = False
    only_reads: bool = False
    known: Known = field(default_factory=Known, repr=False)

    # --- Reading
    def read(self, type: str, id: str) -> dict[str, Any]:
        """Read the current version.

        Raises:
            NotFound: there is none, or this user may not know of it.
            Gone: it was deleted.
        """
        self._authorise(Request("read", type, id))
        may_know = self.is_elevated or (type, id) in self.known.seen
        known = self.known.rows.get((type, id)) if may_know else None
        current = self.known.rows[type, id] = known or self.current(type, id)
        if not self.is_elevated:
            self.known.seen.add((type, id))
        return self._touched(current.resource)

    def vread(self, type: str, id: str, version: str) -> dict[str, Any]:
        """Read exactly this version, for ever.

        Raises:
            NotFound: there is none, or this user may not know of it.
            Gone: this version is the deletion.
        """
        self._authorise(Request("vread", type, id))
        self._check_type(type)
        if self.unseen([(type, id)]) or not _VERSION.fullmatch(version):
            raise _not_found(type)
        # An AuditEvent never changes: its one version is the current row.
        table = "fhir_resource" if type == "AuditEvent" else "fhir_version"
        sql = f"SELECT json, deleted FROM {table} WHERE type = %s AND id = %s AND version = %s"
        found = rows(sql, (type, id, int(version)))
        if not found:
            raise _not_found(type)
        if found[0][1]:
            raise _gone(type)
        return self._touched(loads(found[0][0]))

    def search(self, type: str, parameters: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Search one page; gives a searchset Bundle with `total`, and a `next` link when there is more."""
        pairs = tuple((name, value) for name, value in parameters)
        self._check_type(type)
        self._authorise(Request("search", type, parameters=pairs))
        query = self.server.queries.read(type, pairs, self._visible)
        declared, at = self.server.parameters[type], to_microseconds(self.now)
        page = Search(query, self._visible, declared, self.server.base_url, at).run()
        part = query.subset.of if query.subset else dict
        base = f"{self.server.base_url}/{type}?"
        return searchset(
            [part(self._touched(each)) for each in page.matches],
            included=[part(self._touched(each)) for each in page.included],
            total=page.total,
            base_url=self.server.base_url,
            links=_links(base, pairs, page.next),
        )

    def system_read(self, reference: str) -> dict[str, Any]:
        """Read what one of our own references names, versioned or not, with the system's rights.

        Raises:
            NotFound: it is not one of ours, or does not exist.
        """
        wanted, system = self._own(reference), self.elevated()
        if wanted.version:
            return system.vread(wanted.type, wanted.id, wanted.version)
        return system.read(wanted.type, wanted.id)

    def system_stamp(self, reference: str) -> Stamp:
        """Tell which version one of our own references means; read and audited like `system_read`, without content.

        Raises:
            NotFound: it is not one of ours, or does not exist.
        """
        wanted = self._own(reference)
        if wanted.version:
            return Stamp.of(self.system_read(reference), self.server.base_url)
        key = wanted.type, wanted.id
        if key not in self.known.stamps:
            sql = "SELECT version, last_updated, deleted, patient FROM fhir_resource WHERE type = %s AND id = %s"
            found = rows(sql, key)
            if not found:
                raise _not_found(wanted.type)
            version, last_updated, is_deleted, patient = found[0]
            if is_deleted:
                raise _gone(wanted.type)
            url = f"{self.server.base_url}/{wanted.key}/_history/{version}"
            self.trail.touch(patient, url)
            self.known.stamps[key] = Stamp(url, to_instant(from_microseconds(last_updated)))
        return self.known.stamps[key]

    def current(self, type: str, id: str, *, also_deleted: bool = False) -> Current:
        """Give the current row, as far as this user may know of it."""
        self._check_type(type)
        sql, parameters = filter_sql(self._visible(type))
        found = rows(
            "SELECT r.json, r.version, r.last_updated, r.deleted FROM fhir_resource r"
            f" WHERE r.type = %s AND r.id = %s AND ({sql})",
            (type, id, *parameters),
        )
        if not found:
            raise _not_found(type)
        current = Current(loads(found[0][0]), *found[0][1:3])
        if found[0][3] and not also_deleted:
            raise _gone(type)
        return current

    def unseen(self, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give those of these resources, named by type and id, that this user may not know of.

        Who may know of everything is not asked. The rest is read in one statement, and need not be read again.
        """
        limited = [(key, limit) for key in keys if not isinstance(limit := self._visible(key[0]), Everything)]
        if not limited:
            return []
        which = [
            joined(" AND ", "TRUE", [("r.type = %s AND r.id = %s", key), filter_sql(each)]) for key, each in limited
        ]
        sql, parameters = joined(" OR ", "FALSE", which)
        found = rows(
            f"SELECT r.type, r.id, r.json, r.version, r.last_updated, r.deleted FROM fhir_resource r WHERE {sql}",
            parameters,
        )
        for type, id, text, version, last_updated, is_deleted in found:
            if not is_deleted:
                self.known.rows[type, id] = Current(loads(text), version, last_updated)
        return [key for key, _ in limited if key not in {row[:2] for row in found}]

    # --- Writing
    def create(self, resource: Json, *, if_none_exist: str | None = None, id: str | None = None) -> dict[str, Any]:
        """Create a resource; `if_none_exist` is a query that must find none (one: that one is given back).

        Raises:
            PreconditionFailed: the query finds several.
        """
        type = str(resource["resourceType"])
        self._check_type(type)
        self._authorise(Request("create", type))
        if if_none_exist:
            self.take_turns(f"{type}?{if_none_exist}")
            found = self.search(type, [*parse_qsl(if_none_exist, keep_blank_values=True), ("_count", "2")])
            matches = [each["resource"] for each in found.get("entry", ()) if each["search"]["mode"] == "match"]
            if len(matches) > 1:
                raise PreconditionFailed("Der findes flere i forvejen.", diagnostics="If-None-Exist finds several")
            if matches:
                return dict(matches[0])
        return self._created(store(self, dict(resource), None, id=id))

    def create_all(self, resources: Sequence[tuple[str, Json]]) -> list[dict[str, Any]]:
        """Create several at once, each under an id made with `new_id`, by which the others may refer to it."""
        for _, resource in resources:
            type = str(resource["resourceType"])
            self._check_type(type)
            self._authorise(Request("create", type))
        return [self._created(stored) for stored in store_new(self, resources)]

    def update(self, resource: Json, *, if_match: str | None) -> dict[str, Any]:
        """Replace a resource; `if_match` is the version it was read at, None takes the current one.

        Raises:
            PreconditionFailed: somebody else has written since.
        """
        type, id = str(resource["resourceType"]), str(resource.get("id", ""))
        self._authorise(Request("update", type, id))
        before = self.current(type, id)
        _check_match(before, if_match)
        return self._written(store(self, dict(resource), before))

    def patch(self, type: str, id: str, operations: Sequence[Json], *, if_match: str | None) -> dict[str, Any]:
        """Apply a JSON Patch to the current version."""
        self._authorise(Request("patch", type, id))
        before = self.current(type, id)
        _check_match(before, if_match)
        return self._written(store(self, patched(before.resource, operations), before))

    def delete(self, type: str, id: str) -> None:
        """Delete a resource; its versions stay."""
        self._authorise(Request("delete", type, id))
        before = self.current(type, id)
        self.server.rules.check_delete(before.resource, self)
        self._touched(before.resource)
        store_deletion(self, before)

    def transaction(self, bundle: Json) -> dict[str, Any]:
        """Run a transaction Bundle, all or nothing; gives a transaction-response with resource bodies."""
        self._authorise(Request("transaction"))
        with self.savepoint():
            return run_transaction(self, bundle)

    # --- Operations
    def operate(
        self, name: str, parameters: Json, *, target: str | None = None, preview: bool = False
    ) -> dict[str, Any]:
        """Run an operation. `target` is None, `Type` or `Type/id`; `preview` runs what GET runs, which changes nothing.

        Raises:
            NotImplementedHere: it is not offered there; names it.
        """
        type, _, id = (target or "").partition("/")
        level = "instance" if id else "type" if type else "system"
        for definition in self.server.operations.get(name, ()):
            function = definition.on_get if preview else definition.run
            if definition.level == level and definition.type == (type or None) and function:
                self._authorise(Request("operation", type or None, id or None, name=name))
                return dict(function(self, parameters, target))
        raise NotImplementedHere(
            "Den operation findes ikke her.", diagnostics=f"{name} is not offered at {level} level"
        )

    def elevated(self) -> "Session":
        """Go on as the system: no access filter and no privileges, the same transaction and audit."""
        if self.is_elevated:
            return self
        return replace(self, principal=replace(self.principal, user_type="SYSTEM"), is_elevated=True)

    def take_turns(self, about: str) -> None:
        """Wait until nobody else does what goes by this name, and keep others waiting until this unit of work ends.

        For what must be looked for before it is made. SQLite has one unit of work at a time as it is.
        """
        if is_postgresql():
            rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (about,))
            self.known.clear()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back to here when what is inside raises; the exception goes on."""
        kept = len(self.trail.written)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            self.known.clear()
            self.trail.take_back(kept)
            raise

    # --- Inside
    def _authorise(self, request: Request) -> None:
        if not self.is_elevated:
            self.trail.asked(request)
            self.server.access.authorise(request, self.principal)

    def _visible(self, type: str) -> Filter:
        return Everything() if self.is_elevated else self.server.access.visible(type, self.principal, self.now)

    def _own(self, reference: str) -> Reference:
        wanted = Reference.parse(reference)
        if (
            wanted is None
            or wanted.base not in (None, self.server.base_url)
            or wanted.type not in self.server.rules.types
        ):
            raise NotFound("Henvisningen peger ikke på noget her.", diagnostics="Not a reference to this server")
        return wanted

    def _check_type(self, type: str) -> None:
        if type not in self.server.rules.types:
            raise NotFound("Den slags findes ikke her.", diagnostics=f"{mask_cpr(type)} is not served here")

    def _touched(self, resource: dict[str, Any]) -> dict[str, Any]:
        patient = self.server.rules.owner(resource).patient or ""
        self.trail.touch(patient, versioned_url(self.server.base_url, resource))
        return resource

    def _created(self, resource: dict[str, Any]) -> dict[str, Any]:
        self.trail.created.add(resource["id"])
        return self._written(resource)

    def _written(self, resource: dict[str, Any]) -> dict[str, Any]:
        patient = self.server.rules.owner(resource).patient or ""
        self.trail.wrote(patient, versioned_url(self.server.base_url, resource))
        return resource


def _check_match(before: Current, if_match: str | None) -> None:
    if if_match is not None and if_match != str(before.version):
        raise PreconditionFailed(
            "En anden har ændret det, siden du åbnede det.", diagnostics=f"Current version is {before.version}"
        )


def _links(base: str, pairs: Sequence[tuple[str, str]], following: str | None) -> Iterator[tuple[str, str]]:
    """Give a searchset's links; a CPR number stands in no address that we make (docs/adr/0010-cpr.md)."""
    asked = [pair for pair in pairs if pair[0] != "_page"]
    masked = [(name, mask_cpr(value)) for name, value in asked]
    yield "self", base + urlencode([*masked, *(pair for pair in pairs if pair[0] == "_page")])
    if following and masked != asked:
        raise BadRequest(
            "Søg efter færre ad gangen.",
            diagnostics="A search by CPR number has one page: narrow it, or ask for a larger _count",
        )
    if following:
        yield "next", base + urlencode([*asked, ("_page", following)])


def _not_found(type: str) -> NotFound:
    return NotFound("Det findes ikke, eller du har ikke adgang.", diagnostics=f"No such {type}, or not visible")


def _gone(type: str) -> Gone:
    return Gone("Det er slettet.", diagnostics=f"{type} was deleted")
