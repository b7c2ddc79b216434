"""Several at once on one database: threads of one server, and processes beside each other."""

import signal
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from kommunalpro.fhir.ehealth import BASE, UUID
from kommunalpro.fhir.outcome import Gone, PreconditionFailed, RuleBroken
from kommunalpro.fhirserver import conditional
from kommunalpro.fhirserver.database import is_postgresql
from kommunalpro.fhirserver.http import batch
from kommunalpro.fhirserver.preconditions import Preconditions
from kommunalpro.fhirserver.sealing import Verdict, head, verify
from tests.databases import ENGINES
from tests.resources import organization, practitioner, questionnaire
from tests.store.cast import KEY, counts, query
from tests.store.entries import patch, put, run_batch
from tests.store.others import at_the_same_time, holding_open, others
from tests.unit.fut.definitions import editor


def test_of_several_writers_of_one_version_one_wins_and_the_others_are_told(store):
    start = store.create(organization("0"))
    answers = at_the_same_time(*[lambda number: store.update(start | {"name": f"{number}"}, if_match="1")] * 6)
    won = [each for each in answers if not isinstance(each, Exception)]
    assert len(won) == 1
    assert {type(each) for each in answers if isinstance(each, Exception)} == {PreconditionFailed}
    assert store.read("Organization", start["id"]) == won[0]
    assert query("SELECT version FROM fhir_version WHERE id = %s ORDER BY version", (start["id"],)) == [(1,), (2,)]


def test_who_does_not_say_what_they_read_never_overwrites_what_they_did_not_see(store):
    """Without If-Match the current version is taken; whoever loses the race for the next one is told all the same."""
    start = store.create(organization("0"))
    answers = at_the_same_time(*[lambda number: store.update(start | {"name": f"{number}"}, if_match=None)] * 6)
    won = [each for each in answers if not isinstance(each, Exception)]
    assert {type(each) for each in answers if isinstance(each, Exception)} <= {PreconditionFailed}
    assert [each["meta"]["versionId"] for each in sorted(won, key=lambda each: int(each["meta"]["versionId"]))] == [
        str(number + 2) for number in range(len(won))
    ]


def adding(store, id, if_match=None):
    """Give a job that adds its number to what an organisation is called besides."""

    def add(number):
        change = {"op": "add", "path": "/alias/-", "value": str(number)}
        with store.as_() as session:
            return session.patch("Organization", id, [change], if_match=if_match)

    return add


def test_whoever_changes_a_part_without_saying_what_they_read_waits_for_the_others_and_none_is_lost(store):
    """They have named no version, so that none can be the wrong one."""
    id = store.create(organization("0") | {"alias": ["x"]})["id"]
    answers = at_the_same_time(*[adding(store, id)] * 6)
    assert not [each for each in answers if isinstance(each, Exception)]
    assert sorted(store.read("Organization", id)["alias"]) == [*"012345", "x"]


def test_whoever_changes_a_part_of_what_they_have_read_is_told_when_it_is_another(store):
    id = store.create(organization("0") | {"alias": ["x"]})["id"]
    answers = at_the_same_time(*[adding(store, id, if_match="1")] * 6)
    assert [type(each) for each in answers if isinstance(each, Exception)] == [PreconditionFailed] * 5


@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
@pytest.mark.parametrize("how", ["alone", "in a transaction"])
def test_what_a_condition_found_is_not_changed_when_it_has_become_another(store, monkeypatch, how):
    start, find = store.create(organization("0")), conditional.find
    change = {"op": "add", "path": "/alias", "value": ["x"]}

    def find_and_be_overtaken(*asked):
        found = find(*asked)
        at_the_same_time(lambda _: store.update(start | {"name": "1"}))
        return found

    def write():
        if how == "in a transaction":
            return store.transact(patch("Organization?name=0", change))
        with store.as_() as session:
            return conditional.patch(session, "Organization", "name=0", [change], Preconditions())

    monkeypatch.setattr(conditional, "find", find_and_be_overtaken)
    with pytest.raises(PreconditionFailed):
        write()


def test_a_writer_and_a_deleter_do_not_both_win(store):
    start = store.create(organization("0"))
    answers = at_the_same_time(
        lambda _: store.update(start | {"name": "1"}, if_match="1"), lambda _: store.delete("Organization", start["id"])
    )
    assert any(each is None or not isinstance(each, Exception) for each in answers)
    assert all(isinstance(each, PreconditionFailed | Gone | dict | None) for each in answers)
    versions = query("SELECT version, deleted FROM fhir_version WHERE id = %s ORDER BY version", (start["id"],))
    assert [version for version, _ in versions] == list(range(1, len(versions) + 1))
    [(current,)] = query("SELECT version FROM fhir_resource WHERE id = %s", (start["id"],))
    assert current == len(versions)


def test_no_update_is_lost_between_processes(store):
    start = store.create(organization("0"))
    with others(store.url, *[("count-up", start["id"], "25")] * 2) as counting:
        assert [each.ends() for each in counting] == [0, 0]
    assert store.read("Organization", start["id"])["name"] == "50"
    assert query("SELECT count(*) FROM fhir_version WHERE id = %s", (start["id"],)) == [(51,)]
    assert query(
        "SELECT value FROM fhir_index WHERE id = %s AND parameter = 'name' ORDER BY value", (start["id"],)
    ) == [("50",)]


def test_transactions_of_processes_that_meet_crosswise_lose_nothing_and_wait_for_nobody_for_ever(store):
    one, two = (store.create(organization("0"))["id"] for _ in range(2))
    orders, before = [(one, two), (two, one), (one, two)], deadlocks()
    with others(store.url, *[("count-both-up", *order, "15") for order in orders]) as counting:
        assert [each.ends() for each in counting] == [0, 0, 0]
    assert deadlocks() == before
    assert [store.read("Organization", id)["name"] for id in (one, two)] == ["45", "45"]
    versions = query("SELECT id, count(*), max(version) FROM fhir_version WHERE type = 'Organization' GROUP BY id")
    assert sorted(versions) == sorted([(one, 46, 46), (two, 46, 46)])


def crosswise(store, monkeypatch, one, other):
    """Two batches, the same entries in either order, that both have done their first when they begin their second."""
    between, run_alone = Barrier(2), batch.run_alone

    def run_and_wait(session, entry, room):
        answer = run_alone(session, entry, room)
        if entry.number == 0:
            with suppress(BrokenBarrierError):
                between.wait(0.1)
        return answer

    monkeypatch.setattr(batch, "run_alone", run_and_wait)
    return at_the_same_time(lambda _: run_batch(store, one, other), lambda _: run_batch(store, other, one))


def test_batches_that_make_the_same_crosswise_make_each_once(store, monkeypatch):
    before = deadlocks()
    answers = crosswise(store, monkeypatch, *[once(name) for name in ("x", "y")])
    assert deadlocks() == before
    assert sorted(each["response"]["status"] for answer in answers for each in answer) == ["200", "200", "201", "201"]
    assert query("SELECT count(*) FROM fhir_resource WHERE type = 'Organization'") == [(2,)]


def test_batches_that_write_the_same_crosswise_wait_for_each_other(store, monkeypatch):
    made = [store.create(organization(name)) for name in ("x", "y")]
    before = deadlocks()
    answers = crosswise(store, monkeypatch, *[put(each) for each in made])
    assert deadlocks() == before
    assert {each["response"]["status"] for answer in answers for each in answer} <= {"200", "412"}
    assert [each["response"]["status"] for answer in answers for each in answer].count("200") >= 2


def once(name):
    """An entry that makes an organisation where there is none of its name."""
    request = {"method": "POST", "url": "Organization", "ifNoneExist": f"name:exact={name}"}
    return {"resource": organization(name), "request": request}


def deadlocks():
    """How often the database had to break somebody off; SQLite has one writer at a time."""
    if not is_postgresql():
        return 0
    return query("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0]


def test_what_several_processes_create_only_where_it_is_not_there_is_there_once(store):
    with others(store.url, *[("make-once", "12")] * 3) as making:
        assert [each.ends() for each in making] == [0, 0, 0]
    assert query("SELECT count(*) FROM fhir_resource WHERE type = 'Organization'") == [(12,)]


def test_one_sealer_among_several_processes(store):
    with others(store.url, *[("seal-and-write", "15")] * 2) as sealing:
        assert [each.ends() for each in sealing] == [0, 0]
    verdict = verify(KEY)
    assert verdict == Verdict(head(), None, verdict.unsealed)
    assert verdict.head.sequence + verdict.unsealed == 30
    assert query("SELECT count(*) FROM fhir_seal") == query("SELECT count(DISTINCT audit) FROM fhir_seal")


def test_what_others_have_not_committed_is_not_there_and_does_not_stop_readers(store):
    start = store.create(organization("0"))

    def glance():
        return query("SELECT version FROM fhir_resource WHERE id = %s", (start["id"],))

    with holding_open(lambda: store.update(start | {"name": "1"}, if_match="1")):
        assert glance() == [(1,)]
    assert store.read("Organization", start["id"])["name"] == "0"


def test_transactions_that_meet_crosswise_end_with_one_winner_or_two(store):
    """Each wants what the other holds: one waits for the other, and is told that it lost."""
    one, two = store.create(organization("0")), store.create(organization("0"))

    def put(resource, name):
        url = f"Organization/{resource['id']}"
        return {"resource": resource | {"name": name}, "request": {"method": "PUT", "url": url, "ifMatch": 'W/"1"'}}

    answers = at_the_same_time(
        lambda _: store.transact(put(one, "a"), put(two, "a")), lambda _: store.transact(put(two, "b"), put(one, "b"))
    )
    assert sorted(type(each).__name__ for each in answers) == ["PreconditionFailed", "dict"]
    assert len({store.read("Organization", each["id"])["name"] for each in (one, two)}) == 1


def test_what_was_committed_survives_the_death_of_who_wrote_it(store):
    with others(store.url, ("commit-and-wait",)) as [writing]:
        id = writing.says()
        writing.kill()
        assert writing.ends() == -signal.SIGKILL
    assert store.read("Organization", id)["id"] == id


@pytest.mark.parametrize("job", ["write-and-wait", "die-between-statements"])
def test_who_dies_halfway_leaves_nothing_half_stored(store, job):
    before = counts()
    with others(store.url, (job,)) as [writing]:
        if job == "write-and-wait":
            assert writing.says()
            writing.kill()
        assert writing.ends() == -signal.SIGKILL
    assert counts() == before
    assert store.create(practitioner())["meta"]["versionId"] == "1"


def test_of_the_drafts_of_one_base_that_are_made_at_once_one_is_there(clinic):
    """Each found none when it was looked for."""
    base = {"url": BASE, "valueIdentifier": {"system": UUID, "value": "urn:uuid:0b9c3f2e-5d41-4c0f-9a55-7d0c3e1f2a66"}}
    draft = questionnaire(extension=[*questionnaire()["extension"], base])
    answers = at_the_same_time(*[lambda _: clinic.run(lambda session: session.create(draft), by=editor())] * 4)
    refused = [each.issues[0].coding for each in answers if isinstance(each, RuleBroken)]
    assert [code for _, code in refused] == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"] * 3
