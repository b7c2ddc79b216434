"""A reference to a version, or a canonical with one, means that version for ever."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhirserver.facts import rebase
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway.local import LocalGateway
from tests.resources import questionnaire
from tests.store.cast import BASE, NOW, make_server

NEW = "https://another.example/fhir"


def item(text):
    return [{"linkId": "soevn", "text": text, "type": "boolean"}]


def textof(resource):
    return resource["item"][0]["text"]


@pytest.fixture
def shelf(store):
    """A Questionnaire: 1.0 as a draft in two wordings, then 1.1."""
    made = store.create(questionnaire(item=item("første")), id="q")
    store.update({**made, "item": item("anden")})
    store.update({**made, "version": "1.1", "item": item("tredje")})
    return store


PINNED = {
    f"{BASE}/Questionnaire/q/_history/1": "første",
    f"{BASE}/Questionnaire/q/_history/2": "anden",
    f"{BASE}/Questionnaire/q|1.0": "anden",
    f"{BASE}/Questionnaire/q|1.1": "tredje",
    f"{BASE}/Questionnaire/q/_history/1|1.1": "første",
    "Questionnaire/q|1.0": "anden",
}


def resolved(store, base=BASE):
    with store.as_() as session:
        return {name: textof(session.system_read(name.replace(BASE, base))) for name in PINNED}


def test_it_means_that_version_and_not_the_current_one(shelf):
    assert resolved(shelf) == PINNED
    with shelf.as_() as session:
        assert textof(session.system_read(f"{BASE}/Questionnaire/q")) == "tredje"


def test_it_still_does_when_there_is_a_later_one(shelf):
    current = shelf.read("Questionnaire", "q")
    shelf.update({**current, "version": "2.0", "item": item("fjerde")})
    assert resolved(shelf) == PINNED


def test_it_still_does_when_the_resource_is_deleted(shelf):
    shelf.delete("Questionnaire", "q")
    assert resolved(shelf) == PINNED


def test_it_still_does_under_another_base_url(shelf):
    rebase(BASE, NEW)
    assert resolved(replace(shelf, server=make_server(NEW)), NEW) == PINNED


def test_its_stamp_is_that_versions(shelf):
    with shelf.as_() as session:
        assert session.system_stamp(f"{BASE}/Questionnaire/q|1.0").url == f"{BASE}/Questionnaire/q/_history/2"


def test_a_user_reads_the_same(shelf):
    gateway = LocalGateway(shelf.server)
    assert {name: textof(gateway.read(name, by=SYSTEM, now=NOW)) for name in PINNED} == PINNED


@pytest.mark.parametrize(
    "name",
    ["Questionnaire/q|9", "Questionnaire/q/_history/9", "Questionnaire/x|1.0", "https://x.dk/Questionnaire/q|1.0"],
)
def test_a_version_that_never_was_is_not_another(shelf, name):
    with pytest.raises(NotFound), shelf.as_() as session:
        session.system_read(name)
