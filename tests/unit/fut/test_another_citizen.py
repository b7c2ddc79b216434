"""What a citizen's resource names is not another citizen's: nobody else answers for them, consents for them, or has
their diagnosis; and a plan, a goal and a consent name only what is here.

Source: `fut.md` 1A to 1C, which say what may be named, and not of whom.
"""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fhirserver import database
from tests import people
from tests.people import ASTA
from tests.refusals import refusal
from tests.resources import (
    access_consent,
    care_plan,
    communication_request,
    condition,
    consent,
    document_reference,
    goal,
    media,
    observation,
    questionnaire_response,
    related_person,
    service_request,
    task,
    to,
)
from tests.store.cast import BASE, query, staff, stored
from tests.store.entries import post

NOT_HERE, OF_ANOTHER = "GENERAL_RESOURCE_NOT_FOUND", "GENERAL_VALIDATION_ERROR"
NANCYS = {"patient": "nancy", "episode_of_care": "nancys"}
TJOERN, NANCY = to("Patient/tjoern"), to("Patient/nancy")


@pytest.fixture
def measured(clinic):
    """What Nancy and Tjørn have each measured and answered, and what was ordered for them."""
    for citizen, course in (("nancy", "nancys"), ("tjoern", "tjoerns")):
        clinic.create(observation(citizen, course), id=f"{course}-vaegt")
        clinic.create(questionnaire_response(citizen, course), id=f"{course}-svar")
        clinic.create(service_request(citizen, course), id=f"{course}-bestilling")
    return clinic


@pytest.fixture
def families(clinic):
    """Somebody of Nancy's, and somebody of Tjørn's."""
    for citizen, key in (("nancy", "max"), ("tjoern", "far")):
        clinic.create(related_person(citizen), id=key)
    return clinic


def actor(whom):
    role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/contractsignertypecodes", "code": "PRIMAUTH"}]}
    agreed = consent("nancy", "nancys")
    return agreed | {"provision": agreed["provision"] | {"actor": [{"role": role, "reference": whom}]}}


def refused(clinic, made, **by):
    """Give what is told of what is refused, after seeing that nothing of it is there."""
    before = stored()
    told = refusal(lambda: clinic.create(made, **by))
    assert stored() == before
    return [(code, place.partition(".")[2]) for code, place in told]


PLACES = {
    "observation": (lambda whom: observation("nancy", "nancys", performer=[whom]), "performer[0]"),
    "media": (lambda whom: media("nancy", "nancys", operator=whom), "operator"),
    "author": (lambda whom: questionnaire_response("nancy", "nancys", author=whom), "author"),
    "source": (lambda whom: questionnaire_response("nancy", "nancys", source=whom), "source"),
    "asserter": (lambda whom: condition("nancy", "nancys") | {"asserter": whom}, "asserter"),
    "plan": (lambda whom: care_plan("nancy", "nancys", "nord", author=whom), "author"),
    "goal": (lambda whom: goal("nancy", expressedBy=whom), "expressedBy"),
    "performer": (lambda whom: consent("nancy", "nancys", performer=[whom]), "performer[0]"),
    "actor": (actor, "provision.actor[0].reference"),
    "requester": (lambda whom: service_request("nancy", "nancys", requester=whom), "requester"),
}


@pytest.mark.parametrize(("make", "place"), PLACES.values(), ids=PLACES)
def test_whoever_says_does_or_gives_it_is_no_other_citizen_and_nobody_of_theirs(families, make, place):
    assert refused(families, make(TJOERN)) == [(OF_ANOTHER, place)]
    made = make(to("RelatedPerson/far"))
    told = OF_ANOTHER if made["resourceType"] in ("CarePlan", "Goal", "Consent") else NOT_HERE
    assert refused(families, made) == [(told, place)]
    for whom in (NANCY, to("RelatedPerson/max"), to(f"{BASE}/Patient/nancy/_history/1"), to("Practitioner/asta")):
        assert families.create(make(whom))["id"]


def test_nor_is_there_another_citizen_in_what_is_given_to_this_one(clinic):
    """Material for Nancy, and an extension of anything of hers."""
    made = document_reference("nancy", "nancys", author=[TJOERN])
    assert refused(clinic, made) == [(OF_ANOTHER, "author[0]")]
    about = {"url": "https://kommune.example/om", "valueReference": TJOERN}
    asked = service_request("nancy", "nancys")
    asked["extension"] = [about, *asked["extension"]]
    assert refused(clinic, asked) == [(OF_ANOTHER, "extension[0].value")]


@pytest.mark.parametrize(
    "address",
    [
        f"{BASE.replace('https', 'HTTPS')}/Patient/tjoern",
        f"{BASE}/Patient/tjoern/",
        f"{BASE}/Patient/tjoern#navn",
        f"{BASE}/Patient/tjoern?_format=json",
        f"{BASE}/Patient%2Ftjoern",
        "Patient/tjoern#navn",
        "https://other.example/fhir/Patient/tjoern/",
        "fhir:Patient/tjoern",
        "Patient%20/tjoern",
        "%E2%80%8BPatient/tjoern",
        f"{BASE.replace('fhir.example', 'FHIR.example:443')}/RelatedPerson/far",
        f"{BASE}//RelatedPerson/far",
        f"{BASE}/relatedperson/far",
    ],
)
def test_nor_by_an_address_that_is_written_otherwise(families, address):
    """Whoever reads it could follow it, and the server could not tell whose it is."""
    for made, place in (
        (goal("nancy", expressedBy=to(address)), "expressedBy"),
        (observation("nancy", "nancys", performer=[to(address)]), "performer[0]"),
        (condition("nancy", "nancys") | {"asserter": to(address)}, "asserter"),
    ):
        assert refused(families, made) == [(OF_ANOTHER, place)]


@pytest.mark.parametrize("address", ["Patient/tjoern/_history/1", "Patient/tjoern|1", f"{BASE}//Patient/tjoern"])
def test_nor_by_a_version_or_by_way_of_another_server(families, address):
    assert refused(families, goal("nancy", expressedBy=to(address))) == [(OF_ANOTHER, "expressedBy")]


def test_what_is_no_resource_is_for_others_to_tell(clinic):
    journal = to("https://other.example/journal/7")
    assert clinic.create(service_request("nancy", "nancys", supportingInfo=[journal]))["supportingInfo"] == [journal]


def answered(whom):
    """An answer of a question deep in a questionnaire, which is a reference."""
    question = {"linkId": "1.1", "answer": [{"valueReference": whom}]}
    return questionnaire_response("nancy", "nancys", item=[{"linkId": "1", "item": [question]}])


def noted(whom):
    return observation("nancy", "nancys", note=[{"text": "Efter maden"}, {"text": "Set", "authorReference": whom}])


def beside(whom):
    """An extension in an extension, of an element that is no more than a code."""
    inner = {"url": "https://kommune.example/om", "extension": [{"url": "hvem", "valueReference": whom}]}
    return observation("nancy", "nancys", _status={"extension": [inner]})


DEEP = {
    "answer": (answered, "item[0].item[0].answer[0].value"),
    "note": (noted, "note[1].author"),
    "extension": (beside, "status.extension[0].extension[0].value"),
    "evidence": (
        lambda whom: condition("nancy", "nancys") | {"evidence": [{"detail": [NANCY, whom]}]},
        "evidence[0].detail[1]",
    ),
}


@pytest.mark.parametrize(("make", "place"), DEEP.values(), ids=DEEP)
def test_nobody_else_is_named_however_deep(families, make, place):
    assert refused(families, make(TJOERN)) == [(OF_ANOTHER, place)]
    assert families.create(make(NANCY))["id"]


THEIRS = {
    "built on": (lambda what: observation("nancy", "nancys", derivedFrom=[what]), "vaegt", "derivedFrom[0]"),
    "a panel": (lambda what: observation("nancy", "nancys", hasMember=[what]), "svar", "hasMember[0]"),
    "a part": (lambda what: questionnaire_response("nancy", "nancys", partOf=[what]), "vaegt", "partOf[0]"),
    "an answer": (answered, "vaegt", "item[0].item[0].answer[0].value"),
    "evidence": (
        lambda what: condition("nancy", "nancys") | {"evidence": [{"detail": [what]}]},
        "vaegt",
        "evidence[0].detail[0]",
    ),
    "a reason": (lambda what: service_request("nancy", "nancys", reasonReference=[what]), "kol", "reasonReference[0]"),
    "beside": (lambda what: service_request("nancy", "nancys", supportingInfo=[what]), "svar", "supportingInfo[0]"),
}
TYPES = {"vaegt": "Observation", "svar": "QuestionnaireResponse", "kol": "Condition", "bestilling": "ServiceRequest"}


@pytest.mark.parametrize(("make", "key", "place"), THEIRS.values(), ids=THEIRS)
def test_nor_is_anything_of_theirs(measured, make, key, place):
    """That it is another's is not told: it is refused as what is not here."""
    theirs, own, nothing = (to(f"{TYPES[key]}/{course}-{key}") for course in ("tjoerns", "nancys", "ingens"))
    for named in (theirs, to(f"{BASE}/{theirs['reference']}"), to(f"{theirs['reference']}/_history/1"), nothing):
        assert refused(measured, make(named)) == [(NOT_HERE, place)]
    for named in (own, to(f"https://other.example/fhir/{theirs['reference']}")):
        assert measured.create(make(named))["id"]


def test_nor_is_anything_of_theirs_beside_a_plan(measured):
    plan = care_plan("nancy", "nancys", "nord")
    for key, told in (("tjoerns", OF_ANOTHER), ("ingen", NOT_HERE)):
        about = {"url": "https://kommune.example/om", "valueReference": to(f"Observation/{key}-vaegt")}
        made = plan | {"extension": [*plan["extension"], about]}
        assert refused(measured, made) == [(told, f"extension[{len(plan['extension'])}].value")]


def test_a_course_of_care_is_referred_by_no_order_of_anothers(measured):
    course = measured.read("EpisodeOfCare", "nancys")
    theirs, own = ([to(f"ServiceRequest/{key}-bestilling")] for key in ("tjoerns", "nancys"))
    told = refusal(lambda: measured.update(course | {"referralRequest": theirs}))
    assert told == [(NOT_HERE, "EpisodeOfCare.referralRequest[0]")]
    assert measured.update(course | {"referralRequest": own})["referralRequest"]


def test_all_that_is_named_is_looked_up_at_once_and_what_names_nothing_waits_for_nothing(measured, monkeypatch):
    asked, ask = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda *how, **more: asked.append(how) or ask(*how, **more))

    def statements(**named):
        asked.clear()
        measured.create(service_request("nancy", "nancys", **named))
        return len(asked)

    bare, own = statements(), [to("Condition/nancys-kol"), to("Observation/nancys-vaegt")]
    assert statements(reasonReference=own, supportingInfo=[to("QuestionnaireResponse/nancys-svar")]) == bare + 1


def test_a_care_begins_by_no_other_citizens_consent(clinic):
    """All that is wrong is told at once, and then there is no consent by which it could begin."""
    wrong = actor(TJOERN) | {"performer": [NANCY, TJOERN, to("Practitioner/ingen")]}
    told = [(OF_ANOTHER, "performer[1]"), (NOT_HERE, "performer[2]"), (OF_ANOTHER, "provision.actor[0].reference")]
    by = staff(ASTA, **NANCYS)
    assert sorted(refused(clinic, wrong, by=by)) == sorted(told)
    begun = clinic.read("EpisodeOfCare", "nancys") | {"status": "active"}
    assert refusal(lambda: clinic.update(begun)) == [("EPISODEOFCARE_PATCH_NO_CONSENT", "EpisodeOfCare.status")]


def test_a_consent_is_given_by_the_citizen_or_by_who_is_here_on_their_behalf(clinic):
    """As FUT's own client writes it: by the citizen, with the organisation."""
    by = staff(ASTA, **NANCYS)
    for performer in ([NANCY, to("Organization/kommune")], [to("Practitioner/asta")]):
        assert clinic.create(actor(NANCY) | {"performer": performer}, by=by)["performer"]
    for nowhere in ("Practitioner/ingen", "RelatedPerson/ingen", "https://other.example/fhir/Practitioner/asta"):
        assert refused(clinic, consent("nancy", "nancys", performer=[to(nowhere)])) == [(NOT_HERE, "performer[0]")]
    assert refused(clinic, access_consent("nancy", "ingen")) == [(NOT_HERE, "performer[0]")]


def test_what_it_is_about_is_a_diagnosis_of_the_citizens(clinic):
    """To who may not see it, another's is what is not here."""
    by = staff(ASTA, **NANCYS)
    for made in (care_plan("nancy", "nancys", "nord"), goal("nancy", addresses=[to("Condition/nancys-kol")])):
        assert clinic.create(made)["addresses"]
        for named, code in (("tjoerns-kol", OF_ANOTHER), ("ingen", NOT_HERE)):
            wrong = made | {"addresses": [to(f"Condition/{named}")]}
            assert refused(clinic, wrong) == [(code, "addresses[0]")]
            assert refused(clinic, wrong, by=by) == [(NOT_HERE, "addresses[0]")]


def test_a_plan_has_goals_and_activities_that_are_here_and_the_citizens(clinic):
    clinic.create(goal("tjoern"), id="tjoerns-maal")
    clinic.create(service_request("tjoern", "tjoerns"), id="tjoerns-svar")
    for named, code in (("Goal/ingen", NOT_HERE), ("Goal/tjoerns-maal", OF_ANOTHER)):
        made = care_plan("nancy", "nancys", "nord", goal=[to(named)])
        assert refused(clinic, made) == [(code, "goal[0]")]
    for named, code in (("ServiceRequest/ingen", NOT_HERE), ("ServiceRequest/tjoerns-svar", OF_ANOTHER)):
        made = care_plan("nancy", "nancys", "nord", activity=[{"reference": to(named)}])
        assert refused(clinic, made) == [(code, "activity[0].reference")]


@pytest.mark.parametrize("turn", [1, -1])
def test_an_activity_and_the_plan_that_each_name_the_other_come_together(clinic, turn):
    activity, plan = (f"urn:uuid:{number}2222222-2222-4222-8222-222222222222" for number in range(2))
    sent = (
        post(service_request("nancy", "nancys", supportingInfo=[to(plan)]), activity),
        post(care_plan("nancy", "nancys", "nord", activity=[{"reference": to(activity)}]), plan),
    )
    made = {each["resource"]["resourceType"]: each["resource"] for each in clinic.transact(*sent[::turn])["entry"]}
    assert made["ServiceRequest"]["supportingInfo"] == [to(f"{BASE}/CarePlan/{made['CarePlan']['id']}")]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_plan_and_what_it_names_come_in_one_transaction_whichever_is_first(clinic, turn):
    wish, by = (f"urn:uuid:{number}1111111-1111-4111-8111-111111111111" for number in range(2))
    sent = (
        post(care_plan("nancy", "nancys", "nord", goal=[to(wish)])),
        post(goal("nancy", expressedBy=to(by)), wish),
        post(related_person("nancy"), by),
    )
    made = {each["resource"]["resourceType"]: each["resource"] for each in clinic.transact(*sent[::turn])["entry"]}
    assert made["CarePlan"]["goal"] == [to(f"{BASE}/Goal/{made['Goal']['id']}")]


def numbered(citizen, **beside):
    return {"identifier": {"system": ehealth.CPR, "value": citizen.cpr}, **beside}


OTHERWISE, ORDERS = {"url": "https://kommune.example/om"}, "https://kommune.example/ordre"
BY_NUMBER = PLACES | {
    "task": (lambda whom: task("nancy", "nancys", requester=whom), "requester"),
    "owner": (lambda whom: task("nancy", "nancys", owner=whom), "owner"),
    "wish": (lambda whom: communication_request("nancy", "nancys", recipient=[whom]), "recipient[0]"),
    "answer": (answered, "item[0].item[0].answer[0].value"),
    "extension": (beside, "status.extension[0].extension[0].value"),
}


@pytest.mark.parametrize(("make", "place"), BY_NUMBER.values(), ids=BY_NUMBER)
def test_nobody_else_is_named_by_their_number(clinic, make, place):
    for whom in (numbered(people.TJOERN), numbered(people.TJOERN, **NANCY)):
        assert refused(clinic, make(whom)) == [(OF_ANOTHER, f"{place}.identifier")]
    assert clinic.create(make(numbered(people.NANCY, type="Patient")))["id"]


def test_nor_is_what_it_is_about_known_by_their_number(clinic):
    wrong = goal("nancy", addresses=[numbered(people.TJOERN)])
    assert refused(clinic, wrong) == [(OF_ANOTHER, "addresses[0].identifier")]


def test_their_number_is_not_said_again(clinic):
    wrong = condition("nancy", "nancys") | {"asserter": numbered(people.TJOERN)}
    with pytest.raises(RuleBroken) as told:
        clinic.create(wrong)
    assert people.TJOERN.cpr not in str(told.value) + str(told.value.to_fhir())


def test_a_number_is_the_citizens_own_however_it_is_written_and_other_numbers_are_for_others_to_tell(clinic):
    own = people.NANCY.cpr
    written = {"identifier": {"system": ehealth.CPR, "value": f"{own[:6]}-{own[6:]}"}}
    ours = {"identifier": {"system": ehealth.SOR, "value": "634491000016008"}}
    nothing = {"identifier": {"system": ehealth.CPR}, "display": "Nancy"}
    for whom in (written, ours, nothing):
        assert clinic.create(condition("nancy", "nancys") | {"asserter": whom})["asserter"] == whom
    nobodys = {"identifier": {"system": ehealth.CPR, "value": "Tjørn"}}
    told = [(OF_ANOTHER, "asserter.identifier")]
    assert refused(clinic, condition("nancy", "nancys") | {"asserter": nobodys}) == told


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda number: task("nancy", "nancys", identifier=[number]), "identifier[0]"),
        (lambda number: task("nancy", "nancys", groupIdentifier=number), "groupIdentifier"),
        (lambda number: questionnaire_response("nancy", "nancys", identifier=number), "identifier"),
        (lambda number: goal("nancy", extension=[OTHERWISE | {"valueIdentifier": number}]), "extension[0].value"),
    ],
    ids=["a task's own number", "of a group of tasks", "a response's", "in an extension"],
)
def test_nor_is_anything_of_theirs_numbered_by_it(clinic, make, place):
    own, other = people.NANCY.cpr, people.TJOERN.cpr
    hyphened = f"{other[:6]}-{other[6:]}"
    for system, value in ((ehealth.CPR, other), (ORDERS, hyphened), ("https://kommune.example/CPR", other)):
        assert refused(clinic, make({"system": system, "value": value})) == [(OF_ANOTHER, place)]
    for system, value in ((ehealth.CPR, own), (ORDERS, f"{own[:6]}-{own[6:]}"), (ORDERS, other)):
        assert clinic.create(make({"system": system, "value": value}))["id"]


def test_a_relative_is_known_by_a_number_of_their_own(clinic):
    known = numbered(people.TJOERN)["identifier"]
    assert clinic.create(related_person("nancy", identifier=[known]))["identifier"] == [known]
    doctor = {"resourceType": "Practitioner", "id": "bo", "identifier": [known]}
    brought = {"contained": [doctor], "extension": [OTHERWISE | {"valueReference": to("#bo")}]}
    assert refused(clinic, related_person("nancy", **brought)) == [(OF_ANOTHER, "contained[0].identifier[0]")]


@pytest.mark.parametrize("type", ["Patient", "RelatedPerson", "Person", "Practitioner"])
def test_nobody_else_comes_along_with_their_number(clinic, type):
    def holding(*citizens):
        person = {"resourceType": type, "id": "hvem", **({"patient": NANCY} if type == "RelatedPerson" else {})}
        ours = {"system": "https://kommune.example/person", "value": "7"}
        numbers = {"identifier": [ours, *(numbered(each)["identifier"] for each in citizens)]}
        about = {"url": "https://kommune.example/om", "valueReference": to("#hvem")}
        made = condition("nancy", "nancys")
        return made | {"contained": [person | numbers], "extension": [*made["extension"], about]}

    wrong = holding(people.NANCY, people.TJOERN)
    assert refused(clinic, wrong) == [(OF_ANOTHER, "contained[0].identifier[2]")]
    for citizens in ((), (people.NANCY,)):
        assert clinic.create(holding(*citizens))["contained"]


def test_the_citizen_is_looked_up_for_a_number_alone(clinic, monkeypatch):
    asked, ask = [], database._rows
    monkeypatch.setattr(database, "_rows", lambda *how, **more: asked.append(how) or ask(*how, **more))

    def statements(author):
        asked.clear()
        clinic.create(questionnaire_response("nancy", "nancys", author=author))
        return len(asked)

    ours = {"identifier": {"system": ehealth.SOR, "value": "634491000016008"}}
    assert statements(NANCY | numbered(people.NANCY)) <= statements(NANCY) + 1
    assert statements(NANCY | ours) == statements(NANCY)


def test_a_number_that_stood_there_before_may_stay(clinic):
    made = clinic.create(condition("nancy", "nancys") | {"asserter": numbered(people.NANCY)})
    query(
        "UPDATE fhir_resource SET json = replace(json, %s, %s) WHERE type = 'Condition'",
        (people.NANCY.cpr, people.TJOERN.cpr),
    )
    changed = clinic.update(clinic.read("Condition", made["id"]) | {"note": [{"text": "KOL"}]})
    assert changed["asserter"] == numbered(people.TJOERN)
    worse = changed | {"recorder": numbered(people.TJOERN, type="Practitioner")}
    assert clinic.update(worse)["recorder"], "it says nothing that did not stand there"
    evidence = [{"detail": [{"identifier": {"system": ehealth.CPR, "value": "et andet"}}]}]
    told = refusal(lambda: clinic.update(changed | {"evidence": evidence}))
    assert told == [(OF_ANOTHER, "Condition.evidence[0].detail[0].identifier")]


def test_what_was_so_before_may_stay_and_the_rest_can_be_changed(clinic):
    made = clinic.create(condition("nancy", "nancys") | {"asserter": NANCY})
    was = f'"asserter":{{"reference":"{BASE}/Patient/%s"}}'
    query("UPDATE fhir_resource SET json = replace(json, %s, %s)", (was % "nancy", was % "tjoern"))
    changed = clinic.update(clinic.read("Condition", made["id"]) | {"note": [{"text": "KOL"}]})
    assert changed["asserter"] == to(f"{BASE}/Patient/tjoern")
    worse = changed | {"recorder": to("Patient/tjoern/_history/1")}
    assert [code for code, _ in refusal(lambda: clinic.update(worse))] == [OF_ANOTHER]


def test_a_patient_is_linked_to_another_record_of_theirs(clinic):
    """Whom the register has twice is one person."""
    nancy = clinic.read("Patient", "nancy")
    assert clinic.update(nancy | {"link": [{"other": TJOERN, "type": "seealso"}]})["link"]
