"""From a resource to its stored version: checked, completed, owned, indexed, written only if nobody was first."""

import re
from collections.abc import Sequence
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import FhirError, Forbidden, Issue, Malformed, PreconditionFailed, Unprocessable
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fhir.structure import gone_through, validate
from kommunalpro.fhir.structure.uris import references, with_references
from kommunalpro.fhir.structure.walk import Named, Walk
from kommunalpro.fhirserver.clockwork import from_microseconds, to_microseconds
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.placeholders import unmet
from kommunalpro.fhirserver.search.filters import name_when_deleted
from kommunalpro.fhirserver.search.indexing import MOST_ROWS
from kommunalpro.fhirserver.search.subset import Subset
from kommunalpro.fhirserver.writer import IndexRow, Write, write_change, write_new

if TYPE_CHECKING:
    from kommunalpro.fhirserver.protocols import Rules
    from kommunalpro.fhirserver.session import Session

_CONDITIONAL = re.compile(r"[A-Z][A-Za-z]*\?")
_SERVERS = frozenset({"versionId", "lastUpdated"})


class Prepared(NamedTuple):
    """A version as it will be stored, as JSON too, and what is to be written."""

    resource: dict[str, Any]
    json: bytes
    write: Write


def store(
    session: "Session", resource: dict[str, Any], before: Current | None, *, id: str | None = None
) -> dict[str, Any]:
    """Write a version and give it.

    Raises:
        Malformed: it does not conform to R4.
        RuleBroken: a rule of the dialect says no.
        Forbidden: this user may not write this content.
        PreconditionFailed: somebody else has written since `before` was read.
    """
    if before is None:
        return store_new(session, ((id or new_id(), resource),))[0]
    _refuse_if(session.only_reads)
    session.begin_to_change()
    made = prepared(session, resource, before, before.resource["id"])
    _refuse_unless(write_change(made.write))
    note(session, made)
    return made.resource


def check_only(session: "Session", resource: Json, before: Current | None) -> dict[str, Any]:
    """Check a resource as `store` does, and give it as it would be stored, which it is not.

    Raises:
        Malformed: it does not conform to R4.
        RuleBroken: a rule of the dialect says no.
        Forbidden: this user may not write this content.
    """
    return prepared(session, dict(resource), before, before.resource["id"] if before else new_id()).resource


def store_new(
    session: "Session", resources: Sequence[tuple[str, Json]], places: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Write the first versions of several resources at once, each under the id it comes with.

    `places`: where they stand in what was sent (FHIRPath), the first of them first; a refusal tells of it there.
    """
    _refuse_if(session.only_reads)
    session.known.coming.update((str(resource["resourceType"]), id) for id, resource in resources)
    made = [
        _prepared_at(place, session, dict(resource), id)
        for (id, resource), place in zip(resources, chain(places, repeat("")), strict=False)
    ]
    writes = [each.write for each in made]
    if session.only_creates:
        session.left.writes.extend(writes)
    else:
        write_new(writes)
    session.trail.created.update(id for id, _ in resources)
    for each in made:
        note(session, each)
    return [each.resource for each in made]


def note(session: "Session", made: Prepared) -> None:
    """Tell the audit of what is written, and forget what was read of it; its bytes stand ready as the answer."""
    session.trail.wrote(made.write.patient, versioned_url(session.server.base_url, made.resource))
    session.known.forget(made.write.type, made.write.id)
    session.known.last = made.resource, made.json


def structural_issues(rules: "Rules", resource: Json) -> tuple[Issue, ...]:
    """Give all that keeps a resource from being R4, as the dialect tells it."""
    return tuple(rules.named(each, resource) for each in validate(resource))


def refuse_malformed(rules: "Rules", resource: Json) -> Walk:
    """Refuse a resource that is not R4; gives what its check came by.

    Raises:
        Malformed: with every issue.
    """
    walk = gone_through(resource)
    if walk.issues:
        raise Malformed(issues=tuple(rules.named(each, resource) for each in walk.issues))
    return walk


def prepared(session: "Session", resource: dict[str, Any], before: Current | None, id: str) -> Prepared:
    """Check and complete a resource; nothing is written yet.

    Raises:
        FhirError: what `store` raises, but for a lost race.
    """
    rules, previous = session.server.rules, before.resource if before else None
    version = before.version + 1 if before else 1
    # A version is later than the one it follows, also when two fall into the same microsecond or a clock goes back.
    at = max(to_microseconds(session.now), before.last_updated + 1 if before else 0)
    bare = {name: value for name, value in resource.items() if name != "meta"}
    given = _with_meta({**bare, "id": id}, _kept(resource.get("meta", {})))
    found = refuse_malformed(rules, given)
    if Subset.is_tagged(given):
        raise Unprocessable(
            "Det er kun en del af en ressource: resten ville gå tabt.",
            diagnostics="Tagged SUBSETTED: it came from a search or read with _summary or _elements, and is not whole",
            expression=f"{given['resourceType']}.meta.tag",
        )
    named = _absolute(given, found.named, previous, session.server.base_url)
    # Before any rule looks at what it belongs to: else the refusals would tell what a read hides.
    if not session.is_elevated:
        session.server.access.authorise_write(named, previous, session.principal)
    _check_belonging(session, named, previous)
    completed = rules.complete(named, previous, session)
    meta = {**completed.get("meta", {}), "versionId": str(version), "lastUpdated": to_instant(from_microseconds(at))}
    stored = _with_meta(completed, meta)
    rules.check(stored, previous, session, found)
    json = dumps(stored)
    return Prepared(stored, json, _write(session, stored, json.decode(), version, before, at))


def _prepared_at(place: str, session: "Session", resource: dict[str, Any], id: str) -> Prepared:
    try:
        return prepared(session, resource, None, id)
    except FhirError as wrong:
        if place:
            wrong.issues = tuple(each.within(place) for each in wrong.issues)
        raise


def _absolute(resource: dict[str, Any], found: Named, previous: Json | None, base_url: str) -> dict[str, Any]:
    """Give a resource whose own relative references are absolute; what the version before refers to may stay.

    `found`: all its references. Whoever writes them absolute, as FUT's clients do, waits for none of this.

    Raises:
        Unprocessable: a reference is to what only a transaction could tell.
    """
    if all(address.startswith("http") for _, address in found):
        return resource
    if any(_CONDITIONAL.match(address) for _, address in found):
        raise Unprocessable(
            "En betinget henvisning hører til i en transaktion.",
            diagnostics="A conditional reference (Type?query) is resolved in a transaction only, and never stored",
        )
    named = with_references(resource, partial(_with_base, base_url))
    if nowhere := list(unmet(named, _addresses(previous or {}), "No transaction resolves it here")):
        raise Unprocessable(issues=nowhere)
    return named


def _with_base(base_url: str, address: str) -> str:
    reference = Reference.parse(address)
    return f"{base_url}/{reference}" if reference and reference.base is None else address


def _addresses(resource: Json) -> set[str]:
    return {address for _, address in references(resource)}


def _check_belonging(session: "Session", resource: Json, previous: Json | None) -> None:
    """Nobody writes about a patient, or in an episode, that they may not see; what is one belongs to no other."""
    owner = session.server.rules.owner
    whose, before = owner(resource), owner(previous) if previous else None
    if before and (before.patient, before.episode) == (whose.patient, whose.episode):
        return
    belongs_to, itself = (("EpisodeOfCare", whose.episode), ("Patient", whose.patient)), _key(resource)
    for type, _ in session.unseen([(type, id) for type, id in belongs_to if id and (type, id) != itself]):
        raise Forbidden(
            "Det hører til en borger eller et forløb, som du ikke har adgang til.",
            diagnostics=f"The {type} that it belongs to is not visible to the writer",
        )


def _key(resource: Json) -> tuple[str, str]:
    return resource["resourceType"], resource["id"]


def store_deletion(session: "Session", before: Current) -> None:
    """Write that a resource is deleted: a version without content, and no index rows that a search would find."""
    _refuse_if(session.only_reads)
    session.begin_to_change()
    at = max(to_microseconds(session.now), before.last_updated + 1)
    type, id = _key(before.resource)
    owner = session.server.rules.owner(before.resource)
    session.known.forget(type, id)
    _refuse_unless(
        write_change(
            Write(
                type=type,
                id=id,
                version=before.version + 1,
                expected=before.version,
                last_updated=at,
                deleted=True,
                patient=owner.patient or "",
                episode=owner.episode or "",
                tag=owner.tag or "",
                text=dumps({"resourceType": type, "id": id}).decode(),
                index=tuple(
                    IndexRow(name_when_deleted(row.parameter), row.value, row.high)
                    for row in session.server.index_rows(before.resource)
                ),
            )
        )
    )


def _write(session: "Session", stored: Json, text: str, version: int, before: Current | None, at: int) -> Write:
    owner = session.server.rules.owner(stored)
    return Write(
        type=stored["resourceType"],
        id=stored["id"],
        version=version,
        expected=before.version if before else None,
        last_updated=at,
        deleted=False,
        patient=owner.patient or "",
        episode=owner.episode or "",
        tag=owner.tag or "",
        text=text,
        index=_index_rows(session, stored),
    )


def _index_rows(session: "Session", stored: Json) -> tuple[IndexRow, ...]:
    """Give what a resource is found by; who is outside leaves no more of it than so much in all that they write."""
    if not session.is_outside:
        return session.server.index_rows(stored, MOST_ROWS)
    rows = session.server.index_rows(stored, MOST_ROWS - session.trail.indexed)
    session.trail.indexed += len(rows)
    return rows


def _refuse_if(only_reads: bool) -> None:
    if only_reads:
        raise RuntimeError("This unit of work was opened only to read")


def _refuse_unless(written: bool) -> None:
    if not written:
        raise PreconditionFailed("En anden har ændret det imens.", diagnostics="Lost the race for the next version")


def _kept(meta: Any) -> Any:
    """Give a client's meta without what the server says itself; what is no meta at all is left to the check."""
    return {name: value for name, value in meta.items() if name not in _SERVERS} if isinstance(meta, dict) else meta


def _with_meta(resource: Json, meta: Any) -> dict[str, Any]:
    """Put type, id and meta first, as every FHIR resource is written."""
    first = {"resourceType": resource["resourceType"], "id": resource["id"], **({"meta": meta} if meta else {})}
    return {**first, **{name: value for name, value in resource.items() if name not in first}}
