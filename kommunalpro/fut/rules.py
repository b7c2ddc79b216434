"""The dialect's rules on write: what the server asks when somebody writes a resource."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.structure.walk import Walk
from kommunalpro.fhirserver.access import Interaction
from kommunalpro.fhirserver.protocols import Find, Owner, Searches
from kommunalpro.fhirserver.search.values import moment_text
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.writer import IndexRow
from kommunalpro.fut import at_hand, completion, document_query, owners
from kommunalpro.fut.errors import refuse
from kommunalpro.fut.measurements import MEASUREMENTS
from kommunalpro.fut.profiles import (
    care_plans,
    care_teams,
    codings,
    communications,
    consents,
    contacts,
    content,
    criteria,
    for_all,
    impressions,
    lifecycle,
    materials,
    measurements,
    mentions,
    modifiers,
    named_once,
    organizations,
    persons,
    plans,
    provenances,
    questionnaire,
    requirements,
    responsible,
    senders,
    sharing,
    structure,
    tasks,
)
from kommunalpro.fut.profiles.national import Owners, national_problems, terminology_problems
from kommunalpro.fut.profiles.profiled import type_of
from kommunalpro.fut.profiles.stored_before import new_problems
from kommunalpro.fut.reach import DISPLAY_TRIAGE_RESULT, OF_PLANS, TRIAGE_RESULT_DENIED
from kommunalpro.fut.search_parameters import SEARCH_PARAMETERS
from kommunalpro.fut.searches import declared_by
from kommunalpro.fut.services import SERVICES, rows_at
from kommunalpro.fut.standings import standings


class EHealthRules:
    """FUT's profiles, lifecycles and additions (implements `fhirserver.protocols.Rules`)."""

    search_parameters = SEARCH_PARAMETERS

    def __init__(
        self, *, is_strict: bool = False, service: str | None = None, national_owners: Owners = frozenset()
    ) -> None:
        """Take whether only what FUT's services declare is done; `service` is the one whose types these are, else all.

        `national_owners`: whose national Views and ActionGuidance may be; nobody's without. Of FUT's services the
        terminology's alone declares histories, and one alone takes transactions; what each can be searched by:
        `searches.py`.
        """
        self._is_strict = is_strict
        self._national_owners = national_owners
        self._rows = {type: rows for type in SERVICES if (rows := rows_at(type, service))}
        self._directly = {type: _all(row.interactions for row in rows) for type, rows in self._rows.items()}
        self._in_bundles = {type: _all(row.in_transaction for row in rows) for type, rows in self._rows.items()}
        self.types = frozenset(self._rows)

    def interactions(self, type: str) -> frozenset[Interaction]:
        """Give what clients may do with a type directly."""
        without: frozenset[Interaction] = frozenset({"history"})
        has_history = not self._is_strict or self._rows[type][0].name == "terminology"
        return self._directly[type] if has_history else self._directly[type] - without

    def in_transaction(self, type: str) -> frozenset[Interaction]:
        """Give what clients may do with a type in a transaction: a CarePlan is made there, and only there."""
        listed = self._in_bundles[type]
        return listed if self._is_strict else self.interactions(type) | listed

    def searches(self, type: str) -> Searches | None:
        """Give what clients may ask for in a search of a type."""
        return declared_by(type, *(row.name for row in self._rows[type])) if self._is_strict else None

    def search_problems(self, type: str, parameters: Sequence[tuple[str, str]]) -> Iterator[Issue]:
        """Give what a search says of overriding a consent that it cannot be taken by."""
        return document_query.search_problems(type, parameters)

    def codes_in(self, value_set: str, stored: Find) -> Iterable[tuple[str, str]] | None:
        """Give the codes of a value set, as far as it can be told here."""
        return at_hand.codes_in(value_set, stored)

    def complete(self, resource: dict[str, Any], previous: Json | None, session: Session) -> dict[str, Any]:
        """Add what the server adds on write."""
        return completion.complete(resource, previous, session)

    def check(self, resource: Json, previous: Json | None, session: Session, walk: Walk) -> None:
        """Check a completed resource, all issues at once."""
        if resource["resourceType"] == "CareTeam":
            care_teams.check_organization(resource, previous, session)
        if resource["resourceType"] == "PractitionerRole":
            organizations.check_role(resource, previous, session)
        if resource["resourceType"] == "Organization" and previous:
            organizations.check_changed(previous, session)
        of_itself = new_problems(_form_problems, resource, previous)
        found = chain(of_itself, _problems(resource, previous, session, walk))
        if resource["resourceType"] == "CareTeam":
            found = chain(found, care_teams.administrator_problems(resource, previous, session))
        if resource["resourceType"] == "Basic":
            found = chain(found, national_problems(resource, previous, self._national_owners, session))
        if resource["resourceType"] in named_once.TERMINOLOGY:
            found = chain(found, terminology_problems(resource, previous, self._national_owners, session))
        refuse(found)

    def profiled_type(self, profile: str) -> str | None:
        """Give the type that a profile of FUT's is of."""
        return type_of(profile)

    def check_delete(self, resource: Json, session: Session) -> None:
        """Who owns a draft Questionnaire, runs a CareTeam or gives a role deletes it; else as its service has it."""
        if resource["resourceType"] == "Questionnaire":
            refuse(lifecycle.deletion_problems(resource, session))
        if resource["resourceType"] in named_once.TERMINOLOGY:
            refuse(terminology_problems(resource, None, self._national_owners, session))
        if resource["resourceType"] == "CareTeam":
            care_teams.check_organization(resource, None, session)
            refuse(care_teams.deletion_problems(resource, session))
        if resource["resourceType"] == "PractitionerRole":
            organizations.check_role(resource, None, session)

    def owner(self, resource: Json) -> Owner:
        """Say whose a resource is."""
        return owners.owner(resource)

    def named(self, issue: Issue, sent: Json) -> Issue:
        """Give what R4's structure says of a time FUT's code."""
        return structure.named(issue, sent)

    def extra_index(self, resource: Json, base_url: str) -> Iterable[IndexRow]:
        """Index when a consent lets a citizen see lights or denies it, and who is in a care team that follows whom."""
        if resource["resourceType"] == "Consent" and consents.shows_triage(resource):
            for name, held in (
                (DISPLAY_TRIAGE_RESULT, consents.force(resource)),
                (TRIAGE_RESULT_DENIED, consents.denial(resource)),
            ):
                if held:
                    of = OF_PLANS if consents.names_plans(resource) else ""
                    yield IndexRow(name + of, moment_text(held.start), moment_text(held.end))
        yield from standings(resource, base_url)


def _all(parts: Iterable[frozenset[Interaction]]) -> frozenset[Interaction]:
    return frozenset(chain.from_iterable(parts))


_FORMS: dict[str, Callable[[Json], Iterator[Issue]]] = {
    "CareTeam": care_teams.care_team_problems,
    "Communication": communications.communication_problems,
    "CommunicationRequest": communications.nemsms_problems,
    "DocumentReference": materials.form_problems,
    "Patient": contacts.patient_problems,
    "Organization": contacts.organization_problems,
    "Task": tasks.task_problems,
}
"""Type → what its profile asks of a resource by itself, beyond what stands in tables."""


def _form_problems(resource: Json) -> Iterator[Issue]:
    yield from requirements.problems(resource)
    if check := _FORMS.get(resource["resourceType"]):
        yield from check(resource)


_Check = Callable[[Json, Json | None, Session], Iterator[Issue]]

_CHECKS: dict[str, _Check] = {
    "Questionnaire": questionnaire.problems,
    "Basic": content.basic_problems,
    "ActivityDefinition": lambda resource, previous, session: chain(
        plans.activity_problems(resource, previous, session),
        sharing.problems(resource, previous),
        criteria.criteria_problems(resource, previous),
    ),
    "PlanDefinition": plans.plan_problems,
    "ServiceRequest": lambda resource, previous, session: chain(
        plans.service_request_problems(resource, previous), criteria.criteria_problems(resource, previous)
    ),
    "CarePlan": lambda resource, previous, session: chain(
        plans.care_plan_problems(resource),
        care_plans.lost_activities(resource, previous),
        care_plans.lost_parent(resource, previous),
        care_plans.new_parent(resource, previous, session),
        responsible.responsible_problems(resource, previous, session),
    ),
    "DocumentReference": materials.material_problems,
    "EpisodeOfCare": lambda resource, previous, session: chain(
        persons.episode_problems(resource, previous, session),
        responsible.responsible_problems(resource, previous, session),
    ),
    **dict.fromkeys(
        ("CareTeam", "Practitioner", "PractitionerRole"),
        lambda resource, previous, session: for_all.names_somebody(resource, previous),
    ),
    "Library": lambda resource, previous, session: chain(
        modifiers.library_problems(resource, previous, session),
        named_once.name_problems(resource, previous, session),
        for_all.names_somebody(resource, previous),
    ),
    "Consent": consents.consent_problems,
    "Provenance": provenances.provenance_problems,
    "Task": lambda resource, previous, session: chain(
        persons.category_problems(resource, previous, session),
        responsible.task_team_problems(resource, previous, session),
    ),
    "Communication": lambda resource, previous, session: chain(
        persons.category_problems(resource, previous, session),
        communications.status_problems(resource, previous, session),
        senders.sender_problems(resource, previous, session),
    ),
    "ClinicalImpression": impressions.impression_problems,
    "Patient": persons.patient_problems,
    "Organization": lambda resource, previous, session: chain(
        organizations.number_problems(resource, previous, session), for_all.names_somebody(resource, previous)
    ),
    **dict.fromkeys(
        named_once.TERMINOLOGY,
        lambda resource, previous, session: chain(
            named_once.name_problems(resource, previous, session), for_all.names_somebody(resource, previous)
        ),
    ),
    **dict.fromkeys(MEASUREMENTS, measurements.measurement_problems),
}


def _problems(resource: Json, previous: Json | None, session: Session, walk: Walk) -> Iterator[Issue]:
    type = resource["resourceType"]
    yield from codings.coding_problems(resource, previous, session, walk)
    if type in lifecycle.DEFINITIONS:
        yield from lifecycle.problems(resource, previous, session)
        yield from for_all.names_somebody(resource, previous)
    else:
        yield from persons.belonging_problems(resource, previous, session)
    if type in _CHECKS:
        yield from _CHECKS[type](resource, previous, session)
    if type in mentions.OF_CITIZENS:
        yield from mentions.mention_problems(resource, previous, session, walk)
