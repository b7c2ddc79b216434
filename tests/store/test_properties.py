"""Access and search against an oracle that is too simple to be wrong: lists in memory, looked through one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fut.token_context import ENROLS
from tests.people import ASTA, BO, KIM, NANCY, TJOERN
from tests.resources import care_plan, care_team, condition, episode_of_care, organization, patient, task
from tests.store.cast import BASE, Store, house, ids
from tests.store.exports import Exports, may_export
from tests.store.oracle import compared, plain, span

PEOPLE = (ASTA, BO, KIM)
PATIENTS = (NANCY, TJOERN)
TEAMS = ("nord", "syd", "hjerte")
STATUSES = ("requested", "accepted", "completed")

thorough = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def undone() -> Iterator[None]:
    """Each example begins where the last one did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- Access


@dataclass(frozen=True)
class Opgave:
    """A Task of the world, and what decides who may see it."""

    id: str
    patient: str
    episode: str
    status: str
    responsible: str


@dataclass(frozen=True)
class World:
    """Who is in which team, which teams are on which course of care or plan, and which tasks there are."""

    members: dict[str, frozenset[str]]
    episodes: dict[str, tuple[str, frozenset[str]]]
    plans: tuple[tuple[str, str], ...]
    tasks: tuple[Opgave, ...]

    def sees(self, person: str, team: str, task: Opgave) -> bool:
        on_episode = team in self.episodes[task.episode][1]
        on_plan = (task.episode, team) in self.plans
        return person in self.members[team] and (on_episode or on_plan)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    keys = [each.key for each in PEOPLE]
    members = {team: draw(st.frozensets(st.sampled_from(keys))) for team in TEAMS}
    owners = draw(st.lists(st.sampled_from(PATIENTS), min_size=1, max_size=3))
    episodes = {
        f"e{number}": (owner.key, draw(st.frozensets(st.sampled_from(TEAMS)))) for number, owner in enumerate(owners)
    }
    choice = st.tuples(st.sampled_from(sorted(episodes)), st.sampled_from(TEAMS))
    plans = tuple(draw(st.lists(choice, max_size=2)))
    kinds = st.tuples(st.sampled_from(sorted(episodes)), st.sampled_from(STATUSES), st.sampled_from(TEAMS))
    tasks = tuple(
        Opgave(f"t{number}", episodes[episode][0], episode, status, team)
        for number, (episode, status, team) in enumerate(draw(st.lists(kinds, max_size=6)))
    )
    return World(members, episodes, plans, tasks)


def build(store: Store, world: World) -> None:
    with store.as_() as session:
        session.create(organization(), id="kommune")
        for person in PATIENTS:
            session.create(patient(person), id=person.key)
        for team, members in world.members.items():
            session.create(care_team(team, *(each for each in PEOPLE if each.key in members)), id=team)
        for key, (owner, teams) in world.episodes.items():
            session.create(episode_of_care(owner, *sorted(teams)), id=key)
            session.create(condition(owner, key), id=f"{key}-kol")
        for episode, team in world.plans:
            session.create(care_plan(world.episodes[episode][0], episode, team, condition=f"{episode}-kol"))
        for each in world.tasks:
            session.create(task(each.patient, each.episode, team=each.responsible, status=each.status), id=each.id)


@thorough
@given(
    world=worlds(),
    person=st.sampled_from(PEOPLE),
    team=st.sampled_from(TEAMS),
    about=st.none() | st.sampled_from(PATIENTS),
    statuses=st.frozensets(st.sampled_from(STATUSES), min_size=1),
    negated=st.booleans(),
)
def test_a_search_gives_what_matches_and_may_be_seen_and_nothing_else(
    store, world, person, team, about, statuses, negated
):
    by = person.at(BASE, team=team)
    if about:
        by = by.within(patient=f"{BASE}/Patient/{about.key}")
    visible = {
        each
        for each in world.tasks
        if world.sees(person.key, team, each) and (about is None or about.key == each.patient)
    }
    expected = {each for each in visible if each.responsible == team and (each.status in statuses) != negated}
    with undone():
        build(store, world)
        condition = ("status:not" if negated else "status", ",".join(sorted(statuses)))
        whose = [("patient", by.context.patient)] if about else []
        wanted = (("responsible", f"{BASE}/CareTeam/{team}"), *whose, condition, ("_include", "Task:patient"))
        answer = store.search("Task", *wanted, by=by)
        assert set(ids(answer)) == {each.id for each in expected}
        assert answer["total"] == len(expected)
        assert set(ids(answer, "include")) == {each.patient for each in expected}
        assert {each.id for each in world.tasks if _reads(store, "Task", each.id, by)} == {each.id for each in visible}


@thorough
@given(world=worlds(), person=st.sampled_from(PEOPLE), team=st.sampled_from(TEAMS))
def test_a_citizen_and_their_courses_of_care_are_seen_by_the_same_rule(store, world, person, team):
    by = person.at(BASE, team=team)
    seen = {
        key: owner
        for key, (owner, teams) in world.episodes.items()
        if person.key in world.members[team] and (team in teams or (key, team) in world.plans)
    }
    with undone():
        build(store, world)
        assert set(ids(store.search("Patient", by=by))) == set(seen.values())
        # Who opens courses of care, and knows the id of a citizen whom nobody follows yet, sees who it is.
        opens = ENROLS in by.privileges and person.key in world.members[team]
        followed = {owner for owner, _ in world.episodes.values()}
        new = {each.key for each in PATIENTS if opens and each.key not in followed}
        every = ",".join(each.key for each in PATIENTS)
        assert set(ids(store.search("Patient", ("_id", every), by=by))) == {*seen.values(), *new}
        listed = set(ids(store.search("EpisodeOfCare", ("team", f"{BASE}/CareTeam/{team}"), by=by)))
        assert listed == {key for key in seen if team in world.episodes[key][1]}
        for key in world.episodes:
            within = by.within(episode_of_care=f"{BASE}/EpisodeOfCare/{key}")
            assert _reads(store, "EpisodeOfCare", key, within) == (key in seen)


@thorough
@given(
    world=worlds(),
    person=st.sampled_from(PEOPLE),
    team=st.sampled_from(TEAMS),
    about=st.none() | st.sampled_from(PATIENTS),
)
def test_an_export_holds_what_may_be_seen_and_nothing_else(store, tmp_path, world, person, team, about):
    by = may_export(person.at(BASE, team=team))
    if about:
        by = by.within(patient=f"{BASE}/Patient/{about.key}")
    wanted = {each.key for each in PATIENTS} if about is None else {about.key}
    seen = {
        key: owner
        for key, (owner, teams) in world.episodes.items()
        if owner in wanted and person.key in world.members[team] and (team in teams or (key, team) in world.plans)
    }
    tasks = {each.id for each in world.tasks if each.patient in wanted and world.sees(person.key, team, each)}
    # Who opens courses of care, and has chosen a citizen whom nobody follows yet, sees who it is.
    is_followed = about is None or about.key in {owner for owner, _ in world.episodes.values()}
    opens = ENROLS in by.privileges and person.key in world.members[team]
    patients = {*seen.values(), *({about.key} if about and opens and not is_followed else ())}
    exports = Exports(Store(replace(store.server, exports=Place(tmp_path)), store.url), Place(tmp_path))
    with undone():
        build(store, world)
        made = exports.made(("_type", "EpisodeOfCare,Patient,Task"), by=by)
    assert {type: set(found) for type, found in made.items()} == {
        type: found for type, found in (("EpisodeOfCare", set(seen)), ("Patient", patients), ("Task", tasks)) if found
    }


def _reads(store: Store, type: str, id: str, by: Principal) -> bool:
    try:
        return bool(store.read(type, id, by=by))
    except NotFound:
        return False


# --- Times

# Around the night in which the clocks go back, at every precision.
FRIDAY = datetime(2026, 10, 23, tzinfo=UTC)
moments = st.integers(0, 4 * 24 * 3600).map(lambda seconds: FRIDAY + timedelta(seconds=seconds))


@st.composite
def times(draw: st.DrawFn) -> str:
    moment = draw(moments)
    forms = ("%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+02:00")
    return moment.strftime(draw(st.sampled_from(forms)))


@thorough
@given(
    periods=st.lists(st.tuples(times(), st.none() | times()), min_size=1, max_size=6),
    prefix=st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]),
    value=times(),
)
def test_times_are_compared_as_r4_says(store, periods, prefix, value):
    with undone():
        expected = set()
        house(store)
        with store.as_() as session:
            for number, (start, end) in enumerate(periods):
                low = span(start)[0]
                high = span(end)[1] if end else datetime.max.replace(tzinfo=UTC)
                if end and span(end)[0] < low:
                    continue  # R4 per-1: a period does not end before it begins
                period = {"start": start, **({"end": end} if end else {})}
                session.create(episode_of_care("nancy", period=period), id=f"p{number}")
                if compared(prefix, (low, high), span(value)):
                    expected.add(f"p{number}")
        assert set(ids(store.search("EpisodeOfCare", ("date", f"{prefix}{value}")))) == expected


# --- Words

letters = st.text(st.sampled_from("abåAÅÆæø ßéEü%_!"), min_size=1, max_size=4).map(
    lambda text: f"x{text}x".replace(" ", "  ")
)


@thorough
@given(
    names=st.lists(letters, min_size=1, max_size=6),
    asked=letters.flatmap(lambda text: st.sampled_from([text, text[:2], text.upper(), text[1:], text[1:2]])),
    modifier=st.sampled_from(["", ":exact", ":contains"]),
)
def test_words_are_found_by_their_beginning_whatever_their_case_and_accents(store, names, asked, modifier):
    rules = {
        "": lambda name: plain(name).startswith(plain(asked)),
        ":exact": lambda name: name == asked,
        ":contains": lambda name: plain(asked) in plain(name),
    }
    if not asked.strip():
        return
    with undone():
        with store.as_() as session:
            for number, name in enumerate(names):
                session.create(organization(name), id=f"o{number}")
        found = ids(store.search("Organization", (f"name{modifier}", asked)))
        assert set(found) == {f"o{number}" for number, name in enumerate(names) if rules[modifier](name)}
