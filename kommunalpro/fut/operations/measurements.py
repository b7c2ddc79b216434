"""Measurements by submission: what was sent in together is found, and given, together.

One reading for `$search-measurements` and `$search-measurements-bundle-limit`. Who may see what is the filter of
access, as in any search; the privilege of the operation stands for those of searching each type. That measurements came
together is told to whoever may see one of them: the Provenance that says so is nobody's row where the citizen did not
send them. It opens nothing: what it names is read as the user, and only if it is a measurement.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Gone, Issue, NotFound
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.measurements import MEASUREMENTS
from kommunalpro.fut.operations.arguments import references, tokens
from kommunalpro.fut.reading import read_if_there

Query = list[tuple[str, str]]

_NEITHER = "MEASUREMENT_SEARCHMEASUREMENT_PATIENT_AND_EPISODE_NOT_SPECIFIED"
_NEITHER_OF_THREE = "MEASUREMENT_SEARCHMEASUREMENT_PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED"
_AT_ONCE = 100
"""Measurements whose Provenances are looked for in one search."""


@dataclass(slots=True)
class Submission:
    """What one `$submit-measurement` made: the measurements that it brought, by `Type/id`."""

    keys: list[str]
    found: dict[str, Json] = field(default_factory=dict)


def as_searcher(session: Session) -> Session:
    """Give the user as one who may search measurements, which is what the operation's privilege says."""
    searching = frozenset(f"{type}.{verb}" for type in MEASUREMENTS for verb in ("read", "search"))
    principal = replace(session.principal, privileges=session.principal.privileges | searching)
    return replace(session, principal=principal)


def refuse_unsaid(issues: Iterable[Issue]) -> None:
    """Refuse a search that does not say what it must.

    Raises:
        BadRequest: all that it does not say, by FUT's codes.
    """
    if found := tuple(issues):
        raise BadRequest(issues=found)


def unsaid_whose(parameters: Json, needed: tuple[str, ...]) -> Iterator[Issue]:
    """Tell where none of `needed` says whose measurements are asked for."""
    if not any(any(references(parameters, name)) for name in needed):
        code = _NEITHER_OF_THREE if "based-on" in needed else _NEITHER
        yield issue(code, ", ".join(needed), "Parameters.parameter")


def whose(session: Session, parameters: Json) -> Query:
    """Give what says whose measurements are asked for; what is not said is what the token's context says."""
    given = {name: list(references(parameters, name)) for name in ("patient", "episodeOfCare", "based-on")}
    principal = session.principal
    patient = principal.user if principal.user_type == "PATIENT" else principal.context.patient
    asked: Query = []
    for parameter, named, chosen in (
        ("subject", given["patient"], patient),
        ("episodeOfCare", given["episodeOfCare"], principal.context.episode_of_care),
    ):
        if value := (escaped(named[0].url) if named else chosen):
            asked.append((parameter, value))
    if requests := ",".join(escaped(each.url) for each in given["based-on"]):
        asked.append(("based-on", requests))
    if tags := tokens(parameters, "_tag"):
        asked.append(("_tag", tags))
    return asked


def search(session: Session, type: str, query: Query) -> Iterator[tuple[Json, Json | None]]:
    """Give each measurement that is found, in order, with the Provenance of its submission; None: it has none."""
    for page in session.search_pages(type, query):
        found = list(resources(page, type))
        provenances = _provenances(session, found)
        for measurement in found:
            told = provenances.get(_key(measurement), ())
            yield measurement, next((each for each in told if _is_submission(each)), None)


def by_submission(found: Iterable[tuple[Json, Json | None]]) -> Iterator[Submission]:
    """Give submissions in the order in which something of them is found first; each is filled as more is found."""
    known: dict[str, Submission] = {}
    for measurement, provenance in found:
        key = _key(measurement)
        name = provenance["id"] if provenance else key
        if is_new := name not in known:
            known[name] = Submission(list(_targets(provenance)) if provenance else [key])
        known[name].found[key] = measurement
        if is_new:
            yield known[name]


def to_bundle(session: Session, submissions: Iterable[Submission], *, with_questionnaires: bool) -> dict[str, Any]:
    """Give a collection of collections, one per submission, each with all that it brought and the user may see."""
    searcher = as_searcher(session)
    whole = [[each for key in one.keys if (each := one.found.get(key) or _read(searcher, key))] for one in submissions]
    provenances = _provenances(session, [each for one in whole for each in one])
    entries = []
    for one in whole:
        asked = _questionnaires(session, one) if with_questionnaires else ()
        about = {each["id"]: each for measurement in one for each in provenances.get(_key(measurement), ())}
        members = [*one, *asked, *about.values()]
        base = session.server.base_url
        nested = [{"fullUrl": own_url(base, each), "resource": each} for each in members]
        entries.append({"resource": {"resourceType": "Bundle", "type": "collection", "entry": nested}})
    return {"resourceType": "Bundle", "type": "collection", **({"entry": entries} if entries else {})}


def _read(searcher: Session, key: str) -> Json | None:
    """Read a measurement that came along with one that was found, as it is now; None: it is gone, or not to be seen."""
    type, _, id = key.partition("/")
    try:
        return searcher.read(type, id)
    except (NotFound, Gone):
        return None


def _questionnaires(session: Session, measurements: list[Json]) -> list[Json]:
    """Give each questionnaire that something answers, in the version that the answer names."""
    named = dict.fromkeys(each["questionnaire"] for each in measurements if "questionnaire" in each)
    parsed = (Reference.parse(each) for each in named)
    asked = [str(each) for each in parsed if each and each.type == "Questionnaire"]
    return [found for each in asked if (found := read_if_there(session, each))]


def _provenances(session: Session, measurements: list[Json]) -> Mapping[str, list[Json]]:
    """Give every Provenance of some measurements by what it is of: that they came together, and what was reused."""
    base = session.server.base_url
    found: list[Json] = []
    for start in range(0, len(measurements), _AT_ONCE):
        targets = ",".join(own_url(base, each) for each in measurements[start : start + _AT_ONCE])
        query = [("target", targets), ("_sort", "recorded"), ("_count", "1000")]
        found += session.elevated().search_all("Provenance", query)
    return _by_target(found)


def _by_target(provenances: Iterable[Json]) -> dict[str, list[Json]]:
    by_key: dict[str, list[Json]] = {}
    for each in provenances:
        for key in _targets(each):
            by_key.setdefault(key, []).append(each)
    return by_key


def _targets(provenance: Json) -> Iterator[str]:
    """Give each measurement that a Provenance is of, as `Type/id`; what else it names is none of a submission."""
    parsed = (Reference.parse(target.get("reference", "")) for target in provenance["target"])
    yield from dict.fromkeys(each.key for each in parsed if each and each.type in MEASUREMENTS)


def _is_submission(provenance: Json) -> bool:
    return ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT in provenance.get("policy", ())


def _key(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
