"""Each of R4's invariants: the smallest resource that breaks it, and the one beside it that does not."""

from decimal import Decimal

import pytest

from kommunalpro.fhir.structure import tables, validate
from kommunalpro.fhir.structure.invariants import INVARIANTS
from tests.unit.fhir.instances import minimal

UCUM = "http://unitsofmeasure.org"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
TEXT = {"text": "skov"}
BASIC = minimal("Basic")
CODED = {"url": "https://example.dk/e", "valueCode": "a"}
NESTED = {"url": "https://example.dk/e", "extension": [CODED]}


def extension(name, value):
    """Put a datatype into a resource."""
    return BASIC | {"extension": [{"url": "https://example.dk/e", name: value}]}


def quantity(value, code="m", **changes):
    return {"value": value, "system": UCUM, "code": code, **changes}


def questionnaire(**item):
    return minimal("Questionnaire") | {"item": [{"linkId": "1", "type": "string", **item}]}


def group(*items, **changes):
    return questionnaire(**{"type": "group", "item": [{"linkId": "1.1", "type": "string"}, *items], **changes})


def timing(**repeat):
    return extension("valueTiming", {"repeat": repeat})


def trigger(**changes):
    return extension("valueTriggerDefinition", {"type": "named-event", "name": "e", **changes})


def bundle(type, *entries, **changes):
    return {"resourceType": "Bundle", "type": type, **({"entry": list(entries)} if entries else {}), **changes}


def condition(**changes):
    return minimal("Condition") | changes


def concept(system, code):
    return {"coding": [{"system": system, "code": code}]}


def value_set(**include):
    return minimal("ValueSet") | {"compose": {"include": [include]}}


def expansion(**contains):
    return minimal("ValueSet") | {"expansion": {"timestamp": "2026-11-23", "contains": [contains]}}


def target(**changes):
    element = {"code": "a", "target": [{"equivalence": "equal", **changes}]}
    return minimal("ConceptMap") | {"group": [{"element": [element]}]}


def unmapped(**changes):
    return minimal("ConceptMap") | {"group": [{"element": [{"code": "a"}], "unmapped": changes}]}


def capability(**changes):
    return {key: value for key, value in (minimal("CapabilityStatement") | changes).items() if value is not None}


def rest(*resources):
    return capability(rest=[{"mode": "server", "resource": list(resources)}])


def observation(**changes):
    return minimal("Observation") | changes


def parameter(**changes):
    return {"resourceType": "Parameters", "parameter": [{"name": "p", **changes}]}


ENTRY = {"resource": BASIC}
POST = {"request": {"method": "POST", "url": "Basic"}}
CREATED = {"response": {"status": "201"}}
FILTER = [{"property": "p", "op": "=", "value": "v"}]
TWO_RULES = [{"question": "0", "operator": "exists", "answerBoolean": True}] * 3
DOCUMENT = {"identifier": {"system": "urn:ietf:rfc:3986", "value": "1"}, "timestamp": "2026-11-23T10:00:00Z"}
COMPOSITION = {"resource": minimal("Composition")}
HOME = {"use": "home"}

CASES = [
    # key, what breaks it, what does not
    ("ext-1", BASIC | {"extension": [{**CODED, "extension": [CODED]}]}, BASIC | {"extension": [CODED]}),
    ("ext-1", BASIC | {"extension": [{"url": "https://example.dk/e"}]}, BASIC | {"extension": [NESTED]}),
    ("qty-3", extension("valueQuantity", {"code": "m"}), extension("valueQuantity", {"code": "m", "system": UCUM})),
    ("age-1", extension("valueAge", quantity(0, "a")), extension("valueAge", quantity(77, "a"))),
    ("age-1", extension("valueAge", {"value": 77}), extension("valueAge", {"unit": "år"})),
    ("cnt-3", extension("valueCount", quantity(Decimal("1.0"), "1")), extension("valueCount", quantity(1, "1"))),
    ("cnt-3", extension("valueCount", quantity(1, "m")), extension("valueCount", {"unit": "stk."})),
    ("dis-1", extension("valueDistance", quantity(1, system="urn:skov")), extension("valueDistance", quantity(1))),
    ("drt-1", extension("valueDuration", {"code": "h", "system": UCUM}), extension("valueDuration", quantity(1, "h"))),
    (
        "att-1",
        extension("valueAttachment", {"data": "e30="}),
        extension("valueAttachment", {"data": "e30=", "contentType": "a/b"}),
    ),
    (
        "cpt-2",
        extension("valueContactPoint", {"value": "33"}),
        extension("valueContactPoint", {"value": "33", "system": "phone"}),
    ),
    (
        "exp-1",
        extension("valueExpression", {"language": "text/cql"}),
        extension("valueExpression", {"language": "text/cql", "expression": "1"}),
    ),
    (
        "per-1",
        extension("valuePeriod", {"start": "2026-11-24", "end": "2026-11-23"}),
        extension("valuePeriod", {"start": "2026-11-23", "end": "2026-11-23"}),
    ),
    (
        "per-1",
        extension("valuePeriod", {"start": "2026-12", "end": "2026-11-23"}),
        extension("valuePeriod", {"start": "2026-11", "end": "2026-11-23"}),
    ),
    (
        "per-1",
        extension("valuePeriod", {"start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T09:30:00+02:00"}),
        extension("valuePeriod", {"start": "2026-11-23T10:00:00+02:00", "end": "2026-11-23T09:30:00+01:00"}),
    ),
    (
        "per-1",
        extension("valuePeriod", {"start": "2026-11-24T00:00:00Z", "end": "2026-11-23"}),
        extension("valuePeriod", {"start": "2026-11-23T23:00:00Z", "end": "2026-11-23"}),
    ),
    (
        "rng-2",
        extension("valueRange", {"low": {"value": 3}, "high": {"value": 2}}),
        extension("valueRange", {"low": {"value": 2}, "high": {"value": 2}}),
    ),
    (
        "rng-2",
        extension("valueRange", {"low": quantity(3), "high": quantity(2)}),
        extension("valueRange", {"low": quantity(3, "mm"), "high": quantity(2)}),
    ),
    (
        "rat-1",
        extension("valueRatio", {"numerator": {"value": 1}}),
        extension("valueRatio", {"numerator": {"value": 1}, "denominator": {"value": 2}}),
    ),
    (
        "rat-1",
        extension("valueRatio", {"id": "r"}),
        extension("valueRatio", {"extension": [{"url": "https://example.dk/e", "valueCode": "a"}]}),
    ),
    (
        "drq-1",
        extension("valueDataRequirement", {"type": "Task", "codeFilter": [{"path": "a", "searchParam": "a"}]}),
        extension("valueDataRequirement", {"type": "Task", "codeFilter": [{"path": "a"}]}),
    ),
    (
        "drq-2",
        extension("valueDataRequirement", {"type": "Task", "dateFilter": [{"id": "f"}]}),
        extension("valueDataRequirement", {"type": "Task", "dateFilter": [{"searchParam": "a"}]}),
    ),
    ("tim-1", timing(duration=1), timing(duration=1, durationUnit="h")),
    ("tim-2", timing(period=1), timing(period=1, periodUnit="d")),
    ("tim-4", timing(duration=-1, durationUnit="h"), timing(duration=0, durationUnit="h")),
    ("tim-5", timing(period=Decimal("-0.5"), periodUnit="d"), timing(period=0, periodUnit="d")),
    ("tim-6", timing(periodMax=2), timing(period=1, periodUnit="d", periodMax=2)),
    ("tim-7", timing(durationMax=2), timing(duration=1, durationUnit="h", durationMax=2)),
    ("tim-8", timing(countMax=2), timing(count=1, countMax=2)),
    ("tim-9", timing(offset=30), timing(offset=30, when=["ACM"])),
    ("tim-9", timing(offset=30, when=["C"]), timing(when=["C"])),
    ("tim-10", timing(timeOfDay=["10:00:00"], when=["C"]), timing(timeOfDay=["10:00:00"])),
    ("trd-1", trigger(data=[{"type": "Task"}], timingDate="2026-11-23"), trigger(data=[{"type": "Task"}])),
    (
        "trd-2",
        trigger(condition={"language": "text/cql", "expression": "1"}),
        trigger(condition={"language": "text/cql", "expression": "1"}, data=[{"type": "Task"}]),
    ),
    ("trd-3", extension("valueTriggerDefinition", {"type": "named-event"}), trigger()),
    ("trd-3", trigger(type="periodic"), trigger(type="periodic", timingDate="2026-11-23")),
    ("trd-3", trigger(type="data-added"), trigger(type="data-added", data=[{"type": "Task"}])),
    ("que-1", questionnaire(type="group"), group()),
    ("que-1", group(type="display"), questionnaire(type="display")),
    ("que-2", group({"linkId": "1", "type": "string"}), group({"linkId": "2", "type": "string"})),
    ("que-3", questionnaire(type="display", code=[{"code": "a"}]), questionnaire(code=[{"code": "a"}])),
    (
        "que-4",
        questionnaire(answerOption=[{"valueString": "a"}], answerValueSet="https://example.dk/vs"),
        questionnaire(answerValueSet="https://example.dk/vs"),
    ),
    (
        "que-5",
        questionnaire(type="boolean", answerOption=[{"valueString": "a"}]),
        questionnaire(answerOption=[{"valueString": "a"}]),
    ),
    ("que-6", questionnaire(type="display", required=False), questionnaire(required=False)),
    ("que-6", questionnaire(type="display", repeats=True), questionnaire(repeats=True)),
    (
        "que-7",
        questionnaire(enableWhen=[{"question": "0", "operator": "exists", "answerInteger": 1}]),
        questionnaire(enableWhen=[{"question": "0", "operator": "=", "answerInteger": 1}]),
    ),
    ("que-8", group(initial=[{"valueString": "a"}]), questionnaire(initial=[{"valueString": "a"}])),
    ("que-9", questionnaire(type="display", readOnly=True), questionnaire(readOnly=True)),
    ("que-10", questionnaire(type="date", maxLength=3), questionnaire(maxLength=3)),
    (
        "que-11",
        questionnaire(answerOption=[{"valueString": "a"}], initial=[{"valueString": "a"}]),
        questionnaire(answerOption=[{"valueString": "a"}]),
    ),
    ("que-12", questionnaire(enableWhen=TWO_RULES), questionnaire(enableWhen=TWO_RULES, enableBehavior="all")),
    (
        "que-13",
        questionnaire(initial=[{"valueString": "a"}] * 2),
        questionnaire(initial=[{"valueString": "a"}] * 2, repeats=True),
    ),
    (
        "csd-1",
        minimal("CodeSystem") | {"concept": [{"code": "a", "concept": [{"code": "a"}]}]},
        minimal("CodeSystem") | {"concept": [{"code": "a", "concept": [{"code": "b"}]}]},
    ),
    ("vsd-1", value_set(version="1"), value_set(valueSet=["https://example.dk/vs"])),
    (
        "vsd-2",
        value_set(valueSet=["https://example.dk/vs"], concept=[{"code": "a"}]),
        value_set(system="https://example.dk/cs", concept=[{"code": "a"}]),
    ),
    (
        "vsd-2",
        value_set(valueSet=["https://example.dk/vs"], filter=FILTER),
        value_set(system="https://example.dk/cs", filter=FILTER),
    ),
    (
        "vsd-3",
        value_set(system="https://example.dk/cs", concept=[{"code": "a"}], filter=FILTER),
        value_set(system="https://example.dk/cs"),
    ),
    ("vsd-6", expansion(abstract=True), expansion(abstract=True, display="a")),
    ("vsd-9", expansion(display="a"), expansion(code="a", system="https://example.dk/cs")),
    ("vsd-10", expansion(code="a"), expansion(code="a", system="https://example.dk/cs")),
    ("cmd-1", target(equivalence="narrower"), target(equivalence="narrower", comment="snævrere")),
    ("cmd-2", unmapped(mode="fixed"), unmapped(mode="fixed", code="a")),
    ("cmd-3", unmapped(mode="other-map"), unmapped(mode="other-map", url="https://example.dk/cm")),
    ("cpb-1", capability(rest=None), capability()),
    ("cpb-2", capability(description=None), capability(description=None, kind="capability", software={"name": "Skov"})),
    ("cpb-14", capability(kind="instance"), capability(kind="instance", implementation={"description": "Skov"})),
    ("cpb-15", capability(kind="capability"), capability(kind="capability", software={"name": "Skov"})),
    ("cpb-16", capability(software={"name": "Skov"}), capability()),
    ("cpb-9", rest({"type": "Task"}, {"type": "Task"}), rest({"type": "Task"}, {"type": "Basic"})),
    (
        "cpb-12",
        rest({"type": "Task", "searchParam": [{"name": "a", "type": "token"}] * 2}),
        rest({"type": "Task", "searchParam": [{"name": "a", "type": "token"}]}),
    ),
    (
        "gol-1",
        minimal("Goal") | {"target": [{"detailInteger": 1}]},
        minimal("Goal") | {"target": [{"detailInteger": 1, "measure": TEXT}]},
    ),
    (
        "qrs-1",
        minimal("QuestionnaireResponse")
        | {"item": [{"linkId": "1", "answer": [{"valueInteger": 1}], "item": [{"linkId": "2"}]}]},
        minimal("QuestionnaireResponse")
        | {"item": [{"linkId": "1", "answer": [{"valueInteger": 1, "item": [{"linkId": "2"}]}]}]},
    ),
    (
        "sev-1",
        minimal("AuditEvent") | {"entity": [{"name": "a", "query": "e30="}]},
        minimal("AuditEvent") | {"entity": [{"query": "e30="}]},
    ),
    (
        "cpl-3",
        minimal("CarePlan") | {"activity": [{"detail": {"status": "scheduled"}, "reference": {"display": "a"}}]},
        minimal("CarePlan") | {"activity": [{"reference": {"display": "a"}}]},
    ),
    (
        "prr-1",
        minimal("ServiceRequest") | {"orderDetail": [TEXT]},
        minimal("ServiceRequest") | {"orderDetail": [TEXT], "code": TEXT},
    ),
    ("con-1", condition(stage=[{"type": TEXT}]), condition(stage=[{"summary": TEXT}])),
    ("con-2", condition(evidence=[{"id": "e"}]), condition(evidence=[{"code": [TEXT]}])),
    (
        "con-4",
        condition(abatementString="i fjor"),
        condition(abatementString="i fjor", clinicalStatus=concept(CLINICAL, "resolved")),
    ),
    (
        "con-5",
        condition(
            clinicalStatus=concept(CLINICAL, "active"), verificationStatus=concept(VERIFICATION, "entered-in-error")
        ),
        condition(clinicalStatus=concept(CLINICAL, "active"), verificationStatus=concept(VERIFICATION, "confirmed")),
    ),
    ("ppc-1", {key: value for key, value in minimal("Consent").items() if key != "policyRule"}, minimal("Consent")),
    ("obs-3", observation(referenceRange=[{"type": TEXT}]), observation(referenceRange=[{"text": "0-1"}])),
    ("obs-6", observation(dataAbsentReason=TEXT, valueInteger=1), observation(dataAbsentReason=TEXT)),
    (
        "obs-7",
        observation(code=concept("a:b", "c"), valueInteger=1, component=[{"code": concept("a:b", "c")}]),
        observation(code=concept("a:b", "c"), valueInteger=1, component=[{"code": concept("a:b", "d")}]),
    ),
    ("org-1", {"resourceType": "Organization", "active": True}, minimal("Organization")),
    ("org-2", minimal("Organization") | {"address": [HOME]}, minimal("Organization") | {"address": [{"use": "work"}]}),
    ("org-3", minimal("Organization") | {"telecom": [HOME]}, minimal("Organization") | {"telecom": [{"use": "work"}]}),
    (
        "pat-1",
        {"resourceType": "Patient", "contact": [{"gender": "male"}]},
        {"resourceType": "Patient", "contact": [{"name": TEXT}]},
    ),
    (
        "inv-1",
        minimal("Task") | {"authoredOn": "2026-11-23T10:00:00Z", "lastModified": "2026-11-23T09:00:00Z"},
        minimal("Task") | {"authoredOn": "2026-11-23T10:00:00Z", "lastModified": "2026-11-23T10:00:00Z"},
    ),
    ("inv-1", parameter(), parameter(_valueString={"id": "p"})),
    ("inv-1", parameter(valueString="a", resource=BASIC), parameter(resource=BASIC)),
    (
        "inv-1",
        parameter(valueString="a", part=[{"name": "b", "valueString": "b"}]),
        parameter(part=[{"name": "b", "valueString": "b"}]),
    ),
    ("bdl-1", bundle("collection", total=0), bundle("searchset", total=0)),
    (
        "bdl-2",
        bundle("collection", ENTRY | {"search": {"mode": "match"}}),
        bundle("searchset", ENTRY | {"search": {"mode": "match"}}),
    ),
    ("bdl-3", bundle("transaction", ENTRY), bundle("transaction", ENTRY | POST)),
    ("bdl-3", bundle("collection", ENTRY | POST), bundle("collection", ENTRY)),
    ("bdl-4", bundle("transaction-response", ENTRY), bundle("transaction-response", ENTRY | CREATED)),
    ("bdl-5", bundle("collection", {"fullUrl": "urn:skov"}), bundle("collection", ENTRY)),
    (
        "bdl-7",
        bundle("collection", *[ENTRY | {"fullUrl": "urn:skov"}] * 2),
        bundle("history", *[ENTRY | POST | CREATED | {"fullUrl": "urn:skov"}] * 2),
    ),
    (
        "bdl-8",
        bundle("collection", ENTRY | {"fullUrl": "https://a.dk/Basic/1/_history/1"}),
        bundle("collection", ENTRY | {"fullUrl": "https://a.dk/Basic/1"}),
    ),
    (
        "bdl-9",
        bundle("document", COMPOSITION, timestamp="2026-11-23T10:00:00Z"),
        bundle("document", COMPOSITION, **DOCUMENT),
    ),
    (
        "bdl-10",
        bundle("document", COMPOSITION, identifier=DOCUMENT["identifier"]),
        bundle("document", COMPOSITION, **DOCUMENT),
    ),
    ("bdl-11", bundle("document", ENTRY, **DOCUMENT), bundle("document", COMPOSITION, **DOCUMENT)),
    ("bdl-11", bundle("document", **DOCUMENT), bundle("document", COMPOSITION, **DOCUMENT)),
    ("bdl-12", bundle("message", ENTRY), bundle("collection", ENTRY)),
]


def broken(resource):
    issues = validate(resource)
    assert all(issue.code == "invariant" for issue in issues), issues
    return {(issue.diagnostics or "").partition(":")[0] for issue in issues}


@pytest.mark.parametrize(("key", "wrong", "right"), CASES, ids=[case[0] for case in CASES])
def test_an_invariant_is_broken_by_this_and_not_by_that(key, wrong, right):
    assert key in broken(wrong)
    assert broken(right) == set()
    assert key in broken(wrong), "that the other was right is remembered by its names, and says nothing of this one"


def test_every_invariant_has_a_resource_that_breaks_it():
    assert {case[0] for case in CASES} == {each.key for rules in INVARIANTS.values() for each in rules}


def test_every_invariant_is_of_a_type_or_element_that_there_is():
    assert all(tables.elements(where) for where in INVARIANTS)


def test_invariants_wait_until_the_structure_holds():
    wrong = questionnaire(type="group", mood="fine")
    assert [issue.code for issue in validate(wrong)] == ["structure"]
