"""A small world on the embedded server: the demo's teams, one published questionnaire, two citizens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kommunalpro.care import drafts
from kommunalpro.care.citizens import episodes_of, find_or_create_citizen
from kommunalpro.care.due import due_for
from kommunalpro.care.opening import open_episode
from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.care.sending import Now, When, send
from kommunalpro.config import wiring
from kommunalpro.config.commands.questionnaire import complete
from kommunalpro.config.demo.organisations import Staff, Team, load_organisations
from kommunalpro.config.publishing import DEFINITIONS, Published, publish
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.deadlines.rounds import see_to
from kommunalpro.fut.gateway import Context, Gateway, Principal
from kommunalpro.fut.pipeline import assessments
from kommunalpro.fut.privileges import privileges_of
from tests.people import Citizen

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Monday at ten, Danish time."""

AT_ONCE = Now()


def chosen(code: str) -> list[dict[str, Any]]:
    """Answer with an option of the questionnaire."""
    return [{"valueCoding": {"system": "http://kommunalpro.dk/fhir/CodeSystem/hverdagen", "code": code}}]


REQUIRED: dict[str, list[dict[str, Any]]] = {
    "trivsel-humoer": [{"valueInteger": 8}],
    "smerte-styrke": [{"valueInteger": 0}],
    "soevn-kvalitet": [{"valueInteger": 8}],
    "bevaegelse-dage": [{"valueInteger": 5}],
    "tobak-ryger": chosen("aldrig"),
    "alkohol-drikker": chosen("nej"),
    "medicin-tager": chosen("nej"),
    "samtale-livet": [{"valueInteger": 8}],
}
"""A good day: every question that must be answered, and no other."""

BAD_PAIN: dict[str, list[dict[str, Any]]] = {
    "trivsel-humoer": [{"valueInteger": 8}],
    "trivsel-energi": [{"valueInteger": 8}],
    "smerte-styrke": [{"valueInteger": 8}],
}


@dataclass(frozen=True)
class World:
    """What every test of care stands on."""

    gateway: Gateway
    staff: dict[str, Staff]
    teams: dict[str, Team]
    published: Published

    @property
    def asta(self) -> Principal:
        return self.staff["asta"].principal

    @property
    def bo(self) -> Principal:
        return self.staff["bo"].principal

    @property
    def kim(self) -> Principal:
        return self.staff["kim"].principal

    def enrol(self, person: Citizen, *, by: str = "asta", now: datetime = MONDAY) -> "Enrolled":
        """Create a citizen and open a course of care, as somebody of their team does, beside whatever there is."""
        nurse = self.staff[by].principal
        citizen = find_or_create_citizen(
            self.gateway, person.cpr, given=person.given, family=person.family, by=nurse, now=now
        )
        condition = self.teams[self.staff_team(by)].conditions[0]
        there = episodes_of(self.gateway, citizen.patient, by=nurse.within(patient=citizen.patient), now=now)
        episode = open_episode(
            self.gateway,
            citizen.patient,
            condition=condition,
            legal_basis="sundhedsloven",
            by=nurse,
            now=now,
            beside=[each.url for each in there],
        )
        return Enrolled(self, person, citizen.patient, episode)

    def staff_team(self, key: str) -> str:
        return next(team.key for team in self.teams.values() if team.url == self.staff[key].principal.context.care_team)


@dataclass(frozen=True)
class Enrolled:
    """A citizen with a course of care."""

    world: World
    person: Citizen
    patient: str
    episode: str

    @property
    def self(self) -> Principal:
        """The citizen as who acts."""
        return Principal(
            self.patient, "PATIENT", self.person.name, privileges_of(["citizen"]), Context(patient=self.patient)
        )

    def seen_by(self, principal: Principal) -> Principal:
        return principal.within(patient=self.patient)

    def gets(self, when: When = AT_ONCE, *, now: datetime = MONDAY) -> None:
        """Be sent the questionnaire by Asta, who knows what was sent before."""
        world, plan = self.world, self.world.published.plan
        send(world.gateway, self.patient, self.episode, plan, when, by=world.asta, now=now, beside=None)

    def is_asked(self, questionnaire: Json, *, now: datetime = MONDAY) -> None:
        """Be sent another questionnaire, which is published for it."""
        world = self.world
        draft, _ = complete(dict(questionnaire), str(world.asta.context.organization))
        stored = world.gateway.create(draft, by=SYSTEM, now=now)
        published = publish_questionnaire(world.gateway, stored, by=SYSTEM, now=now)
        send(world.gateway, self.patient, self.episode, published.plan, Now(), by=world.asta, now=now)

    def answers(self, changes: dict[str, Any], *, now: datetime = MONDAY + timedelta(hours=1)) -> str:
        """Answer (what must be answered, and `changes`) and submit what is due; gives the response's URL."""
        gateway = self.world.gateway
        due = due_for(gateway, self.patient, by=self.self, now=now)
        draft = drafts.open_draft(gateway, due[0], by=self.self, now=now).id
        drafts.save_answers(gateway, draft, REQUIRED | changes, by=self.self, now=now)
        response = drafts.submit(gateway, draft, by=self.self, now=now + timedelta(minutes=9)).response
        assess_what_waits(now + timedelta(minutes=9))
        return response


def assess_what_waits(now: datetime) -> None:
    """Let the worker assess what a strict server has left to it; elsewhere nothing waits."""
    see_to(wiring.server(), now, assessments())


def make_world() -> World:
    """Make the world in the database of the moment."""
    gateway = wiring.gateway()
    data = loads((DEFINITIONS / "demo" / "organisations.json").read_bytes())
    _, teams, staff = load_organisations(gateway, data, MONDAY)
    lis = staff["lis"].principal
    published = publish(
        gateway, "hverdagen-med-kronisk-sygdom", national=lis, local={"guidance-local": lis}, now=MONDAY
    )
    return World(gateway, dict(staff), dict(teams), published)
