"""Rules of what belongs to a person: consent before care, nobody's Task beyond reach, nobody mixed up with another."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Forbidden, RuleBroken, Unprocessable
from kommunalpro.fut.owners import NAMES_EPISODE
from kommunalpro.fut.profiles.persons import patient_problems
from kommunalpro.fut.treatment_area import TAG
from tests.people import ASTA, NANCY
from tests.refusals import refusal, refusal_codes
from tests.resources import (
    care_plan,
    clinical_impression,
    communication,
    communication_request,
    condition,
    consent,
    episode_of_care,
    goal,
    media,
    message,
    observation,
    provenance,
    questionnaire_response,
    related_person,
    service_request,
    task,
    to,
    triage_consent,
)
from tests.store.cast import BASE, citizen, query, staff, stored, without

OTHER = "https://other.example/fhir"
BELONGING = [condition, care_plan, service_request, task, consent, clinical_impression, questionnaire_response]
OF_R4 = ""
every = pytest.mark.parametrize("make", BELONGING, ids=lambda make: make.__name__)


@every
def test_what_belongs_to_a_course_of_care_is_about_its_citizen(clinic, make):
    name = "TASK_FOR_NOT_SET" if make is task else "KPRO_PATIENT_NOT_OF_EPISODEOFCARE"
    assert refusal_codes(lambda: clinic.create(make("tjoern", "nancys"))) == [name]
    assert clinic.create(make("nancy", "nancys"))["id"]


def test_what_is_told_of_a_course_of_care_no_other_citizen_has_done(clinic):
    """It would be that citizen's row."""
    nurse, nancy, tjoern = ({"who": to(each)} for each in ("Practitioner/asta", "Patient/nancy", "Patient/tjoern"))
    told = clinic.create(provenance("EpisodeOfCare/nancys", agent=[nurse, nancy]))
    for agents in ([tjoern], [nancy, tjoern]):
        wrong = [("KPRO_PATIENT_NOT_OF_EPISODEOFCARE", "Provenance.agent.who")]
        assert refusal(lambda agents=agents: clinic.create(provenance("EpisodeOfCare/nancys", agent=agents))) == wrong
        assert refusal(lambda agents=agents: clinic.update(told | {"agent": agents})) == wrong


@pytest.mark.parametrize("make", [*BELONGING, communication, communication_request, observation, media, goal])
def test_what_does_not_say_whom_it_is_about_is_told_that_alone(clinic, make):
    made = make("nancy") if make is goal else make("nancy", "nancys")
    element = next(name for name in ("subject", "patient", "for") if name in made)
    before = stored()
    [(code, place)] = refusal(
        lambda: clinic.create({name: each for name, each in made.items() if name != element}), Unprocessable
    )
    assert place == f"{made['resourceType']}.{element}"
    assert code in ({"TASK_FOR_NOT_SET"} if make is task else {"GENERAL_VALIDATION_ERROR", OF_R4})
    assert stored() == before


@every
def test_a_course_of_care_that_is_not_here_is_refused(clinic, make):
    assert refusal_codes(lambda: clinic.create(make("nancy", "nowhere"))) == ["GENERAL_RESOURCE_NOT_FOUND"]


@every
def test_the_same_patient_id_on_another_server_is_somebody_else(clinic, make):
    made = make("nancy", "nancys")
    element = next(name for name in ("subject", "patient", "for") if name in made)
    assert refusal_codes(lambda: clinic.create(made | {element: to(f"{OTHER}/Patient/nancy")})) == [
        "KPRO_PATIENT_UNKNOWN"
    ]


@pytest.mark.parametrize("make", [each for each in (*BELONGING, communication) if each is not consent])
@pytest.mark.parametrize("value", [{"valueString": "x"}, {"valueBoolean": True}, {"valueReference": {"display": "x"}}])
def test_a_course_of_care_is_named_by_a_reference_and_by_nothing_else(clinic, make, value):
    made = make("nancy", "nancys")
    made["extension"] = [
        {"url": each["url"], **value} if each["url"] in NAMES_EPISODE else each for each in made.get("extension", ())
    ]
    assert "GENERAL_RESOURCE_NOT_FOUND" in refusal_codes(lambda: clinic.create(made))


@every
def test_the_tag_of_another_solution_is_refused(clinic, make):
    made = make("nancy", "nancys") | {"meta": {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}]}}
    assert refusal_codes(lambda: clinic.create(made)) == ["SYSTEM_TAG_UNEXPECTED_TAG"]


def test_care_starts_when_the_citizen_has_consented(clinic):
    episode = clinic.read("EpisodeOfCare", "nancys")
    start = [{"op": "replace", "path": "/status", "value": "active"}]
    by = staff(ASTA, patient="nancy", episode_of_care="nancys")

    def begin():
        with clinic.as_(by) as session:
            return session.patch("EpisodeOfCare", episode["id"], start, if_match=None)

    assert refusal_codes(begin) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
    given = clinic.create(consent("nancy", "nancys", status="proposed"), by=by)
    assert refusal_codes(begin) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
    for provision in ({"period": {"end": "2026-11-01"}}, {"period": {"start": "2099-01-01"}}, {"type": "deny"}):
        given = clinic.update(given | {"status": "active", "provision": {**given["provision"], **provision}}, by=by)
        assert refusal_codes(begin) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
        given = {**given, "provision": {name: each for name, each in given["provision"].items() if name != "type"}}
    clinic.update(given | {"provision": {**given["provision"], "period": {"start": "2026-11-01"}}}, by=by)
    assert begin()["status"] == "active"


ROLE = consent("nancy", "nancys")["provision"]["actor"][0]["role"]
BY_NUMBER = {"identifier": {"system": "https://kommune.example/borger", "value": "7"}}
IN_IT = {"resourceType": "Patient", "id": "p"}
STARTS_NOTHING = {
    "given by nobody": {"actor": None},
    "given by who is called by a name alone": {"actor": [{"role": ROLE, "reference": {"display": "Nancy"}}]},
    "given by who is known by a number alone": {"actor": [{"role": ROLE, "reference": BY_NUMBER}]},
    "given by a professional": {"actor": [{"role": ROLE, "reference": to("Practitioner/bo")}]},
    "given by somebody of hers": {"actor": [{"role": ROLE, "reference": to("RelatedPerson/max")}]},
    "given by her namesake elsewhere": {"actor": [{"role": ROLE, "reference": to(f"{OTHER}/Patient/nancy")}]},
    "given by who is in it": {"actor": [{"role": ROLE, "reference": to("#p")}]},
    "for no time": {"period": None},
    "denied within": {"provision": [{"type": "deny"}]},
    "denied further within": {"provision": [{"type": "permit", "provision": [{"type": "deny"}]}]},
}


@pytest.mark.parametrize("provision", STARTS_NOTHING.values(), ids=STARTS_NOTHING)
def test_care_is_started_by_the_citizens_own_consent_and_by_no_other(clinic, provision):
    """The others are stored, as R4 lets them be."""
    clinic.create(related_person("nancy"), id="max")
    own = consent("nancy", "nancys")
    said = {name: each for name, each in (own["provision"] | provision).items() if each is not None}
    within = {"contained": [IN_IT], "performer": [to("#p")]} if "#p" in str(said) else {}
    given = clinic.create(own | within | {"provision": said})

    def begin():
        with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
            change = [{"op": "replace", "path": "/status", "value": "active"}]
            return session.patch("EpisodeOfCare", "nancys", change, if_match=None)["status"]

    assert refusal_codes(begin) == ["EPISODEOFCARE_PATCH_NO_CONSENT"]
    clinic.update(own | {"id": given["id"], "provision": own["provision"] | {"type": "permit"}})
    assert begin() == "active"


@pytest.mark.parametrize("own_comes", ["first", "last"])
def test_the_citizens_own_consent_is_found_among_many_that_start_nothing(clinic, own_comes):
    own = consent("nancy", "nancys")
    many = [own | {"provision": own["provision"] | {"type": "deny"}}] * 60
    for each in [own, *many] if own_comes == "first" else [*many, own]:
        clinic.create(each)
    assert clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": "active"})["status"] == "active"


@pytest.mark.parametrize("first", ["onhold", "finished"])
def test_care_that_nobody_has_consented_to_is_neither_paused_nor_ended_for_it_has_not_begun(clinic, first):
    by = staff(ASTA, patient="nancy", episode_of_care="nancys")
    without_consent = ["EPISODEOFCARE_PATCH_NO_CONSENT"]

    def becomes(status):
        with clinic.as_(by) as session:
            change = [{"op": "replace", "path": "/status", "value": status}]
            return session.patch("EpisodeOfCare", "nancys", change, if_match=None)["status"]

    assert refusal_codes(lambda: becomes(first)) == without_consent
    query("UPDATE fhir_resource SET json = replace(json, %s, %s) WHERE id = 'nancys'", ('"planned"', f'"{first}"'))
    assert refusal_codes(lambda: becomes("active")) == without_consent, "as one got there before this was a rule"

    given = clinic.create(consent("nancy", "nancys"), by=by)
    assert becomes("active") == "active"
    clinic.update(given | {"status": "inactive"}, by=by)
    assert [becomes(status) for status in ("onhold", "finished", "planned")] == ["onhold", "finished", "planned"]
    assert refusal_codes(lambda: becomes("onhold")) == without_consent
    assert becomes("cancelled") == "cancelled"


@pytest.mark.parametrize("left", ["onhold", "finished"])
def test_care_that_was_left_goes_on_only_while_the_citizen_consents(clinic, left):
    """By whichever door, the server's own included: it has been active before, but the consent was withdrawn since."""
    given = clinic.create(consent("nancy", "nancys"))
    for status in ("active", left):
        clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": status})
    withdrawn = clinic.update(given | {"status": "inactive"})
    change = [{"op": "replace", "path": "/status", "value": "active"}]

    def by_hand():
        with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
            return session.patch("EpisodeOfCare", "nancys", change, if_match=None)

    for goes_on in (by_hand, lambda: clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": "active"})):
        assert refusal(goes_on) == [("EPISODEOFCARE_PATCH_NO_CONSENT", "EpisodeOfCare.status")]
    clinic.update(withdrawn | {"status": "active"})
    assert by_hand()["status"] == "active"


@pytest.mark.parametrize("status", ["planned", "finished"])
def test_the_last_team_is_not_taken_off_by_hand_where_no_plan_has_one(clinic, status):
    """By whichever door: nobody would see the course of care any more."""
    clinic.create(consent("nancy", "nancys"))
    episode = clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": status})

    def patch(*operations):
        with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
            return session.patch("EpisodeOfCare", "nancys", operations, if_match=None)

    remove, last = {"op": "remove", "path": "/team"}, [("KPRO_CARE_TEAM_LAST", "EpisodeOfCare.team")]
    bare = {name: each for name, each in episode.items() if name != "team"}
    for take_off in (lambda: patch(remove), lambda: clinic.update(bare)):
        assert refusal(take_off) == last
    assert patch({"op": "replace", "path": "/team", "value": [to("CareTeam/syd")]})["team"]
    clinic.create(care_plan("nancy", "nancys", "nord"))
    assert "team" not in clinic.update(bare)


def test_nor_is_the_last_team_of_a_plan_where_the_course_of_care_has_none(clinic):
    """As `$update-care-teams` has it; a plan that is over needs none, unless it alone shows the course of care."""
    last = [("KPRO_CARE_TEAM_LAST", "CarePlan.careTeam")]
    plan, other = (clinic.create(care_plan("nancy", "nancys", "nord", status="active")) for _ in "12")
    episode = clinic.read("EpisodeOfCare", "nancys")
    bare, alone = (
        {name: each for name, each in one.items() if name not in ("team", "careTeam")} for one in (episode, plan)
    )
    plan = clinic.update(clinic.update(alone) | {"careTeam": plan["careTeam"]})
    episode = clinic.update(bare)
    assert refusal(lambda: clinic.update(alone)) == last
    with clinic.as_(staff(ASTA, patient="nancy", episode_of_care="nancys")) as session:
        remove = [{"op": "remove", "path": "/careTeam"}]
        assert refusal(lambda: session.patch("CarePlan", plan["id"], remove, if_match=None)) == last
    assert clinic.update(plan | {"careTeam": [to("CareTeam/syd")]})["careTeam"]
    assert clinic.update(alone | {"status": "revoked"})["status"] == "revoked"
    over = {name: each for name, each in other.items() if name != "careTeam"} | {"status": "revoked"}
    assert refusal(lambda: clinic.update(over)) == last


def test_consent_to_one_course_of_care_starts_no_other(clinic):
    clinic.create(episode_of_care("nancy", "nord"), id="andet")
    clinic.create(consent("nancy", "andet"))
    assert refusal_codes(lambda: clinic.update(clinic.read("EpisodeOfCare", "nancys") | {"status": "active"})) == [
        "EPISODEOFCARE_PATCH_NO_CONSENT"
    ]


@pytest.fixture
def tagged(clinic):
    """Another course of care of Nancy's, in our solution, with a Condition from before codes were looked at."""
    tag = {"system": ehealth.EHEALTH_SYSTEM, "code": TAG}
    made = clinic.create(episode_of_care("nancy", "nord") | {"meta": {"tag": [tag]}}, id="maerket")
    for id in ("kol", "kraeft"):
        clinic.create(condition("nancy", "maerket"), id=id)
    becomes_cancer("kraeft")
    return made


def becomes_cancer(id):
    query("UPDATE fhir_resource SET json = replace(json, %s, %s) WHERE id = %s", ('"DJ44"', '"DC509"', id))


def test_a_diagnosis_that_is_added_is_one_that_the_solution_is_for(clinic, tagged):
    """Whichever way it is added; when the course of care is opened, its operation asks the same."""
    by = staff(ASTA, patient="nancy", episode_of_care="maerket")
    cancer = {"condition": to("Condition/kraeft")}

    def patch(*operations):
        with clinic.as_(by) as session:
            return session.patch("EpisodeOfCare", "maerket", operations, if_match=None)

    def patched():
        return patch({"op": "add", "path": "/diagnosis/-", "value": cancer})

    def put():
        return clinic.update(tagged | {"diagnosis": [*tagged["diagnosis"], cancer]})

    for add in (patched, put):
        assert refusal(add) == [("KPRO_EPISODEOFCARE_TREATMENT_AREA", "EpisodeOfCare.diagnosis[1].condition")]
    query("UPDATE fhir_resource SET json = replace(json, %s, %s) WHERE id = 'kraeft'", ('"DC509"', '"DJ44"'))
    assert len(patched()["diagnosis"]) == 2
    for id in ("kol", "kraeft"):
        becomes_cancer(id)
    ended = patch({"op": "add", "path": "/period/end", "value": "2026-12-31"})
    assert len(ended["diagnosis"]) == 2, "as it stood there before"


def test_a_course_of_care_of_no_solution_gets_no_diagnosis(clinic):
    clinic.create(condition("nancy", "nancys"), id="kol-igen")
    episode = clinic.read("EpisodeOfCare", "nancys")
    more = [*episode["diagnosis"], {"condition": to("Condition/kol-igen")}]
    assert refusal_codes(lambda: clinic.update(episode | {"diagnosis": more})) == ["KPRO_EPISODEOFCARE_TREATMENT_AREA"]


def test_a_citizen_does_not_decide_alone_to_see_the_lights(clinic):
    shows = triage_consent("nancy", "nancys")
    nancy = citizen(NANCY, "nancys")
    allowed = replace(nancy, privileges=nancy.privileges | {"Consent.create"})
    with pytest.raises(Forbidden, match="display-triage-result"):
        clinic.create(shows, by=allowed)
    assert clinic.create(shows, by=staff(ASTA, patient="nancy", episode_of_care="nancys"))["id"]


@pytest.mark.parametrize(
    ("categories", "code"),
    [
        (["none", "measuring-support"], "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED"),
        (["none"], None),
        (["measuring-support", "measurement-monitoring"], None),
    ],
)
def test_a_task_without_category_is_in_no_other(clinic, categories, code):
    made = task("nancy", "nancys")
    restriction = made["extension"].pop(2)
    for each in categories:
        coding = {"system": ehealth.RESTRICTION_CATEGORY_CODES, "code": each}
        made["extension"].append(restriction | {"valueCodeableConcept": {"coding": [coding]}})
    if code:
        assert refusal_codes(lambda: clinic.create(made)) == [code]
    else:
        assert clinic.create(made)["id"]


def test_nobody_makes_a_task_of_a_category_that_is_closed_to_them(clinic):
    by = staff(ASTA, patient="nancy", episode_of_care="nancys")
    closed = task("nancy", "nancys", restriction="measuring-support")
    less = without(by, "RestrictionCategory$measuring-support")
    assert refusal_codes(lambda: clinic.create(closed, by=less)) == [
        "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT"
    ]


def test_a_message_goes_by_categories_as_a_task_does(clinic):
    by = staff(ASTA, patient="nancy", episode_of_care="nancys")
    less = without(by, "RestrictionCategory$measuring-support")
    closed = "KPRO_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT"

    def about(*categories):
        coding = [{"system": ehealth.RESTRICTION_CATEGORY_CODES, "code": each} for each in categories]
        made = message("nancy", "nancys")
        made["extension"].append({"url": ehealth.RESTRICTION_CATEGORY, "valueCodeableConcept": {"coding": coding}})
        return made

    assert refusal_codes(lambda: clinic.create(about("measuring-support"), by=less)) == [closed]
    assert refusal_codes(lambda: clinic.create(about("none", "measuring-support"), by=by)) == [
        "KPRO_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED"
    ]
    assert clinic.create(about("measuring-support"), by=by)["id"]


def holding(privilege):
    by = staff(ASTA)
    return replace(by, privileges=by.privileges | {privilege})


def test_what_belongs_to_a_citizen_is_moved_to_no_other_nor_to_another_course_of_care(clinic):
    """Asta's team sees both: only the system may put such a thing right."""
    clinic.create(episode_of_care("nancy", "nord"), id="andet")
    clinic.create(episode_of_care("tjoern", "nord"), id="hos-nord")
    made = clinic.create(questionnaire_response("nancy", "nancys"))
    moves = [
        {**questionnaire_response(*to_whom), "id": made["id"]}
        for to_whom in (("nancy", "andet"), ("tjoern", "hos-nord"))
    ]
    allowed = holding("QuestionnaireResponse.update")
    for moved in moves:
        assert "KPRO_OWNER_IMMUTABLE" in refusal_codes(lambda moved=moved: clinic.update(moved, by=allowed))
    wrong = {"status": "entered-in-error"}
    assert clinic.update(made | wrong, by=allowed)["status"] == "entered-in-error"
    assert clinic.update(moves[1])["subject"]["reference"] == f"{BASE}/Patient/tjoern"


def test_a_message_to_a_citizen_may_be_put_into_a_course_of_care_and_not_taken_out(clinic):
    made, allowed = clinic.create(message("nancy")), holding("Communication.update")
    put = clinic.update({**message("nancy", "nancys"), "id": made["id"]}, by=allowed)
    assert put["meta"]["versionId"] == "2"
    taken_out = {**message("nancy"), "id": made["id"]}
    assert refusal_codes(lambda: clinic.update(taken_out, by=allowed)) == ["KPRO_OWNER_IMMUTABLE"]


@pytest.mark.parametrize(
    ("element", "code", "text"),
    [
        ("identifier", "PATIENT_CPR_CHANGE_IS_NOT_ALLOWED", "Borgerens numre kommer fra registeret"),
        ("name", "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED", "Navnet kommer fra CPR-registeret"),
        ("address", "PATIENT_HOME_ADDRESS_CHANGE_IS_NOT_ALLOWED", "Adressen kommer fra CPR-registeret"),
    ],
)
def test_name_number_and_home_come_from_the_register_and_from_nobody_else(clinic, element, code, text):
    changes = {
        "identifier": [{"system": ehealth.CPR, "value": "2910534703"}],
        "name": [{"family": "Anden"}],
        "address": [{"use": "home", "city": "Birkelund"}],
    }
    with pytest.raises(RuleBroken) as refused:
        patch_citizen(clinic, [{"op": "add", "path": f"/{element}", "value": changes[element]}])
    assert [(each.coding[1], each.expression) for each in refused.value.issues] == [(code, f"Patient.{element}")]
    assert refused.value.issues[0].text == f"{text} og kan ikke ændres her."
    assert "2910534703" not in f"{refused.value.issues}"


def test_what_a_citizen_is_called_besides_and_where_else_they_are_is_changed_by_who_may_change_them(clinic):
    """Beside what the register says (fut.md 1B: the official name, the home address and the CPR number)."""
    before = clinic.read("Patient", "nancy")
    besides = {
        "name": {"use": "nickname", "given": ["Nan"]},
        "address": {"use": "temp", "line": ["Strandvej 2"], "city": "Aalborg"},
        "identifier": {"system": "https://journal.example/id", "value": "n-77"},
    }
    changed = patch_citizen(
        clinic,
        [{"op": "add", "path": f"/{name}", "value": [*before.get(name, ()), each]} for name, each in besides.items()],
    )
    assert all(changed[name] == [*before.get(name, ()), each] for name, each in besides.items())


@pytest.mark.parametrize(
    ("before", "besides", "is_let"),
    [
        ({"name": []}, {"name": {"use": "nickname", "given": ["Nan"]}}, True),
        ({"name": []}, {"name": {"family": "Berggren"}}, False),
        ({"name": [{"family": "Berggren"}]}, {"name": {"use": "nickname", "given": ["Nan"]}}, True),
        ({"name": [{"family": "Berggren"}]}, {"name": {"use": "official", "family": "Anden"}}, False),
        ({"address": []}, {"address": {"line": ["Strandvej 2"]}}, False),
        ({"address": [{"line": ["Skovvej 1"]}]}, {"address": {"use": "work", "line": ["Strandvej 2"]}}, True),
    ],
)
def test_a_name_that_says_nothing_of_its_use_is_the_official_one_and_such_an_address_the_home(before, besides, is_let):
    [(name, kept)] = before.items()
    after = {"resourceType": "Patient", name: [*kept, *besides.values()]}
    session = SimpleNamespace(principal=staff(ASTA, patient="nancy"))
    found = [*patient_problems(after, {"resourceType": "Patient", name: kept}, session)]
    assert (not found) is is_let


def patch_citizen(clinic, change):
    by = staff(ASTA, patient="nancy")
    with clinic.as_(replace(by, privileges=by.privileges | {"Patient.patch"})) as session:
        return session.patch("Patient", "nancy", change, if_match=None)


def test_an_element_that_a_profile_has_not_is_said_to_be_there_and_not_to_be_missing(clinic):
    episode = episode_of_care("nancy", "nord") | {"careManager": to("Practitioner/asta")}
    with pytest.raises(RuleBroken) as refused:
        clinic.create(episode)
    assert [(each.text, each.expression) for each in refused.value.issues] == [
        ("Oplysningen må ikke stå der.", "EpisodeOfCare.careManager")
    ]
