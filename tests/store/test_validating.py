"""`$validate`: what would be wrong with a resource, told to whoever might write it, and nothing of what is hidden."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, UnknownParameter
from kommunalpro.fhirserver import validation
from kommunalpro.fhirserver.http.entries import refuse_entries
from kommunalpro.fhirserver.validation import issues_of
from kommunalpro.fut.contexts import SYSTEM
from tests.people import ASTA, BO, NANCY, TJOERN
from tests.resources import episode_of_care, goal, patient, practitioner
from tests.store.cast import staff
from tests.store.entries import post

R4 = "http://hl7.org/fhir/StructureDefinition/"
ABOUT_NANCY = {"patient": "nancy", "episode": "nancys"}


def ask(store, type, body, *, id="", by=SYSTEM, **query):
    """Give what is told of a resource, or Parameters, to somebody from outside: (severity, expression) of each."""
    with store.as_(by, has_token=True) as session:
        return [(each.severity, each.expression) for each in issues_of(session, type, id, body, tuple(query.items()))]


def sent(*parameters):
    return {"resourceType": "Parameters", "parameter": [dict(each) for each in parameters]}


FINE = [("information", None)]


@pytest.mark.parametrize("by", [SYSTEM, staff(ASTA)], ids=["a system", "a nurse"])
def test_a_patient_and_a_course_of_care_belong_to_nobody_else(clinic, by):
    assert ask(clinic, "Patient", patient(NANCY), by=by) == FINE
    assert ask(clinic, "EpisodeOfCare", episode_of_care("nancy", "nord"), by=by) == FINE
    begun = episode_of_care("nancy", "nord", status="active")
    assert ask(clinic, "EpisodeOfCare", begun, by=by) == [("error", "EpisodeOfCare.status")], "nobody has consented"


def test_what_is_there_is_held_against_what_it_is(clinic):
    for type, key in (("Patient", "nancy"), ("EpisodeOfCare", "nancys")):
        found, by = clinic.read(type, key), staff(ASTA, patient="nancy", episode_of_care="nancys")
        assert ask(clinic, type, found, id=key, by=by) == FINE
        assert ask(clinic, type, found, mode="update", by=by) == FINE
    renamed = clinic.read("Patient", "nancy") | {"name": [{"use": "official", "family": "Ravn"}]}
    assert ask(clinic, "Patient", renamed, id="nancy", by=by) == [("error", "Patient.name")]


def test_a_course_of_care_of_somebody_who_is_hidden_is_not_told_from_one_of_nobody(clinic):
    """Tjørn is there, and not Asta's to see."""
    for whose in (TJOERN.key, "nobody"):
        with pytest.raises(Forbidden, match="The Patient that it belongs to is not visible"):
            ask(clinic, "EpisodeOfCare", episode_of_care(whose, "nord"), by=staff(ASTA))
    for key in ("tjoerns", "nobody"):
        hidden = episode_of_care("nancy", "nord") | {"id": key}
        assert ask(clinic, "EpisodeOfCare", hidden, by=staff(ASTA)) == FINE, "a new one gets another id"
        with pytest.raises(NotFound):
            ask(clinic, "EpisodeOfCare", hidden, mode="update", by=staff(BO) if key == "nobody" else staff(ASTA))


def test_nobody_may_write_one_for_all_that(clinic):
    """They are made by operations alone, whoever it is."""
    entries = [post(patient(NANCY)), post(episode_of_care("nancy", "nord"))]
    with pytest.raises(BadRequest) as refused:
        refuse_entries({"resourceType": "Bundle", "type": "transaction", "entry": entries}, clinic.server.rules)
    assert [each.code for each in refused.value.issues] == ["not-supported"] * 2
    for resource in (patient(TJOERN), episode_of_care("nancy", "nord")):
        assert "create" not in clinic.server.rules.interactions(resource["resourceType"])
        with pytest.raises(Forbidden), clinic.as_(staff(ASTA), has_token=True) as session:
            session.create(resource)


def test_what_is_given_twice_is_refused_by_its_name(store):
    first, second = ({"name": "resource", "resource": practitioner(family)} for family in ("Holm", "Ravn"))
    mode = {"name": "mode", "valueCode": "create"}
    with pytest.raises(BadRequest, match="resource is given 2 times, at most 1; mode is given 3 times") as refused:
        ask(store, "Practitioner", sent(first, second, mode, mode), mode="create")
    assert {each.expression for each in refused.value.issues} == {"Parameters.parameter"}
    with pytest.raises(UnknownParameter, match="offered: mode, profile"):
        ask(store, "Practitioner", sent(first), resource="x")


def test_an_update_is_of_the_one_whose_id_it_bears(store):
    made = store.create(practitioner())
    nameless = {name: value for name, value in made.items() if name != "id"}
    wrong = [("error", "Practitioner.id")]
    assert ask(store, "Practitioner", made | {"id": "another"}, id=made["id"]) == wrong
    assert ask(store, "Practitioner", nameless, id=made["id"]) == wrong
    assert ask(store, "Practitioner", nameless, mode="update") == wrong
    assert ask(store, "Practitioner", nameless | {"shoe": 42}, mode="update") == [
        *wrong,
        ("error", "Practitioner.shoe"),
    ]
    assert ask(store, "Practitioner", made, mode="update") == FINE
    assert ask(store, "Practitioner", nameless, id=made["id"], mode="create") == FINE


@pytest.mark.parametrize(
    "profile",
    [
        f"{R4}Patient",
        ehealth.profile("Patient"),
        f"{ehealth.profile('Appointment')}|8.0.0",
        ehealth.profile("CommunicationRequest"),
        ehealth.MESSAGE_PROFILE,
        ehealth.profile("View"),
        f"{R4}HumanName",
        f"{R4}string|4.0.1",
    ],
)
def test_a_goal_conforms_to_no_profile_of_another_type(clinic, profile):
    assert ask(clinic, "Goal", goal("nancy"), profile=profile) == [("error", "Goal")]
    assert ask(clinic, "Goal", goal("nancy") | {"shoe": 42}, profile=profile) == [
        ("error", "Goal"),
        ("error", "Goal.shoe"),
    ]


BASES = [f"{R4}Goal", f"{R4}Goal|4.0.1", f"{R4}Goal|4.0", f"{R4}DomainResource", f"{R4}Resource"]
UNKNOWN = [
    f"{ehealth.profile('Goal')}|7.0.0",
    f"{R4}vitalsigns",
    f"{R4}Goal|5.0.0",
    "Patient",
    "http://example.org/StructureDefinition/Patient",
]


@pytest.mark.parametrize(
    ("profile", "severity"),
    [
        *((each, "information") for each in (*BASES, ehealth.profile("Goal"), f"{ehealth.profile('Goal')}|8.0.0")),
        *((each, "warning") for each in UNKNOWN),
    ],
)
def test_of_a_profile_that_is_not_known_nobody_says_whose_it_is(clinic, profile, severity):
    assert ask(clinic, "Goal", goal("nancy"), profile=profile) == [(severity, None)]
    claimed = goal("nancy") | {"meta": {"profile": [ehealth.profile("Goal"), profile]}}
    place = "Goal.meta.profile[1]" if severity == "warning" else None
    assert ask(clinic, "Goal", claimed) == [(severity, place)]
    assert ask(clinic, "Goal", claimed, profile=profile) == [(severity, None)], "it does not know it by its own word"


def test_many_profiles_are_each_held_against_what_it_has_once(clinic, monkeypatch):
    read, url = [], validation._url
    monkeypatch.setattr(validation, "_url", lambda profile: read.append(profile) or url(profile))
    claimed = goal("nancy") | {"meta": {"profile": [f"http://example.org/{number}" for number in range(300)]}}
    told = ask(clinic, "Goal", claimed)
    assert told == [("warning", f"Goal.meta.profile[{number}]") for number in range(300)]
    assert len(read) < 4 * 300


def test_what_a_resource_claims_to_keep_to_is_of_its_type(clinic):
    wrong = [ehealth.profile("Patient"), f"{R4}HumanName", f"{R4}vitalsigns", f"{R4}Patient|5.0.0"]
    claimed = goal("nancy") | {"meta": {"profile": [ehealth.profile("Goal"), *wrong]}}
    assert ask(clinic, "Goal", claimed) == [("error", f"Goal.meta.profile[{number}]") for number in (1, 2, 4)]
    assert ask(clinic, "Goal", claimed, profile=ehealth.profile("Goal")) == FINE, "it is asked of this one alone"
    coded = sent({"name": "resource", "resource": goal("nancy")}, {"name": "profile", "valueCoding": {"code": "x"}})
    assert ask(clinic, "Goal", coded) == [("warning", None)]
    for wrong in ("x", {"profile": "x"}, {"profile": [7]}):
        assert {severity for severity, _ in ask(clinic, "Goal", goal("nancy") | {"meta": wrong})} == {"error"}
