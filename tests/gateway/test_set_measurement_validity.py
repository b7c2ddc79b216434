"""`ClinicalImpression/$set-measurement-validity`: what is wrong is kept and no longer counts, or counts again."""

from dataclasses import replace

import pytest

from kommunalpro.care.worklist import worklist
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.outcome import Forbidden, NotFound, PreconditionFailed, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.pro.triage import Light
from tests.gateway.answering import BAD, LATER, answers, bundle_of
from tests.gateway.looking import all_of, audit, rows
from tests.gateway.marks import NOT_CREATED, R4_FIRST
from tests.people import TJOERN
from tests.resources import media, observation, to
from tests.unit.care import validity

INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"
FULFILS, DOES_NOT = "invalidated-fulfills", "invalidated-is-not-fulfillment"


@pytest.fixture
def measurement(asked):
    """Nancy's answer; gives its URL."""
    answer = asked.submit(bundle_of(asked.response(answers(BAD))))
    return answer["entry"][0]["fullUrl"]


def impression(nancy, measurement, finding=INVALIDATED, decision=FULFILS, version="1", **changes):
    return validity.impression(nancy, measurement, finding, decision, version, **changes)


def _coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def say(nancy, said, *, by=None):
    asked = parameters({"name": "clinicalImpression", "resource": said})
    by = by or nurse(nancy)
    return nancy.world.gateway.operation(
        "$set-measurement-validity", asked, target="ClinicalImpression", by=by, now=LATER
    )


def nurse(nancy):
    return nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)


def retract(nancy, measurement, version="2"):
    return say(nancy, impression(nancy, measurement, RETRACTED, None, version))


def read(nancy, url):
    return nancy.world.gateway.read(url, by=SYSTEM, now=LATER)


def refusal(nancy, said, *, by=None):
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        say(nancy, said, by=by)
    assert rows() == before
    return {(each.coding[1], each.expression) for each in refused.value.issues}


def test_it_names_no_other_plan_than_the_measurements(asked, nancy, measurement):
    [plan] = all_of(asked, "CarePlan")
    mine = {"url": ehealth.CLINICALIMPRESSION_CAREPLAN, "valueReference": to(f"CarePlan/{plan['id']}")}
    said = impression(nancy, measurement)
    other = {**said, "extension": [*said["extension"], mine | {"valueReference": to("CarePlan/nowhere")}]}
    assert refusal(nancy, other) == {("KPRO_CLINICALIMPRESSION_CAREPLAN", "ClinicalImpression.investigation.item")}
    assert say(nancy, {**said, "extension": [*said["extension"], mine]})["status"] == "completed"


def test_an_invalidated_answer_is_kept_and_marked_and_who_did_it_stands_there(nancy, measurement):
    before = read(nancy, measurement)
    told = say(nancy, impression(nancy, measurement))
    after = read(nancy, measurement)
    assert after["status"] == "entered-in-error"
    assert after["item"] == before["item"]
    assert told == read(nancy, f"ClinicalImpression/{told['id']}")
    assert told["assessor"] == {"reference": nancy.world.asta.user}
    organization = extension_value(told, ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION)
    assert organization == {"reference": nancy.world.asta.context.organization}
    modified = told["investigation"][1]
    assert modified["code"]["coding"][0]["code"] == "item-modified"
    assert modified["item"][0] == {"reference": f"{measurement}/_history/2"}


def test_taken_back_it_counts_again_and_only_the_last_word_stands(nancy, measurement):
    first = say(nancy, impression(nancy, measurement))
    second = retract(nancy, measurement)
    assert read(nancy, measurement)["status"] == "completed"
    assert read(nancy, f"ClinicalImpression/{first['id']}")["status"] == "entered-in-error"
    third = say(nancy, impression(nancy, measurement, decision=DOES_NOT, version="3"))
    assert read(nancy, f"ClinicalImpression/{second['id']}")["status"] == "entered-in-error"
    assert third["status"] == "completed"


def test_the_light_of_record_is_never_changed(asked, nancy, measurement):
    before = all_of(asked, "ClinicalImpression")
    say(nancy, impression(nancy, measurement))
    assert [each for each in all_of(asked, "ClinicalImpression") if each["id"] == before[0]["id"]] == before


def test_the_worklist_says_so_and_the_answer_keeps_its_place_until_it_is_closed(nancy, measurement):
    def listed():
        return worklist(nancy.world.gateway, by=nancy.world.asta, now=LATER).items

    [before] = listed()
    assert (before.response, before.light, before.is_invalidated) == (measurement, Light.RED, False)
    say(nancy, impression(nancy, measurement))
    assert listed() == (replace(before, is_invalidated=True),)
    retract(nancy, measurement)
    assert listed() == (before,)


@pytest.mark.parametrize(("decision", "submitted"), [(FULFILS, 1), ("invalidated-is-not-fulfillment", 0)])
def test_what_is_invalid_is_counted_apart_and_as_submitted_where_it_fulfils(
    asked, nancy, measurement, decision, submitted
):
    say(nancy, impression(nancy, measurement, decision=decision))
    span = [
        {"name": name, "valueDateTime": at}
        for name, at in (("start", "2026-11-01T00:00:00Z"), ("end", "2026-12-31T00:00:00Z"))
    ]
    given = parameters({"name": "patient", "valueReference": {"reference": nancy.patient}}, *span)
    answer = nancy.world.gateway.operation("$get-patient-procedures", given, by=asked.by, now=LATER)
    [row, *_] = [each["part"] for each in answer["entry"][-1]["resource"]["parameter"]]
    counts = {each["name"]: each.get("valueInteger") for each in row}
    assert (counts["TotalInvalidated"], counts["TotalSubmitted"]) == (1, submitted)


@NOT_CREATED
@pytest.mark.parametrize(("make", "restored"), [(observation, "final"), (media, "completed")])
def test_observations_and_pictures_go_the_same_way(nancy, make, restored):
    ids = (nancy.patient.rpartition("/")[2], nancy.episode.rpartition("/")[2])
    stored = nancy.world.gateway.create(make(*ids), by=SYSTEM, now=LATER)
    url = f"{nancy.world.gateway.base_url}/{stored['resourceType']}/{stored['id']}"
    say(nancy, impression(nancy, url))
    assert read(nancy, url)["status"] == "entered-in-error"
    retract(nancy, url)
    assert read(nancy, url)["status"] == restored


@NOT_CREATED
@pytest.mark.parametrize("status", ["preliminary", "amended", "corrected", "final"])
def test_taken_back_it_is_what_it_was_before_it_was_invalidated(nancy, status):
    """A preliminary finding that becomes final by the way would be believed."""
    ids = (nancy.patient.rpartition("/")[2], nancy.episode.rpartition("/")[2])
    stored = nancy.world.gateway.create(observation(*ids, status=status), by=SYSTEM, now=LATER)
    url = f"{nancy.world.gateway.base_url}/Observation/{stored['id']}"
    say(nancy, impression(nancy, url))
    wrong = read(nancy, url)
    nancy.world.gateway.update(wrong | {"note": [{"text": "Ny"}]}, if_match="2", by=SYSTEM, now=LATER)
    retract(nancy, url, version="3")
    assert read(nancy, url)["status"] == status


def test_an_amended_answer_is_amended_again(nancy, measurement):
    amended = read(nancy, measurement) | {"status": "amended"}
    nancy.world.gateway.update(amended, if_match="1", by=SYSTEM, now=LATER)
    say(nancy, impression(nancy, measurement, version="2"))
    retract(nancy, measurement, version="3")
    assert read(nancy, measurement)["status"] == "amended"


def test_a_citizen_whose_token_lets_them_is_named_as_the_other_assessor(nancy, measurement):
    may = nancy.self.privileges | {"ClinicalImpression$set-measurement-validity"}
    told = say(nancy, impression(nancy, measurement), by=replace(nancy.self, privileges=may))
    assert extension_value(told, ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER) == {"reference": nancy.patient}
    assert "assessor" not in told


def test_nobody_is_named_as_assessor_but_who_does_it(nancy, measurement):
    said = impression(nancy, measurement, assessor={"reference": nancy.world.bo.user})
    organization = {"reference": nancy.world.kim.context.organization}
    said["extension"].append({"url": ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION, "valueReference": organization})
    told = say(nancy, said)
    assert told["assessor"] == {"reference": nancy.world.asta.user}
    assert extension_value(told, ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION) != organization


@pytest.mark.parametrize("is_reference", [True, False], ids=["a colleague", "a name"])
def test_nor_as_who_notes_why(nancy, measurement, is_reference):
    bo = nancy.world.bo
    author = {"authorReference": {"reference": bo.user}} if is_reference else {"authorString": bo.name}
    said = impression(nancy, measurement, note=[author | {"text": "Forkert borger."}])
    assert refusal(nancy, said) == {("GENERAL_VALIDATION_ERROR", "ClinicalImpression.note[0].author")}
    own = [{"authorReference": {"reference": nancy.world.asta.user}, "text": "Forkert borger."}]
    assert say(nancy, impression(nancy, measurement, note=own))["note"] == own


def test_the_system_names_who_assessed_it_and_is_nobody_itself(nancy, measurement):
    assessor = {"reference": nancy.world.bo.user}
    assert say(nancy, impression(nancy, measurement, assessor=assessor), by=SYSTEM)["assessor"] == assessor


def test_something_else_says_nothing_of_a_measurement(nancy, measurement):
    assert refusal(nancy, read(nancy, measurement)) == {("KPRO_MEASUREMENT_VALIDITY", "ClinicalImpression")}


def about(*references):
    """Say it of measurements that are named so."""
    return lambda nancy, url: impression(
        nancy,
        url,
        investigation=[validity.items(*(each.format(url=url, key=Reference.parse(url).key) for each in references))],
    )


VALIDITY = "TASK_MEASUREMENT_VALIDITY"
ELSEWHERE = "https://other.example/fhir/{key}"
ASSESSMENT = _coded(ehealth.CLINICALIMPRESSION_CODES, "MeasurementAssessment")
UNCLEAR = [
    ("INVALID_INITIAL_STATUS", "status", lambda nancy, url: impression(nancy, url, status="in-progress")),
    (
        "CLINICAL_IMPRESSION_MEASUREMENT_VALIDITY_UPDATED_CODE_REQUIRED",
        "code",
        lambda nancy, url: impression(nancy, url, code=ASSESSMENT),
    ),
    ("INVALID_FINDING_CODE", "finding", lambda nancy, url: impression(nancy, url, "red")),
    ("INVALID_FINDING_CODE", "finding", lambda nancy, url: impression(nancy, url) | {"finding": []}),
    ("INVALID_DECISION_CODE", "extension", lambda nancy, url: impression(nancy, url, decision=None)),
    ("INVALID_DECISION_CODE", "extension", lambda nancy, url: impression(nancy, url, decision="approved")),
    ("INVALID_DECISION_CODE", "extension", lambda nancy, url: impression(nancy, url, RETRACTED)),
    ("INVALID_MEASUREMENT_REFERENCE", "investigation.item", about("{url}")),
    ("INVALID_MEASUREMENT_REFERENCE", "investigation.item", about("{url}/_history/1", "{url}/_history/1")),
    ("INVALID_MEASUREMENT_REFERENCE", "investigation.item", about("{url}/_history/1", "{url}x")),
    ("INVALID_MEASUREMENT_REFERENCE", "investigation.item", about("{url}/_history/1", "{url}", "{url}")),
    ("INVALID_INVESTIGATION_ITEM_TYPE", "investigation.item", about("Task/1/_history/1", "Task/1")),
    ("INVALID_MEASUREMENT_REFERENCE", "investigation.item", about(f"{ELSEWHERE}/_history/1", ELSEWHERE)),
]


@R4_FIRST
def test_what_is_unclear_changes_nothing_and_is_named(nancy, measurement):
    for name, place, unclear in UNCLEAR:
        code = name if name.startswith("CLINICAL") else f"{VALIDITY}_{name}"
        said = {name: each for name, each in unclear(nancy, measurement).items() if each}
        assert (code, f"ClinicalImpression.{place}") in refusal(nancy, said), said
    assert read(nancy, measurement)["status"] == "completed"


def test_everything_that_is_unclear_is_told_at_once(nancy, measurement):
    said = impression(
        nancy, measurement, "red", None, status="in-progress", investigation=[validity.items(measurement)]
    )
    places = {place for _, place in refusal(nancy, said)}
    assert {f"ClinicalImpression.{each}" for each in ("status", "finding", "investigation.item")} <= places


def test_it_is_invalidated_once_and_taken_back_only_then(nancy, measurement):
    finding = "ClinicalImpression.finding"
    nothing = {(f"{VALIDITY}_MISSING_PREVIOUS", finding)}
    assert refusal(nancy, impression(nancy, measurement, RETRACTED, None)) == nothing
    say(nancy, impression(nancy, measurement))
    already = {(f"{VALIDITY}_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION", finding)}
    assert refusal(nancy, impression(nancy, measurement, version="2")) == already


@NOT_CREATED
def test_what_came_here_in_error_has_nothing_to_go_back_to(nancy):
    """As another system may have sent it, with who invalidated it there."""
    ids = (nancy.patient.rpartition("/")[2], nancy.episode.rpartition("/")[2])
    stored = nancy.world.gateway.create(observation(*ids, status="entered-in-error"), by=SYSTEM, now=LATER)
    url = f"{nancy.world.gateway.base_url}/Observation/{stored['id']}"
    nancy.world.gateway.create(impression(nancy, url), by=SYSTEM, now=LATER)
    taken_back = impression(nancy, url, RETRACTED, None)
    assert refusal(nancy, taken_back) == {("KPRO_MEASUREMENT_VALIDITY_STATE", "ClinicalImpression.finding")}


def test_what_somebody_has_changed_since_is_looked_at_again(nancy, measurement):
    say(nancy, impression(nancy, measurement))
    with pytest.raises(PreconditionFailed):
        retract(nancy, measurement, version="1")


def test_it_is_about_the_citizen_and_the_course_of_care_of_the_measurement(nancy, measurement):
    tjoern = nancy.world.enrol(TJOERN)
    for said in (
        impression(nancy, measurement, subject={"reference": tjoern.patient}),
        impression(tjoern, measurement),
    ):
        assert refusal(nancy, said) == {(f"{VALIDITY}_REFERENCE_MISMATCH", "ClinicalImpression")}


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_another_team_neither_sees_nor_changes_it(nancy, measurement, outsider):
    by = nancy.world.staff[outsider].principal.within(patient=nancy.patient, episode_of_care=nancy.episode)
    before = rows()
    with pytest.raises(NotFound):
        say(nancy, impression(nancy, measurement), by=by)
    assert rows() == before
    assert read(nancy, measurement)["status"] == "completed"


def test_it_takes_the_privilege_which_a_citizen_does_not_have(nancy, measurement):
    for by in (nancy.self, nancy.world.staff["lis"].principal):
        with pytest.raises(Forbidden):
            say(nancy, impression(nancy, measurement), by=by)


def test_it_is_the_only_way_to_say_so(nancy, measurement):
    gateway, by = nancy.world.gateway, nurse(nancy)
    with pytest.raises(RuleBroken) as refused:
        gateway.create(impression(nancy, measurement), by=by, now=LATER)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_MEASUREMENT_VALIDITY_BY_OPERATION"]
    told = say(nancy, impression(nancy, measurement))
    change = [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    with pytest.raises(RuleBroken):
        gateway.patch(f"ClinicalImpression/{told['id']}", change, if_match="1", by=by, now=LATER)


def test_it_is_noted_about_whom(nancy, measurement):
    say(nancy, impression(nancy, measurement))
    noted = [each for each in audit() if each["subtype"][0].get("display") == "$set-measurement-validity"]
    assert any(Reference.parse(measurement).key in str(each["entity"]) for each in noted)
