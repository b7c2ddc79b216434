"""`$submit-measurement`: a citizen's answers, numbers and pictures come in.

Supported: `measurement` (transaction Bundle of QuestionnaireResponse, Observation, Media and Provenance) →
transaction-response, with a Provenance that says they belong together, measurement identifiers, triage of responses
(ClinicalImpression) and Tasks; what waited for it begins (`fut/triggers.py`), and what came unasked gets a Task of its
own (`fut/unexpected.py`). Observations get the limits of their request; pictures lose what they tell besides
(`fut/pictures.py`). Entries may refer to each other. Validation is all or nothing, all issues at once. The same Bundle
again, in whichever order its entries are, gives the first result (it is known by the smallest `fullUrl` of its
measurements); the same `fullUrl` with other content is a 409. On a strict server triage and what follows are the
worker's.
A Provenance says that a measurement reuses another (`fut/submitting/reuse.py`): its one `target` is the copy, its one
`entity` the original (`role` `quotation`), its `policy` is
`http://ehealth.sundhed.dk/policy/ehealth/reuse-of-measurement-chosen-by-citizen`, and its `activity` is `Quotation` of
the code system `http://hl7.org/fhir/w3c-provenance-activity-type`. The request must let it, by `reuseCriteria`: no
older than `dataActuality`, and of the quality that is asked for, or a kind of it (`situationQuality`, `usageQuality`,
`deviceMeasuringQuality`, by codes of `situation-quality`, `usage-quality` and `device-measuring-quality` under
`http://ehealth.sundhed.dk/cs/`), which the copy says in its extension `ehealth-quality`.
Not supported: lights for Observation and Media, which a person looks at (`fut/unassessed.py`). Pictures stay within
their resource, without thumbnails; other inline content than JPEG and PNG is refused. Qualities are not computed.
Also takes: `EpisodeOfCare.read`, with the course of care in the token.

Source: `fut.md` 4.3; ARCHITECTURE §4.5.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from kommunalpro.fhir.json import Json, canonical
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference, own_url, versioned_url
from kommunalpro.fhirserver.idempotency import once
from kommunalpro.fhirserver.identifiers import new_id
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import forbidden, refuse
from kommunalpro.fut.operations.arguments import creating_problems, element, entries
from kommunalpro.fut.pipeline import Pipeline, at_once, later
from kommunalpro.fut.submitting import checks, reuse
from kommunalpro.fut.submitting.entries import Entry, read_entries
from kommunalpro.fut.submitting.storing import coherent, ready


def submit_measurement(session: Session, parameters: Json, target: str | None) -> Json:
    """Take in one Bundle; what cannot be triaged is stored all the same."""
    return _take_in(session, parameters, at_once)


def submit_for_later(session: Session, parameters: Json, target: str | None) -> Json:
    """Take it in, and leave what it means to the worker, as FUT does."""
    return _take_in(session, parameters, later)


def _take_in(session: Session, parameters: Json, pipeline: Pipeline) -> Json:
    bundle = element(parameters, "measurement") or {}
    sent = read_entries(bundle, entries(bundle))
    refuse(creating_problems(bundle))
    _check_context(session)
    key = min(each.full_url for each in sent if each.is_measurement)
    order = _order(bundle["entry"])
    submitted = once(session, key, _ordered(bundle, order), lambda: _ordered(_submit(session, sent, pipeline), order))
    return _ordered(submitted, sorted(range(len(order)), key=order.__getitem__))


def _order(sent: Sequence[Json]) -> list[int]:
    """Give the places of entries in an order that is the same however they were sent; some Provenances have no name."""
    return sorted(range(len(sent)), key=lambda at: sent[at].get("fullUrl") or canonical(sent[at]).decode())


def _ordered(bundle: Json, order: Sequence[int]) -> Json:
    return {**bundle, "entry": [bundle["entry"][at] for at in order]}


def _check_context(session: Session) -> None:
    """Before anything is answered, an earlier result included: the user may see the course of care of the context.

    Raises:
        Forbidden: the context names none.
        NotFound: it is hidden from this user.
    """
    principal = session.principal
    if principal.user_type == "SYSTEM":
        return
    episode = Reference.parse(principal.context.episode_of_care or "")
    if episode is None:
        raise forbidden("SECURITY_TOKEN_CONTEXT_MISSING", "EpisodeOfCare")
    session.read("EpisodeOfCare", episode.id)


def _submit(session: Session, sent: Sequence[Entry], pipeline: Pipeline) -> Json:
    reuse.take_turns(session, sent)
    refuse([problem for entry in sent for problem in _problems(session, sent, entry)])
    system, submission = session.elevated(), new_id()
    made = ready(system, sent, submission)
    places = [each.path for each in sent]
    *stored, _ = system.create_all([*made, (submission, coherent(session, made))], places=places)
    pipeline(system, [each for each in stored if each["resourceType"] != "Provenance"])
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [_created(session, each) for each in stored],
    }


def _problems(session: Session, sent: Sequence[Entry], entry: Entry) -> Iterator[Issue]:
    """Give what is wrong with an entry, in its place within the Bundle."""
    check = checks.problems if entry.is_measurement else reuse.problems
    for each in check(session, sent, entry):
        inner = (each.expression or "").removeprefix(entry.type).lstrip(".")
        place = f"{entry.path}.{inner}".rstrip(".")
        yield Issue(each.text, each.diagnostics, place, each.code, each.severity, each.coding)


def _created(session: Session, resource: dict[str, Any]) -> dict[str, Any]:
    base = session.server.base_url
    response = {
        "status": "201",
        "location": versioned_url(base, resource),
        "etag": f'W/"{resource["meta"]["versionId"]}"',
    }
    return {"fullUrl": own_url(base, resource), "response": response}
