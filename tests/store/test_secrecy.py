"""A CPR number is in the citizen's row and its index, and nowhere else: no address, log, error, repr or audit event."""

import logging
from dataclasses import replace

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, FhirError, NotFound
from kommunalpro.fhirserver.access import Request
from kommunalpro.fhirserver.audit import MASKED
from kommunalpro.fhirserver.entries import read_entry
from kommunalpro.fhirserver.history import Version
from kommunalpro.fhirserver.http.message import FhirRequest, FhirResponse
from kommunalpro.fhirserver.known import Current
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fhirserver.sealing import seal, verify
from kommunalpro.fhirserver.search.run import Search
from kommunalpro.fhirserver.writer import IndexRow, Write
from tests.people import ASTA, NANCY, TJOERN
from tests.resources import patient, task
from tests.store.cast import BASE, KEY, query, staff

CPR = "urn:oid:1.2.208.176.1.2"
WRITTEN = (NANCY.cpr, f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}")


def holds_number(text):
    return any(number in text for number in WRITTEN)


def test_the_links_of_a_search_by_number_do_not_repeat_it(clinic):
    answer = clinic.search("Patient", ("identifier", f"{CPR}|{NANCY.cpr}"), by=staff(ASTA))
    assert answer["total"] == 1
    assert not holds_number(link(answer, "self"))
    assert "xxxxxx-xxxx" in link(answer, "self")


def test_a_search_by_numbers_has_one_page_or_is_refused(clinic):
    both = ("identifier", f"{CPR}|{NANCY.cpr},{CPR}|{TJOERN.cpr}")
    assert clinic.search("Patient", both)["total"] == 2
    with pytest.raises(BadRequest) as refused:
        clinic.search("Patient", both, ("_count", "1"))
    assert not holds_number(str(refused.value.to_fhir()))


@pytest.mark.parametrize(
    "attempt",
    [
        lambda store, number: store.read("Patient", number),
        lambda store, number: store.search("Patient", (number, "x")),
        lambda store, number: store.search("Patient", ("_sort", number)),
        lambda store, number: store.search("Patient", ("birthdate", number)),
        lambda store, number: store.search("Patient", ("_page", number)),
        lambda store, number: store.search(number),
        lambda store, number: store.create(patient(NANCY) | {"gender": number}),
        lambda store, number: store.create(patient(NANCY) | {"birthDate": number}),
        lambda store, number: store.create(patient(NANCY) | {number: number}),
        lambda store, number: store.update(patient(NANCY) | {"id": number}),
        lambda store, number: store.vread("Patient", "nancy", number),
    ],
    ids=["id", "name", "sort", "value", "page", "type", "code", "date", "element", "update", "version"],
)
@pytest.mark.parametrize("number", WRITTEN)
def test_no_refusal_repeats_it(clinic, caplog, attempt, number):
    with caplog.at_level(logging.DEBUG), pytest.raises(FhirError) as refused:
        attempt(clinic, number)
    assert not holds_number(str(refused.value))
    assert not holds_number(str(refused.value.to_fhir()))
    assert not holds_number(caplog.text)


def test_it_is_in_the_citizens_own_rows_alone(clinic):
    clinic.search("Patient", ("identifier", f"{CPR}|{NANCY.cpr}"), by=staff(ASTA))
    assert query("SELECT DISTINCT type, id FROM fhir_index WHERE value LIKE %s", (f"%{NANCY.cpr}%",)) == [
        ("Patient", "nancy")
    ]
    assert query("SELECT type, id FROM fhir_resource WHERE json LIKE %s", (f"%{NANCY.cpr}%",)) == [("Patient", "nancy")]


def test_a_number_in_a_token_is_in_no_column_of_the_log_and_the_log_is_sealed_as_it_stands(clinic):
    context = {"patient": f"{BASE}/Patient/{NANCY.cpr}", "episode_of_care": f"{BASE}/EpisodeOfCare/{NANCY.cpr}"}
    named = replace(staff(ASTA), user=f"{BASE}/Practitioner/{NANCY.cpr}").within(**context)
    with pytest.raises(NotFound):
        clinic.read("Task", "ukendt", by=named)
    [event] = query("SELECT * FROM fhir_resource WHERE type = 'AuditEvent'")
    assert event.count(MASKED) == 2
    assert not holds_number(str(event))
    seal(KEY)
    assert verify(KEY).broken is None


def conditional_create(resource):
    request = {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={NANCY.cpr}"}
    return {"resource": resource, "request": request}


def test_a_condition_that_fails_does_not_say_what_it_looked_for(clinic):
    sought = task("tjoern", "tjoerns", focus={"reference": f"Patient?identifier={NANCY.cpr[:-1]}0"})
    for entry in (
        {"resource": sought, "request": {"method": "POST", "url": "Task"}},
        {"resource": sought, "request": {"method": "PUT", "url": f"Task?shoe={NANCY.cpr}"}},
    ):
        with pytest.raises(FhirError) as refused:
            clinic.transact(entry)
        told = f"{refused.value} {refused.value.to_fhir()}"
        assert NANCY.cpr[:-1] not in told


def test_no_repr_shows_what_it_carries(clinic):
    resource, asked = patient(NANCY), (("identifier", NANCY.cpr),)
    write = Write("Patient", "7", 1, None, 0, False, "7", "", "", NANCY.cpr, (IndexRow("identifier", NANCY.cpr),))
    with clinic.as_(staff(ASTA)) as session:
        read = clinic.server.queries.read("Patient", asked, session.visible)
        found = Search(read, session.visible, clinic.server.parameters, BASE, 0).run()
        read = clinic.server.queries.read("Patient", asked, session.visible)
        session.search("Patient", asked)
        carriers = [
            write,
            write.index[0],
            Current(dumps(resource).decode(), 1, 0),
            session.known,
            Request("search", "Patient", parameters=asked),
            found,
            read,
            session,
            session.trail,
            FhirRequest("GET", "Patient", asked, {"authorization": f"Bearer {NANCY.cpr}"}, NANCY.cpr.encode()),
            FhirResponse(200, resource),
            read_entry(0, conditional_create(resource), Offers()),
            Version("Patient", "7", 1, 0, resource, "7", ""),
        ]
    assert found.total == 1
    assert [type(each).__name__ for each in carriers if holds_number(repr(each))] == []
    assert BASE in repr(clinic.server)
    assert repr(clinic.server.audit_key) not in repr(clinic.server)
