"""What each interaction answers: one function each, from a call to a response. Errors leave as `FhirError`s."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound, NotImplementedHere, operation_outcome
from kommunalpro.fhir.reference import versioned_url
from kommunalpro.fhirserver import conditional, validation
from kommunalpro.fhirserver.access import Interaction, Request
from kommunalpro.fhirserver.http.batch import batch
from kommunalpro.fhirserver.http.body import read_json, read_patch, read_resource
from kommunalpro.fhirserver.http.entries import refuse_entries
from kommunalpro.fhirserver.http.headers import (
    FORM,
    check_content_type,
    is_not_modified,
    read_preconditions,
    read_prefer,
    version_headers,
)
from kommunalpro.fhirserver.http.message import FhirRequest, FhirResponse, Pairs, read_pairs
from kommunalpro.fhirserver.http.preference import of_write, of_writes
from kommunalpro.fhirserver.http.refusals import nothing_to_update
from kommunalpro.fhirserver.meta import read_meta
from kommunalpro.fhirserver.offers import refuse_unknown
from kommunalpro.fhirserver.search.subset import Subset
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.storing import refuse_malformed

PRESENTATION = frozenset({"_format", "_pretty"})
"""Parameters about how the answer is written, which the door reads itself."""
PARTS = frozenset({"_summary", "_elements"})
"""Parameters that ask for a part of what is read."""
_VERSION = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, matched: what the address names, and the session it runs in."""

    request: FhirRequest
    session: Session
    type: str = ""
    id: str = ""
    version: str = ""
    operation: str = ""


Handler = Callable[[Call], FhirResponse]


def read(call: Call) -> FhirResponse:
    """The current version, or a part of it; 304 when the caller already has it."""
    part = _part(call)
    current = call.session.read_as_stored(call.type, call.id)
    stamped = {"resourceType": call.type, "id": call.id, "meta": current.meta}
    return _found(call, stamped, lambda: part.of(current.resource) if part else current.text.encode())


def vread(call: Call) -> FhirResponse:
    """One version, or a part of it."""
    part = _part(call)
    if not _VERSION.fullmatch(call.version):
        raise NotFound("Den version findes ikke.", diagnostics="Versions are numbers from 1")
    resource = call.session.vread(call.type, call.id, call.version)
    return _found(call, resource, lambda: part.of(resource) if part else call.session.text_of(resource))


def history(call: Call) -> FhirResponse:
    """Versions, newest first: of a resource, of a type, or of everything."""
    wanted = [pair for pair in call.request.query if pair[0] not in PRESENTATION]
    return FhirResponse(200, call.session.history(call.type or None, call.id or None, wanted))


def search(call: Call) -> FhirResponse:
    """A searchset, by the parameters of the address and, with POST, of the form."""
    pairs = call.request.query
    if call.request.method == "POST":
        check_content_type(call.request, frozenset({FORM}))
        try:
            form = call.request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise BadRequest("Formularen kan ikke læses.", diagnostics="The form is not UTF-8") from None
        pairs += read_pairs(form)
    wanted = [pair for pair in pairs if pair[0] not in PRESENTATION]
    return FhirResponse(200, call.session.search(call.type, wanted))


def create(call: Call) -> FhirResponse:
    """201 with the place of the new resource; 200 when If-None-Exist found one."""
    _only_presentation(call.request.query)
    read_preconditions(call.request)
    resource = read_resource(call.request, call.type)
    stored = call.session.create(resource, if_none_exist=call.request.header("if-none-exist"))
    location = ("Location", versioned_url(call.session.server.base_url, stored))
    is_new = stored["id"] in call.session.trail.created
    return _written(call, stored, 201 if is_new else 200, (location,), was_there=not is_new)


def update_where(call: Call) -> FhirResponse:
    """200 with the new version of what the address's query finds; 201 when it finds none."""
    resource = read_resource(call.request, call.type)
    stored = conditional.update(call.session, resource, _condition(call.request), read_preconditions(call.request))
    location = ("Location", versioned_url(call.session.server.base_url, stored))
    return _written(call, stored, 201 if stored["id"] in call.session.trail.created else 200, (location,))


def patch_where(call: Call) -> FhirResponse:
    """200 with the new version of what the address's query finds."""
    operations, condition, on = read_patch(call.request), _condition(call.request), read_preconditions(call.request)
    stored = conditional.patch(call.session, call.type, condition, operations, on)
    return _written(call, stored, 200)


def update(call: Call) -> FhirResponse:
    """200 with the new version."""
    _only_presentation(call.request.query)
    resource = read_resource(call.request, call.type)
    if resource.get("id") != call.id:
        raise BadRequest(
            "Ressourcens id passer ikke til adressen.",
            diagnostics="The resource's id must be the address's",
            expression=f"{call.type}.id",
        )
    try:
        stored = call.session.update(resource, if_match=_version(call, "update"))
    except NotFound:
        _check_there(call)
        raise
    return _written(call, stored, 200)


def patch(call: Call) -> FhirResponse:
    """200 with the new version."""
    _only_presentation(call.request.query)
    operations = read_patch(call.request)
    stored = call.session.patch(call.type, call.id, operations, if_match=_version(call, "patch"))
    return _written(call, stored, 200)


def delete(call: Call) -> FhirResponse:
    """204."""
    _only_presentation(call.request.query)
    call.session.delete(call.type, call.id, if_match=_version(call, "delete"))
    return FhirResponse(204)


def transaction(call: Call) -> FhirResponse:
    """A transaction Bundle: all or nothing. Batches are refused, as FUT does, unless the server offers them."""
    read_preconditions(call.request)
    bundle, session, wanted = read_resource(call.request, "Bundle"), call.session, read_prefer(call.request)
    takes_batches = session.server.offers.batch
    if bundle.get("type") == "batch" and takes_batches:
        return FhirResponse(200, of_writes(batch(session, bundle), bundle, wanted, session.may_see))
    if bundle.get("type") != "transaction":
        raise BadRequest(
            f"Kun transaktioner {'og batches ' if takes_batches else ''}kan modtages her.",
            diagnostics=f"Bundle.type must be transaction{' or batch' if takes_batches else '; batch is not offered'}",
            expression="Bundle.type",
            code="not-supported",
        )
    refuse_entries(bundle, session.server.rules)
    return FhirResponse(200, of_writes(session.transaction(bundle), bundle, wanted, session.may_see))


def validate(call: Call) -> FhirResponse:
    """200 with all that is wrong with a resource, or that nothing is; it is not stored."""
    # A deletion is of what is there already: nothing needs to be sent.
    body = read_json(call.request) if call.request.body.strip() else {"resourceType": "Parameters"}
    issues = validation.issues_of(call.session, call.type, call.id, body, _texts(call.request.query))
    return FhirResponse(200, operation_outcome(issues, "processing"))


def meta(call: Call) -> FhirResponse:
    """The meta of a resource; or the profiles, tags and labels that there are, of a type or of everything."""
    _only_presentation(call.request.query)
    if call.request.method == "POST" and call.request.body.strip():
        sent = read_resource(call.request, "Parameters")
        refuse_malformed(call.session.server.rules, sent)
        refuse_unknown((each["name"] for each in sent.get("parameter", ())), (), "$meta")
    found = read_meta(call.session, call.type, call.id)
    return FhirResponse(200, {"resourceType": "Parameters", "parameter": [{"name": "return", "valueMeta": found}]})


def operate(call: Call) -> FhirResponse:
    """What the operation answers."""
    target = "/".join(part for part in (call.type, call.id) if part) or None
    is_preview = call.request.method == "GET"
    if not is_preview:
        _only_presentation(call.request.query)
        read_preconditions(call.request)
    parameters = _parameters(call.request.query) if is_preview else _posted(call)
    refuse_malformed(call.session.server.rules, parameters)
    answer = call.session.operate(call.operation, parameters, target=target, preview=is_preview)
    # Operations answer resources of their own making too: only stored ones have a version.
    return FhirResponse(200, answer, version_headers(answer))


def not_yet(call: Call) -> FhirResponse:
    """501: R4 has it, this server does not offer it yet."""
    raise NotImplementedHere(
        "Det kan denne server ikke endnu.",
        diagnostics=f"{call.request.method} on this address is part of R4 but is not offered by this server yet",
    )


def _posted(call: Call) -> Json:
    if not call.request.body.strip():
        return {"resourceType": "Parameters"}
    return read_resource(call.request)


def _parameters(pairs: Pairs) -> Json:
    entries = [{"name": name, "valueString": value} for name, value in pairs if name not in PRESENTATION]
    # FHIR has no empty lists: who says nothing gives no parameter.
    return {"resourceType": "Parameters", **({"parameter": entries} if entries else {})}


def _texts(pairs: Pairs) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] not in PRESENTATION)


def _condition(request: FhirRequest) -> str:
    return urlencode(_texts(request.query))


def _check_there(call: Call) -> None:
    """Tell what is not there to be updated from whatever else an update did not find."""
    try:
        call.session.current(call.type, call.id)
    except NotFound:
        is_created = "create" in call.session.server.rules.interactions(call.type)
        raise nothing_to_update(call.type, is_created=is_created) from None


def _version(call: Call, interaction: Interaction) -> str | None:
    """Give the version that a write is meant for; None: any."""
    return read_preconditions(call.request).version_for(call.session, Request(interaction, call.type, call.id))


def _part(call: Call) -> Subset | None:
    """Tell which part of a resource is asked for, in the words of a search; None: all of it."""
    asked = _texts(call.request.query)
    if not asked:
        return None
    refuse_unknown((name for name, _ in asked), sorted(PRESENTATION | PARTS), "This address")
    query = call.session.queries.read(call.type, asked, call.session.visible)
    if query.only_count:
        raise BadRequest("Antal fås ved en søgning.", diagnostics="_summary=count is for searches")
    return query.subset


def _found(call: Call, stamped: Json, body: Callable[[], Json | bytes]) -> FhirResponse:
    """Answer a version, of which `stamped` says which it is."""
    headers = version_headers(stamped)
    if is_not_modified(call.request, stamped):
        return FhirResponse(304, None, headers)
    return FhirResponse(200, body(), headers)


def _written(
    call: Call,
    resource: dict[str, Any],
    status: int,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    was_there: bool = False,
) -> FhirResponse:
    wanted, may_see = read_prefer(call.request), call.session.may_see
    body = of_write(resource, wanted, may_see, is_new=status == 201, was_there=was_there)
    return FhirResponse(status, body and call.session.text_of(body), headers + version_headers(resource))


def _only_presentation(pairs: Pairs) -> None:
    refuse_unknown((name for name, _ in pairs), sorted(PRESENTATION), "This address")
