"""Two code systems, value sets, maps or libraries of one name and version would both be meant, and neither for sure."""

import pytest

from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.profiles.named_once import TERMINOLOGY
from tests.resources import library
from tests.store.entries import post

URL = "https://kommune.example/fhir/symptomer"


def named(type="ValueSet", **changes):
    content = {"CodeSystem": {"content": "not-present"}, "Library": library()}.get(type, {})
    return {**content, "resourceType": type, "status": "active", "url": URL, "version": "3", **changes}


def refused(write):
    with pytest.raises(RuleBroken) as wrong:
        write()
    return [(each.diagnostics, each.expression) for each in wrong.value.issues]


def taken(type="ValueSet"):
    return [("Validation error: another has this url and version", f"{type}.url")]


@pytest.mark.parametrize("type", ["CodeSystem", "ValueSet", "ConceptMap", "Library"])
def test_a_name_is_given_once(store, type):
    first = store.create(named(type))
    assert refused(lambda: store.create(named(type))) == taken(type)
    store.update({**first, "title": "Symptomer"})
    assert store.search(type, ("url", URL))["total"] == 1


@pytest.mark.parametrize("type", ["CodeSystem", "ValueSet", "ConceptMap", "Library"])
def test_it_is_given_once_among_drafts_too(store, type):
    """Else the second could not be published as it is, and would be told so only then."""
    store.create(named(type, status="draft"))
    assert refused(lambda: store.create(named(type, status="draft"))) == taken(type)


@pytest.mark.parametrize("version", [None, "3"])
def test_a_name_without_a_version_is_another_than_one_with(store, version):
    store.create({name: each for name, each in named(version=version).items() if each})
    other = named(version="4" if version else "3")
    second = store.create(other)
    changed = {name: each for name, each in {**second, "version": version}.items() if each}
    assert refused(lambda: store.update(changed)) == taken()


def test_nor_is_it_given_twice_in_one_transaction(store):
    with pytest.raises(RuleBroken) as wrong:
        store.transact(post(named()), post(named()))
    assert [each.expression for each in wrong.value.issues] == ["Bundle.entry[1].resource.url"]
    assert store.search("ValueSet", ("url", URL))["total"] == 0


# --- For ever
CONTENT = {
    "CodeSystem": ("concept", lambda code: [{"code": code}]),
    "ValueSet": ("compose", lambda code: {"include": [{"system": "http://tegn.example", "concept": [{"code": code}]}]}),
    "Library": ("parameter", lambda code: [{"name": code, "use": "in", "type": "string"}]),
    "ConceptMap": ("group", lambda code: [{"element": [{"code": code, "target": [{"equivalence": "equal"}]}]}]),
}
TYPES = pytest.mark.parametrize("type", CONTENT)


def saying(code, type="CodeSystem", **changes):
    name, of = CONTENT[type]
    complete = {"content": "complete"} if type == "CodeSystem" else {}
    return {**named(type, **changes), **complete, name: of(code)}


def other_content(type="CodeSystem"):
    return [("Validation error: this version is published with other content", f"{type}.version")]


@TYPES
def test_nobody_takes_the_version_that_another_was_published_with(store, type):
    first = store.create(saying("hoste", type))
    store.update({**first, "version": "4"})
    for status in ("active", "draft"):
        assert refused(lambda status=status: store.create(saying("feber", type, status=status))) == taken(type)
    store.create(saying("feber", type, version="5"))


@TYPES
def test_nor_when_it_was_deleted(store, type):
    first = store.create(saying("hoste", type))
    store.delete(type, first["id"])
    assert refused(lambda: store.create(saying("hoste", type))) == taken(type)


@TYPES
def test_a_published_version_keeps_its_content(store, type):
    first = store.create(saying("hoste", type))
    changed = {**first, **saying("feber", type)}
    assert refused(lambda: store.update(changed)) == other_content(type)
    retired = store.update({**first, "status": "retired", "title": "Udgået", "date": "2026-11-23"})
    assert store.update({**retired, "version": "4", **saying("feber", type, version="4")})["version"] == "4"


@TYPES
def test_what_comes_back_to_a_version_has_the_content_that_it_had(store, type):
    first = store.create(saying("hoste", type))
    store.update({**first, **saying("feber", type, version="4")})
    assert refused(lambda: store.update({**first, **saying("feber", type)})) == other_content(type)
    assert store.update(first)["version"] == "3"


@TYPES
def test_nor_does_it_change_by_way_of_a_draft(store, type):
    first = store.create(saying("hoste", type))
    draft = store.update({**first, "status": "draft"})
    assert refused(lambda: store.update({**draft, **saying("feber", type, status="draft")})) == other_content(type)
    store.update({**draft, "version": "4"})
    assert refused(lambda: store.create(saying("feber", type))) == taken(type)


@TYPES
def test_a_drafts_content_may_change_and_its_name_is_free_when_it_is_given_up(store, type):
    draft = store.create(saying("hoste", type, status="draft"))
    store.update({**draft, **saying("feber", type, status="draft")})
    other = store.update({**draft, **saying("feber", type, status="draft", version="4")})
    second = store.create(saying("svimmel", type))
    assert refused(lambda: store.update({**other, "version": "3"})) == taken(type)
    store.delete(type, other["id"])
    assert store.create(saying("kvalme", type, version="4"))["id"] != second["id"]


@TYPES
def test_a_published_address_stays(store, type):
    first = store.create(saying("hoste", type))
    elsewhere = [("Validation error: a published url stays", f"{type}.url")]
    assert refused(lambda: store.update({**first, "url": f"{URL}/2"})) == elsewhere
    without = {name: each for name, each in first.items() if name != "url"}
    assert refused(lambda: store.update(without)) == elsewhere
    draft = store.create(saying("feber", type, status="draft", version="4"))
    assert store.update({**draft, "url": f"{URL}/2"})["url"] == f"{URL}/2"


@pytest.mark.parametrize("type", sorted(TERMINOLOGY))
def test_what_has_no_version_is_named_by_nothing_that_lasts(store, type):
    made = {name: each for name, each in saying("hoste", type).items() if name != "version"}
    first = store.create(made)
    changed = store.update({**first, CONTENT[type][0]: saying("feber", type)[CONTENT[type][0]]})
    store.update({**changed, "url": f"{URL}/2"})
    store.delete(type, store.create(made)["id"])
    store.create(made)
