"""The terminology service over HTTP: what a code means, and which codes a value set has; never half an answer."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from kommunalpro.fhir.parameters import parameters, parts, value, values
from tests.people import NANCY

CS, VS = "http://ehealth.sundhed.dk/cs", "http://ehealth.sundhed.dk/vs"
PROGRAM, KPRO = f"{CS}/ehealth-program", {"system": f"{CS}/ehealth-program", "code": "kpro"}
SYMPTOMS = "https://kommune.example/fhir/CodeSystem/symptomer"
LIST = "https://kommune.example/fhir/ValueSet/symptomer"
HEADING = {"code": "notSelectable", "valueBoolean": True}
PAIN = {
    "code": "smerte", "display": "Smerte", "definition": "At det gør ondt.",
    "designation": [{"language": "en", "value": "Pain"}],
    "property": [{"code": "since", "valueDateTime": "2026-01-01"}],
}  # fmt: skip
CODE_SYSTEM = {
    "resourceType": "CodeSystem", "url": SYMPTOMS, "version": "3", "name": "Symptomer", "status": "active",
    "content": "complete", "caseSensitive": True,
    "property": [{"code": "notSelectable", "type": "boolean"}, {"code": "since", "type": "dateTime"}],
    "concept": [{"code": "krop", "display": "Krop", "property": [HEADING], "concept": [PAIN, {"code": "kløe"}]}],
}  # fmt: skip


def value_set(*includes, url=LIST, **changes):
    made = {"resourceType": "ValueSet", "url": url, "version": "1", "status": "active"}
    return made | {"compose": {"include": list(includes)}} | changes


@pytest.fixture(scope="module")
def listed(system):
    """A code system and a value set that has all of it, stored; gives the places of both."""
    made = [system("POST", f"/{each['resourceType']}", each) for each in (CODE_SYSTEM, value_set({"system": SYMPTOMS}))]
    assert [each.status for each in made] == [201, 201]
    return [f"/{each.json['resourceType']}/{each.json['id']}" for each in made]


@pytest.fixture(scope="module")
def nancy(as_somebody, live):
    return as_somebody(NANCY.at(f"{live.url}/fhir"))


def got(client, address, **asked):
    answer = client("GET", f"{address}?{urlencode(asked, doseq=True)}")
    assert answer.status == 200, answer.body
    return answer.json


def refused(client, address, status, **asked):
    answer = client("GET", f"{address}?{urlencode(asked, doseq=True)}")
    assert answer.status == status, answer.body
    return answer.issue["code"], answer.issue["diagnostics"]


def codes(expanded):
    return [each["code"] for each in expanded["expansion"].get("contains", ())]


def verdict(answer):
    return value(answer, "result"), value(answer, "message"), value(answer, "display")


def coding(**changes):
    return {"name": "coding", "valueCoding": {"system": SYMPTOMS, "code": "smerte", **changes}}


# --- FSIII, which the guide has whole and picks conditions from

FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"


def test_the_municipalities_own_conditions_are_told_alike_by_every_operation(nancy):
    told = got(nancy, "/CodeSystem/$lookup", system=FSIII, code="J1.1")
    assert (value(told, "name"), value(told, "display")) == ("FSIII", "Vaske sig")
    expanded = got(nancy, "/ValueSet/$expand", url=f"{VS}/conditions", filter="vaske")["expansion"]["contains"]
    assert [(each["system"], each["code"]) for each in expanded] == [(FSIII, "J1.1")]
    asked = {"url": f"{VS}/conditions", "system": FSIII}
    assert verdict(got(nancy, "/ValueSet/$validate-code", code="J1.1", **asked)) == (True, None, "Vaske sig")
    for outside in ("F99", "I1.1"):
        assert verdict(got(nancy, "/ValueSet/$validate-code", code=outside, **asked))[0] is False


ALSO_FSIII = "urn:oid:1.2.208.176.2.21"


def test_fsiii_is_the_same_by_its_oid_to_every_operation(nancy, system):
    told = got(nancy, "/CodeSystem/$lookup", system=ALSO_FSIII, code="J1.1")
    assert told == got(nancy, "/CodeSystem/$lookup", system=FSIII, code="J1.1")
    asked = {"url": f"{VS}/conditions", "system": ALSO_FSIII}
    assert verdict(got(nancy, "/ValueSet/$validate-code", code="J1.1", **asked)) == (True, None, "Vaske sig")
    named = verdict(got(nancy, "/ValueSet/$validate-code", code="J1.1", display="Spise", **asked))
    assert (named[0], named[2]) == (False, "Vaske sig")
    assert verdict(got(nancy, "/ValueSet/$validate-code", code="F99", **asked))[0] is False
    for url, other in ((FSIII, ALSO_FSIII), (ALSO_FSIII, FSIII)):
        coded = {"name": "coding", "valueCoding": {"system": other, "code": "J1.1"}}
        answer = nancy("POST", "/CodeSystem/$validate-code", parameters({"name": "url", "valueUri": url}, coded)).json
        assert verdict(answer) == (True, None, "Vaske sig")
    whole = [system("POST", "/ValueSet/$expand", value_set({"system": each})).json for each in (FSIII, ALSO_FSIII)]
    assert codes(whole[0]) == codes(whole[1]) != []
    listed = value_set({"system": ALSO_FSIII, "concept": [{"code": "J1.1"}]})
    for each in (FSIII, ALSO_FSIII):
        coded = {"name": "coding", "valueCoding": {"system": each, "code": "J1.1"}}
        asked = parameters({"name": "valueSet", "resource": listed}, coded)
        assert verdict(nancy("POST", "/ValueSet/$validate-code", asked).json)[0] is True


# --- $expand


def test_a_citizen_s_application_finds_what_a_value_set_of_fut_has(nancy):
    found = got(nancy, "/ValueSet/$expand", url=f"{VS}/ehealth-program")
    assert found["resourceType"] == "ValueSet"
    assert (found["url"], found["status"], found["expansion"]["total"]) == (f"{VS}/ehealth-program", "active", 3)
    first = found["expansion"]["contains"][0]
    assert (first["system"], first["code"], first["display"]) == (PROGRAM, "kpro", "Kommunal PRO")
    assert found["expansion"]["identifier"].startswith("urn:uuid:")
    assert "compose" not in found


def test_what_is_stored_is_told_by_its_address_by_its_url_and_as_it_is_sent(system, listed):
    every = ["krop", "smerte", "kløe"]
    assert codes(got(system, f"{listed[1]}/$expand")) == every
    assert codes(got(system, "/ValueSet/$expand", url=LIST)) == every
    assert codes(got(system, "/ValueSet/$expand", url=LIST, valueSetVersion="1")) == every
    sent = value_set({"system": SYMPTOMS, "concept": [{"code": "kløe"}]})
    assert codes(system("POST", "/ValueSet/$expand", sent).json) == ["kløe"]
    asked = parameters({"name": "valueSet", "resource": sent}, {"name": "includeDefinition", "valueBoolean": True})
    answer = system("POST", "/ValueSet/$expand", asked).json
    assert (codes(answer), "compose" in answer) == (["kløe"], True)


def test_it_is_searched_in_and_told_page_by_page_in_the_language_that_is_asked_for(system, listed):
    assert codes(got(system, f"{listed[1]}/$expand", filter="pai")) == [], "in Danish it is Smerte"
    page = got(system, f"{listed[1]}/$expand", filter="pai", displayLanguage="en", includeDesignations="true")
    assert page["expansion"]["contains"] == [
        {"system": SYMPTOMS, "version": "3", "code": "smerte", "display": "Pain", "designation": PAIN["designation"]}
    ]
    page = got(system, f"{listed[1]}/$expand", offset=1, count=1)["expansion"]
    assert (page["total"], page["offset"], [each["code"] for each in page["contains"]]) == (3, 1, ["smerte"])
    assert {"name": "version", "valueUri": f"{SYMPTOMS}|3"} in page["parameter"]
    assert codes(got(system, f"{listed[1]}/$expand", count=0)) == []


def test_a_heading_is_told_as_one(system, listed):
    contains = got(system, f"{listed[1]}/$expand")["expansion"]["contains"]
    assert [each["code"] for each in contains if each.get("abstract")] == ["krop"]


def test_what_it_is_asked_and_takes_not_is_refused(system):
    assert refused(system, "/ValueSet/$expand", 400)[1].startswith("one of url")
    assert refused(system, "/ValueSet/$expand", 400, valueSetVersion="1")[1].startswith("one of url")
    assert "count must be of type integer" in refused(system, "/ValueSet/$expand", 400, url=LIST, count="all")[1]
    assert "does not take 'query'" in refused(system, "/ValueSet/$expand", 400, url=LIST, query="x")[1]
    assert "date" in refused(system, "/ValueSet/$expand", 501, url=LIST, date="2026-01-01")[1]
    assert refused(system, "/ValueSet/$expand", 404, url="urn:nowhere")[0] == "not-found"
    assert refused(system, "/ValueSet/nobody/$expand", 404)[0] == "not-found"


UNTOLD = [
    ({"system": "http://loinc.org"}, "CodeSystem http://loinc.org is not here"),
    ({"system": SYMPTOMS, "version": "2"}, f"CodeSystem {SYMPTOMS}|2 is not here"),
    (
        {"system": SYMPTOMS, "filter": [{"property": "concept", "op": "is-a", "value": "krop"}]},
        f"Filter on {SYMPTOMS}: concept is-a krop",
    ),
    (
        {"valueSet": ["http://hl7.org/fhir/ValueSet/body-site"]},
        "ValueSet http://hl7.org/fhir/ValueSet/body-site is not",
    ),
]


@pytest.mark.parametrize(("include", "problem"), UNTOLD, ids=range(4))
def test_a_value_set_that_cannot_be_told_whole_is_refused_by_the_name_of_what_is_missing(
    system, listed, include, problem
):
    answer = system("POST", "/ValueSet/$expand", value_set({"system": SYMPTOMS}, include))
    assert (answer.status, answer.issue["code"]) == (422, "not-supported")
    assert answer.issue["diagnostics"].startswith(problem)


def test_more_than_anybody_chooses_from_is_asked_for_a_part_at_a_time(system):
    many = value_set({"system": "urn:many", "concept": [{"code": f"c{number}"} for number in range(10_001)]})
    answer = system("POST", "/ValueSet/$expand", many)
    assert (answer.status, answer.issue["code"]) == (400, "too-costly")
    asked = parameters({"name": "valueSet", "resource": many}, {"name": "count", "valueInteger": 2})
    assert codes(system("POST", "/ValueSet/$expand", asked).json) == ["c0", "c1"]


def test_words_without_end_are_not_searched_for(system, listed):
    asked = parameters({"name": "filter", "valueString": "a " * 101})
    assert system("POST", f"{listed[1]}/$expand", asked).status == 400
    many = {"coding": [{"system": SYMPTOMS, "code": f"c{number}"} for number in range(101)]}
    asked = parameters({"name": "codeableConcept", "valueCodeableConcept": many})
    answer = system("POST", f"{listed[1]}/$validate-code", asked)
    assert (answer.status, answer.issue["diagnostics"]) == (400, "at most 100 codings at once")


# --- $validate-code of a value set


def test_a_code_is_in_a_value_set_or_it_is_said_why_not(system, listed):
    asked = {"url": LIST, "system": SYMPTOMS}
    assert verdict(got(system, "/ValueSet/$validate-code", code="smerte", **asked)) == (True, None, "Smerte")
    is_in, why, display = verdict(got(system, "/ValueSet/$validate-code", code="feber", **asked))
    assert (is_in, why, display) == (False, f"{SYMPTOMS}|feber er ikke i værdisættet.", None)
    assert verdict(got(system, f"{listed[1]}/$validate-code", system=SYMPTOMS, code="kløe"))[0] is True
    assert verdict(got(system, f"{listed[1]}/$validate-code", system="http://loinc.org", code="8867-4"))[0] is False


def test_what_it_is_called_is_checked_in_every_language_that_is_known(system, listed):
    asked = {"system": SYMPTOMS, "code": "smerte"}
    for name in ("Smerte", "smerte", "PAIN"):
        assert verdict(got(system, f"{listed[1]}/$validate-code", display=name, **asked))[0] is True
    is_right, why, display = verdict(got(system, f"{listed[1]}/$validate-code", display="Feber", **asked))
    assert (is_right, display) == (False, "Smerte")
    assert "hedder ”Smerte”, ikke ”Feber”" in why
    found = got(system, f"{listed[1]}/$validate-code", displayLanguage="en", **asked)
    assert value(found, "display") == "Pain"
    unnamed = refused(system, f"{listed[1]}/$validate-code", 422, system=SYMPTOMS, code="kløe", display="Kløe")
    assert unnamed == ("not-supported", f"Nothing here says what {SYMPTOMS}|kløe is called")


def test_a_heading_is_no_choice_unless_it_is_said_that_it_may_be(system, listed):
    asked = {"system": SYMPTOMS, "code": "krop"}
    assert verdict(got(system, f"{listed[1]}/$validate-code", **asked))[0] is False
    assert verdict(got(system, f"{listed[1]}/$validate-code", abstract="true", **asked))[0] is True


def test_of_several_codings_one_is_enough(system, listed):
    def asked(*given):
        concept = {"name": "codeableConcept", "valueCodeableConcept": {"text": "x", "coding": list(given)}}
        return system("POST", f"{listed[1]}/$validate-code", parameters(concept)).json

    assert (
        verdict(asked({"system": "http://loinc.org", "code": "x"}, {"system": SYMPTOMS, "code": "smerte"}))[0] is True
    )
    is_in, why, _ = verdict(asked({"system": SYMPTOMS, "code": "feber"}, {"code": "smerte"}))
    assert is_in is False
    assert "feber er ikke i værdisættet" in why
    assert "En kode skal have sit kodesystem" in why


def test_it_is_never_said_to_be_outside_where_that_is_not_known(system, listed):
    include = {"system": "http://loinc.org"}
    for code, of in (("8867-4", "http://loinc.org"), ("smerte", SYMPTOMS)):
        asked = parameters(
            {"name": "valueSet", "resource": value_set(include, {"system": SYMPTOMS})}, coding(system=of, code=code)
        )
        answer = system("POST", "/ValueSet/$validate-code", asked)
        if of == SYMPTOMS:
            assert verdict(answer.json)[0] is True
        else:
            assert (answer.status, answer.issue["code"]) == (422, "not-supported")
            assert answer.issue["diagnostics"] == "CodeSystem http://loinc.org is not here"
    other = system("POST", f"{listed[1]}/$validate-code", parameters(coding(version="2")))
    assert (other.status, other.issue["diagnostics"]) == (422, f"{SYMPTOMS} is here as 3, not 2")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"code": "smerte"},
        {"system": SYMPTOMS},
        {"system": SYMPTOMS, "display": "Smerte"},
    ],
    ids=str,
)
def test_a_code_is_told_in_one_way_and_with_its_system(system, listed, asked):
    assert "exactly one of code" in refused(system, f"{listed[1]}/$validate-code", 400, **asked)[1]
    twice = parameters(coding(), {"name": "code", "valueCode": "smerte"})
    assert system("POST", f"{listed[1]}/$validate-code", twice).status == 400


# --- $validate-code of a code system


def test_a_code_is_in_a_code_system(system, nancy, listed):
    assert (
        verdict(got(nancy, "/CodeSystem/$validate-code", url=PROGRAM, code="kpro", display="kommunal pro"))[0] is True
    )
    assert verdict(got(nancy, "/CodeSystem/$validate-code", url=PROGRAM, code="x"))[0] is False
    assert verdict(got(system, "/CodeSystem/$validate-code", url=SYMPTOMS, version="3", code="kløe"))[0] is True
    assert verdict(got(system, f"{listed[0]}/$validate-code", code="smerte")) == (True, None, "Smerte")
    assert verdict(system("POST", "/CodeSystem/$validate-code", parameters(coding())).json)[0] is True
    assert refused(system, "/CodeSystem/$validate-code", 404, url=SYMPTOMS, version="2", code="kløe")[0] == "not-found"
    assert refused(system, "/CodeSystem/$validate-code", 404, url="http://loinc.org", code="8867-4")[0] == "not-found"
    other = system("POST", f"{listed[0]}/$validate-code", parameters(coding(system=PROGRAM)))
    assert (other.status, other.issue["diagnostics"]) == (400, f"coding.system must be {SYMPTOMS}")


def test_a_code_system_that_is_here_in_part_does_not_say_what_it_has_not(system):
    part = CODE_SYSTEM | {"url": "urn:part", "content": "fragment"}
    address = f"/CodeSystem/{system('POST', '/CodeSystem', part).json['id']}/$validate-code"
    assert verdict(got(system, address, code="smerte"))[0] is True
    assert refused(system, address, 422, code="feber") == (
        "not-supported",
        "CodeSystem urn:part is here only in part, and code feber is not in that part",
    )


# --- $lookup


def looked_up(client, **asked):
    found = got(client, "/CodeSystem/$lookup", **asked)
    properties = [parts(each) for each in found["parameter"] if each["name"] == "property"]
    designations = [parts(each) for each in found["parameter"] if each["name"] == "designation"]
    return found, {each["code"]: each["value"] for each in properties}, designations


def test_what_a_refusal_bears_is_looked_up_too(nancy):
    codes = "http://kommunalpro.dk/fhir/CodeSystem/error-code"
    asked = {"system": codes, "code": "SECURITY_TOKEN_CONTEXT_MISSING"}
    found, properties, designations = looked_up(nancy, **asked)
    assert value(found, "display") == "Vælg først det forløb, det drejer sig om."
    assert [each["language"] for each in designations] == ["da", "en"]
    in_english = looked_up(nancy, **asked, displayLanguage="en", version=value(found, "version"))[0]
    assert value(in_english, "display") == properties["definition"], "of the very version that was told"
    assert refused(nancy, "/CodeSystem/$lookup", 404, **asked, version="1")[1]


def test_what_a_code_means(nancy, system, listed):
    found, properties, _ = looked_up(nancy, **KPRO)
    assert (value(found, "name"), value(found, "display")) == ("eHealthProgram", "Kommunal PRO")
    assert value(found, "version")
    assert properties == {"definition": "Kommunal patientrapporterede oplysninger"}
    found, properties, designations = looked_up(system, system=SYMPTOMS, code="smerte", displayLanguage="en")
    assert value(found, "display") == "Pain"
    assert designations == [{"language": "en", "value": "Pain"}]
    assert properties == {"definition": "At det gør ondt.", "parent": "krop", "since": "2026-01-01"}
    _, properties, _ = looked_up(system, system=SYMPTOMS, code="krop")
    assert properties == {"child": "kløe", "notSelectable": True}, "each child is told, the last of them here"
    assert value(looked_up(system, system=SYMPTOMS, code="kløe")[0], "display") == "kløe"
    assert value(system("POST", "/CodeSystem/$lookup", parameters(coding())).json, "display") == "Smerte"


def test_only_what_is_asked_for_is_told_beside_what_it_is(system, listed):
    found, properties, designations = looked_up(system, system=SYMPTOMS, code="smerte", property=["parent", "lang.en"])
    assert (properties, len(designations)) == ({"parent": "krop"}, 1)
    assert list(values(found, "display")) == ["Smerte"]
    assert looked_up(system, system=SYMPTOMS, code="smerte", property="parent")[2] == []


def test_what_nothing_here_says_anything_of_is_not_found(system, listed):
    assert (
        "No CodeSystem http://loinc.org"
        in refused(system, "/CodeSystem/$lookup", 404, system="http://loinc.org", code="x")[1]
    )
    assert refused(system, "/CodeSystem/$lookup", 404, system=SYMPTOMS, code="feber") == (
        "not-found",
        f"CodeSystem {SYMPTOMS} has no code feber",
    )
    assert "code with system" in refused(system, "/CodeSystem/$lookup", 400, code="smerte")[1]


# --- Who may, and what it says of itself


def test_who_may_read_no_terminology_may_not_ask_either(as_somebody, live):
    nobody = as_somebody(replace(NANCY.at(f"{live.url}/fhir"), privileges=frozenset()))
    for address in (
        "/ValueSet/$expand",
        "/ValueSet/$validate-code",
        "/CodeSystem/$validate-code",
        "/CodeSystem/$lookup",
    ):
        assert refused(nobody, address, 403, x="y")[0] == "forbidden"


def test_no_cpr_number_stands_in_an_answer(system, listed):
    for address, asked in (
        ("/ValueSet/$validate-code", {"url": LIST, "system": SYMPTOMS, "code": "2512489996"}),
        ("/CodeSystem/$lookup", {"system": SYMPTOMS, "code": "251248-9996"}),
        ("/ValueSet/$expand", {"url": "urn:2512489996"}),
    ):
        answer = system("GET", f"{address}?{urlencode(asked)}")
        assert b"2512489996" not in answer.body
        assert b"251248-9996" not in answer.body


def test_the_capability_statement_names_each_once(live):
    rest = live.request("GET", "/fhir/metadata").json["rest"][0]
    found = {each["type"]: [one["name"] for one in each.get("operation", ())] for each in rest["resource"]}
    assert sorted(found["ValueSet"]) == ["expand", "meta", "validate", "validate-code"]
    assert sorted(found["CodeSystem"]) == ["lookup", "meta", "validate", "validate-code"]
