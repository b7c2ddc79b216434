"""Who may do what, about whom: FUT's context rules, as refusals before any lookup and filters inside the SQL.

A person's rows are reached through current membership of an active care team that is on the episode of care or on one
of its plans; nothing is copied, so leaving the team closes the door at once. A citizen reaches their own rows.

Source: `fut.md` 5.2. Where the token's context and the request do not fit, the answer is 403 with FUT's text; what
the filter hides is 404.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import (
    AllOf,
    AnyOf,
    Belongs,
    Column,
    Everything,
    Exists,
    Filter,
    Indexed,
    Not,
    Nothing,
    Request,
    Through,
)
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.search.values import interval, moment_text, reference_key
from kommunalpro.fhirserver.writer import IndexRow
from kommunalpro.fut.errors import forbidden
from kommunalpro.fut.owners import owner
from kommunalpro.fut.privileges import accepted, has_any_privilege

SHARED = frozenset(
    {
        "Organization",
        "CareTeam",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "ActivityDefinition",
        "PlanDefinition",
        "Basic",
        "Binary",
        "Library",
        "CodeSystem",
        "ValueSet",
        "ConceptMap",
    }
)
"""Types that are nobody's data: whoever has the privilege may see every row."""

# Reading or changing these as a practitioner takes the episode in the token, 403 otherwise (fut.md 5.2 rule 2).
_NEEDS_EPISODE = frozenset({"EpisodeOfCare", "CarePlan", "ServiceRequest", "Condition"})

# What is the patient's and no episode's, and what may be either: its episode decides where it has one.
_OF_PATIENT = frozenset({"Patient", "RelatedPerson", "Goal"})
_OF_EITHER = frozenset({"Communication", "CommunicationRequest", "DocumentReference"})

# By which search parameter each dimension of the context must be carried (fut.md 5.2 rule 1, 7.3).
_EPISODE_PARAMETERS = {
    "CarePlan": ("episodeOfCare",),
    "QuestionnaireResponse": ("episodeOfCare",),
    "Task": ("episodeOfCare",),
    "Consent": ("data", "affiliation"),
    "Observation": ("episodeOfCare",),
    "Media": ("episodeOfCare",),
    "Communication": ("episodeOfCare",),
    "CommunicationRequest": ("episodeOfCare",),
}
_TEAM_PARAMETERS = {"CarePlan": ("care-team",), "EpisodeOfCare": ("team",), "Task": ("responsible",)}
_PATIENT_PARAMETERS = {
    "CarePlan": ("patient", "subject"),
    "EpisodeOfCare": ("patient",),
    "Consent": ("patient",),
    "QuestionnaireResponse": ("subject", "patient"),
    "ClinicalImpression": ("subject", "patient"),
    "Observation": ("subject", "patient"),
    "Media": ("subject",),
    "Communication": ("subject", "patient"),
    "CommunicationRequest": ("subject", "patient"),
    "Goal": ("subject", "patient"),
    "RelatedPerson": ("patient",),
}
_PERSONAL = ("owner", "requester", "responsible")

DISPLAY_TRIAGE_RESULT = "display-triage-result"
"""Index entry of a Consent by which the citizen may see lights; value `permit`."""

MEMBER = "member"
"""Index entry of a CareTeam for each member, until their membership ends."""

_RESTRICTION = "RestrictionCategory$"
# By which parameter a row's restriction category is indexed; `None` is a legacy spelling (fut.md §11).
_RESTRICTED = {"Task": "restriction-category", "Communication": "restrictionCategory"}
_CATEGORIES = ("measurement-monitoring", "measuring-support", "none", "None")


class EHealthAccess:
    """FUT's rules of access (implements `fhirserver.access.Access`)."""

    def authorise(self, request: Request, principal: Principal) -> None:
        """Refuse by privilege and by context, before any lookup."""
        if principal.user_type == "SYSTEM":
            return
        if not accepted(request) & principal.privileges:
            wanted = ", ".join(sorted(accepted(request)))
            raise forbidden("KPRO_SECURITY_PRIVILEGE_MISSING", wanted)
        if request.interaction == "search":
            _check_search(request, principal)
        elif request.interaction in ("read", "vread", "history", "update", "patch") and request.type in _NEEDS_EPISODE:
            _check_episode(request, principal)
        elif request.type == "Patient" and request.id and request.interaction != "operation":
            _check_same("Patient", request.id, principal.context.patient)

    def visible(self, type: str, principal: Principal, now: datetime) -> Filter:
        """Give the rows of a type that this user may know of; of a type that no privilege of theirs names, none."""
        if principal.user_type == "SYSTEM":
            return Everything()
        if not has_any_privilege(type, principal.privileges):
            return Nothing()
        if type in SHARED:
            return Everything()
        if principal.user_type == "PATIENT":
            return _citizens(type, principal)
        return _practitioners(type, principal, now)

    def authorise_write(self, resource: Json, principal: Principal) -> None:
        """Refuse content about another patient or episode than the context's."""
        if principal.user_type == "SYSTEM":
            return
        whose = owner(resource)
        context = principal.context
        if principal.user_type == "PATIENT" and whose.patient != _id(principal.user):
            raise forbidden("KPRO_SECURITY_CONTEXT_MISMATCH", "Patient")
        if whose.patient and context.patient and whose.patient != _id(context.patient):
            raise forbidden("KPRO_SECURITY_CONTEXT_MISMATCH", "Patient")
        if whose.episode and context.episode_of_care and whose.episode != _id(context.episode_of_care):
            raise forbidden("KPRO_SECURITY_CONTEXT_MISMATCH", "EpisodeOfCare")


def _check_episode(request: Request, principal: Principal) -> None:
    if principal.user_type != "PRACTITIONER":
        return
    if principal.context.episode_of_care is None:
        raise forbidden("KPRO_SECURITY_CONTEXT_MISSING", "EpisodeOfCare")
    if request.type == "EpisodeOfCare" and request.id:
        _check_same("EpisodeOfCare", request.id, principal.context.episode_of_care)


def _check_same(type: str, id: str, chosen: str | None) -> None:
    if chosen is not None and _id(chosen) != id:
        raise forbidden("KPRO_SECURITY_CONTEXT_MISMATCH", type)


def _check_search(request: Request, principal: Principal) -> None:
    """Every dimension of the context must be carried by the search; an episode implies its patient."""
    for names, value in _dimensions(request.type or "", principal):
        if not any(name in names and _same(given, value) for name, given in request.parameters):
            raise forbidden("SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT", " or ".join(names))


def _dimensions(type: str, principal: Principal) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give (parameters of which one must be there, the value it must have)."""
    context = principal.context
    patient = principal.user if principal.user_type == "PATIENT" else context.patient
    if context.episode_of_care and type in _EPISODE_PARAMETERS:
        yield _EPISODE_PARAMETERS[type], context.episode_of_care
    elif patient and type in _PATIENT_PARAMETERS:
        yield _PATIENT_PARAMETERS[type], patient
    if context.care_team and type in _TEAM_PARAMETERS and not (type == "Task" and context.episode_of_care):
        yield _TEAM_PARAMETERS[type], context.care_team
    if principal.user_type == "PATIENT" and type == "Task":
        yield _PERSONAL, principal.user


def _citizens(type: str, principal: Principal) -> Filter:
    own = Belongs("patient", _id(principal.user))
    if type == "Task":
        key = _key(principal.user)
        return AllOf((own, AnyOf(tuple(Indexed(name, key) for name in _PERSONAL))))
    if type == "DocumentReference":
        return AnyOf((own, Belongs("patient", "")))
    if type == "ClinicalImpression":
        triage = Indexed("code", f"{ehealth.CLINICALIMPRESSION_CODES}|TriagingResult")
        shown = Through("episode", "Consent", "episode", Indexed(DISPLAY_TRIAGE_RESULT, "permit"))
        return AllOf((own, AnyOf((Not(triage), shown))))
    return Nothing() if type == "AuditEvent" else own


def _practitioners(type: str, principal: Principal, now: datetime) -> Filter:
    context = principal.context
    if context.care_team is None:
        return Nothing()
    team = _key(context.care_team)
    team_id = _id(context.care_team)
    member = Exists("CareTeam", team_id, MEMBER, _key(principal.user), at=moment_text(now))
    active = Exists("CareTeam", team_id, "status", "active")
    parts: list[Filter] = [member, active, _reached(type, team)]
    if context.patient:
        parts.append(Belongs("patient", _id(context.patient)))
    if context.episode_of_care and type not in _OF_PATIENT:
        parts.append(Belongs("episode", _id(context.episode_of_care)))
    if type in _RESTRICTED:
        parts.append(_unrestricted(_RESTRICTED[type], principal))
    # Material that is about nobody is for everybody who may see material.
    return AnyOf((Belongs("patient", ""), AllOf(tuple(parts)))) if type == "DocumentReference" else AllOf(tuple(parts))


@lru_cache(maxsize=4096)
def _reached(type: str, team: str) -> Filter:
    """Rows that belong to somebody whom the team has to do with."""
    if type in _OF_PATIENT:
        return _of_team("patient", team)
    if type in _OF_EITHER:
        return AnyOf((_of_team("episode", team), AllOf((Belongs("episode", ""), _of_team("patient", team)))))
    return _of_team("episode", team)


def _of_team(own: Column, team: str) -> Filter:
    """Rows of an episode (or a patient with an episode) that the team is on, itself or by one of its plans."""
    return AnyOf(
        (
            Through(own, "EpisodeOfCare", own, Indexed("team", team)),
            Through(own, "CarePlan", own, Indexed("care-team", team)),
        )
    )


def _unrestricted(parameter: str, principal: Principal) -> Filter:
    """Rows of which every category is open to this user; what says nothing is in the category `none`."""
    held = {each.removeprefix(_RESTRICTION) for each in principal.privileges if each.startswith(_RESTRICTION)}
    held |= {"None"} if "none" in held else set()
    closed = AnyOf(tuple(Indexed(parameter, each) for each in _CATEGORIES if each not in held))
    if "none" in held:
        return Not(closed)
    return AllOf((AnyOf(tuple(Indexed(parameter, each) for each in sorted(held))), Not(closed)))


def memberships(care_team: Json, base_url: str) -> Iterator[IndexRow]:
    """Give each member of a care team, and until when; who is in it twice is in it for the longer."""
    ends: dict[str, list[str]] = {}
    for participant in care_team.get("participant", ()):
        if reference := participant.get("member", {}).get("reference"):
            end = participant.get("period", {}).get("end")
            ends.setdefault(reference_key(reference, base_url), []).append(interval(end)[1] if end else "")
    yield from (IndexRow(MEMBER, member, "" if "" in many else max(many)) for member, many in ends.items())


def _same(given: str, value: str) -> bool:
    """Compare a search value with a URL of the context; a list of values never fits, an id or a version does."""
    reference = Reference.parse(given)
    return given == _id(value) or (reference is not None and reference.key == _key(value) and _host(given, value))


def _host(given: str, value: str) -> bool:
    return not urlsplit(given).netloc or urlsplit(given).netloc == urlsplit(value).netloc


def _key(url: str) -> str:
    reference = Reference.parse(url)
    return reference.key if reference else url


def _id(url: str) -> str:
    reference = Reference.parse(url)
    return reference.id if reference else url
