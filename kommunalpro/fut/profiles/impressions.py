"""Rules of `ehealth-clinicalimpression`: what is looked at is named by version and without, and is of one CarePlan.

The CarePlan of a measurement is the one that has its ServiceRequest among its activities, as when a measurement is
assessed (`pipeline.py`). An impression that names a plan itself (ehealth-clinicalimpression-careplan) means that one. A
measurement whose request no plan has any more says nothing of a plan, and is held against none.

What an impression refers to is here, of the same citizen and of the same course of care: the measurements, in the
version that is named, the plan, and the impression before it. What may not be seen is refused as what is not here.

A light (TriagingResult) is the system's: nobody else makes one, makes something else of it, or changes more of it than
its status. What a professional thinks of it is an impression of its own beside it, and whether a citizen sees it
depends on this code. That a measurement is invalid, and what that fulfils, is said by the operation alone. Who has
assessed, and who notes something in it, is whoever writes: `authors.py`.

Source: `fut.md` 1A (ehealth-clinicalimpression), 2.2, 2.3, 2.8; ARCHITECTURE §5.
"""

from collections.abc import Iterator
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
from kommunalpro.fut.owners import are_of_one_course
from kommunalpro.fut.profiles.approved_views import approval_problems
from kommunalpro.fut.profiles.authors import assessor_problems, note_problems
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.profiles.care_plans import activities
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.validity import approves_sharing, is_light, tells_validity, validity_decisions, validity_findings

_FINDINGS = f"{ehealth.VS}clinicalimpression-finding-codes"
_FREE = frozenset({"status", "id", "meta"})
_ITEM = "ClinicalImpression.investigation.item"


def impression_problems(impression: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what an impression does not keep of its profile; a measurement's validity is an operation's to tell.

    A system assesses by itself, as the infrastructure's own does; what was found then, one from outside lets be.
    """
    if session.principal.user_type != "SYSTEM" or (previous and session.is_outside):
        yield from _basis_problems(impression)
        yield from _light_problems(impression, previous or {})
        yield from _validity_problems(impression, previous or {})
    if impression.get("investigation") != (previous or {}).get("investigation"):
        yield from _nameless(impression)
    is_pinned: dict[str, set[bool]] = {}
    for each in _items(impression):
        is_pinned.setdefault(each.key, set()).add(each.version is not None)
    for key, ways in is_pinned.items():
        if ways != {True, False}:
            name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
            yield issue(name, key, _ITEM)
    yield from assessor_problems(impression, previous or {}, session)
    yield from note_problems(impression, previous or {}, session)
    yield from approval_problems(impression, session)
    if approves_sharing(impression) and not extension(impression, ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION):
        yield issue("SECURITY_TOKEN_CONTEXT_MISSING_CONTEXT", "Organization", "ClinicalImpression.extension")
    # What an operation makes is about the one measurement that it was given, and names the plan that it was found in,
    # or has been held against it (`$set-measurement-validity`): to look again would cost each answer two statements.
    is_as_before = previous is not None and list(_named(previous)) == list(_named(impression))
    if not (session.is_elevated or is_as_before):
        yield from list(_unknown(impression, session)) or plan_problems(impression, session)


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


def _unknown(impression: Json, session: Session) -> Iterator[Issue]:
    """Tell of each reference to what is not here, or is of another citizen or another course of care."""
    named, base = list(_named(impression)), session.server.base_url
    hidden = set(session.unseen([(each.type, each.id) for _, _, each in named if each.base in (None, base)]))
    told = set()
    for name, path, each in named:
        is_here = each.base in (None, base) and (each.type, each.id) not in hidden
        if not (is_here and _is_of_its_course(impression, each, session)) and (path, each.key) not in told:
            told.add((path, each.key))
            yield issue(name, each.key, path)


def _is_of_its_course(impression: Json, reference: Reference, session: Session) -> bool:
    version = f"/_history/{reference.version}" if reference.version else ""
    found = read_if_there(session, f"{session.server.base_url}/{reference.key}{version}")
    return found is not None and are_of_one_course(found, impression)


def plan_problems(impression: Json, session: Session) -> Iterator[Issue]:
    """Tell where the measurements that an impression looks at are not all of one CarePlan, and of the one it names.

    Nor may it name another one than the impression that it comes after.
    """
    named, before = named_plan(impression, session), _plan_before(impression, session)
    if named and before and named != before:
        yield issue("KPRO_CLINICALIMPRESSION_CAREPLAN", "that of previous", "ClinicalImpression.extension")
    keys = _measured(impression, session)
    if len(keys) + (named is not None) < 2 or not keys:
        return
    plans = _plans_of(keys, session)
    if plans and not reduce(frozenset.intersection, plans, plans[0] if named is None else frozenset({named})):
        yield issue("KPRO_CLINICALIMPRESSION_CAREPLAN", ", ".join(sorted(keys)), _ITEM)


def plan_within_reach(impression: Json, session: Session) -> str | None:
    """Give the URL of the CarePlan that an impression is of by what it refers to; None: there is none, or several."""
    if before := _plan_before(impression, session):
        return before
    plans = _plans_of(_measured(impression, session), session)
    common = reduce(frozenset.intersection, plans) if plans else frozenset()
    return next(iter(common)) if len(common) == 1 else None


def _plans_of(keys: set[str], session: Session) -> list[frozenset[str]]:
    """Give the URLs of the plans that each measurement is of, all found together, without those that are of none."""
    base = session.server.base_url
    requests = [requests_of(each) for key in sorted(keys) if (each := read_if_there(session, f"{base}/{key}"))]
    if not requests:
        return []
    query = [("activity-reference", ",".join(sorted(set().union(*requests)))), ("_count", "100")]
    plans = list(session.elevated().search_all("CarePlan", query))
    of_each = (frozenset(own_url(base, plan) for plan in plans if _asked_by(plan) & urls) for urls in requests)
    return [each for each in of_each if each]


def _asked_by(plan: Json) -> set[str]:
    return {each.url for each in activities(plan)}


def named_plan(impression: Json, session: Session) -> str | None:
    """Give the URL of the CarePlan that an impression names; None: it names none."""
    plan = _plan(impression)
    return plan.at(session.server.base_url) if plan else None


def _plan(impression: Json) -> Reference | None:
    value = extension_value(impression, ehealth.CLINICALIMPRESSION_CAREPLAN)
    return Reference.parse(value.get("reference", "")) if isinstance(value, dict) else None


def _plan_before(impression: Json, session: Session) -> str | None:
    """Give the URL of the CarePlan that the impression before this one names."""
    before = _before(impression)
    found = read_if_there(session, f"{session.server.base_url}/{before.key}") if before else None
    return named_plan(found, session) if found else None


def _before(impression: Json) -> Reference | None:
    return Reference.parse(impression.get("previous", {}).get("reference", ""))


def _measured(impression: Json, session: Session) -> set[str]:
    """Give the measurements of this server that are looked at (`Type/id`)."""
    own = (None, session.server.base_url)
    return {each.key for each in _items(impression) if each.base in own and each.type in MEASUREMENTS}


def _named(impression: Json) -> Iterator[tuple[str, str, Reference]]:
    """Give what an impression refers to, each with what its absence is called, and its FHIRPath."""
    for each in _items(impression):
        if each.type in MEASUREMENTS:
            yield "GENERAL_RESOURCE_NOT_FOUND", _ITEM, each
    if plan := _plan(impression):
        yield "CAREPLAN_NOT_FOUND", "ClinicalImpression.extension", plan
    if before := _before(impression):
        yield "GENERAL_RESOURCE_NOT_FOUND", "ClinicalImpression.previous", before


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
