"""A town over HTTP: two organisations with care teams, who works in them, citizens, and their courses of care.

town = Town.founded(live, system, as_somebody)
course = town.opens(town.citizen())
asked = course.asked(town.plan())
course.submits(asked.response())

A module of the checklist shares one town; a test that would disturb the others makes a citizen of its own in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from uuid import uuid4

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.identifier import Cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.fut.treatment_area import TAG
from tests import resources as made
from tests.conformance.checklist.course import Course
from tests.conformance.checklist.saying import done, id_of, to
from tests.conformance.conftest import Client
from tests.live import Answer
from tests.people import ASTA, BO, KIM, LIS, Staff

OPERATION = "episodeOfCareAndProvenances"
# Who was born in 1980 has a number that passes modulus 11: these are nobody's.
_NUMBERS = (each for serial in count(1) if not Cpr(each := f"020280{serial:04}").passes_modulus_11)


@dataclass(frozen=True)
class Town:
    """Asta and Lis work in `team`; Bo works in `other_team` of the same organisation; Kim in another organisation."""

    knock: Callable[[Principal], Client]
    system: Client
    base: str
    organization: str
    team: str
    other_team: str
    other_organization: str
    third_team: str
    users: Mapping[str, str]

    @classmethod
    def founded(cls, base: str, system: Client, knock: Callable[[Principal], Client]) -> Self:
        """Make it by the system, as registers and logins make it."""

        def post(resource: Json) -> str:
            stored = done(system("POST", f"/{resource['resourceType']}", resource), 201)
            return f"{base}/{resource['resourceType']}/{stored['id']}"

        def team(name: str, organization: str, *members: Staff) -> str:
            made_of = made.care_team(name, *members, organization=id_of(organization))
            for participant, each in zip(made_of["participant"], members, strict=True):
                participant["member"] = to(users[each.key])
            return post(made_of)

        users = {each.key: post(made.practitioner(each.name, each.name)) for each in (ASTA, LIS, BO, KIM)}
        organization, elsewhere = post(made.organization()), post(made.organization("Region Nord"))
        return cls(
            knock,
            system,
            base,
            organization,
            team("Nord", organization, ASTA, LIS),
            team("Syd", organization, BO),
            elsewhere,
            team("Hjerte", elsewhere, KIM),
            users,
        )

    def asta(self, *, more: frozenset[str] = frozenset(), **context: Any) -> Client:
        """Knock as the nurse of the citizens' team; `more`: privileges that her roles do not give."""
        return self._staff(ASTA, self.organization, self.team, context, privileges_of(ASTA.roles) | more)

    def lis(self) -> Client:
        """Knock as who prepares questionnaires and plans."""
        return self._staff(LIS, self.organization, self.team, {}, privileges_of(LIS.roles))

    def bo(self, **context: Any) -> Client:
        """Knock as a nurse of another team."""
        return self._staff(BO, self.organization, self.other_team, context, privileges_of(BO.roles))

    def kim(self, *, roles: tuple[str, ...] = KIM.roles, **context: Any) -> Client:
        """Knock as somebody of another organisation."""
        return self._staff(KIM, self.other_organization, self.third_team, context, privileges_of(roles))

    def _staff(
        self, who: Staff, organization: str, team: str, context: Mapping[str, Any], rights: frozenset[str]
    ) -> Client:
        chosen = Context(organization, team, **context)
        return self.knock(Principal(self.users[who.key], "PRACTITIONER", who.name, rights, chosen, frozenset({TAG})))

    def herself(self, patient: str, *, more: frozenset[str] = frozenset(), **context: Any) -> Client:
        """Knock as a citizen, about themselves."""
        rights = privileges_of(["citizen"]) | more
        chosen = Context(patient=patient, **context)
        return self.knock(Principal(patient, "PATIENT", "Nancy", rights, chosen, frozenset({TAG})))

    def citizen(self) -> str:
        """Let Asta look up somebody whom nobody has known before; gives the Patient's URL."""
        person = {"resourceType": "Patient", "name": [{"family": "Berggren", "given": ["Nancy", "Ann"]}]}
        asked = parameters({"name": "crn", "valueIdentifier": numbered()}, {"name": "patient", "resource": person})
        return f"{self.base}/Patient/{done(self.asta()('POST', '/Patient/$createPatient', asked))['id']}"

    def publishes(self, definition: Json, **changes: Any) -> str:
        """Let Lis publish a definition; gives its URL."""
        type = definition["resourceType"]
        stored = done(self.lis()("POST", f"/{type}", {**definition, "status": "active", **changes}), 201)
        return f"{self.base}/{type}/{stored['id']}"

    def questionnaire(self, **changes: Any) -> dict[str, Any]:
        """Make a questionnaire of the organisation's."""
        return made.questionnaire(id_of(self.organization), **changes)

    def activity(self, questionnaire: str, *extensions: Json, **changes: Any) -> dict[str, Any]:
        """Make an activity that asks it."""
        made_of = made.activity_definition(questionnaire, id_of(self.organization), **changes)
        made_of["extension"] += extensions
        return made_of

    def plan_of(self, *activities: str, **changes: Any) -> dict[str, Any]:
        """Make a plan of activities, or of other plans."""
        actions = [{"definitionCanonical": each} for each in activities]
        return made.plan_definition(activities[0], id_of(self.organization), action=actions, **changes)

    def plan(self, *extensions: Json, **changes: Any) -> str:
        """Publish a plan that asks one questionnaire, which `changes` change; gives its URL."""
        questionnaire = self.publishes(self.questionnaire(**changes))
        return self.publishes(self.plan_of(self.publishes(self.activity(questionnaire, *extensions))))

    def opening(self, patient: str) -> "Opening":
        """Put together what opens a course of care."""
        return Opening(self, patient)

    def opens(self, patient: str, *, begins: bool = True) -> Course:
        """Open a course of care and let it begin; without `begins` it stays planned, and without consent."""
        [episode] = resources(done(self.opening(patient).send()), "EpisodeOfCare")
        course = Course(self, patient, f"{self.base}/EpisodeOfCare/{episode['id']}")
        if begins:
            course.agrees()
            done(course.begins())
        return course


def numbered() -> dict[str, str]:
    """Make up a CPR number that is nobody's, and another each time."""
    return {"use": "official", "system": ehealth.CPR, "value": next(_NUMBERS)}


class Opening:
    """The Bundle that opens a course of care; what is wrong with it is put in by the test."""

    def __init__(self, town: Town, patient: str):
        self.town, self.patient = town, patient
        self.urn, self.diagnosed = (f"urn:uuid:{uuid4()}" for _ in "12")
        managing = to(town.organization)
        self.episode = made.episode_of_care("x") | {
            "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": managing}],
            "managingOrganization": managing,
            "team": [to(town.team)],
            "patient": to(patient),
            "diagnosis": [{"condition": to(self.diagnosed)}],
        }
        self.condition = made.condition("x", "x") | {"subject": to(patient)}
        del self.condition["extension"]
        self.law = made.provenance("x") | {"target": [to(self.urn)], "agent": [{"who": to(town.users["asta"])}]}

    def bundle(self, *more: Json) -> dict[str, Any]:
        """Put it together."""
        entries = [create_entry(self.episode, self.urn), create_entry(self.condition, self.diagnosed)]
        entries += [create_entry(each, f"urn:uuid:{uuid4()}") for each in (self.law, *more) if each]
        return transaction(entries)

    def send(self, *more: Json, by: Client | None = None) -> Answer:
        """Ask for it as Asta, unless somebody else is named."""
        asked = parameters({"name": OPERATION, "resource": self.bundle(*more)})
        return (by or self.town.asta(patient=self.patient))("POST", "/$create-episode-of-care", asked)
