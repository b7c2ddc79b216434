"""What a search must carry of the context that it is made in; what does not is refused, before any lookup.

A search names every dimension of its context that its type can be searched by: the course of care, or else the citizen,
whom it implies; and the team. Who names both names the citizen of the context, and no other. Besides there are types of
which a search names whose they are in any context.

Of an EpisodeOfCare there is no dimension in a Goal or a RelatedPerson, which are the citizen's. Nor is there any in a
DocumentReference: those of the plan service are material, which is about nobody, and would not be found. What the
filter leaves (`reach.py`) is the context's alone all the same.

Source: `fut.md` 4.4, 5.2 rules 1, 4 and 5, 7.3 and 7.4; the guide's page of error messages.
"""

import re
from collections.abc import Iterator

from kommunalpro.fhir.outcome import Forbidden, Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.errors import issue
from kommunalpro.fut.reach import PERSONAL, id_of
from kommunalpro.fut.treatment_area import is_in_treatment_area

# By which search parameter each dimension of the context must be carried (fut.md 5.2 rule 1, 7.3).
_EPISODE_PARAMETERS = {
    "CarePlan": ("episodeOfCare",),
    "QuestionnaireResponse": ("episodeOfCare",),
    "ClinicalImpression": ("episodeOfCare",),
    "Task": ("episodeOfCare",),
    "Consent": ("data", "affiliation"),
    "Observation": ("episodeOfCare",),
    "Media": ("episodeOfCare",),
    # GUESS: a message's course of care is asked for by what it relates to; its service declares no other.
    "Communication": ("episodeOfCare", "communicationRelatesTo"),
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
    "Task": ("patient", "subject"),
}

# One of these says whose it is, whatever the context. What was asked for (`based-on`) is of one course of care, and is
# enough for $search-measurements-bundle-limit (fut.md 4.4); a Provenance is that of what it is of.
_MANDATORY = {
    "QuestionnaireResponse": ("subject", "patient", "episodeOfCare", "based-on"),
    "Provenance": ("target", "entity", "entity-episodeOfCare", "entity-serviceRequest"),
}
_MANDATORY_OF_CITIZENS = {"Task": ("episodeOfCare",)}

CROSS_TEAM = "EpisodeOfCare$cross-team-search"
"""The privilege to search courses of care without naming a team (fut.md 5.2 rule 5)."""

_BY_CONDITION = ("condition.code", "condition:Condition.code")
_NAME = re.compile(r"[.:]")


def check_search(request: Request, principal: Principal) -> None:
    """Hold a search against the context that it is made in.

    Raises:
        Forbidden: every dimension of it that the search does not carry, and what it does not say at all.
    """
    if issues := [*_problems(request, principal)]:
        raise Forbidden(issues=issues)


def cross_team_codes(search: Request, principal: Principal) -> tuple[str, ...]:
    """Give the conditions (`system|code`) by which courses of care of every team are searched; empty: of one's own.

    It takes a privilege, which no role here gives, and names no team. Several conditions are one of them, each within
    what the solution in the token is for.
    """
    codes = _codes(search) if _is_cross_team(search, principal) else ()
    return codes if all(_is_treated(each, principal) for each in codes) else ()


def _is_cross_team(search: Request, principal: Principal) -> bool:
    of_teams = (name for name, value in search.parameters if value and _NAME.split(name)[0] == "team")
    is_able = principal.user_type == "PRACTITIONER" and CROSS_TEAM in principal.privileges
    return is_able and search.type == "EpisodeOfCare" and not any(of_teams)


def _codes(search: Request) -> tuple[str, ...]:
    """Give the conditions that are asked for; what is asked for twice (and) is what either asks for."""
    asked = (value for name, value in search.parameters if name in _BY_CONDITION and value)
    return tuple(code for value in asked for code in value.split(","))


def _is_treated(code: str, principal: Principal) -> bool:
    """Tell whether the solution is for a condition; a code that does not say of which system it is could be any."""
    system, _, code = code.partition("|")
    return any(is_in_treatment_area(tag, {"system": system, "code": code}) for tag in principal.system_tags)


def _cross_team_problems(search: Request, principal: Principal) -> Iterator[Issue]:
    codes = _codes(search)
    if not codes:
        yield issue("SECURITY_SEARCH_PARAMS_MANDATORY", "team or condition.code")
    if outside := [each for each in codes if not _is_treated(each, principal)]:
        yield issue("KPRO_SEARCH_TREATMENT_AREA", f"{len(outside)} of {len(codes)} in condition.code")


def _problems(search: Request, principal: Principal) -> Iterator[Issue]:
    type, is_cross_team = search.type or "", _is_cross_team(search, principal)
    for names, value in dict.fromkeys((*dimensions(type, principal), *_named_besides(search, principal))):
        if is_cross_team and names == _TEAM_PARAMETERS["EpisodeOfCare"]:
            yield from _cross_team_problems(search, principal)
        elif not any(_is_one(name, names) and _same(given, value) for name, given in search.parameters):
            yield issue("SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT", " or ".join(names))
    of_citizens = _MANDATORY_OF_CITIZENS if principal.user_type == "PATIENT" else {}
    given = [name for name, value in search.parameters if value]
    for names in (table[type] for table in (_MANDATORY, of_citizens) if type in table):
        if not any(_is_one(each, names) for each in given):
            yield issue("SECURITY_SEARCH_PARAMS_MANDATORY", " or ".join(names))


def _named_besides(search: Request, principal: Principal) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the citizen of the context where a search names one, though the course of care implies whom it is about."""
    patient, names = _patient(principal), _PATIENT_PARAMETERS.get(search.type or "", ())
    if patient and any(value and _is_one(name, names) for name, value in search.parameters):
        yield names, patient


def _is_one(name: str, names: tuple[str, ...]) -> bool:
    """Tell whether a parameter is one of these, also where it says of which type what it names is; a chain is not."""
    plain, _, type = name.partition(":")
    return plain in names and (not type or (type.isalpha() and type[0].isupper()))


def _patient(principal: Principal) -> str | None:
    return principal.user if principal.user_type == "PATIENT" else principal.context.patient


def dimensions(type: str, principal: Principal) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give what a search must carry of its context: (parameters of which one must be there, the value it must have)."""
    context, is_citizen = principal.context, principal.user_type == "PATIENT"
    patient = _patient(principal)
    episode = context.episode_of_care if type in _EPISODE_PARAMETERS else None
    if episode:
        yield _EPISODE_PARAMETERS[type], episode
    if is_citizen and type == "Task":
        yield PERSONAL, principal.user
    elif patient and type in _PATIENT_PARAMETERS and (not episode or (is_citizen and type == "Consent")):
        yield _PATIENT_PARAMETERS[type], patient
    if context.care_team and type in _TEAM_PARAMETERS and not (type == "Task" and episode):
        yield _TEAM_PARAMETERS[type], context.care_team


def _same(given: str, value: str) -> bool:
    """Compare a search value with a URL of the context; a list of values never fits, an id or a version does."""
    if "," in given:
        return False
    reference, chosen = Reference.parse(given), Reference.parse(value)
    if reference is None or chosen is None:
        return given == id_of(value)
    return reference.key == chosen.key and reference.base in (None, chosen.base)
