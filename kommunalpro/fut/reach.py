"""Which rows somebody reaches, as filters inside the SQL.

A person's rows are reached through current membership of an active care team that is on the episode of care or on one
of its plans; nothing is copied, so leaving the team closes the door at once. A citizen reaches their own rows.

Source: `fut.md` 5.2. What the filter hides is 404; where context and request do not fit, see `access.py`.
"""

from collections.abc import Sequence

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.access import (
    AllOf,
    AnyOf,
    Begins,
    Belongs,
    Column,
    During,
    Everything,
    Exists,
    Filter,
    Indexed,
    Not,
    Nothing,
    Through,
)
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.access_consents import ACCESS_CONSENT
from kommunalpro.fut.content import ACTION_GUIDANCE, VIEW
from kommunalpro.fut.standings import MEMBER

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
        VIEW,
        ACTION_GUIDANCE,
        "Binary",
        "Library",
        "CodeSystem",
        "ValueSet",
        "ConceptMap",
    }
)
"""Types, and kinds of them, that are nobody's data: whoever has the privilege may see every row."""

# What is the patient's and no episode's, and what may be either: its episode decides where it has one.
_OF_PATIENT = frozenset({"Patient", "RelatedPerson", "Goal", ACCESS_CONSENT})
_OF_EITHER = frozenset({"Communication", "CommunicationRequest", "DocumentReference"})

PERSONAL = ("owner", "requester", "responsible")
"""Parameters of a Task by one of which it is somebody's own."""

OF_ALL_TEAMS = frozenset({"EpisodeOfCare", "CarePlan", "Condition"})
"""What a search of courses of care across teams finds, and gives along (fut.md 5.2 rule 5)."""

READS_CITIZENS = "Patient.read"
"""The privilege without which nobody learns of a citizen."""

DISPLAY_TRIAGE_RESULT = "display-triage-result"
"""Index entry of a Consent by which the citizen may see lights: from when until when."""

TRIAGE_RESULT_DENIED = "display-triage-result-denied"
"""Index entry of a Consent by which they may not, from when until when, whatever another one says."""

OF_PLANS = "-of-plans"
"""What the name of such an entry ends in where the Consent names CarePlans (`affiliation`): it is about these alone."""

_WHERE = ("address", "telecom")
"""Parameters by which it is known of a citizen where they are."""

_RESTRICTION = "RestrictionCategory$"
# By which parameter a row's restriction category is indexed; `None` is a legacy spelling (fut.md §11).
_RESTRICTED = {"Task": "restriction-category", "Communication": "restrictionCategory"}
_CATEGORIES = ("measurement-monitoring", "measuring-support", "none", "None")


def reach(type: str, principal: Principal, *, is_held: bool = False) -> Filter:
    """Give the rows of a type that somebody reaches in their context, whatever their privileges: a system all of them.

    But what is in a category, which is a privilege of its own.

    It hangs on the moment (`AsOf`). What is of a kind is asked for by the name of its kind: an access consent is
    reached otherwise than other Consents.

    `is_held`: that the context is theirs has been looked at in this request (`token_context.py`), and is not again.
    """
    if type in SHARED:
        return Everything()
    if principal.user_type == "SYSTEM":
        return _unrestricted(_RESTRICTED[type], principal) if type in _RESTRICTED else Everything()
    if principal.user_type == "PATIENT":
        return _citizens(type, principal)
    return _practitioners(type, principal, is_held=is_held)


def _citizens(type: str, principal: Principal) -> Filter:
    own = _about(type, principal.user)
    if type in _RESTRICTED:
        own = AllOf((own, _unrestricted(_RESTRICTED[type], principal)))
    if type == "Task":
        key = key_of(principal.user)
        return AllOf((own, AnyOf(tuple(Indexed(name, key) for name in PERSONAL))))
    if type == "DocumentReference":
        return AnyOf((own, Belongs("patient", "")))
    if type == "ClinicalImpression":
        triage = Indexed("code", f"{ehealth.CLINICALIMPRESSION_CODES}|TriagingResult")
        permitted, denied = map(_consented, (DISPLAY_TRIAGE_RESULT, TRIAGE_RESULT_DENIED))
        return AllOf((own, AnyOf((Not(triage), AllOf((permitted, Not(denied)))))))
    return Nothing() if type == "AuditEvent" else own


def _consented(name: str) -> Filter:
    """Give the ClinicalImpressions of which a Consent says so: to their course of care, or to their plan in it."""
    of_plan = Through("episode", "Consent", "episode", During(name + OF_PLANS), same=("carePlan", "affiliation"))
    return AnyOf((Through("episode", "Consent", "episode", During(name)), of_plan))


def _practitioners(type: str, principal: Principal, *, is_held: bool) -> Filter:
    context = principal.context
    if context.care_team is None:
        return Nothing()
    parts = [] if is_held else [*_in_team(principal, context.care_team)]
    # A course of care that is theirs reaches its own rows and its patient, whatever else the team follows.
    if not (is_held and context.episode_of_care and (context.patient or type not in _OF_PATIENT)):
        parts.append(_reached(type, key_of(context.care_team)))
    if context.patient:
        parts.append(_about(type, context.patient))
    if context.episode_of_care and type not in _OF_PATIENT:
        parts.append(Belongs("episode", id_of(context.episode_of_care)))
    if type in _RESTRICTED:
        parts.append(_unrestricted(_RESTRICTED[type], principal))
    if type != "DocumentReference":
        return AllOf(tuple(parts))
    # Material that is about nobody is for everybody who may see material; a citizen's own, for who may see citizens:
    # one privilege is for both (ours).
    of_all = Belongs("patient", "")
    return AnyOf((of_all, AllOf(tuple(parts)))) if READS_CITIZENS in principal.privileges else of_all


def reach_across_teams(codes: Sequence[str], principal: Principal, *, is_held: bool) -> Filter:
    """Give the rows of courses of care, whoever follows them, in which one of these is diagnosed (`system|code`).

    Of these courses come all plans and diagnoses: none is outside the treatment area, for every Condition that is here
    is of `VS/conditions`, which is that (`treatment_area.py`). Who searches is in the team of their context, and about
    the citizen of it if there is one.
    """
    context = principal.context
    if context.care_team is None:
        return Nothing()
    parts: list[Filter] = [] if is_held else [*_in_team(principal, context.care_team)]
    diagnosed = AnyOf(tuple(Indexed("code", each) for each in codes))
    parts.append(Through("episode", "Condition", "episode", diagnosed))
    parts += [Belongs("patient", id_of(context.patient))] if context.patient else []
    parts += [Belongs("episode", id_of(context.episode_of_care))] if context.episode_of_care else []
    return AllOf(tuple(parts))


def reach_newcomers(principal: Principal, *, is_held: bool) -> Filter:
    """Give the citizens whom nobody has followed yet, one alone where the context names one.

    Who has found or made one (`$createPatient`) and is to open their first course of care, sees who it is meanwhile, as
    FUT's clinician client shows it (fut.md 7.3), and no more than that operation tells: where somebody lives and can be
    called is for who follows them. Only who has a citizen's id already is to be given these (`access.py`).
    """
    context = principal.context
    if principal.user_type != "PRACTITIONER" or context.care_team is None:
        return Nothing()
    parts: list[Filter] = [] if is_held else [*_in_team(principal, context.care_team)]
    parts += [Belongs("id", id_of(context.patient))] if context.patient else []
    followed = Through("patient", "EpisodeOfCare", "patient", Everything())
    return AllOf((*parts, Not(AnyOf((followed, *(Begins(name, "") for name in _WHERE))))))


def _about(type: str, patient: str) -> Filter:
    """Rows of a patient. What a professional has done names nobody but itself: it is of whom its course of care is."""
    own = Belongs("patient", id_of(patient))
    if type != "Provenance":
        return own
    theirs = Through("episode", "EpisodeOfCare", "episode", Indexed("patient", key_of(patient)))
    return AnyOf((own, AllOf((Belongs("patient", ""), theirs))))


def _in_team(principal: Principal, care_team: str) -> tuple[Filter, Filter]:
    team = id_of(care_team)
    member = Exists("CareTeam", team, MEMBER, key_of(principal.user), may_end=True)
    return member, Exists("CareTeam", team, "status", "active")


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
        return Not(closed) if closed.filters else Everything()
    return AllOf((AnyOf(tuple(Indexed(parameter, each) for each in sorted(held))), Not(closed)))


def key_of(url: str) -> str:
    """Give `Type/id` of a URL; the text itself when it is none."""
    reference = Reference.parse(url)
    return reference.key if reference else url


def id_of(url: str) -> str:
    """Give the id of a URL; the text itself when it is none."""
    reference = Reference.parse(url)
    return reference.id if reference else url
