"""A definition that is named by its `url`: exactly the version that is named, else the active one written last.

The oracle is a list that is looked through by hand. A canonical that is an address here: `test_searching_versions.py`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhirserver.access import Everything, Indexed, Not
from kommunalpro.fhirserver.search import canonicals
from kommunalpro.fut.access import EHealthAccess
from kommunalpro.fut.at_hand import terminology
from tests.store.cast import BASE, NOW, ids, query
from tests.store.test_oracle import AnyR4
from tests.store.test_properties import undone

SYMPTOMS, SIGNS = "http://example.org/vs/symptoms", "http://example.org/vs/signs"
CANONICALS = [f"{url}{version}" for url in (SYMPTOMS, SIGNS) for version in ("", "|1", "|2", "|9")]
ADDRESSES = [f"{BASE}/ValueSet/v0", f"{BASE}/ValueSet/v1/_history/1"]


@pytest.fixture
def library(store):
    return replace(store, server=replace(store.server, rules=AnyR4()))


def value_set(url=SYMPTOMS, version="1", status="active", title="Tegn"):
    return {"resourceType": "ValueSet", "url": url, "version": version, "status": status, "title": title}


def concept_map(source, **others):
    return {"resourceType": "ConceptMap", "status": "active", "sourceCanonical": source, **others}


# --- Whatever there is
@dataclass(frozen=True)
class ByHand:
    """ValueSets in the order they were written in, and ConceptMaps."""

    sets: tuple[Any, ...]
    maps: tuple[Any, ...]

    def meant(self, canonical: str) -> str:
        """Give the id of what a canonical means; empty when that is nothing here."""
        if canonical.startswith(BASE):
            return canonical.removeprefix(f"{BASE}/ValueSet/").partition("/")[0]
        url, _, version = canonical.partition("|")
        named = [each for each in self.sets if each["url"] == url]
        if version:
            # Whoever writes the same version twice means both.
            return ",".join(each["id"] for each in named if each["version"] == version)
        return next((each["id"] for each in reversed(named) if each["status"] == "active"), "")

    def pairs(self) -> set[tuple[str, str]]:
        """Give (id of a map, id of a set that is its source)."""
        there = {each["id"] for each in self.sets}
        found = {(each["id"], id) for each in self.maps for id in self.meant(each["sourceCanonical"]).split(",")}
        return {(map, id) for map, id in found if id in there}

    def comes_along(self, map: str, set: str) -> bool:
        """Tell whether a set comes along with a map that is paired with it: by a version, what was published first."""
        canonical = next(each["sourceCanonical"] for each in self.maps if each["id"] == map)
        both = self.meant(canonical).split(",")
        published = [each["id"] for each in self.sets if each["id"] in both and each["status"] != "draft"]
        return set == (published or both[::-1])[0]


sets = st.builds(
    value_set,
    st.sampled_from((SYMPTOMS, SIGNS)),
    st.sampled_from(("1", "2", "3")),
    st.sampled_from(("active", "draft", "retired")),
    st.sampled_from(("Søvn", "Smerte")),
)
maps = st.builds(concept_map, st.sampled_from([*CANONICALS, *ADDRESSES]))


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sets, min_size=1, max_size=6), st.lists(maps, min_size=1, max_size=8))
def test_there_and_back_it_leads_where_one_would_look_by_hand(library, sets, maps):
    with undone():
        shelf = ByHand(
            tuple(library.create(each, id=f"v{n}", now=NOW + timedelta(minutes=n)) for n, each in enumerate(sets)),
            tuple(library.create(each, id=f"m{n}") for n, each in enumerate(maps)),
        )
        pairs = shelf.pairs()
        titled = {each["id"] for each in sets_of(shelf, "Søvn")}
        found = library.search("ConceptMap", ("source.title", "Søvn"), ("_include", "ConceptMap:source"))
        expected = {map for map, id in pairs if id in titled}
        assert set(ids(found)) == expected
        along = {id for map, id in pairs if map in expected and shelf.comes_along(map, id)}
        assert set(ids(found, "include")) == along
        assert set(ids(library.search("ValueSet", ("_has:ConceptMap:source:status", "active")))) == {
            id for _, id in pairs
        }
        back = library.search("ValueSet", ("title", "Søvn"), ("_revinclude", "ConceptMap:source"))
        assert set(ids(back, "include")) == expected


def sets_of(shelf, title):
    return [each for each in shelf.sets if each["title"] == title]


# --- In a version that is no more
@pytest.fixture
def moved_on(library):
    """A ValueSet that was 1, and has been written over as 2."""
    made = library.create(value_set(title="Første"), id="v")
    library.update({**made, "version": "2", "title": "Anden"})
    for version in ("1", "2", "3"):
        library.create(concept_map(f"{SYMPTOMS}|{version}"), id=f"m{version}")
    library.create(concept_map(SYMPTOMS), id="m")
    return library


def along(store, id):
    found = resources(store.search("ConceptMap", ("_id", id), ("_include", "ConceptMap:source")))
    return [each["title"] for each in found if each["resourceType"] == "ValueSet"]


def test_what_comes_along_is_as_it_was_when_it_had_the_version(moved_on):
    assert [along(moved_on, id) for id in ("m1", "m2", "m3", "m")] == [["Første"], ["Anden"], [], ["Anden"]]


@pytest.mark.parametrize(
    "version", ["1_0%!", 'a"b\\c', "æø", "1" * 60_000], ids=["signs of patterns", "signs of JSON", "letters", "long"]
)
def test_a_version_that_was_is_found_whatever_it_is_called_and_no_other_is(library, version):
    made = library.create(value_set(version=version, title="Første"), id="v")
    library.update({**made, "version": "2"})
    for name, wanted in (("m", version), ("x", version[:-1] + "x")):
        library.create(concept_map(f"{SYMPTOMS}|{wanted}"), id=name)
    assert (along(library, "m"), along(library, "x")) == (["Første"], [])


def test_of_many_versions_only_one_is_read(library, monkeypatch):
    made, read, rows = library.create(value_set(title="0"), id="v"), [], canonicals.rows_by_key
    for number in range(1, 5):
        made = library.update({**made, "title": str(number)})
    library.update({**made, "version": "2"})
    library.create(concept_map(f"{SYMPTOMS}|1"), id="m")
    library.create(concept_map(f"{SYMPTOMS}|9"), id="m9")
    monkeypatch.setattr(canonicals, "rows_by_key", lambda *asked: read.append(asked) or rows(*asked))
    assert (along(library, "m9"), len(read)) == ([], 0)
    assert (along(library, "m"), len(read)) == (["4"], 1)


def test_what_is_named_in_both_versions_comes_in_both(moved_on):
    found = moved_on.search("ConceptMap", ("_id", "m,m1"), ("_include", "ConceptMap:source"))
    assert sorted(each["title"] for each in resources(found) if "title" in each) == ["Anden", "Første"]


def test_a_search_goes_by_what_has_the_version_now(moved_on):
    assert ids(moved_on.search("ConceptMap", ("source.url", SYMPTOMS), ("_sort", "_id"))) == ["m", "m2"]
    assert ids(moved_on.search("ConceptMap", ("source.title", "Første"))) == []


def test_what_was_published_first_is_meant_whoever_took_its_name_since(moved_on):
    """As it may have been stored before names were given once (`fut/profiles/named_once.py`)."""
    moved_on.create(value_set(title="En anden"), id="v1", now=NOW + timedelta(minutes=1))
    moved_on.create(value_set(title="En tredje"), id="v2", now=NOW + timedelta(minutes=2))
    moved_on.delete("ValueSet", "v2", now=NOW + timedelta(minutes=3))
    assert along(moved_on, "m1") == ["Første"]
    with moved_on.as_() as session:
        assert terminology(session).find("ValueSet", f"{SYMPTOMS}|1")["title"] == "Første"
    moved_on.delete("ValueSet", "v")
    assert [along(moved_on, each) for each in ("m1", "m2", "m")] == [["Første"], ["Anden"], ["En anden"]]


@pytest.mark.parametrize("version", ["2", "3_%!"])
def test_a_name_that_was_published_is_never_given_again(store, version):
    """Whatever it is called, and whoever looks it up: the rules that clients meet."""
    codes = {"include": [{"system": "http://example.org/cs", "version": "9", "concept": [{"code": "a"}]}]}
    first = store.create(value_set(version=version) | {"compose": codes})
    store.update({**first, "version": "9", "compose": {"include": [{"system": "http://example.org/cs"}]}})
    with pytest.raises(RuleBroken, match="another has this url and version"):
        store.create(value_set(version=version))
    with pytest.raises(RuleBroken, match="this version is published with other content"):
        store.update({**first, "compose": {"include": [{"system": "http://example.org/cs"}]}})
    store.delete("ValueSet", first["id"])
    with pytest.raises(RuleBroken, match="another has this url and version"):
        store.create(value_set(version=version))
    assert store.create(value_set(version=version[:-1] + "x"))["version"] == version[:-1] + "x"
    with store.as_() as session:
        assert terminology(session).find("ValueSet", f"{SYMPTOMS}|{version}")["compose"] == codes


def test_what_comes_back_to_a_version_takes_it_from_nobody(moved_on):
    moved_on.update({**moved_on.read("ValueSet", "v"), "version": "1", "title": "Igen"})
    assert along(moved_on, "m1") == ["Første"]
    for name in ("ValueSet/v|1", f"{BASE}/ValueSet/v|1"):
        with moved_on.as_() as session:
            assert session.system_read(name)["title"] == "Første"


def test_a_draft_bears_a_version_for_nobody(library):
    made = library.create(value_set(status="draft", title="Kladde"), id="v")
    library.create(concept_map(f"{SYMPTOMS}|1"), id="m")
    other = library.create(value_set(title="Udgivet"), id="v1", now=NOW + timedelta(minutes=1))
    library.update({**made, "status": "active", "title": "For sent"}, now=NOW + timedelta(minutes=2))
    library.update({**other, "status": "retired", "title": "Udgået"}, now=NOW + timedelta(minutes=3))
    assert along(library, "m") == ["Udgået"]


def test_terminology_knows_the_version_that_was(moved_on):
    with moved_on.as_() as session:
        titles = [terminology(session).find("ValueSet", f"{SYMPTOMS}{of}")["title"] for of in ("|1", "|2", "")]
        assert titles == ["Første", "Anden", "Anden"]
        assert terminology(session).find("ValueSet", f"{SYMPTOMS}|3") is None


# --- Beside it
def test_what_is_deleted_is_meant_no_more(library):
    library.create(value_set(title="Første"), id="v1")
    library.create(value_set(version="2", title="Anden"), id="v2", now=NOW + timedelta(minutes=1))
    library.create(concept_map(SYMPTOMS), id="m")
    assert along(library, "m") == ["Anden"]
    library.delete("ValueSet", "v2")
    assert along(library, "m") == ["Første"]


def test_the_version_that_is_named_is_meant_for_ever_though_it_is_deleted(library):
    library.create(value_set(title="Første"), id="v")
    library.update({**library.read("ValueSet", "v"), "version": "2", "title": "Anden"})
    for version in ("1", "2", "9"):
        library.create(concept_map(f"{SYMPTOMS}|{version}"), id=f"m{version}")
    library.delete("ValueSet", "v")
    assert [along(library, f"m{version}") for version in ("1", "2", "9")] == [["Første"], ["Anden"], []]
    with library.as_() as session:
        assert terminology(session).find("ValueSet", f"{SYMPTOMS}|1")["title"] == "Første"


class HidesSome(EHealthAccess):
    """Whoever asks sees no ValueSet that is called Skjult."""

    def visible(self, type, principal, now, *, is_held=False, to_write=False, search=None):
        """Give the others."""
        return Not(Indexed("title", "skjult")) if type == "ValueSet" else Everything()


def test_what_may_not_be_seen_is_not_there(library):
    library = replace(library, server=replace(library.server, access=HidesSome()))
    library.create(value_set(), id="v1")
    library.create(value_set(version="2", title="Skjult"), id="v2", now=NOW + timedelta(minutes=1))
    for version in ("", "|1", "|2"):
        library.create(concept_map(f"{SYMPTOMS}{version}"), id=f"m{version[1:]}")
    assert [along(library, id) for id in ("m", "m1", "m2")] == [["Tegn"], ["Tegn"], []]
    assert set(ids(library.search("ConceptMap", ("source.status", "active")))) == {"m", "m1"}
    assert ids(library.search("ConceptMap", ("source.title", "Skjult"))) == []


def test_a_definition_that_is_older_than_its_names_in_the_index_gets_them(library):
    """Migration 0010 gives what `reindex` does."""
    for number, status in enumerate(("active", "draft")):
        library.create(value_set(version=str(number), status=status), id=f"v{number}")
    library.create(value_set(f"{BASE}/ValueSet/her"), id="her")
    library.create(concept_map(f"{SYMPTOMS}|0"), id="m")
    rows = "SELECT type, id, parameter, value, high, last_updated FROM fhir_index"
    read = f"{rows} WHERE parameter IN ('_named', 'source') ORDER BY value, type, id"
    made = query(read)
    assert len(made) == 2 + 2 + 1 + 2 + 1 + 2
    query("DELETE FROM fhir_index WHERE parameter = '_named'")
    query("UPDATE fhir_index SET high = '' WHERE parameter = 'source'")
    for statement in import_module("kommunalpro.fhirserver.migrations.0010_names").Migration.operations[0].sql:
        query(statement)
    assert query(read) == made


def test_of_two_long_urls_that_begin_alike_none_is_taken_for_the_other(library):
    long = SYMPTOMS + "x" * 300
    library.create(value_set(f"{long}1"), id="v")
    library.create(concept_map(f"{long}2"), id="m")
    assert along(library, "m") == []


def test_by_its_canonical_it_is_found_in_that_version_or_in_whichever(moved_on):
    assert ids(moved_on.search("ConceptMap", ("source", f"{SYMPTOMS}|1"))) == ["m1"]
    assert set(ids(moved_on.search("ConceptMap", ("source", SYMPTOMS)))) == {"m", "m1", "m2", "m3"}


def test_what_is_named_with_a_version_and_without_one_is_meant_both_ways(library):
    for version in ("1", "2"):
        library.create(value_set(version=version), id=f"v{version}", now=NOW + timedelta(minutes=int(version)))
    both = [{"type": "depends-on", "resource": each} for each in (SYMPTOMS, f"{SYMPTOMS}|1")]
    plan = {"resourceType": "PlanDefinition", "status": "draft", "relatedArtifact": both}
    library.create(plan, id="plan")
    found = library.search("PlanDefinition", ("depends-on:ValueSet.status", "active"), ("_include", "*"))
    assert (ids(found), sorted(ids(found, "include"))) == (["plan"], ["v1", "v2"])
