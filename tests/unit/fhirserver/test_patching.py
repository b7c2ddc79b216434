"""A JSON Patch that is refused says which operation it is about, and why, and repeats no value."""

import pytest

from kommunalpro.fhir.outcome import BadRequest, TooLarge, Unprocessable
from kommunalpro.fhirserver import patching
from kommunalpro.fhirserver.patching import patched
from tests.people import NANCY

PLACE = {"resourceType": "Organization", "id": "a", "name": "Nord", "alias": ["N"], "partOf": {"reference": "b"}}
FIRST = {"op": "replace", "path": "/name", "value": "Syd"}


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"op": "replace", "path": "/shoe", "value": 1}, "operation 1 (replace /shoe): nothing stands there"),
        ({"op": "remove", "path": "/alias/7"}, "operation 1 (remove /alias/7): nothing stands there"),
        (
            {"op": "add", "path": "/contact/0/name", "value": 1},
            "operation 1 (add /contact/0/name): there is no such place",
        ),
        ({"op": "add", "path": "/alias/9", "value": "X"}, "operation 1 (add /alias/9): there is no such place"),
        ({"op": "test", "path": "/name", "value": "Vest"}, "operation 1 (test /name): something else stands there"),
        ({"op": "move", "from": "/shoe", "path": "/name"}, "operation 1 (move /shoe /name): nothing stands there"),
        ({"op": "move", "from": "/partOf", "path": "/partOf/x"}, "operation 1 (move /partOf /partOf/x): there is no"),
    ],
)
def test_what_does_not_fit_is_told_by_operation_and_why(operation, said):
    with pytest.raises(Unprocessable) as refused:
        patched(PLACE, [FIRST, operation])
    [issue] = refused.value.issues
    assert issue.diagnostics.startswith(f"Patch does not apply: {said}")
    assert "Vest" not in issue.diagnostics


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (
            {"op": "explode", "path": "/name"},
            "(explode /name): op must be one of add, copy, move, remove, replace, test",
        ),
        ({"path": "/name"}, "(/name): op must be one of"),
        ({"op": ["add"], "path": "/name"}, "op must be one of"),
        ({"op": "add", "path": "/name"}, "(add /name): add takes value"),
        ({"op": "copy"}, "(copy): copy takes path and from"),
        (
            {"op": "remove", "path": "name"},
            "(remove name): path, and from, must point into the resource: /name/0/given",
        ),
        ({"op": "copy", "from": "name", "path": "/name"}, "(copy name /name): path, and from, must point"),
        ({"op": "remove", "path": 7}, "(remove 7): path, and from, must point into the resource"),
        ({"op": "replace", "path": "/alias/-", "value": "X"}, "(replace /alias/-): path, and from, must point"),
    ],
)
def test_what_is_no_operation_is_told_by_its_number_and_what_it_takes(operation, said):
    with pytest.raises(BadRequest) as refused:
        patched(PLACE, [FIRST, operation])
    [issue] = refused.value.issues
    assert issue.diagnostics.startswith("Not a JSON Patch: operation 1 ")
    assert said in issue.diagnostics


def test_a_number_that_stands_in_a_path_is_masked():
    with pytest.raises(Unprocessable) as refused:
        patched(PLACE, [{"op": "remove", "path": f"/{NANCY.cpr}"}])
    assert NANCY.cpr not in str(refused.value.issues)


def test_what_copies_itself_into_itself_is_stopped_before_it_fills_the_memory():
    grows = [{"op": "copy", "from": "/alias", "path": "/alias/-"}] * 60
    with pytest.raises(TooLarge) as refused:
        patched(PLACE, grows)
    assert "grows too much" in refused.value.issues[0].diagnostics


def test_what_goes_on_into_itself_is_stopped_before_it_is_too_deep_to_be_read():
    deeper = [{"op": "copy", "from": "", "path": "/name" * 2**number} for number in range(8)]
    with pytest.raises(TooLarge):
        patched(PLACE, deeper)


def test_what_is_moved_into_what_was_moved_before_is_stopped_before_it_is_too_deep_to_be_read():
    deep = {}
    for _ in range(60):
        deep = {"name": deep}
    first = {"op": "add", "path": "/contact", "value": deep}
    second = {"op": "add", "path": "/partOf", "value": deep}
    with pytest.raises(TooLarge) as refused:
        patched(PLACE, [first, second, {"op": "move", "from": "/contact", "path": "/partOf" + "/name" * 60}])
    assert "operation 2 (move /contact /partOf/name" in refused.value.issues[0].diagnostics


def test_a_patch_costs_what_is_sent_and_not_all_that_is_there_again_for_each_operation(monkeypatch):
    looked_at = []
    is_too_deep = patching._is_too_deep
    monkeypatch.setattr(patching, "_is_too_deep", lambda *put: looked_at.append(put) or is_too_deep(*put))
    after = patched(PLACE, [FIRST, {"op": "add", "path": "/alias/-", "value": "S"}] * 500)
    assert len(after["alias"]) == 501
    assert looked_at == [("Syd", 1), ("S", 2)] * 500


def test_a_patch_has_no_more_operations_than_are_applied():
    with pytest.raises(BadRequest) as refused:
        patched(PLACE, [FIRST] * 1001)
    [issue] = refused.value.issues
    assert (issue.diagnostics, issue.code) == ("At most 1000 operations in a JSON Patch", "too-costly")


@pytest.mark.parametrize("op", ["copy", "move"])
def test_what_is_put_to_and_fro_is_stopped_by_how_much_it_is(op):
    long = {**PLACE, "alias": ["N" * 300_000]}
    to_and_fro = [{"op": op, "from": "/alias", "path": "/x"}, {"op": op, "from": "/x", "path": "/alias"}] * 4
    with pytest.raises(TooLarge) as refused:
        patched(long, to_and_fro)
    assert f"operation 6 ({op} /alias /x): grows too much" in refused.value.issues[0].diagnostics


def test_what_is_patched_stays_as_it_was():
    before = {**PLACE, "alias": ["N"]}
    after = patched(
        before,
        [FIRST, {"op": "add", "path": "/alias/-", "value": "S"}, {"op": "copy", "from": "/name", "path": "/alias/0"}],
    )
    assert (after["name"], after["alias"]) == ("Syd", ["Syd", "N", "S"])
    assert before == PLACE
