"""Words are found by their beginning, whatever the case and the accents (R4 search.html#string)."""

import pytest

from tests.resources import practitioner
from tests.store.cast import ids


@pytest.mark.parametrize(
    ("name", "asked"),
    [("René", "rene"), ("Rene", "rené"), ("Zoë", "ZOE"), ("Müller", "mul"), ("Åse", "a\u030ase"), ("A\u030ase", "Åse")],
)
def test_a_name_is_found_without_its_accents(store, name, asked):
    store.create(practitioner(family=name), id="navn")
    assert ids(store.search("Practitioner", ("family", asked))) == ["navn"]
    assert ids(store.search("Practitioner", ("family:contains", asked[1:]))) == ["navn"]
    assert ids(store.search("Practitioner", ("family:exact", name))) == ["navn"]


@pytest.mark.parametrize(("name", "asked"), [("Åse", "Ase"), ("Ase", "Åse"), ("Bæk", "Baek"), ("Sø", "So")])
def test_a_danish_letter_is_no_accent(store, name, asked):
    store.create(practitioner(family=name), id="navn")
    assert ids(store.search("Practitioner", ("family", asked))) == []


@pytest.mark.parametrize("part", ["given", "prefix", "suffix"])
def test_a_name_of_which_a_part_is_only_an_extension_is_stored_and_found_by_the_rest(store, part):
    unsaid = {"extension": [{"url": "https://fhir.example/unsaid", "valueString": "x"}]}
    name = {"family": "Holm", part: ["Asta", None], f"_{part}": [None, unsaid]}
    made = store.create({"resourceType": "Practitioner", "name": [name]})
    assert store.read("Practitioner", made["id"])["name"] == [name]
    assert ids(store.search("Practitioner", ("name", "asta"))) == [made["id"]]
