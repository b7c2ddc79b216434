"""What the structural check refuses: the sixteen mutations that others let pass, and what R4 says beyond the tables."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import MOST_ISSUES
from kommunalpro.fhir.structure import validate
from tests.unit.fhir.instances import minimal

CPR = "2512489996"


def response(answer=None, **changes):
    item = {"linkId": "1", "text": "Hvordan har du det?", "answer": [answer or {"valueInteger": 3}]}
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item], **changes}


def without(resource, name):
    return {key: value for key, value in resource.items() if key != name}


def issues(resource):
    return [(issue.expression, issue.code) for issue in validate(resource)]


def test_a_sound_response_has_no_issues():
    assert validate(response()) == ()


ANSWER = "QuestionnaireResponse.item[0].answer[0]"
MUTATIONS = [
    ("valueInteger 1.5", response({"valueInteger": Decimal("1.5")}), f"{ANSWER}.value", "value"),
    ('valueInteger "3"', response({"valueInteger": "3"}), f"{ANSWER}.value", "structure"),
    ("two value[x]", response({"valueInteger": 3, "valueString": "tre"}), f"{ANSWER}.value", "structure"),
    (
        "linkId missing",
        response(item=[{"answer": [{"valueInteger": 3}]}]),
        "QuestionnaireResponse.item[0].linkId",
        "required",
    ),
    ("status missing", without(response(), "status"), "QuestionnaireResponse.status", "required"),
    ("status nope", response(status="nope"), "QuestionnaireResponse.status", "code-invalid"),
    ("unknown property", response(mood="fine"), "QuestionnaireResponse.mood", "structure"),
    ("authored 2026-13-45", response(authored="2026-13-45"), "QuestionnaireResponse.authored", "value"),
    ("authored 2026-02-31", response(authored="2026-02-31"), "QuestionnaireResponse.authored", "value"),
    ("empty string", response({"valueString": ""}), f"{ANSWER}.value", "value"),
    ("empty array", response(item=[]), "QuestionnaireResponse.item", "structure"),
    ("empty Coding", response({"valueCoding": {}}), f"{ANSWER}.value", "structure"),
    (
        "extension with neither value nor children",
        response(extension=[{"url": "https://example.dk/e"}]),
        "QuestionnaireResponse.extension[0]",
        "invariant",
    ),
    (
        "extension without url",
        response(extension=[{"valueString": "skov"}]),
        "QuestionnaireResponse.extension[0].url",
        "required",
    ),
    (
        "text null",
        response(item=[{"linkId": "1", "text": None}]),
        "QuestionnaireResponse.item[0].text",
        "structure",
    ),
    ("id with a space", response(id="min skov"), "QuestionnaireResponse.id", "value"),
]


@pytest.mark.parametrize(
    ("resource", "expression", "code"), [case[1:] for case in MUTATIONS], ids=[m[0] for m in MUTATIONS]
)
def test_a_mutation_of_a_sound_response_is_refused(resource, expression, code):
    assert issues(resource) == [(expression, code)]


def test_all_issues_are_told_at_once():
    found = validate(response({"valueInteger": "3"}, status="nope", mood="fine"))
    assert [issue.code for issue in found] == ["code-invalid", "structure", "structure"]
    assert all(issue.text and issue.diagnostics and issue.expression for issue in found)


TOLD = [
    ({"mood": 1}, "Feltet ”mood” findes ikke her.", "Unknown element mood"),
    ({"min skov": 1}, "Her er et felt, som ikke findes.", "Unknown element with a name that no element has"),
    ({"id": None}, "Feltet må ikke være null.", "null is not allowed; leave the element out"),
    ({"id": ["1"]}, "Her skal stå én enkelt værdi.", "Must be a single id, not an array"),
    ({"id": {"a": 1}}, "Her skal stå én enkelt værdi.", "Must be a single id, not an object"),
    ({"id": 1}, "Her skal stå en tekst.", "id must be a string in JSON"),
    ({"active": 1}, "Her skal stå ja eller nej (true eller false).", "boolean must be true or false in JSON"),
    ({"multipleBirthInteger": "1"}, "Her skal stå et tal.", "integer must be a number in JSON"),
    ({"multipleBirthInteger": 2**31}, "Her skal stå et helt tal.", "Not a whole number of 32 bits (integer)"),
    ({"multipleBirthInteger": Decimal("1.5")}, "Her skal stå et helt tal.", "Not a whole number of 32 bits (integer)"),
    ({"multipleBirthInteger": True}, "Her skal stå et tal.", "integer must be a number in JSON"),
    ({"gender": "eg"}, "Koden kan ikke bruges her.", "Not a code of the required value set administrative-gender"),
    (
        {"name": [{"given": ["a"], "_given": [None]}]},
        "Feltet må ikke være null.",
        "_given holds nothing; leave it out",
    ),
    ({"meta": None}, "Her skal stå et objekt med indhold.", "Must be an object, not null"),
    (
        {"meta": {}},
        "Her skal stå et objekt med indhold.",
        "Must be an object with something in it: FHIR forbids empty ones",
    ),
    ({"meta": "1"}, "Her skal stå et objekt med indhold.", "Must be an object, not a plain value"),
    ({"meta": [{"id": "1"}]}, "Her skal stå et objekt med indhold.", "Must be an object, not an array"),
    ({"name": {"text": "Eg"}}, "Her skal stå en liste med indhold.", "Must be an array, not an object"),
    ({"name": {}}, "Her skal stå en liste med indhold.", "Must be an array, not an object"),
    (
        {"name": []},
        "Her skal stå en liste med indhold.",
        "Must be an array with something in it: FHIR forbids empty ones",
    ),
    ({"link": [{"type": "seealso"}]}, "Feltet ”other” mangler.", "Missing element other (minimum 1)"),
    (
        {"deceasedBoolean": True, "deceasedDateTime": "2026"},
        "Feltet ”deceased” må kun have én værdi.",
        "More than one of deceased[x]",
    ),
    (
        {"managingOrganization": {"reference": "Patient/1"}},
        "Her må ikke henvises til Patient.",
        "Reference to Patient, allowed: Organization",
    ),
    (
        {"managingOrganization": {"reference": "Borger/1"}},
        "Henvisningen peger på en type, der ikke findes.",
        "Reference to no resource type of R4",
    ),
]


@pytest.mark.parametrize(("changes", "danish", "english"), TOLD)
def test_an_issue_is_told_in_danish_to_people_and_in_english_to_developers(changes, danish, english):
    (issue,) = validate({"resourceType": "Patient", **changes})
    assert (issue.text, issue.diagnostics) == (danish, english)


@pytest.mark.parametrize(
    "resource",
    [
        response({"valueInteger": f"{CPR}"}),
        response({CPR: 1}),
        response(status=CPR),
        response(authored=CPR),
        response(subject={"reference": f"Borger/{CPR}"}),
        response(contained=[{"resourceType": CPR}]),
        {"resourceType": CPR},
        response(extension=[{"url": f"{CPR} {CPR}", "valueString": "skov"}]),
    ],
)
def test_no_value_of_the_resource_is_repeated(resource):
    assert validate(resource)
    assert CPR not in str(validate(resource))


@pytest.mark.parametrize("value", [True, Decimal(3), 2**31, -(2**31) - 1])
def test_an_integer_is_whole_and_of_32_bits_and_no_truth_value(value):
    assert [code for _, code in issues(response({"valueInteger": value}))] in (["value"], ["structure"])


@pytest.mark.parametrize("value", [3, Decimal("3.10"), Decimal("1E-8"), Decimal("-0.0")])
def test_a_decimal_is_an_int_or_a_decimal(value):
    assert issues(response({"valueDecimal": value})) == []


@pytest.mark.parametrize("value", [1.5, True, "1.5", Decimal("NaN"), Decimal("Infinity"), Decimal("1E+400")])
def test_a_decimal_is_no_float_and_not_endless(value):
    assert len(issues(response({"valueDecimal": value}))) == 1


@pytest.mark.parametrize(
    "written",
    [
        *("1e400", "-1e999999", "1e-400", "0e-400"),
        *("7" * 309, "-" + "7" * 400, "7" * 308 + ".0", "0." + "3" * 5_000, "1." + "0" * 308),
    ],
)
def test_a_number_beyond_all_others_is_told_how_far_it_may_go(written):
    [issue] = validate(response({"valueDecimal": loads(written)}))
    assert (issue.expression, issue.code) == ("QuestionnaireResponse.item[0].answer[0].value", "value")
    assert issue.text.endswith(
        "et tal på højst 308 cifre, der ikke er for stort eller for tæt på nul (eksponent fra -308 til 308)."
    )
    assert issue.diagnostics == "Not a number of at most 308 digits, with an exponent from -308 to 308 (decimal)"


@pytest.mark.parametrize(
    "written", ["7" * 308, "-0." + "3" * 308, "1e308", "1e-308", "2.2250738585072014e-308", "1." + "0" * 307]
)
def test_a_number_may_have_as_many_digits_as_any_has(written):
    assert validate(response({"valueDecimal": loads(written)})) == ()


@pytest.mark.parametrize("resource", [None, [], {}, "Patient", 3])
def test_what_is_no_object_is_no_resource(resource):
    assert issues(resource) == [("Resource", "structure")]


def test_a_resource_says_its_type():
    assert issues({"id": "1"}) == [("Resource.resourceType", "required")]
    assert issues({"resourceType": "Borger"}) == [("Resource.resourceType", "value")]
    assert issues({"resourceType": ["Patient"]}) == [("Resource.resourceType", "value")]
    assert issues({"resourceType": "Claim"}) == [("Claim", "not-supported")]


def test_a_mandatory_choice_is_missed():
    assert issues({"resourceType": "Media", "status": "completed"}) == [("Media.content", "required")]
    task_input = {**minimal("Task"), "input": [{"type": {"text": "skov"}}]}
    assert issues(task_input) == [("Task.input[0].value", "required")]


def test_a_choice_made_by_its_extension_alone_is_made():
    extension = {"extension": [{"url": "https://example.dk/e", "valueCode": "unknown"}]}
    task_input = {**minimal("Task"), "input": [{"type": {"text": "skov"}, "_valueString": extension}]}
    assert issues(task_input) == []
    assert issues(response(_status=extension) | {"status": "completed"}) == []
    assert issues(without(response(_status=extension), "status")) == []
    assert issues(response({"valueString": "skov", "_valueString": extension})) == []
    assert issues(response({"valueString": "skov", "_valueInteger": extension})) == [(f"{ANSWER}.value", "structure")]


ABSENT = {"extension": [{"url": "https://example.dk/e", "valueCode": "unknown"}]}


@pytest.mark.parametrize(
    ("given", "siblings", "expected"),
    [
        (["Eg", "Ask"], [None, ABSENT], []),
        (["Eg", None], [None, ABSENT], []),
        (None, [ABSENT], []),
        (["Eg", None], [ABSENT, None], [("given[1]", "structure"), ("given[1]", "structure")]),
        (["Eg", None], None, [("given[1]", "structure")]),
        (["Eg", "Ask"], [ABSENT], [("given", "structure")]),
        (["Eg"], [None, ABSENT], [("given", "structure")]),
        (["Eg"], ABSENT, [("given", "structure")]),
        (["Eg"], [{}], [("given[0]", "structure")]),
        (["Eg"], [{"value": 1}], [("given[0].value", "structure")]),
    ],
)
def test_values_and_their_extensions_stand_at_the_same_index(given, siblings, expected):
    name = {key: value for key, value in (("given", given), ("_given", siblings)) if value is not None}
    patient = {"resourceType": "Patient", "name": [name]}
    assert issues(patient) == [(f"Patient.name[0].{expression}", code) for expression, code in expected]


def test_a_sibling_is_an_element_and_nothing_else():
    assert issues({"resourceType": "Patient", "_birthDate": {"value": 1}}) == [("Patient.birthDate.value", "structure")]
    assert issues({"resourceType": "Patient", "_name": [{"id": "1"}]}) == [("Patient._name", "structure")]


def test_a_simple_quantity_has_no_comparator():
    goal = {"value": 3, "comparator": "<"}
    observation = {**minimal("Observation"), "referenceRange": [{"low": goal}]}
    assert issues(observation) == [("Observation.referenceRange[0].low.comparator", "structure")]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Patient/1", []),
        ("https://fhir.example.dk/fhir/Patient/1", []),
        ("https://fhir.example.dk/fhir/Patient/1/_history/2", []),
        ("urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002", []),
        ("https://example.dk/noget/andet", []),
        ("Patient?identifier=urn:oid:1.2.208.176.1.2|1", []),
        ("Organization/1", ["value"]),
        ("https://fhir.example.dk/fhir/Organization/1", ["value"]),
        ("Borger/1", ["value"]),
        ("#", ["value"]),
        ("#skov", ["invariant"]),
        ("", ["value"]),
    ],
)
def test_a_reference_points_to_a_type_that_the_element_allows(reference, expected):
    goal = {**minimal("EpisodeOfCare"), "patient": {"reference": reference}}
    assert [code for _, code in issues(goal)] == expected


ODD = {
    "a space": " Patient/1",
    "a tab": "Patient/1\t",
    "a line": "Patient/1\n",
    "a space that does not break": "\u00a0Patient/1",
    "a space that is not seen": "Patient\u200b/1",
    "a mark of the order of bytes": "\ufeffPatient/1",
    "a space before the id": "https://fhir.example.dk/fhir/Patient /1",
    "wide letters": "\uff30\uff41\uff54\uff49\uff45\uff4e\uff54/1",
    "a letter of another alphabet": "P\u0430tient/1",
    "a condition": " Patient?identifier=urn:oid:1.2.208.176.1.2|1",
    "what is contained": "#skov ",
}


@pytest.mark.parametrize("reference", ODD.values(), ids=ODD)
def test_a_reference_is_written_as_a_uri_is(reference):
    """Else people read whom it names, and no rule that asks for its type or its id does."""
    for made, place in (
        ({**minimal("EpisodeOfCare"), "patient": {"reference": reference}}, "EpisodeOfCare.patient"),
        (response({"valueReference": {"reference": reference}}), f"{ANSWER}.value"),
    ):
        assert issues(made) == [(place, "value")]
        assert "ASCII without spaces" in validate(made)[0].diagnostics


def test_the_type_of_a_reference_counts_as_its_address_does():
    assert issues({**minimal("EpisodeOfCare"), "patient": {"type": "Patient"}}) == []
    assert issues({**minimal("EpisodeOfCare"), "patient": {"type": "https://example.dk/Slags"}}) == []
    wrong = issues({**minimal("EpisodeOfCare"), "patient": {"type": "Group"}})
    assert wrong == [("EpisodeOfCare.patient", "value")]


@pytest.mark.parametrize(
    ("said", "reference", "expected"),
    [
        ("Patient", "Patient/1", []),
        ("http://hl7.org/fhir/StructureDefinition/Patient", "https://fhir.example.dk/fhir/Patient/1/_history/2", []),
        ("https://example.dk/Slags", "Patient/1", []),
        ("Organization", "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002", []),
        ("Organization", "Practitioner/1", ["value"]),
        ("http://hl7.org/fhir/StructureDefinition/Organization", "https://fhir.example.dk/fhir/Patient/1", ["value"]),
        ("Patient", "#", ["value"]),
        ("Observation", "#", []),
    ],
)
def test_a_reference_is_of_the_type_that_it_says_itself(said, reference, expected):
    about = {"url": "https://example.dk/om", "valueReference": {"type": said, "reference": reference}}
    assert [code for _, code in issues({**minimal("Observation"), "extension": [about]})] == expected


def test_the_status_of_a_condition_is_one_of_r4s():
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    condition = minimal("Condition")
    assert issues(condition | {"clinicalStatus": {"coding": [{"system": system, "code": "active"}]}}) == []
    for wrong in (
        {"coding": [{"code": "active"}]},
        {"coding": [{"system": system, "code": "skov"}]},
        {"text": "aktiv"},
    ):
        assert issues(condition | {"clinicalStatus": wrong}) == [("Condition.clinicalStatus", "code-invalid")]


def test_resources_inside_a_bundle_and_parameters_are_checked_each_by_itself():
    inner = {"resourceType": "Patient", "gender": "?"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    assert issues(bundle) == [("Bundle.entry[0].resource.gender", "code-invalid")]
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "p", "part": [{"name": "r", "resource": bundle}]}],
    }
    path = "Parameters.parameter[0].part[0].resource.entry[0].resource.gender"
    assert issues(parameters) == [(path, "code-invalid")]


def test_what_is_nested_without_end_is_refused_and_not_a_crash():
    deep = response(item=[{"linkId": "1"}])
    for _ in range(2000):
        deep["item"] = [{"linkId": "1", "item": deep["item"]}]
    assert issues(deep) == [("QuestionnaireResponse", "too-long")]


def test_a_type_first_met_too_deep_is_no_worse_for_it_later():
    deep = {"resourceType": "Appointment", "status": "skov"}
    for _ in range(2000):
        deep = {"resourceType": "Parameters", "parameter": [{"name": "p", "resource": deep}]}
    assert [code for _, code in issues(deep)] == ["too-long"]
    assert validate(minimal("Appointment")) == ()


def test_endless_issues_end():
    wrong = response(item=[{} for _ in range(2 * MOST_ISSUES)])
    assert len(validate(wrong)) == MOST_ISSUES + 1
    assert validate(wrong)[-1].code == "too-long"
