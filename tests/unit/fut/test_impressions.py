"""What a ClinicalImpression looks at: each answer named twice, and all of one CarePlan.

Nancy has two plans: `vaegt`, which asks for a questionnaire and a weight, and `soevn`, which asks for another.
Source: `fut.md` 1A (ehealth-clinicalimpression: "Must not mix CarePlans").
"""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver import database
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA
from tests.refusals import refusal
from tests.resources import (
    care_plan,
    clinical_impression,
    episode_of_care,
    media,
    observation,
    questionnaire_response,
    service_request,
    to,
)
from tests.spec.forms import rule
from tests.store.cast import BASE, staff

MIXED = [("KPRO_CLINICALIMPRESSION_CAREPLAN", "ClinicalImpression.investigation.item")]
SVAR, VEJNING, BILLEDE, ANDET_SVAR = "QuestionnaireResponse/a", "Observation/b", "Media/c", "QuestionnaireResponse/d"
OF_ONE_PLAN = (SVAR, VEJNING, BILLEDE)
PLANLESS = "QuestionnaireResponse/e"


@pytest.fixture
def plans(clinic):
    for name in ("spoerg", "vej", "sov", "loes"):
        clinic.create(service_request("nancy", "nancys"), id=name)
    for plan, asked in (("vaegt", ("spoerg", "vej")), ("soevn", ("sov",))):
        activity = [{"reference": to(f"ServiceRequest/{each}")} for each in asked]
        clinic.create(care_plan("nancy", "nancys", "nord", activity=activity), id=plan)
    for make, id, request in (
        (questionnaire_response, "a", "spoerg"),
        (observation, "b", "vej"),
        (media, "c", "vej"),
        (questionnaire_response, "d", "sov"),
        (questionnaire_response, "e", "loes"),
    ):
        clinic.create(make("nancy", "nancys", basedOn=[to(f"ServiceRequest/{request}")]), id=id)
    clinic.create(questionnaire_response("tjoern", "tjoerns"), id="tjoerns")
    return clinic


def about(*measurements, plan=None):
    """An assessment of these; `plan` is the CarePlan that it names itself."""
    made = clinical_impression("nancy", "nancys")
    made["code"]["coding"][0]["code"] = "MeasurementAssessment"
    items = [[to(f"{each}/_history/1"), to(each)] for each in measurements]
    if plan:
        made["extension"].append({"url": ehealth.CLINICALIMPRESSION_CAREPLAN, "valueReference": to(f"CarePlan/{plan}")})
    return made | ({"investigation": [{"code": item_code(), "item": each} for each in items]} if items else {})


def item_code():
    codes = ehealth.CLINICALIMPRESSION_INVESTIGATION_ITEM_CODES
    return {"coding": [{"system": codes, "code": "item-for-investigation"}]}


@pytest.mark.parametrize("item", [{"display": "Svaret i går"}, {"identifier": {"value": "7"}}, {"reference": "svaret"}])
def test_what_is_looked_at_is_referred_to_and_not_only_called_something(plans, item):
    made = about(SVAR)
    made["investigation"][0]["item"].append(item)
    name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
    assert refusal(lambda: plans.create(made, by=asta())) == [(name, "ClinicalImpression.investigation[0].item[2]")]


def asta():
    return staff(ASTA, patient="nancy", episode_of_care="nancys")


@pytest.mark.parametrize("versions", [["a"], ["a/_history/1"], ["a", "a/_history/1", "b"]])
def test_each_answer_is_named_by_version_and_without(plans, versions):
    items = [to(f"{BASE}/QuestionnaireResponse/{each}") for each in versions]
    made = clinical_impression("nancy", "nancys", investigation=[{"code": item_code(), "item": items}])
    name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
    assert (name, MIXED[0][1]) in refusal(lambda: plans.create(made))


def test_many_answers_are_gone_through_and_not_each_held_against_each(plans, monkeypatch):
    looked_at, key = [], Reference.key.fget
    monkeypatch.setattr(Reference, "key", property(lambda named: looked_at.append(named) or key(named)))
    items = [to(f"{BASE}/QuestionnaireResponse/{number}") for number in range(300)]
    made = clinical_impression("nancy", "nancys", investigation=[{"code": item_code(), "item": items}])
    name = "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS"
    assert refusal(lambda: plans.create(made)).count((name, MIXED[0][1])) == 300
    assert len(looked_at) < 10 * 300


@pytest.mark.parametrize("made", [about(*OF_ONE_PLAN), about(*OF_ONE_PLAN, plan="vaegt"), about(SVAR, plan="vaegt")])
def test_what_is_of_one_plan_is_looked_at_together(plans, made):
    assert plans.create(made, by=asta())["id"]


@pytest.mark.parametrize(
    "made",
    [
        about(SVAR, ANDET_SVAR),
        about(*OF_ONE_PLAN, ANDET_SVAR),
        about(VEJNING, ANDET_SVAR, plan="vaegt"),
        about(SVAR, plan="soevn"),
    ],
    ids=["two plans", "one of many", "the plan of one", "another plan"],
)
def test_what_is_of_different_plans_is_not(plans, made):
    for by in (asta(), None):
        assert refusal(lambda by=by: plans.create(made, **({"by": by} if by else {}))) == MIXED
    assert plans.search("ClinicalImpression")["total"] == 0


def test_one_investigation_and_several_are_the_same(plans):
    made = about(SVAR, ANDET_SVAR)
    items = [item for each in made["investigation"] for item in each["item"]]
    together = made | {"investigation": [{"code": item_code(), "item": items}]}
    assert refusal(lambda: plans.create(together, by=asta())) == MIXED


def test_an_answer_whose_request_is_in_no_plan_says_nothing_of_a_plan(plans):
    for made in (about(PLANLESS), about(PLANLESS, SVAR), about(PLANLESS, plan="vaegt")):
        assert plans.create(made, by=asta())["id"]


def test_what_may_not_be_seen_is_refused_as_what_is_not_there(plans):
    """Else an assessment would tell whether somebody else has such an answer."""
    answers = []
    for id in ("tjoerns", "nowhere"):
        with pytest.raises(RuleBroken) as refused:
            plans.create(about(SVAR, f"QuestionnaireResponse/{id}"), by=asta())
        answers.append(str(refused.value.to_fhir()).replace(id, "<id>"))
        assert [each.coding[1] for each in refused.value.issues] == ["GENERAL_RESOURCE_NOT_FOUND"]
    assert answers[0] == answers[1]


NOT_FOUND = "GENERAL_RESOURCE_NOT_FOUND"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (about("QuestionnaireResponse/nowhere"), [(NOT_FOUND, MIXED[0][1])]),
        (about("Observation/nowhere", "Media/nowhere"), [(NOT_FOUND, MIXED[0][1])] * 2),
        (about("QuestionnaireResponse/tjoerns"), [(NOT_FOUND, MIXED[0][1])]),
        (about("QuestionnaireResponse/elsewhere"), [(NOT_FOUND, MIXED[0][1])]),
        (about(SVAR, plan="nowhere"), [("CAREPLAN_NOT_FOUND", "ClinicalImpression.extension")]),
        (about(SVAR, plan="tjoerns"), [("CAREPLAN_NOT_FOUND", "ClinicalImpression.extension")]),
        (about(SVAR, plan="elsewhere"), [("CAREPLAN_NOT_FOUND", "ClinicalImpression.extension")]),
        (about() | {"previous": to("ClinicalImpression/nowhere")}, [(NOT_FOUND, "ClinicalImpression.previous")]),
        (about() | {"previous": to("ClinicalImpression/tjoerns")}, [(NOT_FOUND, "ClinicalImpression.previous")]),
    ],
    ids=[
        "no answer",
        "neither number nor picture",
        "another citizen's answer",
        "another course's answer",
        "no plan",
        "another citizen's plan",
        "another course's plan",
        "no assessment before",
        "another citizen's assessment",
    ],
)
def test_what_it_refers_to_is_here_and_of_the_same_course_of_care(plans, made, told):
    plans.create(episode_of_care("nancy", "nord", condition="nancys-kol"), id="nancys-andet")
    plans.create(questionnaire_response("nancy", "nancys-andet"), id="elsewhere")
    plans.create(care_plan("nancy", "nancys-andet", "nord"), id="elsewhere")
    plans.create(care_plan("tjoern", "tjoerns", "syd"), id="tjoerns")
    plans.create(clinical_impression("tjoern", "tjoerns"), id="tjoerns")
    for by in (asta(), None):
        assert refusal(lambda by=by: plans.create(made, **({"by": by} if by else {}))) == told
    assert plans.search("ClinicalImpression")["total"] == 1


@pytest.mark.parametrize("version", ["2", "99"])
def test_the_version_that_is_looked_at_is_there(plans, version):
    made = about(SVAR)
    made["investigation"][0]["item"][0] = to(f"{SVAR}/_history/{version}")
    assert refusal(lambda: plans.create(made, by=asta())) == [(NOT_FOUND, MIXED[0][1])]


def test_what_was_stored_is_not_held_against_it_until_it_looks_at_something_else(plans):
    """The plan may have changed since; that an assessment was wrong can be said all the same."""
    stored = plans.create(about(SVAR, plan="vaegt"), by=asta())
    plans.update(plans.read("CarePlan", "vaegt") | {"activity": [{"reference": to("ServiceRequest/vej")}]})
    plans.update(
        plans.read("CarePlan", "soevn")
        | {"activity": [{"reference": to(f"ServiceRequest/{each}")} for each in ("sov", "spoerg")]}
    )
    wrong = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    with plans.as_(asta()) as session:
        changed = session.patch("ClinicalImpression", stored["id"], wrong, if_match="1")
    assert changed["status"] == "entered-in-error"
    more = {**changed, "investigation": [*changed["investigation"], *about(VEJNING)["investigation"]]}
    assert refusal(lambda: plans.update(more)) == MIXED


def test_what_our_own_operations_assess_costs_no_statement_more(plans, monkeypatch):
    """They name the one measurement that they were given, and the plan that it was found in."""
    made, rows = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda sql, *more, **how: made.append(sql) or rows(sql, *more, **how))

    def statements(session, impression):
        made.clear()
        session.create(impression)
        return len(made)

    with plans.as_() as session:
        operation = session.elevated()
        operation.create(about(SVAR))
        bare = statements(operation, about(SVAR))
        assert statements(operation, about(SVAR, plan="vaegt")) == bare
        assert statements(session, about(SVAR, plan="vaegt")) > bare


# --- The light is the system's, and validity the operation's


LIGHT = "KPRO_CLINICALIMPRESSION_LIGHT"


def coded(impression, code):
    return impression | {"code": {"coding": [{"system": ehealth.CLINICALIMPRESSION_CODES, "code": code}]}}


def changed(plans, stored, *operations, by=None):
    with plans.as_(by or asta(), has_token=by is not None) as session:
        return session.patch("ClinicalImpression", stored["id"], list(operations), if_match="1")


def test_a_professional_gives_no_light_of_their_own(plans):
    light = coded(about(SVAR), "TriagingResult")
    assert refusal(lambda: plans.create(light, by=asta())) == [(LIGHT, "ClinicalImpression.code")]
    assert plans.create(light)["id"]


@pytest.mark.parametrize("by", [None, SYSTEM], ids=["a professional", "a system from outside"])
def test_a_light_is_not_made_greener_afterwards(plans, by):
    stored = plans.create(coded(about(SVAR), "TriagingResult"))
    finding = {"op": "replace", "path": "/finding/0/itemCodeableConcept/coding/0/code", "value": "green"}
    assert refusal(lambda: changed(plans, stored, finding, by=by)) == [(LIGHT, "ClinicalImpression.finding")]
    note = {"op": "add", "path": "/note", "value": [{"text": "Ikke så slemt."}]}
    assert refusal(lambda: changed(plans, stored, note, by=by)) == [(LIGHT, "ClinicalImpression.note")]
    div = '<div xmlns="http://www.w3.org/1999/xhtml">Alt er godt.</div>'
    words = {"op": "add", "path": "/text", "value": {"status": "generated", "div": div}}
    assert refusal(lambda: changed(plans, stored, words, by=by)) == [(LIGHT, "ClinicalImpression.text")]
    assert plans.read("ClinicalImpression", stored["id"]) == stored


@pytest.mark.parametrize(
    "codes", [("TriagingResult", "MeasurementAssessment"), ("MeasurementAssessment", "TriagingResult")]
)
def test_a_light_becomes_no_assessment_and_an_assessment_no_light(plans, codes):
    """Else a citizen who has not been shown the light would find it."""
    before, after = codes
    stored = plans.create(coded(about(SVAR), before))
    change = {"op": "replace", "path": "/code/coding/0/code", "value": after}
    assert (LIGHT, "ClinicalImpression.code") in refusal(lambda: changed(plans, stored, change))


def test_that_a_light_was_given_in_error_can_be_said(plans):
    stored = plans.create(coded(about(SVAR), "TriagingResult"))
    wrong = {"op": "replace", "path": "/status", "value": "entered-in-error"}
    assert changed(plans, stored, wrong)["status"] == "entered-in-error"


@pytest.mark.parametrize("finding", ["measurement-invalidated", "measurement-invalidation-retracted"])
def test_an_assessment_finds_no_measurement_invalid(plans, finding):
    made = about(SVAR)
    made["finding"][0]["itemCodeableConcept"]["coding"][0]["code"] = finding
    name = "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED"
    assert refusal(lambda: plans.create(made, by=asta())) == [(name, "ClinicalImpression.finding")]


@pytest.mark.parametrize("decision", ["invalidated-fulfills", "invalidated-is-not-fulfillment"])
def test_nor_decides_what_an_invalid_one_fulfils(plans, decision):
    made, system = about(SVAR), ehealth.CLINICALIMPRESSION_DECISION_CODES
    said = {"coding": [{"system": system, "code": decision}]}
    made["extension"].append({"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": said})
    expected = [("KPRO_MEASUREMENT_VALIDITY_BY_OPERATION", "ClinicalImpression.extension")]
    assert refusal(lambda: plans.create(made, by=asta())) == expected


# --- Who has assessed is whoever writes


ASSESSOR, FORM = "ClinicalImpression.assessor", "GENERAL_VALIDATION_ERROR"
OWN, COLLEAGUE = to("Practitioner/asta"), to("Practitioner/bo")


@pytest.mark.parametrize(
    "assessor",
    [
        COLLEAGUE,
        to("Practitioner/nowhere"),
        {"display": "Bo Lund"},
        OWN | {"display": "Overlæge Bo Lund"},
        OWN | {"identifier": {"value": "bo"}},
    ],
    ids=["a colleague", "nobody who is here", "only called", "by another name", "by another number"],
)
def test_nobody_assesses_in_anothers_name(plans, assessor):
    told = refusal(lambda: plans.create(about(SVAR) | {"assessor": assessor}, by=asta()))
    assert told == [(FORM, ASSESSOR)]
    assert plans.search("ClinicalImpression")["total"] == 0


@pytest.mark.parametrize("assessor", [OWN, OWN | {"display": ASTA.name}, None], ids=["herself", "by name", "nobody"])
def test_who_assesses_is_whoever_writes(plans, assessor):
    made = about(SVAR) | ({"assessor": assessor} if assessor else {})
    assert ("assessor" in plans.create(made, by=asta())) == (assessor is not None)


@pytest.mark.parametrize("author", [{"authorReference": COLLEAGUE}, {"authorString": "Overlæge Bo Lund"}])
def test_nobody_notes_in_anothers_name(plans, author):
    note = {"text": "Ring ikke tilbage."}
    told = refusal(lambda: plans.create(about(SVAR) | {"note": [author | note]}, by=asta()))
    assert told == [(FORM, "ClinicalImpression.note[0].author")]
    for own in ({"authorReference": OWN}, {"authorString": ASTA.name}, {}):
        assert plans.create(about(SVAR) | {"note": [own | note]}, by=asta())["note"]


def test_who_has_assessed_stays_until_somebody_else_does(plans):
    note = [{"authorReference": COLLEAGUE, "text": "Set."}]
    kept = plans.create(about(SVAR) | {"assessor": COLLEAGUE, "note": note})
    for operation in (
        replaced("/assessor", to("Practitioner/kim")),
        replaced("/assessor", COLLEAGUE | {"display": "Overlæge Bo Lund"}),
        {"op": "remove", "path": "/assessor"},
    ):
        told = refusal(lambda operation=operation: changed(plans, kept, operation, by=asta()))
        assert told == [(FORM, ASSESSOR)]
    words = replaced("/note/0/text", "Stop med medicinen.")
    of_note = [(FORM, "ClinicalImpression.note[0].author"), (FORM, "ClinicalImpression.note")]
    assert refusal(lambda: changed(plans, kept, words, by=asta())) == of_note
    gone = {"op": "remove", "path": "/note"}
    assert refusal(lambda: changed(plans, kept, gone, by=asta())) == [(FORM, "ClinicalImpression.note")]
    summary = {"op": "add", "path": "/summary", "value": "Alt er godt."}
    assert refusal(lambda: changed(plans, kept, summary, by=asta())) == [(FORM, "ClinicalImpression.summary")]
    assert changed(plans, kept, replaced("/status", "entered-in-error"))["assessor"] == kept["assessor"]
    with plans.as_(asta()) as session:
        mine = session.patch("ClinicalImpression", kept["id"], [replaced("/assessor", OWN)], if_match="2")
    assert mine["assessor"] == {"reference": f"{BASE}/Practitioner/asta"}


def replaced(path, value):
    return {"op": "replace", "path": path, "value": value}


def test_a_system_tells_who_has_assessed_elsewhere(plans):
    note = [{"authorString": "Overlæge Bo Lund", "text": "Set."}]
    assert plans.create(about(SVAR) | {"assessor": COLLEAGUE, "note": note})["assessor"]


# --- What an assessment is made of


def basis(link_id="1", code="red-question-answer"):
    parts = [{"url": "linkId", "valueString": link_id}] if link_id else []
    found = {"coding": [{"system": ehealth.CLINICALIMPRESSION_FINDING_CODES, "code": code}]}
    parts += [{"url": "finding", "valueCodeableConcept": found}] if code else []
    return {"url": ehealth.FINDING_BASIS, "extension": [*parts, rule("integer", "red >= 7")]}


def other(whom):
    return {"url": ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER, "valueReference": to(whom)}


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        (basis(link_id=None), "GENERAL_VALIDATION_ERROR"),
        (basis(code=None), "GENERAL_VALIDATION_ERROR"),
        (basis(code="purple-question-answer"), "GENERAL_VALIDATION_ERROR"),
        (other("Practitioner/asta"), "GENERAL_VALIDATION_ERROR"),
    ],
    ids=["no question", "no finding", "no finding of FUT's", "a professional as the other assessor"],
)
def test_what_an_assessment_builds_on_is_whole_and_in_the_words_of_the_guide(plans, extension, code):
    made = about(SVAR)
    made["extension"].append(extension)
    assert code in [each for each, _ in refusal(lambda: plans.create(made, by=asta()))]


@pytest.mark.parametrize("extension", [basis(), other("Patient/nancy")], ids=["a whole basis", "the citizen"])
def test_what_is_whole_is_taken(plans, extension):
    made = about(SVAR)
    made["extension"].append(extension)
    assert plans.create(made, by=asta())["id"]
