"""Words are found by their beginning, whatever the case and the accents (R4 search.html#string)."""

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.outcome import BadRequest
from tests.resources import organization, practitioner
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


@pytest.mark.parametrize(("name", "asked"), [("Møller  Strasse", "Møller Strasse"), ("Ny By", "ny \t by")])
def test_how_much_space_there_is_between_words_does_not_matter(store, name, asked):
    store.create(practitioner(family=name), id="navn")
    assert ids(store.search("Practitioner", ("family", asked))) == ["navn"]


@pytest.mark.parametrize(("name", "asked"), [("Åse", "Ase"), ("Ase", "Åse"), ("Bæk", "Baek"), ("Sø", "So")])
def test_a_danish_letter_is_no_accent(store, name, asked):
    store.create(practitioner(family=name), id="navn")
    assert ids(store.search("Practitioner", ("family", asked))) == []


@pytest.mark.parametrize("order", ["family", "-family"])
def test_the_danish_letters_are_the_last_of_the_alphabet_in_their_order_on_every_page(store, order):
    names = ["Ærø", "Årup", "Zahle", "Ølgod", "Æbelø", "aalborg", "Öberg"]
    made = {name: store.create(practitioner(family=name)) for name in names}
    seen, query = [], [("_sort", order), ("_count", "3")]
    while query:
        answer = store.search("Practitioner", *query)
        seen += [each["resource"]["name"][0]["family"] for each in answer["entry"]]
        page = (link(answer, "next") or "").partition("_page=")[2]
        query = [*query[:2], ("_page", page)] if page else []
        if len(seen) == 3:
            # What is changed meanwhile keeps its place.
            store.update(made["Ølgod"] | {"gender": "other"})
    ordered = ["aalborg", "Öberg", "Zahle", "Æbelø", "Ærø", "Ølgod", "Årup"]
    assert seen == (ordered[::-1] if order.startswith("-") else ordered)


@pytest.mark.parametrize("part", ["given", "prefix", "suffix"])
def test_a_name_of_which_a_part_is_only_an_extension_is_stored_and_found_by_the_rest(store, part):
    unsaid = {"extension": [{"url": "https://fhir.example/unsaid", "valueString": "x"}]}
    name = {"family": "Holm", part: ["Asta", None], f"_{part}": [None, unsaid]}
    made = store.create({"resourceType": "Practitioner", "name": [name]})
    assert store.read("Practitioner", made["id"])["name"] == [name]
    assert ids(store.search("Practitioner", ("name", "asta"))) == [made["id"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("kristiansen", True),
        ("Anne Sofie", True),
        ("Ane-Sophie Kristensen", True),
        ("Sophie,Hans", True),
        ("Kristiansen Anne", False),
        ("Anne Christensen", False),
        ("Chris", False),
    ],
)
def test_a_name_is_found_by_how_its_words_sound_one_after_the_other(store, asked, found):
    store.create(practitioner(family="Christensen", given="Anne Sophie"), id="navn")
    assert ids(store.search("Practitioner", ("phonetic", asked))) == ["navn"] * found


def test_what_an_organisation_is_called_is_found_by_how_it_sounds(store):
    store.create(organization("Sundhedscenter Åkjær"), id="stedet")
    assert ids(store.search("Organization", ("phonetic", "Aakær"))) == ["stedet"]
    assert ids(store.search("Organization", ("phonetic:missing", "true"))) == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("phonetic:exact", "Holm", "as phonetic it takes :missing"),
        ("_sort", "phonetic", "_sort cannot be by phonetic"),
        ("phonetic", "-", "phonetic must be a name, or words of one"),
    ],
)
def test_how_a_name_sounds_is_not_how_it_is_written(store, name, value, says):
    with pytest.raises(BadRequest) as refused:
        store.search("Practitioner", (name, value))
    assert says in refused.value.issues[0].diagnostics
