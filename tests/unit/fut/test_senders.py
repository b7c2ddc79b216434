"""Who sends a message: whoever writes it, or the team that they act in, and nobody in another's name.

Source: `fut.md` 1C (ehealth-communication, ehealth-message); that it is whoever writes is ours.
"""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.human_name import full_name
from tests.people import ASTA, NANCY
from tests.refusals import refusal
from tests.resources import communication, message, practitioner, to
from tests.store.cast import BASE, citizen, staff, stored

FORM = "GENERAL_VALIDATION_ERROR"
OF_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}


def from_team(team, **beside):
    return {"url": ehealth.SENDER_CARE_TEAM, "valueReference": to(f"CareTeam/{team}") | beside}


def writing(by):
    """Somebody who may write messages, by the token of another issuer."""
    return replace(by, privileges=by.privileges | {"Communication.write", "RestrictionCategory$none"})


def note(**changes):
    return communication("nancy", "nancys", **changes)


def to_the_team(*from_whom, **changes):
    """A message to the team nord."""
    made = message("nancy", "nancys", **changes)
    status, _, episode = made["extension"]
    recipient = {**from_team("nord"), "url": ehealth.RECIPIENT_CARE_TEAM}
    sent = {name: each for name, each in made.items() if name != "recipient"}
    return sent | {"extension": [status, episode, recipient, *from_whom]}


def refused(clinic, made, by):
    before = stored()
    found = refusal(lambda: clinic.create(made, by=by))
    assert stored() == before
    return [(code, place.partition(".")[2]) for code, place in found]


@pytest.mark.parametrize(
    "sender",
    [
        to("Practitioner/bo"),
        to("Patient/nancy"),
        {"display": "Bo Lund"},
        {"reference": "#sender"},
    ],
    ids=["a colleague", "the citizen", "only called", "brought along"],
)
def test_a_professional_sends_in_nobody_elses_name(clinic, sender):
    asta, someone = staff(ASTA, **OF_NANCY), practitioner("Lund", "Bo") | {"id": "sender"}
    brought = {"contained": [someone]} if "#sender" in sender.values() else {}
    assert refused(clinic, note(sender=sender, **brought), asta) == [(FORM, "sender")]
    assert clinic.create(note(sender=to("Practitioner/asta")), by=asta)["sender"]


@pytest.mark.parametrize(
    "beside", [{"display": "Overlæge Bo Lund"}, {"identifier": {"value": "bo"}}], ids=["called", "numbered"]
)
def test_nor_under_another_name_than_their_own(clinic, beside):
    """Readers show the name beside the address."""
    asta = staff(ASTA, **OF_NANCY)
    own = to("Practitioner/asta") | {"type": "Practitioner", "display": ASTA.name}
    assert refused(clinic, note(sender=own | beside), asta) == [(FORM, "sender")]
    assert clinic.create(note(sender=own), by=asta)["sender"]["display"] == ASTA.name


@pytest.mark.parametrize("in_the_token", ["", "A. Holm (selvejende)"], ids=["none", "otherwise"])
def test_their_own_name_is_the_one_stored_too_however_the_token_has_it(clinic, in_the_token):
    asta, own = replace(staff(ASTA, **OF_NANCY), name=in_the_token), to("Practitioner/asta")
    stored_name = full_name(clinic.read("Practitioner", "asta"))
    assert clinic.create(note(sender=own | {"display": stored_name}), by=asta)["sender"]["display"] == stored_name
    assert refused(clinic, note(sender=own | {"display": "Overlægen"}), asta) == [(FORM, "sender")]


def test_nor_as_a_device_that_is_called_what_they_like(clinic):
    device = {"resourceType": "Device", "id": "sender", "deviceName": [{"name": "Overlæge Bo", "type": "other"}]}
    made = note(sender={"reference": "#sender"}, contained=[device])
    assert refused(clinic, made, staff(ASTA, **OF_NANCY)) == [(FORM, "sender")]
    assert clinic.create(made)["sender"] == {"reference": "#sender"}


def test_a_team_sends_by_its_own_name(clinic):
    asta, made = staff(ASTA, **OF_NANCY), message("nancy", "nancys")
    made["extension"][1] = from_team("nord", display="Overlægen")
    assert refused(clinic, made, asta) == [(FORM, "extension[1]")]
    made["extension"][1] = from_team("nord", display="Nord")
    assert clinic.create(made, by=asta)["id"]


def test_a_professional_of_another_server_sends_nothing_here(clinic):
    nurse = to("https://other.example/fhir/Practitioner/asta")
    told = refused(clinic, note(sender=nurse), staff(ASTA, **OF_NANCY))
    assert told == [(FORM, "sender"), ("GENERAL_RESOURCE_NOT_FOUND", "sender")]


def test_a_team_sends_what_somebody_writes_who_acts_in_it(clinic):
    asta, syd = staff(ASTA, **OF_NANCY), message("nancy", "nancys")
    syd["extension"][1] = from_team("syd")
    assert refused(clinic, syd, asta) == [(FORM, "extension[1]")]
    assert clinic.create(message("nancy", "nancys"), by=asta)["extension"][1]


def test_a_citizen_sends_as_themselves(clinic):
    nancy = writing(citizen(NANCY, "nancys"))
    assert refused(clinic, to_the_team(from_team("nord")), nancy) == [(FORM, "extension[3]")]
    assert clinic.create(to_the_team(sender=to("Patient/nancy")), by=nancy)["sender"]


def test_a_system_sends_for_anybody_who_is_here(clinic):
    assert clinic.create(note(sender=to("Practitioner/bo")))["sender"] == to(f"{BASE}/Practitioner/bo")


def test_whoever_changes_what_another_has_sent_lets_the_sender_be(clinic):
    kept = clinic.create(note(sender=to("Practitioner/bo"), id="notat"))
    asta = writing(staff(ASTA, **OF_NANCY))
    changed = clinic.update(kept | {"status": "completed"}, by=asta)
    assert changed["sender"] == kept["sender"]
    for wrong in (to("Practitioner/kim"), to("Practitioner/bo") | {"display": "Overlæge Bo Lund"}):
        told = refusal(lambda wrong=wrong: clinic.update(changed | {"sender": wrong}, by=asta))
        assert told == [(FORM, "Communication.sender")]
    for same in (to("Practitioner/bo"), to("Practitioner/bo/_history/1") | {"type": "Practitioner"}):
        changed = clinic.update(changed | {"sender": same}, by=asta)
        assert "Practitioner/bo" in changed["sender"]["reference"]


def test_nobody_puts_words_into_anothers_mouth(clinic):
    said = {"payload": [{"contentString": "Ring til os i morgen."}]}
    asta = writing(staff(ASTA, **OF_NANCY))
    kept = clinic.create(note(sender=to("Practitioner/bo"), **said))
    for changes, place in (
        ({"payload": [{"contentString": "Stop med medicinen."}]}, "payload"),
        ({"payload": None}, "payload"),
        ({"sender": None}, "sender"),
    ):
        changed = {name: each for name, each in (kept | changes).items() if each}
        assert refusal(lambda changed=changed: clinic.update(changed, by=asta)) == [(FORM, f"Communication.{place}")]
    own = clinic.create(note(sender=to("Practitioner/asta"), **said), by=asta)
    assert clinic.update(own | {"payload": [{"contentString": "Ring til os i dag."}]}, by=asta)


def test_what_a_device_has_sent_stays_as_long_as_it_is_that_device(clinic):
    device, person = {"resourceType": "Device", "id": "sender"}, practitioner("Lund", "Bo") | {"id": "sender"}
    kept = clinic.create(note(sender={"reference": "#sender"}, contained=[device]))
    asta = writing(staff(ASTA, **OF_NANCY))
    kept = clinic.update(kept | {"status": "completed"}, by=asta)
    told = refusal(lambda: clinic.update(kept | {"contained": [person]}, by=asta))
    assert told == [(FORM, "Communication.sender"), (FORM, "Communication.contained")]


def test_what_nobody_has_sent_is_claimed_by_nobody(clinic):
    """Else it would be theirs, and they could have it say something else."""
    kept, asta = clinic.create(note()), writing(staff(ASTA, **OF_NANCY))
    theirs = {"sender": to("Practitioner/asta")}, {"extension": [*kept["extension"], from_team("nord")]}
    for claimed, place in zip(theirs, ("sender", f"extension[{len(kept['extension'])}]"), strict=True):
        told = refusal(lambda claimed=claimed: clinic.update(kept | claimed, by=asta))
        assert (FORM, f"Communication.{place}") in told
    told = refusal(lambda: clinic.update(kept | {"payload": [{"contentString": "Stop med medicinen."}]}, by=asta))
    assert told == [(FORM, "Communication.payload")]


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": {"text": "Dit svar er rødt"}},
        {"note": [{"authorReference": to("Practitioner/bo"), "text": "Ring ikke tilbage."}]},
        {"about": [to("Condition/nancys-kol")]},
        {"priority": "stat"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_gets_it_does_not_change_what_it_says(clinic, changes):
    kept, nancy = clinic.create(message("nancy", "nancys")), writing(citizen(NANCY, "nancys"))
    told = refusal(lambda: clinic.update(kept | changes, by=nancy))
    assert told == [(FORM, f"Communication.{name}") for name in changes]
    assert clinic.read("Communication", kept["id"]) == kept


def test_whoever_gets_it_says_that_it_came_and_was_read(clinic):
    kept, nancy = clinic.create(message("nancy", "nancys")), writing(citizen(NANCY, "nancys"))
    status, *others = kept["extension"]
    read = status | {"valueCoding": status["valueCoding"] | {"code": "read"}}
    changed = clinic.update(kept | {"extension": [read, *others], "received": "2026-11-23T09:00:00+01:00"}, by=nancy)
    assert (changed["extension"][0], changed["received"]) == (read, "2026-11-23T09:00:00+01:00")
    titled = {"url": f"{ehealth.SD}ehealth-title", "valueString": "Haster"}
    told = refusal(lambda: clinic.update(changed | {"extension": [read, *others, titled]}, by=nancy))
    assert told == [(FORM, "Communication.extension")]


@pytest.mark.parametrize("code", ["read", "complete", "reactivate"])
def test_whoever_gets_it_says_how_they_have_handled_it_and_adds_no_words(clinic, code):
    made = message("nancy", "nancys")
    made["extension"][0]["valueCoding"]["display"] = "Ikke læst"
    kept, nancy = clinic.create(made), writing(citizen(NANCY, "nancys"))
    status, *others = kept["extension"]
    below = {"url": f"{ehealth.SD}ehealth-title", "valueString": "Stop med medicinen."}
    bare = {"system": ehealth.ADMINISTRATIVE_STATUS_CODES, "code": code}
    for wrong in (
        status | {"valueCoding": bare | {"display": "Stop med medicinen."}},
        status | {"valueCoding": bare | {"extension": [below]}},
        status | {"valueCoding": bare | {"version": "Stop med medicinen."}},
    ):
        told = refusal(lambda wrong=wrong: clinic.update(kept | {"extension": [wrong, *others]}, by=nancy))
        assert (FORM, "Communication.extension") in told
    for right in (status | {"valueCoding": status["valueCoding"] | {"code": code}}, status | {"valueCoding": bare}):
        kept = clinic.update(kept | {"extension": [right, *others]}, by=nancy)
        assert kept["extension"][0]["valueCoding"]["code"] == code


@pytest.mark.parametrize("status", ["entered-in-error", "not-done", "preparation", "on-hold", "unknown"])
def test_nor_says_whoever_gets_it_that_it_was_never_sent_or_is_wrong(clinic, status):
    kept, nancy = clinic.create(message("nancy", "nancys")), writing(citizen(NANCY, "nancys"))
    told = refusal(lambda: clinic.update(kept | {"status": status}, by=nancy))
    assert told == [(FORM, "Communication.status")]
    own = clinic.create(message("nancy", "nancys"), by=writing(staff(ASTA, **OF_NANCY)))
    assert clinic.update(own | {"status": status}, by=writing(staff(ASTA, **OF_NANCY)))["status"] == status


@pytest.mark.parametrize("status", ["entered-in-error", "not-done"])
def test_what_was_taken_back_by_whoever_has_sent_it_stays_so(clinic, status):
    kept, asta = clinic.create(note(sender=to("Practitioner/bo"), status=status)), writing(staff(ASTA, **OF_NANCY))
    for other in ("in-progress", "completed"):
        told = refusal(lambda other=other: clinic.update(kept | {"status": other}, by=asta))
        assert told == [(FORM, "Communication.status")]


@pytest.mark.parametrize("received", ["2026-11-23T10:30:00+01:00", "2026-11-24", "2030"])
def test_nobody_has_received_it_ahead_of_time(clinic, received):
    kept, nancy = clinic.create(message("nancy", "nancys")), writing(citizen(NANCY, "nancys"))
    told = refusal(lambda: clinic.update(kept | {"received": received}, by=nancy))
    assert told == [(FORM, "Communication.received")]
    asta = staff(ASTA, **OF_NANCY)
    assert refused(clinic, message("nancy", "nancys", received=received), asta) == [(FORM, "received")]
    for at in ("2026-11-23T10:05:00+01:00", "2026-11-23", "2026"):
        kept = clinic.update(kept | {"received": at}, by=nancy)


def test_when_it_was_sent_is_the_servers_to_say(clinic):
    """Neither whoever sends it, nor whoever gets it; of a note beside a measurement, which goes nowhere, one may."""
    by_server, sent = "COMMUNICATION_SENT_PROP_CANNOT_BE_SET_BY_CLIENT", {"sent": "2026-11-01T08:00:00+01:00"}
    asta, nancy = writing(staff(ASTA, **OF_NANCY)), writing(citizen(NANCY, "nancys"))
    assert refused(clinic, message("nancy", "nancys", **sent), asta) == [(by_server, "sent")]
    own = clinic.create(message("nancy", "nancys"), by=asta)
    assert refusal(lambda: clinic.update(own | sent, by=asta)) == [(by_server, "Communication.sent")]
    assert (by_server, "Communication.sent") in refusal(lambda: clinic.update(own | sent, by=nancy))
    kept = clinic.update(own | {**sent, "status": "completed"})
    without = {name: each for name, each in kept.items() if name != "sent"}
    assert refusal(lambda: clinic.update(without, by=asta)) == [(by_server, "Communication.sent")]
    assert clinic.update(kept | {"received": "2026-11-23T09:00:00+01:00"}, by=nancy)["sent"] == kept["sent"]
    assert clinic.create(note(sender=to("Practitioner/asta"), **sent), by=asta)["sent"]


def test_who_notes_something_in_it_is_whoever_writes(clinic):
    asta = writing(staff(ASTA, **OF_NANCY))
    for author in ({"authorReference": to("Practitioner/bo")}, {"authorString": "Overlæge Bo Lund"}):
        made = note(sender=to("Practitioner/asta"), note=[author | {"text": "Set."}])
        assert refused(clinic, made, asta) == [(FORM, "note[0].author")]
    for author in ({"authorReference": to("Practitioner/asta")}, {"authorString": ASTA.name}, {}):
        assert clinic.create(note(note=[author | {"text": "Set."}]), by=asta)["note"]
