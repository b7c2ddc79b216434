"""Name and address protection: the Patient carries the label R as long as it lasts, whoever writes it.

Source: `fut.md` 1B (ehealth-patient).
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.care.people import is_protected
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.outcome import RuleBroken
from tests.people import ASTA, NANCY
from tests.resources import patient
from tests.store.cast import NOW, staff

BEFORE, SOON = to_datetime(NOW - timedelta(days=1)), to_datetime(NOW + timedelta(days=1))
OTHER = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VIP"}


def protected(start=BEFORE, end=None, **changes):
    period = {"start": start, **({"end": end} if end else {})}
    return {
        **patient(NANCY),
        "extension": [{"url": ehealth.NAME_AND_ADDRESS_PROTECTION, "valuePeriod": period}],
        **changes,
    }


def labels(stored):
    return stored["meta"].get("security", [])


@pytest.mark.parametrize("made", [protected(), protected(end=SOON), protected(start=SOON)])
def test_who_is_protected_or_will_be_is_labelled_by_the_server(clinic, made):
    stored = clinic.create(made)
    assert labels(stored) == [ehealth.RESTRICTED]
    assert is_protected(stored)


@pytest.mark.parametrize("made", [patient(NANCY), protected(start="2020-01-01", end=BEFORE)])
def test_who_is_not_or_is_not_any_more_is_not(clinic, made):
    stored = clinic.create(made)
    assert labels(stored) == []
    assert not is_protected(stored)


def test_the_label_is_not_lost_to_who_leaves_it_out_nor_are_others(clinic):
    stored = clinic.create(protected(meta={"security": [OTHER]}))
    assert labels(stored) == [OTHER, ehealth.RESTRICTED]
    meta = {name: each for name, each in stored["meta"].items() if name != "security"}
    assert ehealth.RESTRICTED in labels(clinic.update({**stored, "meta": meta}))


def test_when_the_register_ends_it_the_label_goes_and_others_stay(clinic):
    stored = clinic.create(protected(meta={"security": [OTHER]}))
    ended = protected(start="2020-01-01", end=BEFORE)["extension"]
    assert labels(clinic.update({**stored, "extension": ended})) == [OTHER]


@pytest.mark.parametrize("without", [[], protected(start="2020-01-01", end=BEFORE)["extension"]])
def test_a_professional_takes_protection_from_nobody(clinic, without):
    stored = clinic.update({**clinic.read("Patient", "nancy"), "extension": protected()["extension"]})
    changed = {"op": "replace", "path": "/extension", "value": without}
    removed = {"op": "remove", "path": "/extension"}
    asta = staff(ASTA, patient="nancy", episode_of_care="nancys")
    asta = replace(asta, privileges=asta.privileges | {"Patient.patch"})
    with pytest.raises(RuleBroken) as refused, clinic.as_(asta) as session:
        session.patch("Patient", stored["id"], [changed if without else removed], if_match=None)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_PATIENT_PROTECTION"]
