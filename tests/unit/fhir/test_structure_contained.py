"""Contained resources: part of the one they are in, and used by it."""

import pytest

from kommunalpro.fhir.structure import contained, validate


def basic(*contained, **changes):
    return {"resourceType": "Basic", "code": {"text": "visning"}, "contained": list(contained), **changes}


def binary(**changes):
    return {"resourceType": "Binary", "id": "indhold", "contentType": "application/json", "data": "e30=", **changes}


def pointing(to="#indhold"):
    return [{"url": "https://example.dk/content", "valueReference": {"reference": to}}]


def issues(resource):
    return [(issue.expression, issue.diagnostics.partition(":")[0]) for issue in validate(resource)]


def test_content_that_is_contained_and_referred_to_is_sound():
    assert issues(basic(binary(), extension=pointing())) == []


@pytest.mark.parametrize(
    ("changes", "expression", "diagnostics"),
    [
        ({"meta": {"versionId": "1"}}, "Basic.contained[0].meta.versionId", "dom-4"),
        ({"meta": {"lastUpdated": "2026-11-23T10:00:00Z"}}, "Basic.contained[0].meta.lastUpdated", "dom-4"),
        ({"meta": {"security": [{"code": "R"}]}}, "Basic.contained[0].meta.security", "dom-5"),
    ],
)
def test_what_only_a_stored_resource_has_is_refused(changes, expression, diagnostics):
    assert issues(basic(binary(**changes), extension=pointing())) == [(expression, diagnostics)]


def test_a_contained_resource_contains_none():
    inner = basic(binary(), id="indhold", extension=pointing())
    assert ("Basic.contained[0].contained", "dom-2") in issues(basic(inner, extension=pointing()))


def test_a_contained_resource_has_an_id_of_its_own():
    nameless = {"resourceType": "Binary", "contentType": "application/json"}
    assert issues(basic(nameless)) == [("Basic.contained[0].id", "Missing element id (minimum 1)")]
    twins = issues(basic(binary(), binary(), extension=pointing()))
    assert twins == [("Basic.contained", "Two contained resources share an id")]


def test_a_contained_resource_is_used():
    assert issues(basic(binary())) == [("Basic.contained[0]", "dom-3")]


def test_one_that_only_a_text_names_is_used():
    named = [{"url": "https://example.dk/content", "valueUri": "#indhold"}]
    assert issues(basic(binary(), binary(id="andet"), extension=named)) == [("Basic.contained[1]", "dom-3")]


def test_what_is_referred_to_is_gathered_once_however_many_are_contained(monkeypatch):
    searched, texts = [], contained._texts
    monkeypatch.setattr(contained, "_texts", lambda value: searched.append(value) or texts(value))
    many = basic(*(binary(id=f"nummer-{number}") for number in range(600)))
    found = validate(many)
    assert (len(found), found[-1].code) == (501, "too-long")
    assert [each is many for each in searched].count(True) == 1


def test_one_that_refers_back_to_the_whole_is_used():
    provenance = {
        "resourceType": "Provenance",
        "id": "spor",
        "target": [{"reference": "#"}],
        "recorded": "2026-11-23T10:00:00Z",
        "agent": [{"who": {"display": "Asta Holm"}}],
    }
    assert issues(basic(provenance)) == []


def test_one_contained_resource_may_use_another():
    practitioner = {"resourceType": "Practitioner", "id": "asta"}
    group = {"resourceType": "CareTeam", "id": "hold", "participant": [{"member": {"reference": "#asta"}}]}
    assert issues(basic(practitioner, group, author={"reference": "#asta"}, extension=pointing("#hold"))) == []


def test_a_reference_to_nothing_is_refused_wherever_it_stands():
    assert issues(basic(binary(), extension=pointing("#skov"))) == [("Basic.extension[0].value", "ref-1")]
    group = {"resourceType": "CareTeam", "id": "hold", "participant": [{"member": {"reference": "#asta"}}]}
    lost = issues(basic(group, extension=pointing("#hold")))
    assert lost == [("Basic.contained[0].participant[0].member", "ref-1")]


@pytest.mark.parametrize(
    ("contained", "expected"),
    [
        ({"resourceType": "Patient", "id": "hvem"}, []),
        ({"resourceType": "Group", "id": "hvem", "type": "person", "actual": True}, ["value"]),
        ({"resourceType": "Borger", "id": "hvem"}, ["value"]),
    ],
    ids=["as-allowed", "another", "of-no-type"],
)
def test_a_reference_to_a_contained_resource_is_to_a_type_that_the_element_allows(contained, expected):
    episode = {
        "resourceType": "EpisodeOfCare", "status": "active", "contained": [contained],
        "patient": {"reference": "#hvem"},
    }  # fmt: skip
    assert [issue.code for issue in validate(episode)] == expected


def test_a_bundles_entries_do_not_see_each_others_contained():
    first = basic(binary(), extension=pointing())
    second = {key: value for key, value in first.items() if key != "contained"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": first}, {"resource": second}]}
    assert issues(bundle) == [("Bundle.entry[1].resource.extension[0].value", "ref-1")]


@pytest.mark.parametrize("contained", [None, {}, [], "skov", [None], ["skov"], [{}], [[]], [{"id": []}]])
def test_what_is_no_resource_cannot_be_contained(contained):
    assert validate(basic(extension=pointing()) | {"contained": contained})
