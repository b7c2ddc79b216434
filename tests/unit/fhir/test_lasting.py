"""What stands in many resources is gone through once, and is judged wherever it stands as if it were the first time."""

import copy

import pytest

from kommunalpro.fhir.lasting import Lasting
from kommunalpro.fhir.structure import gone_through, validate

CODING = {"system": "http://snomed.info/sct", "code": "22298006"}


def coded(coding):
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}}


def told(resource):
    return [(each.code, each.expression) for each in validate(resource)]


def test_what_is_right_is_right_the_next_time_too():
    lasting = Lasting(CODING)
    assert [told(coded(lasting)) for _ in range(3)] == [[], [], []]


@pytest.mark.parametrize(
    "wrong", [{**CODING, "ukendt": 1}, {**CODING, "code": " "}, {**CODING, "extension": []}, {"system": 1}, {}]
)
def test_what_is_wrong_is_told_each_time_where_it_stands(wrong):
    lasting = Lasting(wrong)
    assert [told(coded(lasting)) for _ in range(3)] == [told(coded(wrong))] * 3 != [[]] * 3


def test_what_is_right_as_one_thing_is_still_wrong_as_another():
    lasting = Lasting(CODING)
    assert told(coded(lasting)) == []
    period = {"resourceType": "Observation", "status": "final", "code": {"text": "Vægt"}, "effectivePeriod": lasting}
    assert [expression for _, expression in told(period)] == [
        "Observation.effective.system",
        "Observation.effective.code",
    ]


@pytest.mark.parametrize("path", ["basedOn", "subject"])
def test_what_it_refers_to_is_noted_each_time(path):
    """Whether there is such a thing, and may be, is asked of each resource anew."""
    lasting = Lasting({"reference": "CarePlan/1"})
    value = [lasting] if path == "basedOn" else lasting
    walks = [gone_through({**coded(CODING), path: value}) for _ in range(2)]
    assert [[address for _, address in walk.named] for walk in walks] == [["CarePlan/1"]] * 2
    assert [bool(walk.issues) for walk in walks] == [path == "subject"] * 2


def test_a_coding_without_a_system_is_noted_each_time():
    lasting = Lasting({"code": "22298006"})
    assert [len(gone_through(coded(lasting)).uncoded) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.update(code="1"),
        lambda it: it.pop("code"),
        lambda it: it.__setitem__("code", "1"),
        lambda it: it.__delitem__("code"),
        lambda it: it.clear(),
    ],
)
def test_it_cannot_be_changed_where_it_stands(change):
    lasting = Lasting(CODING)
    with pytest.raises(TypeError):
        change(lasting)
    assert lasting == CODING


def test_a_copy_is_an_object_like_any_other_that_may_be_changed():
    lasting = Lasting(CODING)
    assert told(coded(lasting)) == []
    for copied in (copy.copy(lasting), copy.deepcopy(lasting), lasting.copy(), {**lasting}):
        assert type(copied) is dict
        copied["code"] = " "
        assert told(coded(copied)) == [("value", "Observation.code.coding[0].code")]
