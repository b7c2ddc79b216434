"""How an answer is wanted: parts of resources, what comes along, in which order, and how many there are."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, UnknownParameter, Unprocessable
from kommunalpro.fhirserver import database
from kommunalpro.fhirserver.search import including
from tests.people import NANCY
from tests.resources import (
    activity_definition,
    care_plan,
    care_team,
    condition,
    episode_of_care,
    observation,
    organization,
    patient,
    plan_definition,
    practitioner,
    questionnaire,
    value_set,
)
from tests.store.cast import BASE, ids

SYSTEM = "urn:oid:1.2.208.176.2.1"
"""NPU; an Observation is of what FUT lists of it."""
PARTS = "http://example.org/cs/parts"
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


@pytest.fixture(scope="module")
def library(shelf):
    """A plan with an activity; a patient with two observations; organisations in a line."""
    for id, above in (("region", None), ("kommune", "region"), ("center", "kommune")):
        part = {"partOf": {"reference": f"{BASE}/Organization/{above}"}} if above else {}
        shelf.create({**organization(id.title()), **part}, id=id)
    shelf.create(care_team("Nord"), id="nord")
    shelf.create(activity_definition(f"{BASE}/Questionnaire/1"), id="aktivitet")
    shelf.create(plan_definition(f"{BASE}/ActivityDefinition/aktivitet"), id="pakke")
    shelf.create(patient(NANCY), id="nancy")
    shelf.create(episode_of_care("nancy", condition="kol"), id="nancys")
    shelf.create(condition("nancy", "nancys"), id="kol")
    shelf.create(care_plan("nancy", "nancys", "nord", condition="kol"), id="plan")
    for id, code, number in (("hoste", "NPU03794", "3"), ("feber", "NPU21692", "38.50"), ("sult", "NPU27281", "-1")):
        made = observation("nancy", "nancys", code={"coding": [{"system": SYSTEM, "code": code}]})
        made["valueQuantity"] = {"value": Decimal(number), "system": "http://unitsofmeasure.org", "code": "1"}
        shelf.create(made, id=id)
    for name in ("one", "two"):
        shelf.create(practitioner(name), id=name)
    shelf.create(value_set("http://example.org/vs/infection", "NPU03794", "NPU21692", system=SYSTEM))
    return shelf


def found(store, type, *parameters):
    return ids(store.search(type, *parameters))


def only(store, type, *parameters):
    [entry] = store.search(type, *parameters)["entry"]
    return entry["resource"]


def test_a_summary_has_what_r4_counts_to_it_and_says_that_it_is_one(library):
    whole = only(library, "Patient")
    part = only(library, "Patient", ("_summary", "true"))
    assert part.keys() <= whole.keys()
    assert {"resourceType", "id", "meta", "identifier", "name", "gender"} <= part.keys()
    assert SUBSETTED in part["meta"]["tag"]
    assert SUBSETTED not in whole["meta"].get("tag", ())


@pytest.mark.parametrize("how", [("_elements", "name"), ("_summary", "true"), ("_summary", "data")], ids=str)
def test_a_part_is_not_stored_in_place_of_the_whole(clinic, how):
    found = clinic.search("Organization", ("_count", "1"), how)["entry"][0]["resource"]
    before = clinic.read("Organization", found["id"])
    for write in (clinic.create, clinic.update):
        with pytest.raises(Unprocessable) as refused:
            write(found)
        assert refused.value.issues[0].expression == "Organization.meta.tag"
    assert clinic.read("Organization", found["id"]) == before


def test_named_elements_come_with_what_no_resource_can_be_without(library):
    part = only(library, "Observation", ("_id", "feber"), ("_elements", "value,Observation.subject"))
    assert part.keys() == {"resourceType", "id", "meta", "status", "code", "subject", "valueQuantity"}
    assert part["valueQuantity"]["value"] == Decimal("38.50")
    assert str(part["valueQuantity"]["value"]) == "38.50"


def test_what_a_questionnaire_asks_comes_where_it_is_wanted_and_a_part_without_is_the_same_otherwise(clinic):
    made = clinic.create(questionnaire("center", status="draft"))
    assert "item" in made
    wanted = ("_id", made["id"])
    part = only(clinic, "Questionnaire", wanted, ("_elements", "title,version,extension"))
    assert "item" not in part
    assert {name: made[name] for name in part.keys() - {"meta"}} == {
        name: part[name] for name in part.keys() - {"meta"}
    }
    assert only(clinic, "Questionnaire", wanted, ("_elements", "item"))["item"] == made["item"]
    assert only(clinic, "Questionnaire", wanted, ("_summary", "data"))["item"] == made["item"]
    assert "item" not in only(clinic, "Questionnaire", wanted, ("_summary", "true"))


def test_data_is_all_but_the_narrative_and_text_is_nothing_else(store):
    store.create(
        {**organization(), "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}}
    )
    assert "text" not in only(store, "Organization", ("_summary", "data"))
    assert only(store, "Organization", ("_summary", "text")).keys() == {"resourceType", "id", "meta", "text"}


def test_how_many_there_are_can_be_asked_for_alone_or_not_at_all(library):
    assert library.search("Observation", ("_summary", "count"))["total"] == 3
    assert "entry" not in library.search("Observation", ("_summary", "count"))
    assert "total" not in library.search("Observation", ("_total", "none"))
    assert library.search("Observation", ("_count", "1"), ("_total", "accurate"))["total"] == 3


def test_what_comes_along_may_bring_more_along(library):
    once = library.search("Organization", ("_id", "center"), ("_include", "Organization:partof"))
    again = library.search("Organization", ("_id", "center"), ("_include:iterate", "Organization:partof"))
    assert ids(once, "include") == ["kommune"]
    assert ids(again, "include") == ["kommune", "region"]


def test_a_circle_of_references_comes_to_an_end(store):
    for id, above in (("a", "b"), ("b", "a")):
        store.create({**organization(id), "partOf": {"reference": f"{BASE}/Organization/{above}"}}, id=id)
    answer = store.search("Organization", ("_id", "a"), ("_include:iterate", "Organization:partof"))
    assert (ids(answer), ids(answer, "include")) == (["a"], ["b"])


def test_of_whatever_a_page_refers_to_no_statement_has_more_keys_than_it_takes(library, monkeypatch):
    """Here one key; what two of them lead to comes along once."""
    statements, rows = [], including.rows
    monkeypatch.setattr(including, "rows", lambda sql, values=(): statements.append(values) or rows(sql, values))
    asked = ("_include", "*"), ("_include:iterate", "Organization:partof"), ("_revinclude", "Organization:partof")

    def found():
        organizations = library.search("Organization", *asked[1:], ("_id", "center,kommune"))
        return ids(organizations, "include"), sorted(ids(library.search("CarePlan", asked[0]), "include"))

    together, most = found(), max(map(len, statements))
    monkeypatch.setattr(database, "MOST_AT_ONCE", 1)
    statements.clear()
    assert found() == together == (["region"], ["kol", "nancy", "nancys", "nord"])
    # With a type, a type again and a parameter.
    assert max(map(len, statements)) == 3 + 1 < most


def test_more_than_may_come_along_is_refused_as_soon_as_it_is_seen(library, monkeypatch):
    monkeypatch.setattr(including, "MOST_INCLUDED", 1)
    with pytest.raises(BadRequest) as refused:
        library.search("CarePlan", ("_include", "*"))
    assert refused.value.issues[0].code == "too-costly"


ABOVE = ("_id", "center"), ("_include", "Organization:partof"), ("_include:iterate", "Organization:partof")
BELOW = ("_id", "region"), ("_revinclude", "Organization:partof"), ("_revinclude:iterate", "Organization:partof")


@pytest.mark.parametrize(("asked", "along"), [(ABOVE, ["kommune", "region"]), (BELOW, ["kommune", "center"])])
def test_what_comes_along_takes_no_more_room_than_there_is(library, monkeypatch, asked, along):
    """Of what comes along with what came along, too; what matches takes none, nor what is come to twice."""
    size = sum(len(dumps(library.read("Organization", id))) for id in along)
    monkeypatch.setattr(including, "MOST_ALONG", size)
    again = (*asked, asked[2])
    assert ids(library.search("Organization", *again), "include") == along
    monkeypatch.setattr(including, "MOST_ALONG", size - 1)
    with pytest.raises(BadRequest) as refused:
        library.search("Organization", *again)
    [issue] = refused.value.issues
    assert issue.code == "too-costly"
    assert issue.diagnostics == f"More than {size - 1} bytes would be included: ask for a smaller _count"


@pytest.mark.parametrize("asked", [("CarePlan", "_include", "*"), ("Patient", "_revinclude", "Observation:subject")])
def test_of_what_is_too_large_to_come_along_the_texts_are_not_read(library, monkeypatch, asked):
    monkeypatch.setattr(including, "MOST_ALONG", 20)
    given = []
    for name in ("rows", "rows_by_key"):
        run = getattr(including, name)
        monkeypatch.setattr(including, name, lambda *asked, run=run: given.append(run(*asked)) or given[-1])
    with pytest.raises(BadRequest):
        library.search(asked[0], asked[1:])
    [(text, size), *_] = given[-1]
    assert text is None
    assert size > 40


def test_whatever_it_refers_to_comes_along(library):
    answer = library.search("CarePlan", ("_include", "*"))
    assert {"nancy", "nancys", "kol"} <= set(ids(answer, "include"))
    assert ids(library.search("CarePlan", ("_include", "CarePlan:*")), "include") == ids(answer, "include")


def test_what_refers_to_it_may_be_followed_on(library):
    answer = library.search(
        "Patient", ("_revinclude", "EpisodeOfCare:patient"), ("_revinclude:iterate", "CarePlan:episodeOfCare")
    )
    assert ids(answer, "include") == ["nancys", "plan"]


def test_the_activities_of_a_plan_come_along_by_its_literal_url(library):
    answer = library.search("PlanDefinition", ("_include", "PlanDefinition:definition"))
    assert ids(answer, "include") == ["aktivitet"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("value-quantity", "sult hoste feber"),
        ("-value-quantity", "feber hoste sult"),
        ("code", "hoste feber sult"),
        ("status,-code", "sult feber hoste"),
        ("_id", "feber hoste sult"),
        ("-_id", "sult hoste feber"),
    ],
)
def test_in_the_order_that_is_asked_for(library, order, expected):
    assert found(library, "Observation", ("_sort", order)) == expected.split()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("code:in", "http://example.org/vs/infection", {"hoste", "feber"}),
        ("code:not-in", "http://example.org/vs/infection", {"sult"}),
        ("value-quantity", "38.5", {"feber"}),
        ("value-quantity", "38.50|http://unitsofmeasure.org|1", {"feber"}),
        ("value-quantity", "38.5||kg", set()),
        ("value-quantity", "lt0", {"sult"}),
        ("value-quantity", "1e0", set()),
        ("code-value-quantity", f"{SYSTEM}|NPU21692$gt38", {"feber"}),
        ("code-value-quantity", "NPU03794$gt38", set()),
        ("patient", "nancy", {"hoste", "feber", "sult"}),
        ("subject:Patient", "nancy", {"hoste", "feber", "sult"}),
        ("subject:Patient", "Patient/nancy", {"hoste", "feber", "sult"}),
        ("subject:Patient", f"{BASE}/Patient/nancy", {"hoste", "feber", "sult"}),
        ("subject:Patient", f"nobody,{BASE}/Patient/nancy/_history/1", {"hoste", "feber", "sult"}),
        ("subject:Patient", "https://other.example/fhir/Patient/nancy", set()),
        ("patient:Patient.identifier", NANCY.cpr, {"hoste", "feber", "sult"}),
        (
            "_profile",
            "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-observation",
            {"hoste", "feber", "sult"},
        ),
    ],
)
def test_by_more_kinds_of_values(library, name, value, expected):
    assert set(found(library, "Observation", (name, value))) == expected


KINDS, GENDERS = "http://terminology.hl7.org/CodeSystem/usage-context-type", "http://hl7.org/fhir/administrative-gender"


@pytest.fixture(scope="module")
def maps(shelf):
    """One for men with a sore, and one for sores of a man's."""
    for id, uses in (
        ("maend", {"gender": (GENDERS, "male"), "focus": (PARTS, "arm")}),
        ("saar", {"focus": (PARTS, "male")}),
    ):
        contexts = [
            {
                "code": {"system": KINDS, "code": kind},
                "valueCodeableConcept": {"coding": [{"system": system, "code": code}]},
            }
            for kind, (system, code) in uses.items()
        ]
        shelf.create({"resourceType": "ConceptMap", "status": "active", "useContext": contexts}, id=id)
    return shelf


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f"{KINDS}|gender$male", {"maend"}),
        (f"{KINDS}|$male", {"maend", "saar"}),
        (f"{KINDS}|${GENDERS}|male", {"maend"}),
        (f"{KINDS}|$ale", set()),
        (f"{KINDS}|$Male", set()),
        (f"{PARTS}|$male", set()),
        ("|$male", set()),
        (f"focus${GENDERS}|", set()),
        (f"focus${PARTS}|", {"maend", "saar"}),
        (f"{KINDS}|${GENDERS}|", {"maend"}),
        (f"{KINDS}|${KINDS}|", set()),
    ],
)
def test_of_a_pair_of_codes_either_may_be_any_of_its_system(maps, value, expected):
    assert set(found(maps, "ConceptMap", ("context-type-value", value))) == expected


@pytest.mark.parametrize("number", ["123456789012345678901234567890", "0.3333333333333333333333333333333333333333333"])
def test_an_amount_is_found_by_its_own_digits_however_many(clinic, number):
    clinic.create(observation("nancy", "nancys", valueQuantity={"value": Decimal(number)}), id="maaling")
    for asked in (number, f"ge{number}", f"le{number}", f"ap{number}"):
        assert found(clinic, "Observation", ("value-quantity", asked)) == ["maaling"]
        assert found(clinic, "Observation", ("code-value-quantity", f"NPU03011${asked}")) == ["maaling"]
    for asked in (f"ne{number}", f"-{number}"):
        assert found(clinic, "Observation", ("value-quantity", asked)) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("100", set()),
        ("ne100", {"<", "<=", ">=", ">"}),
        ("gt100", {">=", ">"}),
        ("ge100", {"<=", ">=", ">"}),
        ("lt100", {"<", "<="}),
        ("le100", {"<", "<=", ">="}),
        ("sa100", {">"}),
        ("eb100", {"<"}),
        ("ap90.9", {"<", "<="}),
        ("ge99.9", {"<", "<=", ">=", ">"}),
        ("le100.1", {"<", "<=", ">=", ">"}),
        ("sa99.9", {">=", ">"}),
        ("eb100.1", {"<", "<="}),
    ],
)
def test_what_is_less_or_more_than_a_number_is_not_that_number(clinic, asked, expected):
    """As a measurement beyond what the device can tell is (R4 search.html#prefix)."""
    for comparator in ("<", "<=", ">=", ">"):
        amount = {"value": Decimal(100), "comparator": comparator, "unit": "kg"}
        clinic.create(observation("nancy", "nancys", valueQuantity=amount, note=[{"text": comparator}]))
    for name, value in (("value-quantity", f"{asked}||kg"), ("code-value-quantity", f"NPU03011${asked}")):
        answer = clinic.search("Observation", (name, value))
        assert {each["note"][0]["text"] for each in resources(answer)} == expected


AGE = {"system": KINDS, "code": "age"}


def test_of_two_ranges_that_begin_together_none_begins_after_that(library):
    uses = [
        {"code": AGE, "valueRange": {"low": {"value": 18}, **({"high": {"value": high}} if high else {})}}
        for high in (65, None)
    ]
    library.create({"resourceType": "ValueSet", "status": "active", "useContext": uses}, id="voksne")
    asked = [found(library, "ValueSet", ("context-quantity", f"{each}18")) for each in ("ge", "sa", "gt")]
    assert asked == [["voksne"], [], ["voksne"]]


def test_a_value_set_must_be_here_and_say_its_codes(store):
    store.create(
        {
            "resourceType": "ValueSet",
            "url": "http://example.org/vs/all",
            "status": "active",
            "compose": {"include": [{"system": "http://snomed.info/sct"}]},
        }
    )
    for url in ("http://example.org/vs/none", "http://example.org/vs/all"):
        with pytest.raises(BadRequest):
            store.search("Observation", ("code:in", url))


def test_the_codes_of_a_whole_system_are_its_concepts_and_what_is_below_them(store):
    concepts = [{"code": "body", "concept": [{"code": "arm"}, {"code": "leg"}]}]
    store.create(
        {"resourceType": "CodeSystem", "url": PARTS, "status": "active", "content": "complete", "concept": concepts}
    )
    store.create(
        {
            "resourceType": "ValueSet",
            "url": "http://example.org/vs/body",
            "status": "active",
            "compose": {"include": [{"system": PARTS}]},
        }
    )
    store.create({**organization("Ben"), "type": [{"coding": [{"system": PARTS, "code": "leg"}]}]}, id="ben")
    assert found(store, "Organization", ("type:in", "http://example.org/vs/body")) == ["ben"]


def test_a_canonical_is_found_with_its_version_and_without(store):
    made = {"resourceType": "ConceptMap", "status": "active", "sourceCanonical": "http://example.org/vs/a|2"}
    store.create(made, id="kort")
    for value, expected in (
        ("http://example.org/vs/a", ["kort"]),
        ("http://example.org/vs/a|2", ["kort"]),
        ("http://example.org/vs/a|1", []),
    ):
        assert found(store, "ConceptMap", ("source", value)) == expected


@pytest.mark.parametrize("value", ["a", "a$", "$5", "a$b$c", "a$five"])
def test_a_composite_value_has_two_parts(store, value):
    with pytest.raises(BadRequest):
        store.search("Observation", ("code-value-quantity", value))


@pytest.mark.parametrize("value", ["five", "1,", "gt", "1e", "NaN", "Infinity", "½", "1_000", "|http://x|kg"])
def test_what_is_no_number_is_refused(store, value):
    with pytest.raises(BadRequest):
        store.search("Observation", ("value-quantity", value))


@pytest.mark.parametrize("name", ["team.shoe-size", "team:Organization.category", "patient.organization.name"])
def test_a_chain_goes_where_the_reference_may_go_and_one_link_far(library, name):
    with pytest.raises(UnknownParameter):
        library.search("EpisodeOfCare", (name, "x"))


def test_a_chain_through_what_may_be_anything_picks_a_type(library):
    with pytest.raises(UnknownParameter):
        library.search("Task", ("subject.family", "x"))
    assert found(library, "Task", ("subject:Patient.family", "x")) == []
