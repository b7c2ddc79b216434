"""Loads the demo: organisations, definitions, citizens, and three months of answers in the order they happened."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kommunalpro.care import drafts
from kommunalpro.care.citizens import find_or_create_citizen
from kommunalpro.care.due import due_for
from kommunalpro.care.follow_up import complete_task
from kommunalpro.care.opening import open_episode
from kommunalpro.care.sending import EveryWeeks, Now, send
from kommunalpro.config.demo.answers import answers_at
from kommunalpro.config.demo.citizens import DemoCitizen, demo_citizens
from kommunalpro.config.demo.organisations import Staff, Team, load_organisations
from kommunalpro.config.publishing import DEFINITIONS, Published, publish
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import loads
from kommunalpro.fut.gateway import Context, Gateway, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.identity.demo import Person, save_demo_persons

WEEKS = 12
"""From the first slot to the last."""

_EVERY = 2
_CLOSED_AFTER = timedelta(days=10)
_NOTES = (
    "Talt i telefon. Vi følger op ved næste samtale.",
    "Gennemgået med borgeren. Tilbud om søvnkursus givet.",
    "Ingen særlige forhold. Næste svar afventes.",
)

Progress = Callable[[str, int, int], None]
"""Told (what is being done, how many of it are done, how many there are)."""


@dataclass(frozen=True, slots=True)
class _Citizen:
    """A citizen of the demo as the infrastructure knows them."""

    who: DemoCitizen
    patient: str
    episode: str
    principal: Principal


def load(gateway: Gateway, now: datetime, progress: Progress) -> None:
    """Fill an empty database. `now` is when the demo ends; it begins nearly thirteen weeks earlier."""
    begins = beginning(now)
    data = loads((DEFINITIONS / "demo" / "organisations.json").read_bytes())
    _, teams, staff = load_organisations(gateway, data, begins)
    progress("Organisationer, team og medarbejdere", 1, 1)
    plans = _publish(gateway, staff, begins, now, progress)
    citizens = []
    everyone = tuple(demo_citizens())
    for who in everyone:
        citizens.append(_enrol(gateway, who, teams, staff, plans, begins))
        progress("Borgere og forløb", len(citizens), len(everyone))
    _answer_and_follow_up(gateway, citizens, staff, begins, now, progress)
    _send_again(gateway, citizens[:2], staff, plans, now)
    save_demo_persons(_persons(citizens[:2], staff.values()))


def beginning(now: datetime) -> datetime:
    """Give the morning on which the demo begins: six days more than the slots take.

    So the last slot of those whom one logs in as is past at any time of day.
    """
    return (now - timedelta(weeks=WEEKS, days=6)).replace(hour=9, minute=0, second=0, microsecond=0)


def _publish(
    gateway: Gateway, staff: Mapping[str, Staff], begins: datetime, now: datetime, progress: Progress
) -> Mapping[str, Published]:
    """Publish the demo's questionnaires when it begins, with offers that lie ahead when it ends."""
    editor = staff["lis"].principal
    folders = ("hverdagen-med-kronisk-sygdom", "opfoelgning")
    published = {}
    for number, folder in enumerate(folders, start=1):
        local = {"guidance-local": editor}
        published[folder] = publish(gateway, folder, national=editor, local=local, now=begins, today=now)
        progress("Spørgeskemaer, visninger og vejledninger", number, len(folders))
    return published


def _enrol(
    gateway: Gateway,
    who: DemoCitizen,
    teams: Mapping[str, Team],
    staff: Mapping[str, Staff],
    plans: Mapping[str, Published],
    now: datetime,
) -> _Citizen:
    """Create the citizen, open the course of care, and send the questionnaire every other week."""
    nurse, team = _nurse(staff, who.team), teams[who.team]
    citizen = find_or_create_citizen(gateway, who.cpr, given=who.given, family=who.family, by=nurse, now=now)
    condition = team.conditions[who.number % len(team.conditions)]
    episode = open_episode(
        gateway, citizen.patient, condition=condition, legal_basis="sundhedsloven", by=nurse, now=now
    )
    first = (now + timedelta(days=who.number % 7)).date()
    when = EveryWeeks(_EVERY, first, first + timedelta(weeks=WEEKS + _EVERY), days=7)
    send(gateway, citizen.patient, episode, plans["hverdagen-med-kronisk-sygdom"].plan, when, by=nurse, now=now)
    principal = Principal(
        citizen.patient, "PATIENT", citizen.name, privileges_of(["citizen"]), Context(patient=citizen.patient)
    )
    return _Citizen(who, citizen.patient, episode, principal)


def _answer_and_follow_up(
    gateway: Gateway,
    citizens: list[_Citizen],
    staff: Mapping[str, Staff],
    begins: datetime,
    now: datetime,
    progress: Progress,
) -> None:
    """Let each citizen answer in the slots of the three months, and staff close what has waited for long."""
    slots = sorted(
        ((at, citizen) for citizen in citizens for at in moments(citizen.who.number, begins, now)),
        key=lambda each: each[0],
    )
    for number, (at, citizen) in enumerate(slots, start=1):
        _answer(gateway, citizen, (at - begins) / (now - begins), at)
        if now - at > _CLOSED_AFTER:
            _close(
                gateway, citizen, _nurse(staff, citizen.who.team), _NOTES[number % len(_NOTES)], at + timedelta(days=1)
            )
        progress("Svar fra tre måneder", number, len(slots))


def moments(number: int, begins: datetime, now: datetime) -> Iterator[datetime]:
    """Give when citizen `number` answers; one in nine slots is left unanswered, as in real life."""
    at = begins + timedelta(days=number % 7, hours=2 + number % 9, minutes=number * 7 % 60)
    for slot in range(WEEKS // _EVERY + 1):
        moment = at + timedelta(weeks=slot * _EVERY, days=(number + slot) % 3)
        if moment < now - timedelta(minutes=10) and (number + slot) % 9 != 5:
            yield moment


def _answer(gateway: Gateway, citizen: _Citizen, progress: float, now: datetime) -> None:
    open_now = [
        due for due in due_for(gateway, citizen.patient, by=citizen.principal, now=now) if due.state(now) == "open"
    ]
    for due in open_now[:1]:
        draft = drafts.open_draft(gateway, due, by=citizen.principal, now=now - timedelta(minutes=8))
        answers = answers_at(citizen.who.level(progress), citizen.who.number, progress)
        drafts.save_answers(gateway, draft.id, answers, by=citizen.principal, now=now - timedelta(minutes=1))
        drafts.submit(gateway, draft.id, by=citizen.principal, now=now)


def _close(gateway: Gateway, citizen: _Citizen, nurse: Principal, note: str, now: datetime) -> None:
    within = nurse.within(patient=citizen.patient, episode_of_care=citizen.episode)
    query = [("episodeOfCare", citizen.episode), ("status", "requested")]
    for task in resources(gateway.search("Task", query, by=within, now=now), "Task"):
        url = f"{gateway.base_url}/Task/{task['id']}"
        complete_task(gateway, url, version=task["meta"]["versionId"], note=note, by=within, now=now)


def _send_again(
    gateway: Gateway,
    citizens: list[_Citizen],
    staff: Mapping[str, Staff],
    plans: Mapping[str, Published],
    now: datetime,
) -> None:
    """Give Nancy and Tjørn something to answer today."""
    for citizen in citizens:
        plan, nurse = plans["opfoelgning"].plan, _nurse(staff, citizen.who.team)
        send(gateway, citizen.patient, citizen.episode, plan, Now(), by=nurse, now=now)


def _nurse(staff: Mapping[str, Staff], team: str) -> Principal:
    return staff[{"nord": "asta", "syd": "bo", "hjerte": "kim"}[team]].principal


def _persons(citizens: list[_Citizen], staff: Iterable[Staff]) -> Iterator[Person]:
    descriptions = ("Borger med flere emner, der kræver opmærksomhed.", "Borger i bedring.")
    for citizen, description in zip(citizens, descriptions, strict=True):
        key = citizen.who.given.split()[0].lower().replace("ø", "oe")
        name = f"{citizen.who.given} {citizen.who.family}"
        yield Person(key, name, "PATIENT", citizen.patient, description)
    yield from (each.person for each in staff)
