"""One unit of work: everything that may be asked of the store, by one user, in one transaction.

Every user-level call is authorised before any lookup, filtered inside the SQL, and noted for the audit. An operation
may go on as the system (`elevated`): no filter, no privileges, the same transaction, the same audit.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.outcome import Gone, NotFound, NotImplementedHere, PreconditionFailed
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.access import Everything, Filter, Nothing, Request
from kommunalpro.fhirserver.answering import search_bundle
from kommunalpro.fhirserver.audit import write_rest
from kommunalpro.fhirserver.database import NeedsTransaction, in_transaction, is_postgresql, rows_by_key
from kommunalpro.fhirserver.following import found_in, pages_of
from kommunalpro.fhirserver.given import take
from kommunalpro.fhirserver.history import history_bundle
from kommunalpro.fhirserver.known import Current, Known
from kommunalpro.fhirserver.left import Left
from kommunalpro.fhirserver.patching import patched
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.search.filters import filter_sql
from kommunalpro.fhirserver.seeing import (
    find_unmet,
    find_unseen,
    gone,
    is_of_row,
    not_found,
    read_current,
    read_referred,
    read_stamp,
    read_stamps_referring,
    read_together,
    version_of,
)
from kommunalpro.fhirserver.stamp import Stamp
from kommunalpro.fhirserver.storing import store, store_deletion, store_new
from kommunalpro.fhirserver.trail import Trail
from kommunalpro.fhirserver.transactions import hold_rows, run_transaction

if TYPE_CHECKING:
    from kommunalpro.fhirserver.search.query import QueryReader
    from kommunalpro.fhirserver.server import Server

_VERSION = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Session:
    """What a request, or an operation in it, may do. Made by `Server.session`.

    `only_creates`: what it creates is `left` to be written with its AuditEvents, as the last thing; whatever else turns
    out to be wanted raises `NeedsTransaction` before it is done. `presumes`: it only reads, and what was so when last
    looked at may be presumed until it ends. `has_token`: who acts, and in which context, is what a token from outside
    says. `searching`: what is searched for, while it is. `queries` reads what is asked in the caller's own words.
    """

    server: "Server"
    principal: Principal
    now: datetime
    trace_id: str
    trail: Trail
    queries: "QueryReader"
    is_elevated: bool = False
    only_reads: bool = False
    only_creates: bool = False
    presumes: bool = False
    has_token: bool = False
    searching: Request | None = None
    known: Known = field(default_factory=Known, repr=False)
    left: Left = field(default_factory=Left, repr=False)

    # --- Reading
    def read(self, type: str, id: str) -> dict[str, Any]:
        """Read the current version.

        Raises:
            NotFound: there is none, or this user may not know of it.
            Gone: it was deleted.
        """
        return self.read_as_stored(type, id).resource

    def read_as_stored(self, type: str, id: str) -> Current:
        """Read the current version, and parse it only where that is wanted: else as `read`.

        Raises:
            NotFound: there is none, or this user may not know of it.
            Gone: it was deleted.
        """
        self.authorise(Request("read", type, id))
        may_know = self.is_elevated or (type, id) in self.known.seen
        known = self.known.rows.get((type, id)) if may_know else None
        current = self.known.rows[type, id] = known or read_current(self, (type, id))
        if not self.is_elevated:
            self.known.seen.add((type, id))
        patient = self._patient_of(current.resource) if current.patient is None else current.patient
        self.trail.touch(patient, f"{self.server.base_url}/{type}/{id}/_history/{current.version}")
        return current

    def vread(self, type: str, id: str, version: str) -> dict[str, Any]:
        """Read exactly this version, for ever.

        Raises:
            NotFound: there is none, or this user may not know of it.
            Gone: this version is the deletion.
        """
        self.authorise(Request("vread", type, id))
        self.check_type(type)
        if not _VERSION.fullmatch(version):
            raise not_found(type)
        # An AuditEvent never changes: its one version is the current row.
        table = "fhir_resource" if type == "AuditEvent" else "fhir_version"
        seen, bound = filter_sql(self.visible(type))
        sql = (
            f"SELECT v.json, v.deleted, r.patient, r.episode FROM {table} v JOIN fhir_resource r"
            f" ON r.type = v.type AND r.id = v.id WHERE v.type = %s AND v.id = %s AND v.version = %s AND ({seen})"
        )
        found = rows_by_key(sql, (type, id, int(version), *bound))
        if not found:
            raise not_found(type)
        text, is_deleted, *whose = found[0]
        if is_deleted:
            raise gone(type)
        if not is_of_row(self, resource := loads(text), *whose):
            raise not_found(type)
        self.known.last = resource, text
        return self.touched(resource)

    def search(self, type: str, parameters: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Search one page; gives a searchset Bundle with `total`, and a `next` link when there is more."""
        pairs = tuple((name, value) for name, value in parameters)
        self.check_type(type)
        request = Request("search", type, parameters=pairs)
        self.authorise(request)
        return search_bundle(replace(self, searching=request), type, pairs)

    def search_pages(self, type: str, parameters: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Give a search page by page, each looked for when it is asked for."""
        return pages_of(self, type, parameters)

    def search_all(self, type: str, parameters: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        """Give what a search finds on all its pages."""
        return (resource for page in pages_of(self, type, parameters) for resource in found_in(page))

    def history(self, type: str | None, id: str | None, parameters: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Give a page of the versions of a resource, of a type (`id` None) or of everything (`type` None as well).

        Raises:
            NotFound: there is no such resource, or this user may not know of it.
        """
        self.authorise(Request("history", type, id))
        if type is not None:
            self.check_type(type)
        return history_bundle(self, type, id, tuple((name, value) for name, value in parameters))

    def system_read(self, reference: str) -> dict[str, Any]:
        """Read what one of our own references names, versioned or not, with the system's rights.

        Raises:
            NotFound: it is not one of ours, or does not exist.
        """
        wanted = self._own(reference)
        is_pinned, key = wanted.version or wanted.business, (wanted.type, wanted.id)
        if not is_pinned and (known := self.known.rows.get(key)):
            # The rules ask for the same few again and again.
            if self.known.noted.get(key) != known.version:
                self.known.noted[key] = known.version
                self.touched(known.resource)
            return known.resource
        system, version = self.elevated(), version_of(wanted)
        return system.vread(wanted.type, wanted.id, version) if version else system.read(wanted.type, wanted.id)

    def system_read_all(self, references: Sequence[str]) -> list[dict[str, Any]]:
        """Read what several of our own references name now, together, with the system's rights.

        Raises:
            NotFound: one of them is not one of ours, or does not exist.
        """
        wanted = [self._own(each) for each in references]
        read_together(self, [(each.type, each.id) for each in wanted if not (each.version or each.business)])
        return [self.system_read(each) for each in references]

    def system_read_those_here(self, references: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Read what several references name now, together, with the system's rights; gives it by reference.

        What is not one of ours, or not here, is passed over, and asked about no more than once for all.
        """
        wanted: dict[str, Reference] = {}
        for each in dict.fromkeys(references):
            with suppress(NotFound):
                wanted[each] = self._own(each)
        now = {text: (each.type, each.id) for text, each in wanted.items() if not (each.version or each.business)}
        read_together(self, [*now.values()])
        found = {}
        for text in wanted:
            if text not in now or now[text] in self.known.rows:
                with suppress(NotFound, Gone):
                    found[text] = self.system_read(text)
        return found

    def system_read_referred(
        self, references: Sequence[str], *, by: Sequence[tuple[str, str]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Read what several of our own references to one type name, and all that refers to them, newest first.

        `by`: the types of what refers to them, and the parameter by which each is found. With the system's rights.

        Raises:
            NotFound: one of them is not one of ours, or does not exist.
        """
        wanted = [self._own(each) for each in references]
        found = read_referred(self, [(each.type, each.id) for each in wanted], by) if wanted else []
        named = [self.system_read(each) for each in references]
        return named, [self.touched(each.resource) for each in found]

    def system_stamp(
        self, reference: str, *, referring: tuple[str, str] | None = None, beside: str | None = None
    ) -> Stamp:
        """Tell which version one of our own references means; read and audited like `system_read`, without content.

        `referring`: with the stamps of what refers to it, which are asked for soon (`system_stamps_referring`).
        `beside`: with that of a version (`…/_history/n`) of another type, about no patient, which is asked for soon.

        Raises:
            NotFound: it is not one of ours, or does not exist.
        """
        wanted = self._own(reference)
        if known := self.known.pinned.get(_numbered(wanted)):
            self.trail.touch("", known.url)
            return known
        if wanted.version or wanted.business:
            return Stamp.of(self.system_read(reference), self.server.base_url)
        also = _numbered(self._own(beside)) if beside else None
        return read_stamp(self, (wanted.type, wanted.id), referring=referring, beside=also)

    def system_stamps_referring(self, reference: str, *, by: tuple[str, str]) -> list[Stamp]:
        """Tell which versions of all that refers to one of our own resources are the current ones, newest first.

        `by`: the type of what refers to it, which is about no patient, and the parameter by which it is found. What was
        made of them before need not be read again. Empty also where the reference is to nothing here.
        """
        try:
            wanted = self._own(reference)
        except NotFound:
            return []
        return read_stamps_referring(self, (wanted.type, wanted.id), by)

    def current(self, type: str, id: str) -> Current:
        """Give the current row of what is to be written, as far as this user may know of it."""
        return read_current(self, (type, id), to_write=True)

    def unseen(self, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give those of these resources, named by type and id, that this user may not know of."""
        return find_unseen(self, keys)

    def unmet(self, wanted: Sequence[tuple[tuple[str, str], Filter]]) -> list[tuple[str, str]]:
        """Give those of these resources that are not there now, or do not satisfy their filter; whoever asks."""
        return find_unmet(self, wanted)

    def is_coming(self, reference: Reference) -> bool:
        """Tell whether what one of our own references names is written in this unit of work, if perhaps not yet."""
        return (reference.type, reference.id) in self.known.coming

    def presume(self, condition: Filter) -> bool:
        """Go on as if a condition on no row in particular were met, which is looked at when this unit of work ends.

        False: it must be looked at now.
        """
        if self.presumes and self.known.presumed:
            raise RuntimeError("One condition is presumed at a time")
        if self.presumes:
            self.known.presumed = condition
        return self.presumes

    # --- Writing
    def create(self, resource: Json, *, if_none_exist: str | None = None, id: str | None = None) -> dict[str, Any]:
        """Create a resource; `if_none_exist` is a query that must find none (one: that one is given back).

        Raises:
            PreconditionFailed: the query finds several.
            BadRequest: the query says nothing of which.
        """
        type = str(resource["resourceType"])
        self.check_type(type)
        self.authorise(Request("create", type))
        if if_none_exist is not None:
            conditional.take_turns(self, ((type, if_none_exist),))
            if found := conditional.find(self, type, if_none_exist):
                return found
        return store(self, dict(resource), None, id=id)

    def create_all(self, resources: Sequence[tuple[str, Json]], *, places: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Create several at once, each under an id made with `new_id`, by which the others may refer to it.

        `places`: where they stand in what was sent (FHIRPath), the first of them first; a refusal tells of it there.
        """
        for _, resource in resources:
            type = str(resource["resourceType"])
            self.check_type(type)
            self.authorise(Request("create", type))
        return store_new(self, resources, places)

    def update(self, resource: Json, *, if_match: str | None) -> dict[str, Any]:
        """Replace a resource; `if_match` is the version it was read at, None takes the current one.

        Raises:
            PreconditionFailed: somebody else has written since.
        """
        type, id = str(resource["resourceType"]), str(resource.get("id", ""))
        self.authorise(Request("update", type, id))
        before = self.current(type, id)
        _check_match(before, if_match)
        return store(self, dict(resource), before)

    def patch(self, type: str, id: str, operations: Sequence[Json], *, if_match: str | None) -> dict[str, Any]:
        """Apply a JSON Patch; `if_match` is the version it is meant for, None the one that whoever writes now leaves.

        Raises:
            PreconditionFailed: somebody else has written since.
        """
        self.authorise(Request("patch", type, id))
        if if_match is None:
            self.hold(f"{type}/{id}")
        before = self.current(type, id)
        _check_match(before, if_match)
        return store(self, patched(before.resource, operations), before)

    def delete(self, type: str, id: str, *, if_match: str | None = None) -> None:
        """Delete a resource; its versions stay. Who sees that it is deleted already has what they want (R4, http.html).

        Whatever `if_match` says then: who heard no answer sends the same again (RFC 9110, 13.1.1).
        """
        self.authorise(Request("delete", type, id))
        try:
            before = self.current(type, id)
        except Gone:
            return
        _check_match(before, if_match)
        self.server.rules.check_delete(before.resource, self)
        self.touched(before.resource)
        store_deletion(self, before)

    def transaction(self, bundle: Json) -> dict[str, Any]:
        """Run a transaction Bundle, all or nothing; gives a transaction-response with resource bodies."""
        self.authorise(Request("transaction"))
        self.begin_to_change()
        with self.savepoint():
            return run_transaction(self, bundle)

    # --- Operations
    def operate(
        self, name: str, parameters: Json, *, target: str | None = None, preview: bool = False
    ) -> dict[str, Any]:
        """Run an operation. `target` is None, `Type` or `Type/id`; `preview` runs what GET runs, which changes nothing.

        Raises:
            NotImplementedHere: it is not offered there, or something that it is given is not done; names it.
            BadRequest: it is given what it does not take.
        """
        type, _, id = (target or "").partition("/")
        level = "instance" if id else "type" if type else "system"
        for definition in self.server.operations.get(name, ()):
            function = definition.on_get if preview else definition.run
            if definition.level == level and definition.type == (type or None) and function:
                self.authorise(Request("operation", type or None, id or None, name=name))
                inside = replace(self, queries=self.server.queries)
                return dict(function(inside, take(definition, parameters, by_query=preview), target))
        raise NotImplementedHere(
            "Den operation findes ikke her.", diagnostics=f"{name} is not offered at {level} level"
        )

    def elevated(self) -> "Session":
        """Go on as the system: no access filter and no privileges, the same transaction and audit."""
        if self.is_elevated:
            return self
        principal = replace(self.principal, user_type="SYSTEM")
        return replace(self, principal=principal, is_elevated=True, queries=self.server.queries)

    def take_turns(self, about: str) -> None:
        """Wait until nobody else does what goes by this name, and keep others waiting until this unit of work ends.

        For what must be looked for before it is made. SQLite has one transaction at a time as it is.
        """
        in_transaction()
        if is_postgresql():
            rows_by_key("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (about,))
            self.known.clear()

    def hold(self, *keys: str) -> None:
        """Wait for who writes these (`Type/id`), and keep others from them: what is read of them after this holds.

        Before `take_turns`, for so does whoever else does both.
        """
        if is_postgresql():
            self.begin_to_change()
            named = sorted((type, id) for type, _, id in (key.partition("/") for key in keys))
            hold_rows(self, named)
            for type, id in named:
                self.known.forget(type, id)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Roll back to here when what is inside raises; the exception goes on."""
        kept, kept_left = len(self.trail.written), len(self.left.writes)
        try:
            with self._reads_alone() if self.only_creates else transaction.atomic():
                yield
        except BaseException:
            self.known.clear()
            self.trail.take_back(kept)
            del self.left.writes[kept_left:]
            raise

    def finish(self) -> None:
        """Write what is left, the AuditEvents with it: nothing can be done after it but to commit.

        What only reads has no transaction, and is committed by this.
        """
        if not self.trail.is_ended:
            write_rest(self)
            self.trail.is_ended = True

    def text_of(self, resource: Json) -> bytes:
        """Give a resource as JSON: what was written, or read as a version, last stands ready, as the database has it.

        Nobody changes what a session gives: it is at hand for whoever reads it next, and would be answered as it was.
        """
        last = self.known.last
        if last is None or last[0] is not resource:
            return dumps(resource)
        return last[1].encode() if isinstance(last[1], str) else last[1]

    # --- Inside
    @property
    def is_outside(self) -> bool:
        """Tell whether somebody from outside acts, with a token: neither our own pages nor the system."""
        return self.has_token and not self.is_elevated

    def authorise(self, request: Request) -> None:
        """Ask whether this may be done, before anything is looked up; the first that is asked is what the audit says.

        Raises:
            Forbidden: it may not.
        """
        if self.trail.is_ended:
            raise RuntimeError("This unit of work has ended")
        if request.interaction != "create":
            self.look_for(request.type if request.interaction in ("read", "vread") else None)
        if self.is_elevated:
            return
        self.trail.asked(request)
        self.server.access.authorise(request, self.principal)
        if self.has_token and not self.known.has_context:
            self.server.access.check_context(self)
            self.known.has_context, self.known.held = True, self.principal

    def _reads_alone(self) -> AbstractContextManager[Any]:
        """Roll back a statement that failed, where that is needed: what is left to be written is no statement yet.

        Only in a transaction of PostgreSQL can nothing be done after one.
        """
        may_spoil = is_postgresql() and transaction.get_connection().in_atomic_block
        return transaction.atomic() if may_spoil else nullcontext()

    def look_for(self, type: str | None) -> None:
        """Go on only if what is looked for cannot be among what is left to be written; `type` None: it may be any.

        Raises:
            NeedsTransaction: it can, so that it must be written first.
        """
        if self.left.writes and (type is None or not self.is_elevated or self.left.has(type)):
            raise NeedsTransaction

    def begin_to_change(self) -> None:
        """Go on only where something may be changed, and not only created.

        Raises:
            NeedsTransaction: this was opened only to create.
        """
        if self.only_creates:
            raise NeedsTransaction

    def visible(self, type: str, *, to_write: bool = False) -> Filter:
        """Give the rows of a type that may be seen; `to_write`: of what is written, or what that is a part of."""
        if self.is_elevated:
            return Everything()
        # An operation may look with the eyes of another context, of which nobody knows yet whether it is the user's.
        is_held = self.known.held is self.principal
        access, search = self.server.access, self.searching
        return access.visible(type, self.principal, self.now, is_held=is_held, to_write=to_write, search=search)

    def may_see(self, type: str) -> bool:
        """Tell whether there can be anything of a type that may be seen, and not only written."""
        return not isinstance(self.visible(type), Nothing)

    def _own(self, reference: str) -> Reference:
        wanted = Reference.parse(reference)
        if (
            wanted is None
            or wanted.base not in (None, self.server.base_url)
            or wanted.type not in self.server.rules.types
        ):
            raise NotFound("Henvisningen peger ikke på noget her.", diagnostics="Not a reference to this server")
        return wanted

    def check_type(self, type: str) -> None:
        """Refuse a type that is not served."""
        if type not in self.server.rules.types:
            raise NotFound("Den slags findes ikke her.", diagnostics=f"{mask_cpr(type)} is not served here")

    def touched(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Give a resource that is read, or written, noted for the audit."""
        self.trail.touch(self._patient_of(resource), versioned_url(self.server.base_url, resource))
        return resource

    def _patient_of(self, resource: Json) -> str:
        """Give the id of whose a resource is; empty: nobody's."""
        return self.server.rules.owner(resource).patient or ""


def _numbered(wanted: Reference) -> tuple[str, str, int] | None:
    """Give which version it is by its number; None: by none."""
    is_number = wanted.version is not None and _VERSION.fullmatch(wanted.version)
    return (wanted.type, wanted.id, int(wanted.version or 0)) if is_number else None


def _check_match(before: Current, if_match: str | None) -> None:
    if if_match is not None and if_match != str(before.version):
        raise PreconditionFailed(
            "En anden har ændret det, siden du åbnede det.", diagnostics=f"Current version is {before.version}"
        )
