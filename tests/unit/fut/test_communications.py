"""What a Communication says: which of the guide's three it is, from whom to whom a message goes, and by what.

Source: `fut.md` 1C (ehealth-communication, ehealth-message); the guide's pages of these profiles.
"""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.profiles.communications import ANNOTATION, OF_MATERIAL, communication_problems
from tests.people import ASTA
from tests.refusals import refusal
from tests.resources import communication, communication_request, message, to
from tests.store.cast import staff, stored

FORM = "GENERAL_VALIDATION_ERROR"
TEAM, PATIENT, NURSE, DEVICE = to("CareTeam/nord"), to("Patient/nancy"), to("Practitioner/asta"), to("Device/d")
INSIDE = {"reference": "#sender"}
STATUS = {
    "url": ehealth.ADMINISTRATIVE_STATUS,
    "valueCoding": {"system": ehealth.ADMINISTRATIVE_STATUS_CODES, "code": "activate"},
}


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def medium(code):
    return coded(ehealth.MESSAGE_MEDIUM, code)


def sent(code, sender, recipient, /, **changes):
    """A message of a category from one to another; a CareTeam stands in an extension. None: nobody is named."""
    teams = [(ehealth.SENDER_CARE_TEAM, sender), (ehealth.RECIPIENT_CARE_TEAM, recipient)]
    return {
        "resourceType": "Communication",
        "extension": [STATUS, *({"url": url, "valueReference": each} for url, each in teams if each is TEAM)],
        **({"contained": [{"resourceType": "Device", "id": "sender"}]} if sender is INSIDE else {}),
        "status": "in-progress",
        "category": [coded(ehealth.MESSAGE_CATEGORY, code)],
        "subject": PATIENT,
        **({"sender": sender} if sender and sender is not TEAM else {}),
        **({"recipient": [recipient]} if recipient and recipient is not TEAM else {}),
        "payload": [{"contentString": "Vi ringer til dig i morgen."}],
        **changes,
    }


def told(made):
    return [str(each.expression).removeprefix("Communication.") for each in communication_problems(made)]


FROM_A_DEVICE = {("device", "patient"), ("device", "team"), ("inside", "patient"), ("inside", "team")}
PARTIES = {"team": TEAM, "patient": PATIENT, "nurse": NURSE, "device": DEVICE, "inside": INSIDE, "nobody": None}
TO_TEAM = {(each, "team") for each in PARTIES}


@pytest.mark.parametrize(
    ("category", "taken"),
    [
        ("message", {("team", "patient"), ("patient", "team"), ("team", "team")}),
        ("notification", FROM_A_DEVICE),
        ("advice", FROM_A_DEVICE),
        ("note", {("nurse", "nurse"), ("patient", "patient")} | TO_TEAM),
    ],
)
def test_a_message_goes_between_those_whom_its_category_is_for(category, taken):
    to = ("team", "patient", "nurse", "nobody")
    goes = {(one, other) for one in PARTIES for other in to if not told(sent(category, PARTIES[one], PARTIES[other]))}
    assert goes == taken


def test_who_sends_or_receives_is_one():
    both = [{"url": ehealth.RECIPIENT_CARE_TEAM, "valueReference": TEAM}]
    assert told(sent("message", TEAM, TEAM, recipient=[PATIENT])) == ["recipient"]
    assert told(sent("message", TEAM, PATIENT, sender=NURSE)) == ["sender"]
    twice = sent("message", PATIENT, TEAM)
    assert told({**twice, "extension": twice["extension"] + both}) == ["recipient"]
    assert told(sent("message", TEAM, PATIENT, recipient=[PATIENT, PATIENT])) == ["recipient"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"medium": [medium("eboks")]}, []),
        ({"medium": [medium("nemsms"), {"text": "Kommunal PRO"}]}, []),
        ({"medium": [medium("fax")]}, ["medium"]),
        ({"medium": [medium("nemsms"), medium("eboks")]}, ["medium"]),
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * 160}]}, []),
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * 161}]}, ["payload"]),
        ({"medium": [medium("eboks")], "payload": [{"contentString": "x" * 161}]}, []),
        ({"payload": [{"contentReference": to("DocumentReference/a")}]}, ["payload[0]"]),
        ({"payload": [{"contentString": "a"}, {"contentString": "b"}]}, ["payload"]),
        ({"reasonCode": [coded(ehealth.MESSAGE_REASON_CODES, "ReminderSubmitMeasurement")]}, []),
        ({"reasonCode": [coded(ehealth.TASK_CATEGORY_CODES, "MissingMeasurementResolving")]}, []),
        ({"reasonCode": [coded(ehealth.MESSAGE_REASON_CODES, "Fordi")]}, ["reasonCode"]),
        ({"partOf": [to("EpisodeOfCare/nancys")]}, ["partOf"]),
        ({"extension": []}, ["extension", "recipient"]),
    ],
)
def test_a_message_is_short_text_by_a_known_medium(changes, where):
    assert told(sent("message", TEAM, PATIENT, **changes)) == where


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * 160}]}, []),
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * 161}]}, ["payload"]),
        ({"medium": [medium("eboks")], "payload": [{"contentString": "x" * 161}]}, []),
        ({"payload": [{"contentString": "x" * 161}]}, []),
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * each} for each in (80, 79)]}, []),
        ({"medium": [medium("nemsms")], "payload": [{"contentString": "x" * each} for each in (80, 81)]}, ["payload"]),
        ({"reasonCode": [coded(ehealth.MESSAGE_REASON_CODES, "ReminderSubmitMeasurement")]}, []),
        ({"reasonCode": [coded(ehealth.TASK_CATEGORY_CODES, "MissingMeasurementResolving")]}, []),
        ({"reasonCode": [coded(ehealth.MESSAGE_REASON_CODES, "Fordi")]}, ["reasonCode"]),
        ({"reasonCode": [{"text": "Fordi"}]}, ["reasonCode"]),
    ],
)
def test_what_is_wished_in_the_place_of_a_message_is_as_short_and_for_a_known_reason(clinic, changes, where):
    wish = communication_request("nancy", "nancys", **changes)
    if not where:
        assert clinic.create(wish)["id"]
        return
    before = stored()
    assert refusal(lambda: clinic.create(wish)) == [(FORM, f"CommunicationRequest.{each}") for each in where]
    assert stored() == before


def test_by_nemsms_and_e_boks_only_citizens_are_written_to():
    assert told(sent("message", PATIENT, TEAM, medium=[medium("nemsms")])) == ["medium"]
    assert told(sent("message", PATIENT, TEAM, medium=[{"text": "Kommunal PRO"}])) == []


OTHER = coded("http://example.org/category", "brev")


@pytest.mark.parametrize(
    ("made", "where"),
    [
        (sent("message", TEAM, PATIENT, category=[]), ["category"]),
        (sent("message", TEAM, PATIENT, category=[OTHER]), ["category"]),
        (sent("message", TEAM, PATIENT, category=[OTHER, coded(ehealth.MESSAGE_CATEGORY, "message")]), []),
        (sent("brev", TEAM, PATIENT), ["category"]),
        (sent("message", TEAM, PATIENT, category=[coded(ehealth.MESSAGE_CATEGORY, "message")] * 2), ["category"]),
        (communication("nancy", "nancys", category=[coded(ANNOTATION, "brev")]), ["category"]),
        (communication("nancy", "nancys", category=[coded(ANNOTATION, "note"), OTHER]), ["category"]),
        (communication("nancy", "nancys", meta={"profile": [ehealth.MESSAGE_PROFILE]}), ["category", "extension"]),
        (communication("nancy", "nancys", category=[coded(OF_MATERIAL, "material-assignment")], payload=[{}]), []),
        (communication("nancy", "nancys", category=[coded(OF_MATERIAL, "material")]), ["category"]),
    ],
)
def test_its_category_says_which_of_the_three_it_is(made, where):
    assert told(made) == where


@pytest.mark.parametrize(
    ("without", "where"),
    [("extension", ["extension", "extension"]), ("payload", [])],
)
def test_an_annotation_says_in_which_course_of_care_it_is_and_for_whom(without, where):
    made = communication("nancy", "nancys")
    assert told({name: each for name, each in made.items() if name != without}) == where


def test_an_annotation_goes_to_people_and_their_devices():
    assert told(communication("nancy", "nancys", recipient=[NURSE, PATIENT], sender=DEVICE)) == []
    wrong = communication("nancy", "nancys", recipient=[to("Organization/kommune")], subject=to("Group/1"))
    assert told(wrong) == ["subject", "recipient"]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_stored(clinic):
    before = stored()
    made = sent("message", NURSE, PATIENT, medium=[medium("fax")], payload=[{"contentReference": {"display": "Brev"}}])
    assert refusal(lambda: clinic.create(made)) == [
        (FORM, "Communication.payload[0]"),
        (FORM, "Communication.recipient"),
        (FORM, "Communication.medium"),
    ]
    assert stored() == before


@pytest.mark.parametrize("status", ["completed", "stopped"])
def test_that_a_message_was_sent_is_the_servers_to_say(clinic, status):
    by = staff(ASTA, patient="nancy")
    assert refusal(lambda: clinic.create(message("nancy", status=status), by=by)) == [(FORM, "Communication.status")]
    waiting = clinic.create(message("nancy"), by=by)
    done = clinic.update({**waiting, "status": status})
    read = [{**STATUS, "valueCoding": {**STATUS["valueCoding"], "code": "read"}}, *waiting["extension"][1:]]
    assert clinic.update({**done, "extension": read})["status"] == status
    note = sent("note", NURSE, NURSE, status=status)
    assert clinic.create(note, by=by)["status"] == status, "a note is sent to nobody"


@pytest.mark.parametrize("system", [ehealth.MESSAGE_CATEGORY, ANNOTATION])
def test_a_message_becomes_no_note_of_any_kind(clinic, system):
    made = clinic.create(message("nancy", "nancys"))
    note = communication("nancy", "nancys")["extension"][1:] if system == ANNOTATION else made["extension"][:1]
    changed = {
        **made,
        "category": [coded(system, "note")],
        "sender": PATIENT,
        "extension": made["extension"][2:] + note,
    }
    assert refusal(lambda: clinic.update(changed)) == [(FORM, "Communication.category")]
