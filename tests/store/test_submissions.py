"""What a client submits under an identity of its own is taken in once, however often and by however many it is sent."""

from threading import Event

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import Conflict, RuleBroken
from kommunalpro.fhirserver.idempotency import once
from tests.people import NANCY
from tests.resources import practitioner
from tests.store.cast import Store, citizen, counts, make_server, query
from tests.store.others import at_the_same_time

KEY = "urn:uuid:6f9619ff-8b86-4011-b42d-00cf4fc964ff"
CONTENT = loads(b'{"a": 1, "b": [0.0000001, 1e2, 1.50], "at": "https://fhir.example/fhir/Patient/nancy"}')


@pytest.fixture(autouse=True, params=["in one statement", "in a transaction"])
def how(request, monkeypatch):
    """Both ways in which a submission may be taken in: tried as one that only creates, and in a transaction."""
    monkeypatch.setattr("tests.store.test_submissions.ONLY_CREATES", request.param == "in one statement")


ONLY_CREATES = True


def submit(store, content=CONTENT, *, key=KEY, episode="nancys", run=None):
    def work(session):
        return once(session, key, content, run or (lambda: {"id": session.elevated().create(practitioner())["id"]}))

    return store.run(work, by=citizen(NANCY, episode), only_creates=ONLY_CREATES)


def practitioners():
    return query("SELECT count(*) FROM fhir_resource WHERE type = 'Practitioner'")[0][0]


def test_the_same_again_gives_the_first_result_and_does_nothing(store):
    first = submit(store)
    assert submit(store) == first
    assert practitioners() == 1


def test_the_order_of_names_is_not_content_and_a_digit_is(store):
    first = submit(store)
    assert submit(store, dict(reversed(CONTENT.items()))) == first
    with pytest.raises(Conflict):
        submit(store, CONTENT | {"b": loads(b"[0.0000001, 1e2, 1.5]")})
    assert practitioners() == 1


def test_the_same_identity_in_another_course_of_care_is_another(store):
    assert submit(store) != submit(store, episode="another")
    assert practitioners() == 2


def test_what_was_refused_can_be_sent_again(store):
    def refuse():
        raise RuleBroken("nej")

    before = counts()["fhir_submission"]
    with pytest.raises(RuleBroken):
        submit(store, run=refuse)
    assert counts()["fhir_submission"] == before
    assert submit(store)["id"]


def test_all_who_send_it_at_the_same_time_get_one_result(store):
    answers = at_the_same_time(*[lambda _: submit(store)] * 5)
    assert all(each == answers[0] for each in answers)
    assert practitioners() == 1


def test_the_second_waits_for_the_first_and_runs_itself_when_the_first_fails(store):
    begun = Event()

    def fail_slowly():
        begun.set()
        raise RuleBroken("nej")

    def second(_):
        assert begun.wait(30)
        return submit(store)

    refused, taken = at_the_same_time(lambda _: submit(store, run=fail_slowly), second)
    assert taken["id"]
    # In one statement nobody waits: where the second is there before the first has failed, it is what the first hears.
    assert isinstance(refused, RuleBroken) or (ONLY_CREATES and refused == taken)


def test_who_cannot_be_taken_in_while_the_same_is_hears_what_that_was_answered(store):
    """It may be the very answer, sent twice, that ends it. Where the second waits, the first is refused."""
    taken = []

    def overtaken():
        if ONLY_CREATES:
            taken.extend(at_the_same_time(lambda _: submit(store)))
        raise RuleBroken("nej")

    if ONLY_CREATES:
        assert submit(store, run=overtaken) == taken[0]
    else:
        with pytest.raises(RuleBroken):
            submit(store, run=overtaken)
    assert practitioners() == len(taken)


def test_it_is_the_same_after_everything_is_renamed(store):
    first = submit(store)
    renamed = Store(make_server("https://ny.example/fhir"), store.url)
    moved = CONTENT | {"at": "https://ny.example/fhir/Patient/nancy"}
    within = citizen(NANCY).within(episode_of_care="https://ny.example/fhir/EpisodeOfCare/nancys")
    with renamed.as_(within) as session:
        assert once(session, KEY, moved, lambda: {"id": "another"}) == first


@pytest.mark.parametrize("how", ["in one statement"], indirect=True)
def test_whoever_was_first_meanwhile_is_met_when_it_is_written(store):
    """Two have looked for it and found nothing: the second leaves nothing, and gets what the first got."""
    first = []

    def work(session):
        def run():
            first.append(submit(store))
            return {"id": session.elevated().create(practitioner())["id"]}

        return once(session, KEY, CONTENT, run)

    assert store.run(work, by=citizen(NANCY, "nancys")) == first[0]
    assert len(first) == 1
    assert practitioners() == 1
