"""What a message, a wish about messages, or a Task names: it is here, may be seen by its writer, and is of its citizen.

Source: `fut.md` 1A (ehealth-task) and 1C (ehealth-communication, ehealth-message, ehealth-communication-request).
"""

import pytest

from kommunalpro.fhir import ehealth
from tests.people import ASTA
from tests.refusals import refusal
from tests.resources import communication, communication_request, goal, message, observation, related_person, task, to
from tests.store.cast import BASE, staff, stored

OF_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}
NOT_HERE, OF_ANOTHER = "GENERAL_RESOURCE_NOT_FOUND", "GENERAL_VALIDATION_ERROR"
FORM = "GENERAL_VALIDATION_ERROR"
every = pytest.mark.parametrize("make", [communication, message, communication_request], ids=lambda make: make.__name__)


@pytest.fixture
def measured(clinic):
    """What Nancy and Tjørn have each measured."""
    for patient in ("nancy", "tjoern"):
        clinic.create(observation(patient, f"{patient}s"), id=f"{patient}s-vaegt")
    return clinic


def from_team(team):
    return {"url": ehealth.SENDER_CARE_TEAM, "valueReference": to(f"CareTeam/{team}")}


def refused(clinic, made, **by):
    """Give what is told of what is refused, after seeing that nothing of it is there."""
    before = stored()
    found = refusal(lambda: clinic.create(made, **by))
    assert stored() == before
    return [(code, place.partition(".")[2]) for code, place in found]


@every
def test_what_it_is_about_is_its_citizens(measured, make):
    about = [to(f"Observation/{each}s-vaegt") for each in ("nancy", "tjoern")]
    assert refused(measured, make("nancy", "nancys", about=about)) == [(OF_ANOTHER, "about[1]")]
    kept = measured.create(make("nancy", "nancys", about=[about[0], to("EpisodeOfCare/nancys")]))
    assert len(kept["about"]) == 2


@pytest.mark.parametrize("make", [communication, message], ids=lambda make: make.__name__)
def test_whom_a_message_is_about_is_its_subject_and_nobody_else(clinic, make):
    assert refused(clinic, make("nancy", "nancys", about=[to("Patient/nancy")])) == [(FORM, "about[0]")]


@every
def test_what_its_writer_may_not_see_is_refused_as_what_is_not_here(measured, make):
    by = staff(ASTA, **OF_NANCY)
    about = [to(f"Observation/{each}") for each in ("nancys-vaegt", "tjoerns-vaegt", "ingens")]
    told = refused(measured, make("nancy", "nancys", about=about), by=by)
    assert told == [(NOT_HERE, "about[1]"), (NOT_HERE, "about[2]")]
    assert measured.create(make("nancy", "nancys", about=about[:1]), by=by)["id"]


@every
def test_a_version_that_is_named_has_been(measured, make):
    about = [to(f"Observation/nancys-vaegt/_history/{each}") for each in (1, 2)]
    assert refused(measured, make("nancy", "nancys", about=about)) == [(NOT_HERE, "about[1]")]


@every
def test_a_team_that_sends_it_is_here(clinic, make):
    made = make("nancy", "nancys")
    others = [each for each in made["extension"] if each["url"] != ehealth.SENDER_CARE_TEAM]
    place = f"extension[{len(others)}].value"
    assert refused(clinic, made | {"extension": [*others, from_team("ingen")]}) == [(NOT_HERE, place)]
    assert clinic.create(made | {"extension": [*others, from_team("nord")]})["id"]


def test_a_citizen_who_sends_or_gets_it_is_the_one_that_it_is_about(clinic):
    """Another would be told of them."""
    to_tjoern = {"recipient": [to("Patient/tjoern")]}
    for made in (message("nancy", **to_tjoern), communication_request("nancy", "nancys", **to_tjoern)):
        assert refused(clinic, made) == [(OF_ANOTHER, "recipient[0]")]
    to_team = [{**from_team("nord"), "url": ehealth.RECIPIENT_CARE_TEAM}]
    sent = {name: each for name, each in message("nancy").items() if name != "recipient"}
    sent["extension"] = [sent["extension"][0], *to_team]
    assert refused(clinic, sent | {"sender": to("Patient/tjoern")}) == [(OF_ANOTHER, "sender")]
    assert clinic.create(sent | {"sender": to("Patient/nancy")})["id"]
    assert clinic.create(message("nancy", recipient=[to(f"{BASE}/Patient/nancy/_history/1")]))["id"]


@every
def test_where_nobody_is_the_subject_that_is_told_alone(measured, make):
    """That it names another citizen cannot be said before it is said whose it is."""
    made = make("nancy", "nancys", about=[to("Observation/nancys-vaegt")], recipient=[to("Patient/nancy")])
    assert refused(measured, {name: each for name, each in made.items() if name != "subject"}) == [(FORM, "subject")]


@every
def test_what_it_is_about_and_who_sends_or_gets_it_is_on_no_other_server(clinic, make):
    """Whoever gets it could look at none of it here; what else it names elsewhere is for that server to tell."""
    elsewhere = "https://other.example/fhir"
    made = make("nancy", "nancys", basedOn=[to(f"{elsewhere}/CarePlan/7")])
    assert clinic.create(made)["basedOn"] == made["basedOn"]
    assert clinic.create(made | {"about": [{"display": "Vægten i går"}]})["about"]
    told = refused(clinic, made | {"about": [to(f"{elsewhere}/Observation/7")]})
    assert told == [(NOT_HERE, "about[0]")]
    team = from_team("nord") | {"valueReference": to(f"{elsewhere}/CareTeam/nord")}
    others = [each for each in made["extension"] if each["url"] != ehealth.SENDER_CARE_TEAM]
    place = f"extension[{len(others)}].value"
    assert refused(clinic, made | {"extension": [*others, team]}) == [(NOT_HERE, place)]
    if make is communication:
        nurse = to(f"{elsewhere}/Practitioner/asta")
        told = refused(clinic, made | {"sender": nurse, "recipient": [nurse]})
        assert told == [(NOT_HERE, "sender"), (NOT_HERE, "recipient[0]")]


@every
def test_what_it_was_about_may_be_deleted_and_it_can_still_be_changed(clinic, make):
    clinic.create(communication("nancy", "nancys"), id="notat")
    made = clinic.create(make("nancy", "nancys", about=[to("Communication/notat")]))
    clinic.delete("Communication", "notat")
    changed = clinic.update(made | {"status": "on-hold"})
    assert changed["about"] == [to(f"{BASE}/Communication/notat")]
    again = made | {"about": [*made["about"], to("Communication/notat/_history/9")]}
    assert [code for code, _ in refusal(lambda: clinic.update(again))] == [NOT_HERE]


@every
def test_what_comes_in_the_same_transaction_is_here_whichever_comes_first(clinic, make):
    placeholder = "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002"
    made = make("nancy", "nancys", about=[to(placeholder)])
    answer = clinic.transact(
        {"resource": made, "request": {"method": "POST", "url": made["resourceType"]}},
        {"fullUrl": placeholder, "resource": goal("nancy"), "request": {"method": "POST", "url": "Goal"}},
    )
    stored_message, stored_goal = (each["resource"] for each in answer["entry"])
    assert stored_message["about"] == [to(f"{BASE}/Goal/{stored_goal['id']}")]


@pytest.mark.parametrize("place", ["owner", "extension[3].value"])
@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Patient/tjoern", OF_ANOTHER),
        ("RelatedPerson/far", OF_ANOTHER),
        ("Practitioner/ingen", NOT_HERE),
        ("https://other.example/fhir/Practitioner/asta", NOT_HERE),
    ],
)
def test_who_is_to_do_a_task_is_here_and_no_other_citizen(clinic, place, named, code):
    """Another would read what is to be done for this one, and nobody who is not here ever does it."""
    clinic.create(related_person("tjoern"), id="far")
    made = task("nancy", "nancys")
    if place == "owner":
        made["owner"] = to(named)
    else:
        made["extension"][3] |= {"valueReference": to(named)}
    assert refused(clinic, made) == [(code, place)]


def test_what_a_task_is_to_look_at_is_here_and_its_citizens(measured):
    for focus, code in (("nancys-nej", NOT_HERE), ("tjoerns-vaegt", OF_ANOTHER)):
        assert refused(measured, task("nancy", "nancys", focus=to(f"Observation/{focus}"))) == [(code, "focus")]
    by = staff(ASTA, **OF_NANCY)
    seen, hidden = (task("nancy", "nancys", focus=to(f"Observation/{each}-vaegt")) for each in ("nancys", "tjoerns"))
    assert refused(measured, hidden, by=by) == [(NOT_HERE, "focus")]
    assert measured.create(seen | {"owner": to("Practitioner/asta")}, by=by)["focus"]
