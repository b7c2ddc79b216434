"""Transactions: all or nothing, addresses of entries resolved wherever they stand, all issues at once.

Source: R4 http.html#transaction: first what is deleted, then POST, then PUT and PATCH, then GET, which sees what was
written. A condition is looked up after the deletions and before anything is written, so that a placeholder can mean
what it found; a conditional reference when the entry that it stands in is written.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue
from kommunalpro.fhir.reference import Reference, own_url, versioned_url
from kommunalpro.fhir.structure.uris import with_uris
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.access import Interaction, Request
from kommunalpro.fhirserver.database import is_postgresql, rows
from kommunalpro.fhirserver.entries import Entry, read_entry
from kommunalpro.fhirserver.entry_order import in_order
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.placeholders import unmet, unmet_in_patch
from kommunalpro.fhirserver.preconditions import is_had, written_at
from kommunalpro.fhirserver.search.filters import filter_sql, joined
from kommunalpro.fhirserver.sizes import MOST_READ, Room
from kommunalpro.fhirserver.storing import refuse_malformed

if TYPE_CHECKING:
    from kommunalpro.fhirserver.session import Session

MOST_ENTRIES = 100
"""FUT's limit (`fut.md` §6)."""
MOST_REFERENCES = 100
"""Different conditional references in a Bundle."""
MOST_SEARCHES = 500
"""Searches for them: each is one, once for each entry that it stands in."""


def run_transaction(session: "Session", bundle: Json) -> dict[str, Any]:
    """Run the entries; gives a transaction-response with the stored resources, in the order they came.

    Raises:
        FhirError: the first entry's kind of refusal, with the issues of all entries.
    """
    entries = _read(session, bundle)
    results = _Run(session, entries, session.server.rules.in_transaction).run()
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        **({"entry": [results[number] for number in range(len(entries))]} if entries else {}),
    }


def room_to_read() -> Room:
    """Give the room that there is for what one Bundle reads: by its GETs and conditions, and of what it changes."""
    return Room(MOST_READ, f"More than {MOST_READ} bytes would be read: ask for less in one Bundle")


def run_alone(session: "Session", entry: Entry, room: Room) -> dict[str, Any]:
    """Run one entry of a batch, which knows nothing of the others but how much `room` they left.

    Raises:
        FhirError: it is refused.
    """
    return _Run(session, [entry], session.server.rules.interactions, room).run()[entry.number]


def hold(session: "Session", entries: Sequence[Entry]) -> None:
    """Keep others from what entries look for before they make it, and from what they write, until all is committed.

    By everybody in this order: else one would hold what the other waits for. SQLite has one writer as it is.
    """
    conditions = [(each.type, each.condition) for each in entries if each.method in ("POST", "PUT")]
    conditional.take_turns(session, [(type, condition) for type, condition in conditions if condition is not None])
    named = {(each.type, each.id) for each in entries if each.method in ("DELETE", "PUT", "PATCH") and each.id}
    if len(named) > 1 and is_postgresql():
        hold_rows(session, sorted(named))


def check_size(entries: list[Any]) -> None:
    """Refuse more entries than are run at once, and more searches for what is referred to.

    Raises:
        BadRequest: there are more.
    """
    if len(entries) > MOST_ENTRIES:
        raise BadRequest(
            "Der er for mange dele.", diagnostics=f"At most {MOST_ENTRIES} entries", expression="Bundle.entry"
        )
    of_each = [set(conditional.references(each)) for each in entries]
    if len(set[tuple[str, str]]().union(*of_each)) > MOST_REFERENCES or sum(map(len, of_each)) > MOST_SEARCHES:
        said = f"At most {MOST_REFERENCES} different conditional references, and {MOST_SEARCHES} counted in each entry"
        raise BadRequest(
            "Der er for mange betingede henvisninger.", diagnostics=said, expression="Bundle.entry", code="too-costly"
        )


def _read(session: "Session", bundle: Json) -> list[Entry]:
    raw = list(bundle.get("entry", ()))
    if bundle.get("type") != "transaction":
        text = "Det er ikke en transaktion."
        raise BadRequest(text, diagnostics="Bundle.type must be transaction", expression="Bundle.type")
    check_size(raw)
    entries: list[Entry] = []
    issues: list[Issue] = []
    for number, each in enumerate(raw):
        try:
            entries.append(read_entry(number, each, session.server.offers))
        except BadRequest as wrong:
            issues += wrong.issues
    issues += _repetitions(entries)
    if issues:
        raise BadRequest(issues=issues)
    return entries


def _repetitions(entries: Sequence[Entry]) -> Iterator[Issue]:
    """Nothing is written twice, and a placeholder means one thing (R4, http.html and bdl-7).

    Of two creates on one condition that is seen when it is looked for: both may find what is there.
    """
    urls: set[str] = set()
    targets: set[tuple[str, str, str]] = set()
    for entry in entries:
        target = entry.type, entry.id, "" if entry.id else entry.condition or ""
        is_write = entry.method not in ("GET", "POST") and any(target[1:])
        if entry.full_url and entry.full_url in urls:
            detail = "fullUrl stands twice"
        elif is_write and target in targets:
            detail = "the same resource is written twice"
        else:
            detail = ""
        urls.add(entry.full_url)
        if is_write:
            targets.add(target)
        if detail:
            yield _twice(entry, detail)


def _twice(entry: Entry, detail: str) -> Issue:
    return Issue("Delen står der to gange.", diagnostics=detail, expression=f"Bundle.entry[{entry.number}]")


def hold_rows(session: "Session", addresses: Sequence[tuple[str, str]]) -> None:
    """Keep others from what will be written, taken in one order by everybody: no two then wait for each other.

    Who may not know of a row does not keep it from those who may.
    """
    ids: dict[str, list[str]] = {}
    for type, id in addresses:
        ids.setdefault(type, []).append(id)
    of_types = [
        joined(
            " AND ",
            "TRUE",
            [("r.type = %s AND r.id = ANY(%s)", (type, many)), filter_sql(session.visible(type, to_write=True))],
        )
        for type, many in ids.items()
    ]
    sql, bound = joined(" OR ", "FALSE", of_types)
    rows(f"SELECT 1 FROM fhir_resource r WHERE {sql} ORDER BY r.type, r.id FOR UPDATE OF r", bound)


@dataclass(slots=True)
class _Run:
    """Entries on their way. `offered`: what may be done with a type here.

    `ids`: of what each writes; `found`: what conditions found; both by the entry's number. `new`: the ids of what they
    did not find, by type and condition. `room`: for what they read.
    """

    session: "Session"
    entries: Sequence[Entry]
    offered: Callable[[str], frozenset[Interaction]]
    room: Room = field(default_factory=room_to_read)
    ids: dict[int, str] = field(default_factory=dict)
    found: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    new: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    results: dict[int, dict[str, Any]] = field(default_factory=dict, repr=False)
    refusals: list[tuple[FhirError, list[Issue]]] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)

    def run(self) -> dict[int, dict[str, Any]]:
        """Run them all; gives what became of each.

        Raises:
            FhirError: the first refusal's kind, with the issues of all.
        """
        hold(self.session, self.entries)
        for entry in self._of("DELETE"):
            self._attempt(entry, self._delete)
        for entry in self._of("POST", "PUT", "PATCH"):
            self._attempt(entry, self._settle)
        self._refuse_overlaps()
        places = dict(self._places())
        writing = (each for each in self._of("POST", "PUT", "PATCH") if each.number in self.ids)
        self.session.known.coming.update((each.type, self.ids[each.number]) for each in writing)
        new = {each.number for each in self.entries if not each.id and each.number not in self.found}
        for entry in in_order(self._of("POST", "PUT", "PATCH"), dict(self._names()), dict(self._there()), new):
            if entry.number not in self.failed:
                self._write_or_check(entry, places)
        # What is to be read after a refusal was perhaps never written.
        for entry in self._of("GET") if not self.refusals else ():
            self._attempt(entry, self._get)
        if self.refusals:
            raise type(self.refusals[0][0])(issues=[issue for _, issues in self.refusals for issue in issues])
        return self.results

    def _of(self, *methods: str) -> list[Entry]:
        return [each for each in self.entries if each.method in methods]

    def _attempt(self, entry: Entry, work: Callable[[Entry], None]) -> None:
        try:
            with self.session.savepoint():
                work(entry)
        except FhirError as wrong:
            self._refuse(entry, wrong)

    def _refuse(self, entry: Entry, wrong: FhirError) -> None:
        self.failed.add(entry.number)
        self.refusals.append((wrong, [_placed(issue, wrong, entry.number) for issue in wrong.issues]))

    def _delete(self, entry: Entry) -> None:
        version = entry.on.version_for(self.session, Request("delete", entry.type, entry.id))
        self.session.delete(entry.type, entry.id, if_match=version)
        self.results[entry.number] = {"response": {"status": "204"}}

    def _settle(self, entry: Entry) -> None:
        """Find out which resource an entry is about."""
        found = conditional.find(self.session, entry.type, entry.condition) if entry.condition is not None else None
        if found is not None:
            self.room.take(len(dumps(found)))
            self.found[entry.number] = found
        if entry.method == "PUT" and entry.condition is not None:
            conditional.check_target(entry.resource, found, self.offered(entry.type), entry.on)
        if entry.method == "PUT" and entry.id and entry.id != entry.resource.get("id"):
            raise BadRequest("Adressen passer ikke til indholdet.", diagnostics="request.url must be the resource's")
        if entry.method == "PATCH" and entry.condition is not None and found is None:
            raise conditional.found_none(entry.type)
        self.ids[entry.number] = entry.id or (found["id"] if found else self._new_id(entry))

    def _new_id(self, entry: Entry) -> str:
        """Give the id of what was not there: one for all that looked for the same."""
        if entry.condition is None:
            return new_id()
        asked = urlencode(sorted(conditional.read_condition(entry.condition)))
        return self.new.setdefault((entry.type, asked), new_id())

    def _refuse_overlaps(self) -> None:
        """Nothing is written twice, by whatever it is named (R4); what is there already can be found by several."""
        written, found = {(each.type, each.id) for each in self._of("DELETE")}, set[tuple[str, str]]()
        for entry in self._of("POST", "PUT", "PATCH"):
            target = entry.type, self.ids.get(entry.number, "")
            is_found = entry.method == "POST" and entry.number in self.found
            if target in written or (target in found and not is_found):
                issue = _twice(entry, "the same resource is written twice")
                self.failed.add(entry.number)
                self.refusals.append((BadRequest(issues=[issue]), [issue]))
            if target[1]:
                (found if is_found else written).add(target)

    def _places(self) -> Iterator[tuple[str, str]]:
        """Give (placeholder, URL) of what is written."""
        for entry in self.entries:
            if entry.full_url and entry.number in self.ids:
                yield entry.full_url, f"{self.session.server.base_url}/{entry.type}/{self.ids[entry.number]}"

    def _names(self) -> Iterator[tuple[str, int]]:
        """Give how what is written may be named in what is sent, each with its entry's number: fullUrl is optional."""
        for entry in self.entries:
            if entry.number in self.ids:
                key, stands = f"{entry.type}/{self.ids[entry.number]}", Reference.parse(entry.full_url)
                names = entry.full_url, stands.key if stands else "", key, f"{self.session.server.base_url}/{key}"
                yield from ((name, entry.number) for name in names if name)

    def _there(self) -> Iterator[tuple[int, Json]]:
        """Give what is stored of what is patched beside others, as far as this user may know of it."""
        for entry in self._of("PATCH") if len(self.ids) > 1 else ():
            with suppress(FhirError):
                yield entry.number, self.session.current(entry.type, self.ids[entry.number]).resource

    def _write_or_check(self, entry: Entry, places: dict[str, str]) -> None:
        failed = [each.full_url for each in self.entries if each.number in self.failed]
        lost = [places.get(each, each) for each in failed if each]
        resource = with_uris(entry.resource, _placing(entry, places)) if places else entry.resource
        nowhere = list(_unmet(entry, {*places, *failed}))
        if not nowhere and not _refers_to(resource, lost):
            self._attempt(entry, lambda each: self._write(each, resource, places))
            return
        if nowhere:
            self._refuse(entry, BadRequest(issues=nowhere))
        try:
            # What it refers to is refused, or not there: besides, only what is wrong with it in itself is told.
            refuse_malformed(self.session.server.rules, resource)
        except FhirError as wrong:
            self._refuse(entry, wrong)

    def _write(self, entry: Entry, resource: Json, places: dict[str, str]) -> None:
        session, id, found = self.session, self.ids[entry.number], self.found.get(entry.number)
        if entry.method == "PATCH":
            operations = [_resolved(each, places) for each in entry.operations]
            version = entry.on.version_for(session, Request("patch", entry.type, id))
            version = version or (str(found["meta"]["versionId"]) if found else None)
            stored, status = session.patch(entry.type, id, operations, if_match=version), "200"
            self.room.take(len(session.text_of(stored)))
        elif entry.method == "POST" and found is not None:
            stored, status = found, "200"
        else:
            whole = conditional.with_references(session, resource)
            if entry.method == "POST" or (entry.condition is not None and found is None):
                stored, status = session.create(whole, id=id), "201"
            else:
                version = entry.on.version_for(session, Request("update", entry.type, id))
                stored, status = session.update({**whole, "id": id}, if_match=version), "200"
        self.results[entry.number] = _answer(session, stored, status)

    def _get(self, entry: Entry) -> None:
        session = self.session
        # When there was no room for another, nothing more is read.
        self.room.take(0)
        if not entry.id:
            pairs = conditional.read_condition(entry.condition) if entry.condition else []
            with session.trail.search_of_entry([(f"{entry.type}.{name}", value) for name, value in pairs]):
                answer = {"resource": session.search(entry.type, pairs), "response": {"status": "200"}}
        else:
            key = entry.type, entry.id
            resource = session.vread(*key, entry.version) if entry.version else session.read(*key)
            answer = _told(session, resource, "200")
            if is_had(resource, entry.on.if_none_match, entry.if_modified_since, written_at(resource)):
                answer = {"response": {**answer["response"], "status": "304"}}
        if "resource" in answer:
            self.room.take(len(session.text_of(answer["resource"])))
        self.results[entry.number] = answer


def _answer(session: "Session", stored: dict[str, Any], status: str) -> dict[str, Any]:
    return {"fullUrl": own_url(session.server.base_url, stored), **_told(session, stored, status)}


def _told(session: "Session", stored: dict[str, Any], status: str) -> dict[str, Any]:
    """Give what is said of a resource, without its fullUrl: it may be read and written in one Bundle (R4, bdl-7)."""
    base, meta = session.server.base_url, stored["meta"]
    response = {
        "status": status,
        "location": versioned_url(base, stored),
        "etag": f'W/"{meta["versionId"]}"',
        "lastModified": meta["lastUpdated"],
    }
    return {"resource": stored, "response": response}


def _placing(entry: Entry, places: dict[str, str]) -> Callable[[str], str]:
    """Give what turns a placeholder, or a canonical of one, into the URL that it stands for.

    A relative address is looked for where the entry itself stands, too (R4 bundle.html#references).
    """
    stands = Reference.parse(entry.full_url)
    root = f"{stands.base}/" if stands and stands.base else ""

    def placed(url: str) -> str:
        plain, bar, version = url.partition("|")
        return (places.get(plain) or places.get(root + plain, plain)) + bar + version

    return placed


def _resolved(value: Any, places: dict[str, str]) -> Any:
    """Put the new URL wherever a placeholder stands in what is to be patched, of which the type is not known."""
    if isinstance(value, dict):
        return {name: _resolved(each, places) for name, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, places) for each in value]
    return places.get(value, value) if isinstance(value, str) else value


def _unmet(entry: Entry, known: Container[str]) -> Iterator[Issue]:
    """Give an issue for each reference to an entry that there is not."""
    return unmet_in_patch(entry.operations, known) if entry.method == "PATCH" else unmet(entry.resource, known)


def _refers_to(resource: Json, urls: list[str]) -> bool:
    """Tell whether the content of an entry names one of these."""
    text = dumps(resource) if urls else b""
    return any(url.encode() in text for url in urls)


def _placed(issue: Issue, wrong: FhirError, number: int) -> Issue:
    path = f"Bundle.entry[{number}]"
    expression = f"{path}.resource.{issue.expression.partition('.')[2]}".rstrip(".") if issue.expression else path
    return Issue(issue.text, issue.diagnostics, expression, issue.code or wrong.code, issue.severity, issue.coding)
