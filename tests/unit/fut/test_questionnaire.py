"""Invariants of ehealth-questionnaire, and what a View or ActionGuidance may hold."""

from base64 import b64encode

import pytest

from kommunalpro.config.publishing import guidance_resource, view_resource
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension, extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.profiles import questionnaire as rules
from kommunalpro.fut.profiles.item_extensions import item_problems
from tests.resources import basic, questionnaire
from tests.unit.definitions.folders import read

VIEW = read("hverdagen-med-kronisk-sygdom", "view.json")
COPYRIGHT = {"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}
XHTML = {"url": ehealth.RENDERING_XHTML, "valueString": "<b>x</b>"}
STEPS = {"url": ehealth.SLIDER_STEP_VALUE_DECIMAL, "valueDecimal": 1}
EDITOR = Principal("editor", "SYSTEM", context=Context(organization="https://fhir.example/fhir/Organization/kommune"))
PROGRAM = {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"}


def item(**changes):
    return {"linkId": "x", "text": "x", "type": "string", **changes}


COPYRIGHTED_GROUP = item(linkId="y", type="group", extension=[COPYRIGHT], item=[item(linkId="z")])


def refusal(store, resource):
    with pytest.raises(RuleBroken) as refused:
        store.create(resource)
    return [(each.coding[1], each.diagnostics.rpartition(": ")[2], each.expression) for each in refused.value.issues]


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        (item(extension=[COPYRIGHT]), "copyright-type"),
        (
            item(type="group", item=[item(linkId="y", type="group", extension=[COPYRIGHT], item=[item(linkId="z")])]),
            "copyright groups only at the root",
        ),
        (item(type="display", extension=[COPYRIGHT]), "copyright texts only under a copyright group"),
        (
            item(extension=[{"url": ehealth.SLIDER_STEP_VALUE_DECIMAL, "valueDecimal": 1}]),
            "sliderStepValueDecimal-Type",
        ),
        (item(extension=[{"url": ehealth.MIN_OCCURS, "valueInteger": 1}]), "questionnaire-minOccurs-greater-than-one"),
        (item(extension=[{"url": ehealth.MAX_OCCURS, "valueInteger": 0}]), "questionnaire-maxOccurs-greater-than-one"),
        (item(extension=[{"url": ehealth.MIN_OCCURS, "valueString": "2"}]), "questionnaire-minOccurs-greater-than-one"),
        (item(extension=[{"url": ehealth.MIN_OCCURS, "valueInteger": 2}]), "minOccurs-invalid-when-repeats-false"),
        (
            {name: each for name, each in item(_text={"extension": [XHTML]}).items() if name != "text"},
            "rendering-xhtml needs the plain text beside it",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_invariant_is_named_with_its_place(store, wrong, detail):
    [(code, said, place)] = refusal(store, questionnaire(item=[wrong]))
    assert (code, said) == ("GENERAL_VALIDATION_ERROR", detail)
    assert place.startswith("Questionnaire.item[0]")


@pytest.mark.parametrize(
    "right",
    [
        item(type="group", extension=[COPYRIGHT], item=[item(linkId="y")]),
        item(type="group", extension=[COPYRIGHT], item=[item(linkId="y", type="display", extension=[COPYRIGHT])]),
        item(type="decimal", extension=[STEPS]),
        item(_text={"extension": [XHTML]}),
        item(repeats=True, extension=[{"url": ehealth.MIN_OCCURS, "valueInteger": 2}]),
    ],
)
def test_what_keeps_them_is_taken(store, right):
    assert store.create(questionnaire(item=[right]))["id"]


def coded(url, system, code):
    return {"url": url, "valueCodeableConcept": {"coding": [{"system": system, "code": code}]}}


def coloured(system):
    condition = [{"url": "value", "valueString": "ja"}, {"url": "operator", "valueCode": "="}]
    significance = {"url": "significance", "valueCoding": {"system": system, "code": "red"}}
    return {
        "url": ehealth.ANSWER_SIGNIFICANCE,
        "extension": [{"url": ehealth.ANSWER_CONDITION, "extension": condition}, significance],
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (
            coded(ehealth.OVERVIEW_USAGE_MODE, f"{ehealth.CS}overviewUsageMode", "zz"),
            "GENERAL_VALIDATION_ERROR",
        ),
        (coloured("http://x"), "GENERAL_VALIDATION_ERROR"),
        ({"url": ehealth.QUESTIONNAIRE_HELP_TEXT, "extension": []}, "GENERAL_VALIDATION_ERROR"),
    ],
)
def test_what_an_item_says_in_no_words_of_fut_may_be_drafted_and_not_published(wrong, code):
    asked = item(extension=[wrong])
    assert code in {each.coding[1] for each in item_problems(asked, "Questionnaire.item[0]")}


def test_a_colour_of_fut_is_taken_and_of_another_system_refused_when_it_is_published(store):
    colour, word = coloured(ehealth.ITEM_SIGNIFICANCE), coloured("http://x")
    assert store.create(questionnaire(item=[item(extension=[colour])], status="active"))["id"]
    assert store.create(questionnaire(item=[item(extension=[word])], status="draft"))["id"]
    found = refusal(store, questionnaire(item=[item(extension=[word])], status="active"))
    assert "GENERAL_VALIDATION_ERROR" in [code for code, _, _ in found]


def test_what_was_published_before_a_rule_can_still_be_retired(store, monkeypatch):
    broken = questionnaire(item=[item(type="display", extension=[COPYRIGHT])], status="active")
    with monkeypatch.context() as before:
        before.setattr(rules, "_item_problems", lambda *_: iter(()))
        stored = store.create(broken)
    assert store.update({**stored, "status": "retired"})["status"] == "retired"


def test_a_program_is_one_of_the_guides(store):
    def used_in(code):
        coding = {"system": ehealth.EHEALTH_PROGRAM, "code": code}
        return questionnaire(useContext=[{"code": PROGRAM, "valueCodeableConcept": {"coding": [coding]}}])

    assert [code for code, _, _ in refusal(store, used_in("knitting"))] == ["USE_CONTEXT_VALIDATION_FAILED"]
    assert store.create(used_in("kpro"))["id"]


def test_a_draft_may_be_unfinished_and_what_is_published_can_be_answered(store):
    never = {"question": "nobody", "operator": "exists", "answerBoolean": True}
    unfinished = [item(type="choice"), item(linkId="y", enableWhen=[never])]
    made = store.create(questionnaire(item=unfinished))
    with pytest.raises(RuleBroken) as refused:
        store.update(made | {"status": "active"})
    assert {each.coding[1] for each in refused.value.issues} == {"GENERAL_VALIDATION_ERROR"}


def test_a_limit_without_effect_is_not_published(store):
    pattern = {"url": ehealth.REGEX, "valueString": "[1-3]"}
    [(code, _, _)] = refusal(store, questionnaire(status="active", item=[item(type="integer", extension=[pattern])]))
    assert code == "GENERAL_VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda view: view["contained"][0].update(data=b64encode(b"{").decode()), "KPRO_VIEW_CONTENT"),
        (lambda view: view["contained"][0].update(data=b64encode(b"[]").decode()), "KPRO_VIEW_CONTENT"),
        (lambda view: view["contained"][0].update(data=b64encode(b"{}").decode()), "KPRO_VIEW_CONTENT"),
        (lambda view: view["contained"][0].pop("data"), "KPRO_VIEW_CONTENT"),
        (lambda view: view["contained"][0].update(data="A" * 1_000_004), "ACTIONGUIDANCEVIEW_ILLEGAL_CONTENT_SIZE"),
    ],
    ids=["not-json", "list", "empty", "no-data", "large"],
)
def test_content_that_cannot_be_read_is_refused(store, change, code):
    view = basic(VIEW)
    change(view)
    assert code in [each for each, _, _ in refusal(store, view)]


def test_another_applications_content_is_left_alone(store):
    view = basic(VIEW)
    view["contained"][0] |= {"contentType": "application/xml", "data": b64encode(b"<view/>").decode()}
    assert store.create(view)["id"]


@pytest.mark.parametrize("missing", [ehealth.STATUS, ehealth.CONTENT, ehealth.MODIFIER_ROLE])
def test_what_a_view_lacks_is_told_and_is_no_error_of_ours(store, missing):
    view = basic(VIEW)
    view["extension"] = [each for each in view["extension"] if each["url"] != missing]
    if missing == ehealth.CONTENT:
        del view["contained"]
    assert "GENERAL_VALIDATION_ERROR" in [code for code, _, _ in refusal(store, view)]


def test_a_word_where_a_reference_is_meant_is_refused(store):
    view = basic(VIEW)
    view["extension"] = [each for each in view["extension"] if each["url"] != ehealth.CONTENT]
    view["extension"].append({"url": ehealth.CONTENT, "valueString": "#content"})
    assert [code for code, _, _ in refusal(store, view)] == ["GENERAL_VALIDATION_ERROR", "KPRO_VIEW_CONTENT"]


def guidance_for(store, *conditions, status):
    """Give an ActionGuidance of the questionnaire that asks about sleep, with advice on these conditions."""
    asked = store.create(questionnaire())
    title = {"da": "Tal om søvnen"}
    advice = {"id": "tal", "topic": "soevn", "lights": ["red"], "conditions": list(conditions), "source": "egen"}
    head = {"schemaVersion": 1, "identifier": "soevn", "version": "1.0", "level": "national", "title": title}
    content = {**head, "advice": [{**advice, "title": title, "text": title}], "offers": []}
    editor = Principal(
        "editor", "SYSTEM", context=Context(organization="https://fhir.example/fhir/Organization/kommune")
    )
    made = guidance_resource(content, f"https://fhir.example/fhir/Questionnaire/{asked['id']}", editor)
    made["extension"][0]["valueCoding"]["code"] = status
    return made


@pytest.mark.parametrize(
    ("item", "detail"), [("soevn", []), ("sovn", ["sovn: the questionnaire has no such question"])]
)
def test_guidance_that_is_published_fits_its_questionnaire(clinic, item, detail):
    condition = {"item": item, "operator": "=", "value": True}
    assert clinic.create(guidance_for(clinic, condition, status="draft"))["id"]
    active = guidance_for(clinic, condition, status="active")
    if not detail:
        assert clinic.create(active)["id"]
        return
    with pytest.raises(RuleBroken) as refused:
        clinic.create(active)
    [found] = refused.value.issues
    assert found.diagnostics.endswith(detail[0])
    assert found.text == "sovn: Spørgsmålet findes ikke i spørgeskemaet."


def test_what_is_wrong_with_a_view_is_told_with_what_does_not_fit_its_questionnaire(store):
    """Two bands that overlap, and a question that is not there: who mends the one need not come again for the other."""
    asked = store.create(questionnaire(item=[item(linkId="a", type="integer")]))
    bands = [
        {"low": low, "high": high, "light": light} for low, high, light in (("0", "5", "green"), ("4", "9", "red"))
    ]
    title = {"da": "Søvn"}
    score = {
        "id": "total", "title": title, "method": "sum", "items": ["a", "b"], "scale": {"low": "0", "high": "9"},
        "direction": "high-is-worse", "missing": {"rule": "all"}, "bands": bands, "source": "egen",
    }  # fmt: skip
    topic = {"id": "soevn", "title": title, "items": ["a"], "scores": ["total"]}
    content = {
        "schemaVersion": 1, "identifier": "soevn", "version": "1.0", "level": "national", "title": title,
        "scores": [score], "topics": [topic],
    }  # fmt: skip
    made = view_resource(content, f"https://fhir.example/fhir/Questionnaire/{asked['id']}", EDITOR)
    made["extension"][0]["valueCoding"]["code"] = "active"
    said = [detail for _, detail, _ in refusal(store, made)]
    assert "the bands overlap at 4" in said
    assert "the questionnaire has no such question" in said


def view_with(*topics, level):
    head = {name: VIEW[name] for name in ("schemaVersion", "identifier", "version", "title")}
    return {**head, "level": level, "scores": [], "topics": list(topics)}


ANOTHER_TOPIC = {"id": "andet", "title": {"da": "Andet"}, "items": ["soevn"], "scores": []}
ITS_TOPIC = {**ANOTHER_TOPIC, "id": "soevn"}


@pytest.mark.parametrize(
    ("level", "topics", "status", "is_taken"),
    [
        ("national", [ITS_TOPIC], "active", True),
        ("national", [ANOTHER_TOPIC], "active", False),
        ("national", [ANOTHER_TOPIC], "draft", True),
        ("local", [ANOTHER_TOPIC], "active", True),
    ],
    ids=["the topic is there", "the topic is gone", "a draft", "of one organisation alone"],
)
def test_a_view_that_comes_into_use_leaves_no_advice_behind(clinic, level, topics, status, is_taken):
    """National guidance in use hangs on a topic that the new View has no more: nobody would ever read it again."""
    made = clinic.create(guidance_for(clinic, {"item": "soevn", "operator": "=", "value": True}, status="active"))
    asked = extension_value(extension(made, ehealth.ACTIONGUIDANCE_FOR), "forReference")["reference"]
    view = view_resource(view_with(*topics, level=level), asked, EDITOR)
    view["extension"][0]["valueCoding"]["code"] = status
    if is_taken:
        assert clinic.create(view)["id"]
        return
    with pytest.raises(RuleBroken) as refused:
        clinic.create(view)
    assert [each.text for each in refused.value.issues] == ["soevn: Emnet soevn i tal findes ikke i visningen."]
    extension(made, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    clinic.update(made)
    assert clinic.create(view)["id"], "once the guidance is out of use"


def test_guidance_that_is_published_may_be_changed_and_retired_though_it_no_longer_fits(clinic):
    """What it was held against may change afterwards; its own content may not."""
    made = clinic.create(guidance_for(clinic, {"item": "soevn", "operator": "=", "value": True}, status="active"))
    asked = extension_value(extension(made, ehealth.ACTIONGUIDANCE_FOR), "forReference")["reference"]
    clinic.create(view_resource(view_with(ANOTHER_TOPIC, level="local"), asked, EDITOR))
    tagged = clinic.update(made | {"meta": {**made["meta"], "tag": [{"system": "urn:x", "code": "y"}]}})
    extension(tagged, ehealth.STATUS)["valueCoding"]["code"] = "retired"
    assert extension(clinic.update(tagged), ehealth.STATUS)["valueCoding"]["code"] == "retired"
