"""Documents are asked for as FUT's document-query is: by the citizen's number, and with a reason for overriding."""

from dataclasses import replace

import pytest

from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from kommunalpro.fhirserver.conditional import find
from tests.people import ASTA, BO, NANCY, TJOERN
from tests.resources import document_reference, to
from tests.store.cast import BASE, ids, staff
from tests.store.test_audit import about, purpose, searched
from tests.store.test_oracle import AnyR4
from tests.store.test_searching_versions import warned

CPR = "urn:oid:1.2.208.176.1.2"
WHY = ("reason", "Akut indlæggelse")
OVERRIDE = ("consentOverride", "true")


@pytest.fixture
def documents(clinic):
    for key in ("nancy", "tjoern"):
        clinic.create(document_reference(key, f"{key}s"), id=f"{key}s-foto")
    clinic.forget_audit()
    return clinic


@pytest.mark.parametrize("asked", [f"{CPR}|{NANCY.cpr}", NANCY.cpr, f"0,{NANCY.cpr}"])
def test_a_document_is_found_by_the_number_of_whom_it_is_about(documents, asked):
    for name in ("patient-identifier", "patient.identifier"):
        assert ids(documents.search("DocumentReference", (name, asked), by=staff(ASTA))) == ["nancys-foto"]


def test_a_number_that_is_asked_by_is_the_citizens_of_now_and_it_says_so_of_a_document_that_names_another_version(
    clinic,
):
    pinned = document_reference("nancy", "nancys", subject={"reference": f"{BASE}/Patient/nancy/_history/1"})
    clinic = replace(clinic, server=replace(clinic.server, rules=AnyR4()))
    clinic.create(pinned, id="foto")
    clinic.update(clinic.read("Patient", "nancy") | {"gender": "other"})
    for name in ("patient-identifier", "patient.identifier"):
        assert warned(clinic.search("DocumentReference", (name, NANCY.cpr))) == [[f"http.{name}"]]


@pytest.mark.parametrize(
    "asked",
    [
        "appends$DocumentReference/nancys-foto",
        f"appends${BASE}/DocumentReference/nancys-foto",
        "appends$nancys-foto",
        "DocumentReference/nancys-foto$appends",
        f"{BASE}/DocumentReference/nancys-foto$appends",
    ],
)
def test_what_a_document_does_to_another_is_found_by_every_way_of_naming_it(documents, asked):
    appended = [{"code": "appends", "target": to("DocumentReference/nancys-foto")}]
    documents.create(document_reference("nancy", "nancys", relatesTo=appended), id="tilfoejet")
    assert ids(documents.search("DocumentReference", ("relationship", asked))) == ["tilfoejet"]
    assert ids(documents.search("DocumentReference", ("relationship", asked.replace("appends", "signs")))) == []


def test_it_is_not_found_by_who_may_not_see_it(documents):
    asked = ("patient-identifier", f"{CPR}|{NANCY.cpr}")
    assert ids(documents.search("DocumentReference", asked, by=staff(BO))) == []


def test_an_override_without_a_reason_is_refused_in_words_and_leaves_who_asked(documents):
    for without in ((), (("reason", ""),), (("reason", "  "),)):
        with pytest.raises(BadRequest) as refused:
            documents.search("DocumentReference", OVERRIDE, *without, by=staff(ASTA))
        [issue] = refused.value.issues
        assert issue.text == "Et værdispring skal begrundes: skriv i reason, hvorfor samtykket tilsidesættes."
        assert issue.coding[1] == "KPRO_CONSENT_OVERRIDE_REASON"
    assert [event["outcome"] for event in documents.audit()] == ["4"] * 3


def test_an_override_finds_what_is_found_without_one_and_its_reason_stands_in_the_log(documents):
    asked = ("patient-identifier", f"{CPR}|{NANCY.cpr}")
    answer = documents.search("DocumentReference", asked, OVERRIDE, WHY, by=staff(ASTA))
    assert ids(answer) == ["nancys-foto"]
    [event] = documents.audit()
    assert (about(event), event["outcome"], purpose(event)) == ("nancy", "0", [])
    masked = {"patient-identifier": f"{CPR}|xxxxxxxxxx", "consentOverride": "true", "reason": "Akut indlæggelse"}
    assert searched(event) == (masked, answer["id"])
    assert ids(documents.search("DocumentReference", OVERRIDE, WHY, by=staff(BO))) == ["tjoerns-foto"]


def test_an_override_within_a_transaction_stands_in_the_log_by_what_it_was_asked_of(documents):
    entry = {
        "request": {"method": "GET", "url": "DocumentReference?consentOverride=true&reason=Akut%20indl%C3%A6ggelse"}
    }
    documents.transact(entry, by=staff(ASTA))
    [event] = [each for each in documents.audit() if about(each) == "nancy"]
    asked = {"DocumentReference.consentOverride": "true", "DocumentReference.reason": "Akut indlæggelse"}
    assert searched(event)[0] == asked


def test_a_reason_that_holds_a_number_is_logged_and_linked_without_it(documents):
    answer = documents.search("DocumentReference", OVERRIDE, ("reason", f"som {TJOERN.cpr}"), by=staff(ASTA))
    assert ids(answer) == ["nancys-foto"]
    assert TJOERN.cpr not in str([answer["link"], *map(searched, documents.audit())])


@pytest.mark.parametrize("said", [("consentOverride", "false"), WHY])
def test_what_overrides_nothing_needs_no_more(documents, said):
    assert ids(documents.search("DocumentReference", said, by=staff(ASTA))) == ["nancys-foto"]


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([("consentOverride", "yes")], ["consentOverride must be true or false"]),
        ([("consentOverride", "true,false"), WHY], ["consentOverride must be true or false"]),
        ([("shoe", "1"), OVERRIDE], ["for DocumentReference: shoe", "must carry a reason"]),
        ([("consentOverride:not", "true"), WHY], ["consentOverride:not; it takes no modifier"]),
        ([("_sort", "reason")], ["_sort cannot be by reason"]),
    ],
)
def test_all_that_is_wrong_is_told_at_once(documents, pairs, says):
    with pytest.raises(BadRequest) as refused:
        documents.search("DocumentReference", *pairs)
    assert len(refused.value.issues) == len(says)
    for issue, said in zip(refused.value.issues, says, strict=True):
        assert said in issue.diagnostics


def test_alone_it_names_no_document_to_write_in_place_of(documents):
    with documents.as_() as session, pytest.raises(BadRequest) as refused:
        find(session, "DocumentReference", "consentOverride=true&reason=akut")
    assert "A condition says which resource" in refused.value.issues[0].diagnostics


@pytest.mark.parametrize("name", ["consentOverride", "patient-identifier"])
def test_what_is_no_property_of_a_document_is_not_asked_of_what_refers_to_something(documents, name):
    with pytest.raises(UnknownParameter):
        documents.search("Patient", (f"_has:DocumentReference:patient:{name}", "true"))
