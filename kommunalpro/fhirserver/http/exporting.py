"""Bulk export at the door: kick-off, poll, cancel and download. Source: HL7 Bulk Data Access; fut.md §6."""

import re
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from urllib.parse import urlencode

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, FhirError, Issue, operation_outcome
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.export.asking import EXPORT, STATUS, ask, cancel, open_file, place_of, status
from kommunalpro.fhirserver.export.manifest import manifest, progress
from kommunalpro.fhirserver.http.body import read_resource
from kommunalpro.fhirserver.http.handlers import PRESENTATION, Call
from kommunalpro.fhirserver.http.headers import NDJSON
from kommunalpro.fhirserver.http.message import FhirRequest, FhirResponse, Pairs
from kommunalpro.fhirserver.storing import refuse_malformed

RETRY_AFTER = 5
"""Seconds after which it is worth asking again."""


def export_system(call: Call) -> FhirResponse:
    """202 with where to ask how far it has come: an export of everything that the caller may see."""
    return _kick_off(call, "", patients_only=False)


def export_patients(call: Call) -> FhirResponse:
    """The same, of what belongs to patients."""
    return _kick_off(call, "Patient/", patients_only=True)


def export_status(call: Call) -> FhirResponse:
    """202 while it is being made, then 200 with the manifest."""
    session = call.session
    job = status(session, _named(call, "_jobId"), _names(call))
    if not job.finished_at:
        return FhirResponse(202, None, (("X-Progress", progress(job)), ("Retry-After", str(RETRY_AFTER))))
    if job.error:
        raise FhirError("Udtrækket kunne ikke laves.", diagnostics=job.error)
    expires = from_microseconds(job.finished_at) + place_of(session).keep
    headers = (("Expires", format_datetime(expires - timedelta(microseconds=expires.microsecond), usegmt=True)),)
    return FhirResponse(200, manifest(job, session.server.base_url), (*headers, ("Content-Type", "application/json")))


def give_up(call: Call) -> FhirResponse:
    """202: the export is no more, nor its files."""
    cancel(call.session, _named(call, "_jobId"), _names(call))
    done = Issue("Udtrækket er opgivet, og dets filer fjernet.", severity="information")
    return FhirResponse(202, operation_outcome([done]))


def download(call: Call) -> FhirResponse:
    """One file of one's own export."""
    name = _named(call, "_file")
    file = open_file(call.session, _named(call, "_jobId"), name, _names(call))
    headers = (("Content-Type", NDJSON), ("Content-Disposition", f'attachment; filename="{name}"'))
    return FhirResponse(200, None, headers, file)


def _kick_off(call: Call, level: str, *, patients_only: bool) -> FhirResponse:
    request, server = call.request, call.session.server
    pairs = tuple(pair for pair in request.query if pair[0] not in PRESENTATION)
    address = f"{server.base_url}/{level}{EXPORT}"
    if pairs:
        # A CPR number stands in no address that we make (docs/adr/0010-cpr.md).
        address += "?" + urlencode([(name, mask_cpr(value)) for name, value in pairs])
    posted, may_wait = partial(_posted, call), _is_asynchronous(request)
    job = ask(call.session, pairs, posted, patients_only=patients_only, request=address, may_wait=may_wait)
    return FhirResponse(202, None, (("Content-Location", f"{server.base_url}/{STATUS}?_jobId={job.id}"),))


def _is_asynchronous(request: FhirRequest) -> bool:
    return "respond-async" in (part.strip() for part in re.split(r"[,;]", request.header("prefer") or ""))


def _posted(call: Call) -> Pairs:
    if not call.request.body.strip():
        return ()
    parameters = read_resource(call.request, "Parameters")
    refuse_malformed(call.session.server.rules, parameters)
    return tuple((each["name"], _value(each)) for each in parameters.get("parameter", ()))


def _value(parameter: Json) -> str:
    value = next((value for name, value in parameter.items() if name.startswith("value")), None)
    if not isinstance(value, str):
        raise BadRequest("En parameter kan ikke læses.", diagnostics="Each parameter of $export is a text")
    return value


def _named(call: Call, parameter: str) -> str:
    return call.request.parameter(parameter) or ""


def _names(call: Call) -> list[str]:
    return [name for name, _ in call.request.query if name not in PRESENTATION]
