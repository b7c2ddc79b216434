"""What FUT's operations cost: a submission, what is asked of a citizen in a week, a plan of thirty activities.

Run:  make bench room=fut

- Submission: see `bench/_submitting.py`; floor time / submission time. Aimed for: 0.40 on PostgreSQL.
- `$get-patient-procedures` for a week of 20 activities: how often the database is waited for while it is read. The
  user, the transaction and the AuditEvent come besides, as with every request; they are printed beside it. At most 3.
- Privileges and context: what part of a request they take; see `bench/_checking.py`. Aimed for: 0.05.
- `$apply` of a plan with 30 activities: one transaction, median of 20, on PostgreSQL. At most 50 ms.
"""

import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any

from bench._checking import checks_shares
from bench._submissions import submitters, worlds
from bench._submitting import round_trips, submission_ratio
from kommunalpro.care import planning
from kommunalpro.care.planning import Titles
from kommunalpro.care.sending import AsPlanned, send
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver import database
from tests.databases import ENGINES
from tests.people import NANCY
from tests.unit.care.world import MONDAY, Enrolled, World

ASKED, APPLIED, TURNS = 20, 30, 20


def main() -> int:
    """Print what was measured, and as the last line what has a budget."""
    if "postgresql" not in ENGINES:
        print("There is no PostgreSQL here (KOMMUNALPRO_TEST_POSTGRES): run `make bench room=fut`.")
        return 1
    ratios = {}
    for engine in ("postgresql", "sqlite"):
        with worlds(engine) as world:
            ratios[engine] = submission_ratio(engine, tuple(submitters(world)))
    with worlds("postgresql") as world:
        submitter, nancy = next(submitters(world)), world.enrol(NANCY)
        nancy.gets()
        checks = checks_shares(nancy, submitter)
    with worlds("postgresql") as world:
        nancy = world.enrol(NANCY)
        queries, apply = _procedures(world, nancy), _apply(world, nancy)
    print(
        f"submit_pg={ratios['postgresql']:.2f} submit_sqlite={ratios['sqlite']:.2f}"
        f" procedures_queries={queries} apply_ms={apply:.1f} "
        + " ".join(f"checks_{name}={share:.2f}" for name, share in checks.items())
    )
    return 0


def _plan(world: World, activities: int) -> str:
    """Publish a plan of so many activities, each of which asks the same questionnaire."""
    lis, base = world.staff["lis"].principal, world.gateway.base_url
    activity = dict(world.gateway.read(world.published.activity, by=lis, now=MONDAY))
    named = [each for each in activity["extension"] if each["url"] not in (ehealth.BASE, ehealth.BASE_ENVIRONMENT)]
    new = {name: each for name, each in activity.items() if name != "identifier"} | {"extension": named}
    made = [world.gateway.create(new, by=lis, now=MONDAY) for _ in range(activities)]
    urls = [f"{base}/ActivityDefinition/{each['id']}" for each in made]
    draft = planning.new_plan(Titles("Mange"), activity, urls[0], str(lis.context.organization))
    for url in urls[1:]:
        draft = planning.with_step(draft, activity, url)
    stored = world.gateway.create({**draft, "status": "active"}, by=lis, now=MONDAY)
    return f"{base}/PlanDefinition/{stored['id']}"


def _procedures(world: World, nancy: Enrolled) -> int:
    """Count the statements that `$get-patient-procedures` reads by."""
    plan, when = _plan(world, ASKED), AsPlanned(MONDAY.date())
    send(world.gateway, nancy.patient, nancy.episode, plan, when, by=world.asta, now=MONDAY)
    week = parameters(
        {"name": "patient", "valueReference": {"reference": nancy.patient}},
        {"name": "start", "valueDateTime": to_datetime(MONDAY)},
        {"name": "end", "valueDateTime": to_datetime(MONDAY + timedelta(days=7))},
    )

    def ask() -> dict[str, Any]:
        return world.gateway.operation("$get-patient-procedures", week, by=nancy.self, now=MONDAY)

    rows = len(ask()["entry"][-1]["resource"]["parameter"])
    with _counted() as made:
        ask()
    times = [_milliseconds(ask) for _ in range(TURNS)]
    print(
        f"$get-patient-procedures: {rows} rows by {len(made)} statements, {round_trips(ask)} round trips with the"
        f" transaction and the AuditEvent, {median(times):.1f} ms"
    )
    return len(made)


@contextmanager
def _counted() -> Any:
    """Note the statements that read, while it lasts."""
    made, rows = [], database._rows

    def noting(sql: str, *more: Any, **how: Any) -> Any:
        made.append(sql)
        return rows(sql, *more, **how)

    database._rows = noting
    try:
        yield made
    finally:
        database._rows = rows


def _apply(world: World, nancy: Enrolled) -> float:
    plan, seconds = _plan(world, APPLIED), count(1)
    by = world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)
    asked = parameters({"name": "episodeOfCare", "valueReference": {"reference": nancy.episode}})

    def apply() -> None:
        now = MONDAY + timedelta(seconds=next(seconds))
        world.gateway.operation("$apply", asked, target=plan, by=by, now=now)

    apply()
    found = median(_milliseconds(apply) for _ in range(TURNS))
    print(f"$apply of {APPLIED} activities: {found:.1f} ms, {round_trips(apply)} round trips")
    return found


def _milliseconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
