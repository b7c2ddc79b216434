"""Two code systems, value sets or maps of one name and version would both be meant by it, and neither for sure."""

import pytest

from kommunalpro.fhir.outcome import RuleBroken
from tests.store.entries import post

URL = "https://kommune.example/fhir/symptomer"


def named(type="ValueSet", **changes):
    content = {"content": "not-present"} if type == "CodeSystem" else {}
    return {"resourceType": type, "status": "active", "url": URL, "version": "3", **content, **changes}


def refused(write):
    with pytest.raises(RuleBroken) as wrong:
        write()
    return [(each.diagnostics, each.expression) for each in wrong.value.issues]


def taken(type="ValueSet"):
    return [("Validation error: another has this url and version", f"{type}.url")]


@pytest.mark.parametrize("type", ["CodeSystem", "ValueSet", "ConceptMap"])
def test_a_name_is_given_once(store, type):
    first = store.create(named(type))
    assert refused(lambda: store.create(named(type))) == taken(type)
    store.update({**first, "title": "Symptomer"})
    assert store.search(type, ("url", URL))["total"] == 1


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


def test_the_name_of_what_is_deleted_is_free_again(store):
    first = store.create(named())
    store.delete("ValueSet", first["id"])
    assert store.create(named())["id"] != first["id"]
