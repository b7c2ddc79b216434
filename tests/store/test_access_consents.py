"""Who may know of an access consent, and who may write one: by privileges of its own, inside the SQL.

Asta enrols citizens, and so has them; a colleague in her own team who only sees to answers has not.
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir.outcome import FhirError, Forbidden, NotFound
from tests.people import ASTA, BO, KIM, NANCY
from tests.resources import access_consent, consent
from tests.store.cast import BASE, citizen, ids, staff, without
from tests.store.exports import may_export

NANCYS = {"patient": "nancy", "episode_of_care": "nancys"}
ASSISTED, AGREED = "hjulpet-login", "samtykke"


@pytest.fixture
def consents(clinic):
    clinic.create(access_consent("nancy"), id=ASSISTED)
    clinic.create(consent("nancy", "nancys"), id=AGREED)
    return clinic


def colleague(**context):
    """Somebody of the citizen's own team, without the privilege."""
    return without(staff(ASTA, **context), "AccessConsent.")


def helper(**context):
    """Somebody of the citizen's own team who has to do with assisted login, and with no other consent."""
    return without(staff(ASTA, **context), "Consent.")


def of_nancy(store, by, *parameters):
    return store.search("Consent", ("patient", f"{BASE}/Patient/nancy"), *parameters, by=by)


def refused(call, error=Forbidden):
    with pytest.raises(error) as caught:
        call()
    return [each.coding[1] for each in caught.value.issues if each.coding]


def test_who_has_both_privileges_sees_both(consents):
    asta = staff(ASTA, patient="nancy")
    assert set(ids(of_nancy(consents, asta))) == {ASSISTED, AGREED}
    for id in (ASSISTED, AGREED):
        assert consents.read("Consent", id, by=staff(ASTA, **NANCYS))["id"] == id


NOBODYS = {
    "a colleague": colleague(patient="nancy"),
    "another team": staff(BO, patient="nancy"),
    "another organisation": staff(KIM, patient="nancy"),
    "the citizen": citizen(NANCY),
}


@pytest.mark.parametrize("by", NOBODYS.values(), ids=NOBODYS)
def test_for_others_it_is_as_if_it_were_not_there(consents, by):
    hidden = [
        lambda: consents.read("Consent", ASSISTED, by=by),
        lambda: consents.vread("Consent", ASSISTED, "1", by=by),
        lambda: consents.history("Consent", ASSISTED, by=by),
    ]
    for call in hidden:
        with pytest.raises(NotFound) as found:
            call()
        with pytest.raises(NotFound) as absent:
            consents.read("Consent", "nowhere", by=by)
        assert found.value.to_fhir() == absent.value.to_fhir()
    found = of_nancy(consents, by)
    assert ASSISTED not in ids(found)
    assert found["total"] == len(ids(found)) == (by in (colleague(patient="nancy"), citizen(NANCY)))


@pytest.mark.parametrize("by", NOBODYS.values(), ids=NOBODYS)
def test_nor_does_it_show_itself_in_what_is_asked_of_others(consents, by):
    for names in (("_has:Consent:patient:_id", ASSISTED), ("_has:Consent:patient:category", "INFA")):
        assert consents.search("Patient", names, by=by)["total"] == 0
    along = consents.search("Patient", ("_id", "nancy"), ("_revinclude", "Consent:patient"), by=by)
    assert ASSISTED not in ids(along, "include")
    counted = of_nancy(consents, by, ("category", "INFA"), ("_summary", "count"))
    assert counted["total"] == 0


def test_a_chain_and_an_include_bring_it_to_who_may_see_it(consents):
    asta = staff(ASTA)
    assert ids(consents.search("Patient", ("_has:Consent:patient:category", "INFA"), by=asta)) == ["nancy"]
    along = consents.search("Patient", ("_id", "nancy"), ("_revinclude", "Consent:patient"), by=asta)
    assert set(ids(along, "include")) == {ASSISTED, AGREED}


def test_an_export_has_what_its_maker_may_see(consents, exports):
    asked = ("_type", "Consent")
    assert exports.made(asked, by=may_export(colleague())) == {"Consent": [AGREED]}
    assert exports.made(asked, by=may_export(helper())) == {"Consent": [ASSISTED]}


def test_one_kind_opens_nothing_of_the_other(consents):
    by = helper(patient="nancy")
    assert ids(of_nancy(consents, by)) == [ASSISTED]
    with pytest.raises(NotFound):
        consents.read("Consent", AGREED, by=by)
    nobody = without(by, "AccessConsent.")
    for call in (lambda: consents.read("Consent", ASSISTED, by=nobody), lambda: of_nancy(consents, nobody)):
        assert refused(call) == ["SECURITY_TOKEN_INSUFFICIENT_PERMISSION"]


def test_to_write_one_is_no_right_to_see_what_others_wrote(consents):
    """Whoever has some privilege over either kind is let in, and finds what they may read or search."""
    by = helper(patient="nancy")
    for mixed in (
        replace(by, privileges=by.privileges | {"Consent.create"}),
        replace(by, privileges=(by.privileges - {"AccessConsent.read"}) | {"Consent.read", "Consent.search"}),
    ):
        kind = ASSISTED if "AccessConsent.read" in mixed.privileges else AGREED
        assert ids(of_nancy(consents, mixed)) == [kind]


def test_each_is_written_by_its_own_privilege(consents):
    for by, own, other in (
        (colleague(**NANCYS), consent("nancy", "nancys"), access_consent("nancy")),
        (helper(**NANCYS), access_consent("nancy"), consent("nancy", "nancys")),
    ):
        before = consents.search("Consent")["total"]
        assert refused(lambda by=by, made=other: consents.create(made, by=by)) == [
            "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"
        ]
        assert consents.search("Consent")["total"] == before
        assert consents.create(own, by=by)["id"]


def test_who_may_read_one_may_not_therefore_change_it(consents):
    reader = without(staff(ASTA, **NANCYS), "AccessConsent.write")
    stored = consents.read("Consent", ASSISTED, by=reader)
    end = [{"op": "replace", "path": "/status", "value": "inactive"}]

    def patch():
        with consents.as_(reader) as session:
            session.patch("Consent", ASSISTED, end, if_match=None)

    disguised = consent("nancy", "nancys") | {"id": ASSISTED}
    for call in (
        patch,
        lambda: consents.update(stored | {"status": "inactive"}, by=reader),
        lambda: consents.update(disguised, by=reader),
    ):
        assert refused(call) == ["SECURITY_TOKEN_INSUFFICIENT_PERMISSION"]
    changed = consents.update(stored | {"status": "inactive"}, if_match="1", by=staff(ASTA, **NANCYS))
    assert changed["status"] == "inactive"


@pytest.mark.parametrize("by", NOBODYS.values(), ids=NOBODYS)
def test_others_neither_make_nor_change_one(consents, by):
    stored = consents.read("Consent", ASSISTED)
    for call in (lambda: consents.create(access_consent("nancy"), by=by), lambda: consents.update(stored, by=by)):
        with pytest.raises(FhirError) as caught:
            call()
        assert type(caught.value) in (Forbidden, NotFound)
    assert consents.search("Consent")["total"] == 2


def test_it_is_of_the_citizen_also_when_the_context_names_a_course_of_care(consents):
    consents.create(access_consent("tjoern"), id="tjoerns")
    assert consents.read("Consent", ASSISTED, by=staff(ASTA, **NANCYS))["id"] == ASSISTED
    with pytest.raises(NotFound):
        consents.read("Consent", "tjoerns", by=staff(ASTA, **NANCYS))
    assert consents.read("Consent", "tjoerns", by=staff(BO))["id"] == "tjoerns"
