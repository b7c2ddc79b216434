"""Rules of `ehealth-clinicalimpression`: what is looked at is named by version and without, and is of one CarePlan.

The CarePlan of a measurement is the one that has its ServiceRequest among its activities, as when a measurement is
assessed (`pipeline.py`). An impression that names a plan itself (ehealth-clinicalimpression-careplan) means that one. A
measurement whose request no plan has any more says nothing of a plan, and is held against none. What is not here, or
may not be seen, is of no plan that the writer could name: which of the two it is, is not told.

A light (TriagingResult) is the system's: nobody else makes one, makes something else of it, or changes more of it than
its status. What a professional thinks of it is an impression of its own beside it, and whether a citizen sees it
depends on this code. That a measurement is invalid, and what that fulfils, is said by the operation alone.

Source: `fut.md` 1A (ehealth-clinicalimpression), 2.2, 2.3, 2.8; ARCHITECTURE §5.
"""

from collections.abc import Iterator, Sequence
from functools import reduce

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue, unbound
from kommunalpro.fut.measurements import MEASUREMENTS, requests_of
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.profiles.care_plans import activities
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.validity import is_light, tells_validity, validity_decisions, validity_findings

_FINDINGS = f"{ehealth.VS}clinicalimpression-finding-codes"
_FREE = frozenset({"status", "id", "meta", "text"})
_ITEM = "ClinicalImpression.investigation.item"


def impression_problems(impression: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what an impression does not keep of its profile; a measurement's validity is an operation's to tell."""
    if session.principal.user_type != "SYSTEM":
        yield from _basis_problems(impression)
        yield from _light_problems(impression, previous or {})
        yield from _validity_problems(impression, previous or {})
    references = _items(impression)
    if impression.get("investigation") != (previous or {}).get("investigation"):
        yield from _nameless(impression)
    for key in {reference.key for reference in references}:
        versions = {reference.version is None for reference in references if reference.key == key}
        if versions != {True, False}:
            name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
            yield issue(name, key, _ITEM)
    # What an operation makes is about the one measurement that it was given, and names the plan that it was found in,
    # or has been held against it (`$set-measurement-validity`): to look again would cost each answer two statements.
    is_as_before = previous is not None and _said(previous, session) == _said(impression, session)
    if not (session.is_elevated or is_as_before):
        yield from plan_problems(impression, session)


def _nameless(impression: Json) -> Iterator[Issue]:
    """Tell of what is looked at and not referred to: whoever reads it could not find it."""
    for number, investigation in enumerate(impression.get("investigation", ())):
        for at, item in enumerate(investigation.get("item", ())):
            if Reference.parse(item.get("reference", "")) is None:
                path = f"ClinicalImpression.investigation[{number}].item[{at}]"
                name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
                yield issue(name, "a reference, not a name or a number alone", path)


def _light_problems(impression: Json, previous: Json) -> Iterator[Issue]:
    """Tell where somebody else than the system gives a light, or changes one that was given."""
    if not (is_light(impression) or is_light(previous)):
        return
    if not (is_light(impression) and is_light(previous)):
        yield issue("KPRO_CLINICALIMPRESSION_LIGHT", "TriagingResult is the system's", "ClinicalImpression.code")
    if is_light(previous):
        for name in sorted({*impression, *previous} - _FREE):
            if impression.get(name) != previous.get(name):
                yield issue("KPRO_CLINICALIMPRESSION_LIGHT", "only status changes", f"ClinicalImpression.{name}")


def _validity_problems(impression: Json, previous: Json) -> Iterator[Issue]:
    """Tell where validity is said outside its operation; what was stored before this was asked keeps what it says."""
    if tells_validity(impression) or tells_validity(previous):
        yield issue("KPRO_MEASUREMENT_VALIDITY_BY_OPERATION", "", "ClinicalImpression.code")
        return
    if new := sorted(validity_findings(impression) - validity_findings(previous)):
        name = "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED"
        yield issue(name, ", ".join(new), "ClinicalImpression.finding")
    if new := sorted(validity_decisions(impression) - validity_decisions(previous)):
        yield issue("KPRO_MEASUREMENT_VALIDITY_BY_OPERATION", ", ".join(new), "ClinicalImpression.extension")


def plan_problems(impression: Json, session: Session) -> Iterator[Issue]:
    """Tell where the measurements that an impression looks at are not all of one CarePlan, and of the one it names."""
    keys, named = _said(impression, session)
    if len(keys) + (named is not None) < 2 or not keys:
        return
    urls = [f"{session.server.base_url}/{key}" for key in sorted(keys)]
    unseen = session.unseen([(type, id) for type, _, id in (key.partition("/") for key in sorted(keys))])
    measurements = [] if unseen else [each for each in (read_if_there(session, url) for url in urls) if each]
    if len(measurements) < len(urls):
        yield issue("KPRO_CLINICALIMPRESSION_CAREPLAN", "a measurement that is not here, or may not be seen", _ITEM)
        return
    plans = [each for each in _plans_of(measurements, session) if each]
    if plans and not reduce(frozenset.intersection, plans, plans[0] if named is None else frozenset({named})):
        yield issue("KPRO_CLINICALIMPRESSION_CAREPLAN", ", ".join(sorted(keys)), _ITEM)


def _plans_of(measurements: Sequence[Json], session: Session) -> Iterator[frozenset[str]]:
    """Give the URLs of the plans that each measurement is of, all found together; empty: no plan has its request."""
    requests = [requests_of(each) for each in measurements]
    query = [("activity-reference", ",".join(sorted(set().union(*requests)))), ("_count", "100")]
    plans = list(session.elevated().search_all("CarePlan", query))
    for urls in requests:
        yield frozenset(own_url(session.server.base_url, plan) for plan in plans if _asked_by(plan) & urls)


def _asked_by(plan: Json) -> set[str]:
    return {each.url for each in activities(plan)}


def _said(impression: Json, session: Session) -> tuple[set[str], str | None]:
    """Give the measurements of this server that are looked at (`Type/id`), and the URL of the plan that is named."""
    base, value = session.server.base_url, extension_value(impression, ehealth.CLINICALIMPRESSION_CAREPLAN)
    keys = {each.key for each in _items(impression) if each.base in (None, base) and each.type in MEASUREMENTS}
    plan = Reference.parse(value.get("reference", "")) if isinstance(value, dict) else None
    return keys, f"{plan.base or base}/{plan.key}" if plan else None


def _items(impression: Json) -> list[Reference]:
    """Give every reference to something that is looked at."""
    texts = (item.get("reference", "") for each in impression.get("investigation", ()) for item in each.get("item", ()))
    return [reference for reference in map(Reference.parse, texts) if reference]


def _basis_problems(impression: Json) -> Iterator[Issue]:
    """Tell where what a triggered significance found is none of FUT's codes."""
    for each in extensions(impression, ehealth.FINDING_BASIS):
        found = (extension(each, "finding") or {}).get("valueCodeableConcept")
        if found and not any(is_bound(_FINDINGS, system, code) for system, code in keys(found)):
            detail = f"finding of finding-basis in {_FINDINGS}"
            yield unbound(detail, "ClinicalImpression.extension")
