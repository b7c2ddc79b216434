"""Rules of `ehealth-consent`: what a consent is to, and when it is in force.

A consent is in force while it is active, within its provision's period, and denies nothing, nor does a provision within
it. Of those to the lights one that denies holds against all that permit. One that starts care is the citizen's own: its
provision names them as an actor (who gave it for them may be its performer), has a period, and names the course of
care. One that lacks this is stored, as R4 lets it be, and starts nothing. To one that lets a citizen see the lights
belong its category, its scope, the class of what may be seen, and the course of care. Scope and class are in
`bindings.py`; here are the value sets of which more is taken than they have. One that permits less than the lights of
all that it names, to the citizen (an actor, an action, a purpose, labels, data or a time of data of its own), is
refused, and opens nothing: ours.
An access consent has a profile of its own (`access_consents.py`), and never counts as one of these, nor they as one.

Source: `fut.md` 1B (ehealth-consent).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import Interval, parse_interval
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.access_consents import is_access_consent
from kommunalpro.fut.errors import issue, missing, unbound
from kommunalpro.fut.owners import episode_reference, patient_reference
from kommunalpro.fut.profiles.access_consents import access_consent_problems

_BEHAVIOR = ehealth.CS + "ehealth-consent-scope"
_CATEGORIES = {(ehealth.CONSENT_CATEGORY, code) for code in ("PITEOC", "SSLPCI", "behavior-by-policy")}
_ACTIONS = "http://terminology.hl7.org/CodeSystem/consentaction"
_ALWAYS = Interval(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
# The guide's value set has the former, its example the latter (fut.md §11).
_CODES = {
    (ehealth.CLINICALIMPRESSION_CODES, "TriagingResult"),
    (ehealth.CS + "ehealth-consent-provision-code", "display-triage-result"),
}


def consent_problems(consent: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what a consent does not keep of its profile.

    Raises:
        Forbidden: it is a citizen's who would decide alone whether they see the lights.
    """
    if session.principal.user_type == "PATIENT" and any(map(shows_triage, (consent, previous or {}))):
        refused = issue("SECURITY_TOKEN_INSUFFICIENT_PERMISSION", "display-triage-result consent", "Consent.policy")
        raise Forbidden(issues=[refused])
    if previous and is_access_consent(consent) != is_access_consent(previous):
        yield issue("KPRO_CONSENT_KIND_IMMUTABLE", "", "Consent.category")
    if is_access_consent(consent):
        yield from access_consent_problems(consent)
        return
    yield from _bindings(consent)
    if _is_to_care(consent) and episode_reference(consent) is None:
        # Ours: it would be to none, and begin none; nor would whoever wrote it find it again.
        yield missing("the EpisodeOfCare that it is to", "Consent.provision.data")
    if shows_triage(consent):
        yield from _triage_problems(consent)


def shows_triage(consent: Json) -> bool:
    """Tell whether a Consent is about the citizen's seeing the lights."""
    return not is_access_consent(consent) and any(
        policy.get("uri") == ehealth.POLICY_DISPLAY_TRIAGE_RESULT for policy in consent.get("policy", ())
    )


def starts_care(consent: Json, now: datetime) -> bool:
    """Tell whether a Consent is to a course of care (PITEOC), the citizen's own, and holds now.

    To which course of care, its provision's data tells, by which it is found.
    """
    provision = consent.get("provision", {})
    return (
        _is_to_care(consent)
        and not is_access_consent(consent)
        and is_in_force(consent, now)
        and not {"start", "end"}.isdisjoint(provision.get("period", ()))
        and _is_own(consent, provision)
    )


def _is_own(consent: Json, provision: Json) -> bool:
    citizen = patient_reference(consent)
    named = (Reference.parse(each.get("reference", {}).get("reference", "")) for each in provision.get("actor", ()))
    return citizen is not None and citizen.url in {each.url for each in named if each}


def _is_to_care(consent: Json) -> bool:
    return _is_in([*consent.get("category", ())], {(ehealth.CONSENT_CATEGORY, "PITEOC")})


def force(consent: Json) -> Interval | None:
    """Give when a consent is in force, if nobody changes it; None: never, for it is not active, or denies.

    Nor is one to the lights that permits less of them than can be told apart here.
    """
    is_none = _denies(consent.get("provision", {})) or (shows_triage(consent) and any(_narrowed(consent)))
    return None if is_none else _active(consent)


def denial(consent: Json) -> Interval | None:
    """Give when a consent denies, if nobody changes it, whatever another one permits; None: never."""
    return _active(consent) if _denies(consent.get("provision", {})) else None


def _active(consent: Json) -> Interval | None:
    if consent["status"] != "active":
        return None
    period = consent.get("provision", {}).get("period", {})
    start = parse_interval(period["start"]).start if "start" in period else _ALWAYS.start
    end = parse_interval(period["end"]).end if "end" in period else _ALWAYS.end
    return Interval(start, end)


def _denies(provision: Json) -> bool:
    return provision.get("type") == "deny" or any(map(_denies, provision.get("provision", ())))


def is_in_force(consent: Json, now: datetime) -> bool:
    """Tell whether a consent holds now."""
    held = force(consent)
    return held is not None and held.start <= now < held.end


def _triage_problems(consent: Json) -> Iterator[Issue]:
    provision = consent.get("provision", {})
    wanted = (
        ("category", _is_in([*consent.get("category", ())], {(ehealth.CONSENT_CATEGORY, "behavior-by-policy")})),
        ("scope", _is_in([consent.get("scope", {})], {(_BEHAVIOR, "behavior")})),
        ("provision.class", bool(provision.get("class"))),
        ("extension", any(_is_of("EpisodeOfCare", each) for each in extensions(consent, ehealth.CONSENT_AFFILIATION))),
    )
    for element, is_there in wanted:
        if not is_there:
            detail = f"{element} of a consent to display-triage-result"
            yield issue("GENERAL_VALIDATION_ERROR", detail, f"Consent.{element}")
    if not _denies(provision):
        for element in _narrowed(consent):
            detail = f"provision.{element} permits less than the lights of what is named by consent-affiliation"
            yield issue("GENERAL_VALIDATION_ERROR", detail, f"Consent.provision.{element}")


def _narrowed(consent: Json) -> Iterator[str]:
    """Give by what of its provision a consent permits less than what it is affiliated with, or to somebody else."""
    provision, citizen = consent.get("provision", {}), patient_reference(consent)
    actors = {_key(each.get("reference", {})) for each in provision.get("actor", ())}
    data = {_key(each.get("reference", {})) for each in provision.get("data", ())}
    named = [each.get("valueReference", {}) for each in extensions(consent, ehealth.CONSENT_AFFILIATION)]
    plans = {_key(each) for each in named if _key(each).startswith("CarePlan/")}
    courses = {_key(each) for each in named} - plans
    if actors and (citizen is None or citizen.key not in actors):
        yield "actor"
    if data and not data & courses and not (plans and plans <= data):
        yield "data"
    if provision.get("action") and not _is_in([*provision["action"]], {(_ACTIONS, "access")}):
        yield "action"
    yield from (each for each in ("dataPeriod", "purpose", "securityLabel") if each in provision)


def _key(named: Json) -> str:
    reference = Reference.parse(str(named.get("reference", "")))
    return reference.key if reference else ""


def names_plans(consent: Json) -> bool:
    """Tell whether a consent is about plans of its course of care, and not about the whole of it."""
    return any(_is_of("CarePlan", each) for each in extensions(consent, ehealth.CONSENT_AFFILIATION))


def _is_of(type: str, affiliation: Json) -> bool:
    reference = Reference.parse(str(affiliation.get("valueReference", {}).get("reference", "")))
    return reference is not None and reference.type == type


def _bindings(consent: Json) -> Iterator[Issue]:
    provision = consent.get("provision", {})
    if not all(_is_in([each], _CATEGORIES) for each in consent.get("category", ())):
        yield _unbound("category")
    if any("uri" in each and each["uri"] != ehealth.POLICY_DISPLAY_TRIAGE_RESULT for each in consent.get("policy", ())):
        yield _unbound("policy.uri")
    if not all(_is_in([each], _CODES) for each in provision.get("code", ())):
        yield _unbound("provision.code")


def _is_in(concepts: list[Any], codes: set[tuple[str, str]]) -> bool:
    """Tell whether any of these concepts has a coding of those."""
    return any((each.get("system"), each.get("code")) in codes for one in concepts for each in one.get("coding", ()))


def _unbound(element: str) -> Issue:
    return unbound(element, f"Consent.{element}")
