"""Reuse: the citizen lets an earlier measurement count again, where the request lets it, and once."""

import copy
from ast import literal_eval
from base64 import b64encode
from datetime import timedelta
from decimal import Decimal

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, transaction
from kommunalpro.fhir.datetime import to_datetime, to_instant
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import BAD, GOOD, LATER, answers, bundle_of
from tests.gateway.looking import all_of, rows
from tests.gateway.marks import NOT_CHANGED, R4_FIRST
from tests.gateway.measuring import PHOTO, RED, SYSTOLIC, WEIGHT, asked_to_measure, concept, limits, quality
from tests.people import NANCY, TJOERN
from tests.store.others import at_the_same_time
from tests.unit.fut.test_pictures import chunk, png

SUBMIT = "MEASUREMENT_SUBMITMEASUREMENT_"
DAY = timedelta(days=1)
COPY = "urn:uuid:7c1f1e0e-8f6f-4d5e-9c8b-2f4f0a3d5b61"
TOLD = "urn:uuid:7c1f1e0e-8f6f-4d5e-9c8b-2f4f0a3d5b62"
QUOTATION = ("http://hl7.org/fhir/w3c-provenance-activity-type", "Quotation")
ACTUAL = {"value": 7, "system": "http://unitsofmeasure.org", "code": "d"}
SITTING = quality("SQ", ehealth.SITUATION_QUALITY, "sitting")


def criteria(*qualities, allowed=True, age=ACTUAL):
    """What a request asks of a measurement that is reused. `qualities`: (part, system, code)."""
    parts = [
        {"url": "allowed", "valueBoolean": allowed},
        *({"url": part, "valueCodeableConcept": concept((system, code))} for part, system, code in qualities),
        {"url": "dataActuality", "valueDuration": age},
    ]
    return {"url": ehealth.REUSE_CRITERIA, "extension": parts}


def quoting(measuring, original, **changes):
    """Make the Provenance that says what is reused."""
    return {
        "resourceType": "Provenance",
        "target": [{"reference": COPY}],
        "recorded": to_instant(LATER),
        "policy": [ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN],
        "activity": concept(QUOTATION),
        "agent": [{"who": {"reference": measuring.nancy.patient}}],
        "entity": [{"role": "quotation", "what": {"reference": original}}],
        **changes,
    }


def with_provenance(measurement, provenance):
    return transaction([create_entry(measurement, COPY), create_entry(provenance, TOLD)])


def measured(measuring, measurement=None):
    """Send in what is reused later; gives its URL."""
    return measuring.submit(bundle_of(measurement or measuring.observation()))["entry"][0]["fullUrl"]


def again(bundle):
    """Give the same as another submission."""
    return literal_eval(str(bundle).replace(TOLD, f"{TOLD[:-1]}9").replace(COPY, f"{COPY[:-1]}0"))


def refusal(measuring, measurement, provenance, now=LATER, by=None):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        measuring.submit(with_provenance(measurement, provenance), now=now, by=by)
    assert rows() == before
    return [(each.coding[1].removeprefix(SUBMIT), each.expression) for each in refused.value.issues]


@pytest.fixture
def weight(nancy):
    """Nancy is asked for her weight, which may be one that she has measured within a week."""
    return asked_to_measure(nancy, WEIGHT, criteria())


@pytest.fixture
def original(nancy):
    """What she has measured for another plan; gives its URL."""
    return measured(asked_to_measure(nancy))


def test_the_copy_is_stored_with_where_it_is_from(weight, original):
    answer = weight.submit(with_provenance(weight.observation(), quoting(weight, original)))
    copied, told = (each["fullUrl"] for each in answer["entry"])
    assert [each["response"]["status"] for each in answer["entry"]] == ["201", "201"]
    provenance = weight.read(told)
    assert provenance["target"] == [{"reference": copied}]
    [entity] = provenance["entity"]
    assert entity["what"] == {"reference": original}
    assert extension_value(entity, ehealth.DATE_TIME_OF_REUSED_ENTITY) == to_datetime(LATER)
    assert provenance["meta"]["tag"][0]["code"] == "kpro"
    coherent = [each for each in all_of(weight, "Provenance") if copied in str(each["target"])]
    assert len(coherent) == 2, "that it came in, and that it is reused"


def test_the_policy_of_the_guides_introduction_is_taken_too(weight, original):
    provenance = quoting(weight, original, policy=[ehealth.POLICY_REUSE_BY_PATIENT])
    assert weight.submit(with_provenance(weight.observation(), provenance))["entry"]


def test_the_same_again_gives_the_first_result_though_the_provenance_comes_first(weight, original):
    bundle = with_provenance(weight.observation(), quoting(weight, original))
    bundle["entry"].reverse()
    first, after = weight.submit(bundle), rows()
    assert weight.submit(bundle) == first
    assert rows() == after
    assert "/Provenance/" in first["entry"][0]["fullUrl"], "in the order in which it was sent"
    turned = weight.submit(bundle | {"entry": bundle["entry"][::-1]})
    assert turned == first | {"entry": first["entry"][::-1]}
    assert rows() == after


# --- Whether the request lets it


def test_it_may_be_as_old_as_the_request_says_and_no_older(weight, original):
    bundle = with_provenance(weight.observation(), quoting(weight, original))
    found = refusal(weight, weight.observation(), quoting(weight, original), now=LATER + timedelta(days=7, seconds=1))
    assert found == [("RESOURCE_TO_OLD_TO_BE_USED_FOR_REUSE", "Bundle.entry[1].resource.target")]
    assert weight.submit(bundle, now=LATER + timedelta(days=7))["entry"]


@pytest.mark.parametrize("said", [(), (criteria(allowed=False),)], ids=["nothing-said", "not-allowed"])
def test_where_it_is_not_allowed_it_is_refused(nancy, original, said):
    weight = asked_to_measure(nancy, WEIGHT, *said)
    found = refusal(weight, weight.observation(), quoting(weight, original))
    assert found == [("REUSE_NOT_ALLOWED", "Bundle.entry[1].resource.target")]


@pytest.mark.parametrize("age", [{"value": 1, "code": "fortnight"}, {"value": Decimal("1.5")}, {"value": -1}])
def test_an_age_that_cannot_be_counted_lets_nothing_be_reused(nancy, original, age, monkeypatch):
    """It was written before it was refused."""
    monkeypatch.setattr("kommunalpro.fut.profiles.criteria._CHECKS", {})
    weight = asked_to_measure(nancy, WEIGHT, criteria(age=ACTUAL | age))
    found = refusal(weight, weight.observation(), quoting(weight, original))
    assert found == [("DURATION_UNIT_CODE_UNKNOWN", "Bundle.entry[1].resource.target")]


def test_longer_than_there_are_years_is_long_enough(nancy, original):
    weight = asked_to_measure(nancy, WEIGHT, criteria(age=ACTUAL | {"value": 99999, "code": "a"}))
    assert weight.submit(with_provenance(weight.observation(), quoting(weight, original)))["entry"]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("normal", "sitting"),
        ("sitting", "sitting"),
        ("none", "sitting"),
        ("none", None),
    ],
)
def test_a_quality_that_is_as_good_as_what_is_asked_for_will_do(nancy, original, wanted, told):
    weight = asked_to_measure(nancy, WEIGHT, criteria(("situationQuality", ehealth.SITUATION_QUALITY, wanted)))
    qualities = [quality("SQ", ehealth.SITUATION_QUALITY, told)] if told else []
    copied = weight.observation(WEIGHT, 82, *qualities)
    assert weight.submit(with_provenance(copied, quoting(weight, original)))["entry"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (None, "ASSOCIATED_QUALITY_NOT_PRESENT"),
        ("unknown", "QUALITY_IS_NOT_SUBSUMED"),
        ("lying-down", "QUALITY_IS_NOT_SUBSUMED"),
    ],
)
def test_a_quality_that_is_less_or_not_told_will_not(nancy, original, told, code):
    weight = asked_to_measure(nancy, WEIGHT, criteria(("situationQuality", ehealth.SITUATION_QUALITY, "sitting")))
    qualities = [quality("SQ", ehealth.SITUATION_QUALITY, told)] if told else []
    found = refusal(weight, weight.observation(WEIGHT, 82, *qualities), quoting(weight, original))
    assert found == [(code, "Bundle.entry[1].resource.target")]


def test_every_quality_that_is_asked_for_is_looked_at(nancy, original):
    asked = [
        ("usageQuality", ehealth.USAGE_QUALITY, "normal"),
        ("deviceMeasuringQuality", ehealth.DEVICE_MEASURING_QUALITY, "normal"),
    ]
    weight = asked_to_measure(nancy, WEIGHT, criteria(*asked))
    found = refusal(weight, weight.observation(WEIGHT, 82, SITTING), quoting(weight, original))
    assert [code for code, _ in found] == ["ASSOCIATED_QUALITY_NOT_PRESENT"] * 2


# --- What is reused


def test_a_copy_is_not_copied(weight, original):
    [copied, _] = weight.submit(again(with_provenance(weight.observation(), quoting(weight, original))))["entry"]
    found = refusal(weight, weight.observation(), quoting(weight, copied["fullUrl"]))
    assert found == [("INPUT_PROVENANCE_ENTITY_IS_REUSING", "Bundle.entry[1].resource.entity.what")]


@NOT_CHANGED
def test_what_was_invalidated_is_not_reused(weight, original):
    gateway = weight.nancy.world.gateway
    gateway.update({**weight.read(original), "status": "entered-in-error"}, if_match="1", by=SYSTEM, now=LATER)
    found = refusal(weight, weight.observation(), quoting(weight, original))
    assert found == [("REUSE_NOT_ALLOWED", "Bundle.entry[1].resource.entity.what")]


ALREADY = [("REUSE_NOT_ALLOWED", "Bundle.entry[1].resource.entity.what")]


def test_an_original_counts_once_for_a_request_and_once_for_another(nancy, weight, original):
    weight.submit(again(with_provenance(weight.observation(), quoting(weight, original))))
    assert refusal(weight, weight.observation(), quoting(weight, original)) == ALREADY
    assert refusal(weight, weight.observation(), quoting(weight, f"{original}/_history/1")) == ALREADY
    another = asked_to_measure(nancy, WEIGHT, criteria())
    assert another.submit(with_provenance(another.observation(), quoting(another, original)))["entry"]


@NOT_CHANGED
def test_where_the_copy_was_invalidated_the_original_is_reused_again(weight, original):
    [copied, _] = weight.submit(again(with_provenance(weight.observation(), quoting(weight, original))))["entry"]
    wrong = {**weight.read(copied["fullUrl"]), "status": "entered-in-error"}
    weight.nancy.world.gateway.update(wrong, if_match="1", by=SYSTEM, now=LATER)
    assert weight.submit(with_provenance(weight.observation(), quoting(weight, original)))["entry"]


def test_what_answered_the_request_itself_is_not_reused_for_it(weight):
    found = refusal(weight, weight.observation(), quoting(weight, measured(weight)))
    assert found == ALREADY


def test_two_copies_of_one_original_in_one_submission_are_one_too_many(weight, original):
    bundle = with_provenance(weight.observation(), quoting(weight, original))
    both = transaction([*bundle["entry"], *again(bundle)["entry"]])
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        weight.submit(both)
    assert rows() == before
    assert (f"{SUBMIT}REUSE_NOT_ALLOWED", "Bundle.entry[3].resource.entity.what") in {
        (each.coding[1], each.expression) for each in refused.value.issues
    }


def test_the_copy_is_from_when_the_original_is(weight, original):
    later = weight.observation(effectivePeriod={"start": to_datetime(LATER + timedelta(minutes=1))})
    found = refusal(weight, later, quoting(weight, original))
    code = "INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_USE_SAME_DATE"
    assert found == [(code, "Bundle.entry[1].resource.entity.what")]


def test_the_same_moment_may_be_written_in_another_way(weight, original):
    same = weight.observation()
    del same["effectivePeriod"]
    written = {**same, "effectiveDateTime": LATER.isoformat(timespec="milliseconds")}
    assert weight.submit(with_provenance(written, quoting(weight, original)))["entry"]


def test_a_number_does_not_reuse_a_picture(weight):
    photo = asked_to_measure(weight.nancy, PHOTO)
    found = refusal(weight, weight.observation(), quoting(weight, measured(photo, photo.media())))
    code = "INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_BE_SAME_TYPE"
    assert found == [(code, "Bundle.entry[1].resource.entity.what")]


@pytest.mark.parametrize(
    "change",
    [
        {"valueQuantity": {"value": 60, "unit": "kg"}},
        {"valueQuantity": {"value": 82, "unit": "g"}},
        {"valueQuantity": None},
        {"component": [{"code": concept(SYSTOLIC), "valueQuantity": {"value": 60, "unit": "kg"}}]},
    ],
    ids=["value", "unit", "no-value", "parts"],
)
def test_the_copy_of_a_number_says_what_the_original_says(weight, original, change):
    changed = {name: value for name, value in (weight.observation() | change).items() if value is not None}
    found = refusal(weight, changed, quoting(weight, original))
    assert found == [("KPRO_REUSE_DIFFERS", "Bundle.entry[1].resource.entity.what")]


def test_the_limits_are_not_what_it_says(nancy):
    original = measured(asked_to_measure(nancy, WEIGHT, limits(60, 90, RED)))
    weight = asked_to_measure(nancy, WEIGHT, criteria())
    assert weight.submit(with_provenance(weight.observation(), quoting(weight, original)))["entry"]


def test_the_copy_of_a_picture_shows_what_the_original_shows(nancy):
    original = measured(photo := asked_to_measure(nancy, PHOTO), photo.media())
    another = asked_to_measure(nancy, PHOTO, criteria())
    other = {"contentType": "image/png", "data": b64encode(png(chunk(b"gAMA", bytes(4)))).decode()}
    found = refusal(another, another.media(content=other), quoting(another, original))
    assert found == [("KPRO_REUSE_DIFFERS", "Bundle.entry[1].resource.entity.what")]
    telling = {"contentType": "image/png", "data": b64encode(png(chunk(b"tEXt", b"Nancy"))).decode()}
    told = measured(photo, photo.media(content=telling))
    sent = with_provenance(another.media(content=telling), quoting(another, told))
    assert another.submit(sent)["entry"], "with what it tells besides, which was not kept"


def test_the_copy_of_answers_says_what_the_original_says(asked):
    original = measured(asked, asked.response(answers(GOOD)))
    differs = ("KPRO_REUSE_DIFFERS", "Bundle.entry[1].resource.entity.what")
    assert differs in refusal(asked, asked.response(answers(BAD)), quoting(asked, original))
    assert differs not in refusal(asked, asked.response(answers(GOOD)), quoting(asked, original))


def test_another_citizens_number_is_not_reused(weight):
    """To who may see both it is told why; to the citizen it is not here, as it is when she reads it."""
    theirs = measured(asked_to_measure(weight.nancy.world.enrol(TJOERN)))
    asta = weight.nancy.world.asta.within(patient=weight.nancy.patient, episode_of_care=weight.nancy.episode)
    same = "INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_REFERENCE_SAME_PATIENT"
    for by, code in ((asta, same), (weight.by, "INPUT_PROVENANCE_INVALID")):
        found = refusal(weight, weight.observation(), quoting(weight, theirs), by=by)
        assert found == [(code, "Bundle.entry[1].resource.entity.what")]


def test_of_copies_that_come_at_once_one_is_taken(real_world):
    nancy = real_world.enrol(NANCY)
    original, weight = measured(asked_to_measure(nancy)), asked_to_measure(nancy, WEIGHT, criteria())
    first = with_provenance(weight.observation(), quoting(weight, original))
    others = [
        literal_eval(str(first).replace(COPY, f"{COPY[:-2]}7{n}").replace(TOLD, f"{TOLD[:-2]}8{n}")) for n in "123"
    ]
    came = at_the_same_time(*[lambda _, each=each: weight.submit(each) for each in (first, *others)])
    refused = [each for each in came if isinstance(each, RuleBroken)]
    assert len(refused) == len(others)
    assert {each.issues[0].coding[1] for each in refused} == {f"{SUBMIT}REUSE_NOT_ALLOWED"}


def held(asked, start, end):
    """Make answers that hold for a time."""
    period = {"start": to_datetime(start), "end": to_datetime(end)}
    made = asked.response(answers(GOOD))
    return {**made, "extension": [*made["extension"], {"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": period}]}


def test_answers_are_from_when_they_hold_however_late_they_were_sent(asked):
    then, now = held(asked, LATER - 2 * DAY, LATER - DAY), held(asked, LATER - DAY, LATER)
    original = measured(asked, then)
    other_date = "INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_USE_SAME_DATE"
    for copied, is_other in ((then, False), (now, True), (asked.response(answers(GOOD)), True)):
        found = [code for code, _ in refusal(asked, copied, quoting(asked, original))]
        assert (other_date in found) == is_other


def test_answers_that_hold_for_a_time_long_ago_are_too_old_though_they_were_sent_today(asked):
    gateway, url = asked.nancy.world.gateway, asked.due.service_request
    request = gateway.read(url, by=SYSTEM, now=LATER)
    lets = {**request, "extension": [*request["extension"], criteria()]}
    gateway.update(lets, if_match=request["meta"]["versionId"], by=SYSTEM, now=LATER)
    for days, is_old in ((88, True), (3, False)):
        ago = held(asked, LATER - days * DAY, LATER - days * DAY + timedelta(hours=1))
        found = [code for code, _ in refusal(asked, ago, quoting(asked, measured(asked, ago)))]
        assert ("RESOURCE_TO_OLD_TO_BE_USED_FOR_REUSE" in found) == is_old


def test_what_another_course_of_care_holds_is_reused_by_who_may_see_it(world, nancy, original):
    """For a team that is not on it, it is not here: else they would learn by trying what she weighs."""
    theirs = asked_to_measure(world.enrol(NANCY, by="bo"), WEIGHT, criteria(), by="bo")
    bo = world.staff["bo"].principal.within(patient=nancy.patient, episode_of_care=theirs.nancy.episode)
    for changes in ({}, {"valueQuantity": {"value": 1}}):
        found = refusal(theirs, {**theirs.observation(), **changes}, quoting(theirs, original), by=bo)
        assert found == [("INPUT_PROVENANCE_INVALID", "Bundle.entry[1].resource.entity.what")]
    assert theirs.submit(with_provenance(theirs.observation(), quoting(theirs, original)))["entry"]


@pytest.mark.parametrize("what", ["Observation/nowhere", "Patient/1", "https://other.example/fhir/Observation/1"])
def test_what_is_not_here_is_not_reused(weight, what):
    found = refusal(weight, weight.observation(), quoting(weight, what))
    assert found == [("INPUT_PROVENANCE_INVALID", "Bundle.entry[1].resource.entity.what")]


@pytest.mark.parametrize("version", ["99", "1x"])
def test_what_is_not_here_in_the_version_that_is_named_is_not_reused(weight, original, version):
    found = refusal(weight, weight.observation(), quoting(weight, f"{original}/_history/{version}"))
    assert found == [("INPUT_PROVENANCE_INVALID", "Bundle.entry[1].resource.entity.what")]


# --- How it is told


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"policy": [ehealth.POLICY_SUNDHEDSLOVEN]}, "INPUT_PROVENANCE_INVALID_POLICY", "policy"),
        ({"activity": concept((QUOTATION[0], "Primary-Source"))}, "INPUT_PROVENANCE_INVALID", "activity"),
        ({"target": [{"reference": COPY}] * 2}, "INPUT_PROVENANCE_NOT_SINGLE_TARGET", "target"),
        ({"target": [{"reference": "Observation/1"}]}, "INPUT_PROVENANCE_REFERENCE_MISSING", "target"),
    ],
)
def test_a_provenance_that_does_not_say_what_it_must_is_refused(weight, original, change, code, place):
    found = refusal(weight, weight.observation(), quoting(weight, original, **change))
    assert found == [(code, f"Bundle.entry[1].resource.{place}")]


def test_the_refusal_names_the_policy_and_the_activity_with_its_code_system(weight, original):
    wrong = {"policy": [ehealth.POLICY_SUNDHEDSLOVEN], "activity": concept(("urn:other", "Quotation"))}
    with pytest.raises(RuleBroken) as refused:
        weight.submit(with_provenance(weight.observation(), quoting(weight, original, **wrong)), now=LATER)
    policy, activity = (str(each.diagnostics) for each in refused.value.issues)
    assert ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN in policy
    assert "#".join(QUOTATION) in activity


def test_two_originals_of_one_copy_are_refused(weight, original):
    entity = {"role": "quotation", "what": {"reference": original}}
    found = refusal(weight, weight.observation(), quoting(weight, original, entity=[entity, entity]))
    assert found == [("INPUT_PROVENANCE_NOT_SINGLE_ENTITY", "Bundle.entry[1].resource.entity")]


def test_an_entity_that_is_no_quotation_is_refused(weight, original):
    entity = {"role": "source", "what": {"reference": original}}
    found = refusal(weight, weight.observation(), quoting(weight, original, entity=[entity]))
    assert found == [("INPUT_PROVENANCE_INVALID", "Bundle.entry[1].resource.entity.role")]


def test_another_citizen_has_not_chosen_it(weight, original):
    who = {"reference": weight.nancy.world.enrol(TJOERN).patient}
    found = refusal(weight, weight.observation(), quoting(weight, original, agent=[{"who": who}]))
    assert found == [("KPRO_SUBMIT_PATIENT", "Bundle.entry[1].resource.agent.who")]


def test_a_mark_of_another_system_is_refused(weight, original):
    meta = {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}]}
    found = refusal(weight, weight.observation(), quoting(weight, original, meta=meta))
    assert found == [("SYSTEM_TAG_UNEXPECTED_TAG", "Bundle.entry[1].resource.meta.tag")]


def test_everything_that_is_wrong_is_told_at_once(weight, original):
    wrong = quoting(weight, "Observation/nowhere", policy=[ehealth.POLICY_SUNDHEDSLOVEN])
    found = refusal(weight, weight.observation(status="preliminary"), wrong)
    assert [code for code, _ in found] == [
        "INVALID_STATUS",
        "INPUT_PROVENANCE_INVALID_POLICY",
        "INPUT_PROVENANCE_INVALID",
    ]


@R4_FIRST
def test_a_provenance_alone_is_no_measurement(weight, original):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        weight.submit(transaction([{"resource": quoting(weight, original)}]))
    assert [each.coding[1] for each in refused.value.issues] == [
        f"{SUBMIT}INPUT_BUNDLE_CONTAINS_NONE_OF_EXPECTED_RESOURCES"
    ]
    assert rows() == before


def test_what_was_sent_is_left_as_it_is(weight, original):
    bundle = with_provenance(weight.observation(), quoting(weight, original))
    sent = copy.deepcopy(bundle)
    weight.submit(bundle)
    assert bundle == sent
