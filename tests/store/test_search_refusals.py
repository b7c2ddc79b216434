"""A search that asks for what there is not is told which word is wrong, and what may be asked instead."""

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from tests.people import NANCY
from tests.store.cast import BASE, ids

AS_SPACE = "2026-01-31T08:00:00 01:00"
"""What arrives of a time whose plus sign nobody encoded."""


def refusal(store, type, *pairs, kind=BadRequest):
    """Give what is told of a search that is refused."""
    with pytest.raises(kind) as refused:
        store.search(type, *pairs)
    [issue] = refused.value.issues
    return issue.diagnostics


@pytest.mark.parametrize(
    ("value", "wrong"), [("shoe", "shoe"), ("name,-shoe,hat", "shoe, hat"), ("-", '""'), ("name,", '""')]
)
def test_what_cannot_be_sorted_by_is_named_and_what_can(store, value, wrong):
    said = refusal(store, "Organization", ("_sort", value), kind=UnknownParameter)
    assert said.startswith(f"_sort cannot be by {wrong}; Organization is sorted by _id, _language, _lastUpdated")
    assert ", name, " in said


@pytest.mark.parametrize(
    ("name", "value", "may"),
    [
        ("_include", "partof", ", Organization:partof"),
        ("_include", "Organization:shoe", ", Organization:partof"),
        ("_include", "Organization:name", ", Organization:partof"),
        ("_include", "Organization:partof:Shoe", ", Organization:partof"),
        ("_include", "CareTeam:participant", ", Organization:partof"),
        ("_revinclude", "CareTeam:shoe", "CareTeam:managingOrganization, CareTeam:participant"),
        ("_revinclude", "CareTeam", "CareTeam:managingOrganization, CareTeam:participant"),
        ("_include:shoe", "Organization:partof", ", Organization:partof"),
        ("_include:iterate", "CareTeam:shoe", "here CareTeam:encounter, CareTeam:managingOrganization"),
    ],
)
def test_what_does_not_come_along_is_named_and_what_does(store, name, value, may):
    said = refusal(store, "Organization", (name, value), kind=UnknownParameter)
    assert said.startswith(f"{name}={value} is not offered with Organization: it takes Type:parameter")
    assert may in said


def test_an_element_that_no_type_has_which_may_come_is_named(store):
    said = refusal(store, "Organization", ("_elements", "name,shoe,hat"))
    assert said.startswith("_elements: hat, shoe is no element of Organization; there are active, address, alias")
    for names in ("name,partOf", "Organization.name,resourceType", "id,meta,extension"):
        store.search("Organization", ("_elements", names))
    store.search("Observation", ("_elements", "value,valueQuantity,effectiveDateTime"))


def test_an_element_of_what_comes_along_is_one_too(store):
    for along in [
        ("_include", "CareTeam:managingOrganization"),
        ("_revinclude", "CarePlan:care-team"),
        ("_include", "*"),
    ]:
        store.search("CareTeam", ("_elements", "name,intent" if "rev" in along[0] else "name,alias"), along)
    said = refusal(store, "CareTeam", ("_elements", "intent"), ("_include", "CareTeam:managingOrganization"))
    assert "intent is no element of CareTeam or Organization" in said


@pytest.mark.parametrize(
    ("type", "name"),
    [
        ("QuestionnaireResponse", "authored"),
        ("Organization", "_lastUpdated"),
        ("QuestionnaireResponse", "subject:Patient.birthdate"),
        ("Patient", "_has:QuestionnaireResponse:subject:authored"),
    ],
)
def test_a_plus_sign_that_nobody_encoded_is_what_is_wrong_with_a_time(store, type, name):
    said = refusal(store, type, (name, f"ge{AS_SPACE}"))
    assert said.startswith(f"{name} must be a date or time")
    assert said.endswith("a + is sent as %2B, else it arrives as a space")
    assert "%2B" not in refusal(store, type, (name, "yesterday"))


def test_all_that_is_asked_in_vain_is_told_at_once(store):
    asked = [("foo", "1"), ("name", "Nord"), ("_sort", "bar"), ("active:exact", "x"), ("_count", "many")]
    with pytest.raises(UnknownParameter) as refused, store.as_() as session:
        session.search("Organization", asked)
    told = refused.value.to_fhir()["issue"]
    assert [each["code"] for each in told] == ["not-supported"] * 3 + ["value"]
    for name, issue in zip(("foo", "bar", "active:exact", "_count"), told, strict=True):
        assert name in issue["diagnostics"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([("_count", "1"), ("_total", "none")] * 2, ["_count must be given once", "_total must be given once"]),
        ([("_summary", "text"), ("_elements", "name")], ["_summary must be given without _elements"]),
        ([("_elements", "shoe")], ["_elements: shoe is no element"]),
        ([("_elements", "intent"), ("_revinclude", "CarePlan:shoe")], ["_revinclude=CarePlan:shoe is not offered"]),
        ([("name", "Nord")] * 51, ["A search takes at most 50 conditions"]),
    ],
)
def test_what_a_query_as_a_whole_asks_in_vain_is_told_with_the_rest(store, asked, said):
    """Of the elements of what was to come along, and does not, it is not told that nothing has them."""
    with pytest.raises(BadRequest) as refused, store.as_() as session:
        session.search("Organization", [*asked, ("foo", "1")])
    told = {each.diagnostics.partition(";")[0] for each in refused.value.issues}
    assert "Unknown or unsupported search parameter for Organization: foo" in told
    others = sorted(each for each in told if "foo" not in each)
    assert len(others) == len(said)
    assert all(other.startswith(each) for other, each in zip(others, said, strict=True))


def test_a_number_that_is_none_says_so_of_its_parameter_and_repeats_nothing(store):
    said = refusal(store, "Observation", ("value-quantity", NANCY.cpr + "x"))
    assert said == "value-quantity must be a number, with a prefix or without: ge5.4"


OF_A_GOAL = "as reference it takes :identifier, :Organization, :Patient, :missing"


@pytest.mark.parametrize(
    ("type", "name", "said"),
    [
        ("Organization", "name:not", "name:not; as string it takes :contains, :exact, :missing"),
        ("Organization", "active:exact", "active:exact; as token it takes :in, :not, :not-in, :missing"),
        ("Organization", "partof:below", "partof:below; as reference it takes :identifier, :Organization, :missing"),
        ("Task", "focus:below", "focus:below; as reference it takes :identifier, :[type], :missing"),
        ("Goal", "subject:Group", f"subject:Group; {OF_A_GOAL}"),
        ("Goal", "subject:Practitioner", f"subject:Practitioner; {OF_A_GOAL}"),
        ("Goal", "subject:Practitioner.name", f"subject:Practitioner; {OF_A_GOAL}"),
        ("Organization", "_lastUpdated:missing", "_lastUpdated:missing"),
        ("Organization", "_id:not", "_id:not"),
        ("Organization", "partof.partof.name", "partof.partof.name; a chain goes through one reference"),
        ("Task", "focus.status", "focus.status; focus may be to any type, so pick one: focus:Patient.status"),
        ("Patient", "_has:Task:patient", "_has:Task:patient; it takes the form _has:Type:reference:parameter"),
    ],
)
def test_a_modifier_that_a_parameter_does_not_take_is_named_and_which_it_takes(store, type, name, said):
    assert refusal(store, type, (name, "x"), kind=UnknownParameter).endswith(said)


@pytest.mark.parametrize("value", ["5|", "5|a", "5||", "5|http://unitsofmeasure.org|", "5|a|b|c", "|a|b"])
def test_a_quantity_is_a_number_or_a_number_with_a_unit(store, value):
    said = refusal(store, "Observation", ("value-quantity", value))
    assert said.startswith("value-quantity must be ")
    assert "number" in said


def test_a_parameter_without_a_value_is_passed_over_and_not_said_to_have_been_asked(clinic):
    """As R4 has it (search.html#errors): forms send the fields that nobody filled in."""
    nothing = [
        ("active", ""),
        ("name:contains", ""),
        ("_lastUpdated", ""),
        ("partof.name", ""),
        ("_count", ""),
        ("_sort", ""),
    ]
    found = clinic.search("Organization", *nothing)
    assert ids(found) == ids(clinic.search("Organization"))
    assert link(found, "self") == link(clinic.search("Organization"), "self")
    for name in ("shoe", "name:not", "partof.shoe", "_id:missing", "_has:CareTeam:shoe:status"):
        assert name.partition(":")[0] in refusal(clinic, "Organization", (name, ""), kind=UnknownParameter)
    assert "_page" in refusal(clinic, "Organization", ("_page", ""))


def test_what_is_a_list_may_be_given_in_several_and_nothing_else(clinic):
    whole = clinic.search("Organization", ("_sort", "name,-_id"), ("_elements", "name,active"))
    parted = clinic.search(
        "Organization", ("_sort", "name"), ("_elements", "active"), ("_elements", "name"), ("_sort", "-_id")
    )
    assert parted["entry"] == whole["entry"]
    for name, values in {"_count": "12", "_total": ("none", "accurate"), "_summary": ("true", "data")}.items():
        assert refusal(clinic, "Organization", *((name, each) for each in values)) == f"{name} must be given once"
    assert "without _elements" in refusal(clinic, "Organization", ("_summary", "text"), ("_elements", "name"))
    assert clinic.search("Organization", ("_summary", "false"), ("_elements", "name"))["entry"]


def test_an_id_is_found_by_its_address_and_not_by_that_of_another_type(clinic):
    for address in ("kommune", "Organization/kommune", f"{BASE}/Organization/kommune"):
        assert ids(clinic.search("Organization", ("_id", address))) == ["kommune"]
    for address in (
        "Patient/kommune",
        f"{BASE}/Patient/kommune",
        "https://elsewhere.example/fhir/Organization/kommune",
    ):
        assert ids(clinic.search("Organization", ("_id", address))) == []


@pytest.mark.parametrize("value", ["Organization/1", f"{BASE}/Organization/1", "nancy,Organization/1", "nancy,", "a b"])
def test_a_reference_to_one_type_is_not_asked_for_by_the_address_of_another(store, value):
    """It would find nothing, and a condition of a write (`If-None-Exist`) would make what is there already."""
    said = refusal(store, "Observation", ("subject:Patient", value))
    assert said == "subject:Patient must be an id, or the address of a Patient"


def test_a_code_of_whatever_kind_has_no_amount(store):
    said = refusal(store, "Observation", ("code-value-quantity", "urn:oid:1.2.208.176.2.1|$70"))
    assert said == "code-value-quantity must be a code before the $: an amount is not found by a system alone"


def test_a_page_is_of_its_query(clinic):
    first = clinic.search("Organization", ("_count", "1"), ("_sort", "_id"), ("_lastUpdated", "ge2020"))
    page = (link(first, "next") or "").partition("_page=")[2]
    asked = [("_sort", "_id"), ("_lastUpdated", "ge2020")]
    for other in ([*asked, ("active", "true")], [("_sort", "_id")], [("_sort", "-_id"), asked[1]], []):
        assert "not for this query" in refusal(clinic, "Organization", ("_count", "1"), *other, ("_page", page))
    assert "not for this query" in refusal(clinic, "CareTeam", ("_count", "1"), *asked, ("_page", page))
    one_way = clinic.search("Organization", ("_count", "5"), *asked, ("_page", page))
    another = clinic.search("Organization", ("_page", page), *reversed(asked))
    assert ids(one_way) == ids(another)
    assert not {*ids(one_way)} & {*ids(first)}


def test_what_is_sorted_by_first_is_part_of_the_query_that_a_page_is_of(clinic):
    orders = [("_sort", "name"), ("_sort", "_lastUpdated")]
    first = clinic.search("Organization", ("_count", "1"), *orders)
    page = (link(first, "next") or "").partition("_page=")[2]
    assert "not for this query" in refusal(clinic, "Organization", ("_count", "1"), *orders[::-1], ("_page", page))
