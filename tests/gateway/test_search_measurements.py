"""`$search-measurements` and `$search-measurements-bundle-limit`: what was sent in together is found together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK, to_datetime
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotImplementedHere
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.operations import search_measurements
from tests.gateway.answering import BAD, GOOD, LATER, answers, bundle_of
from tests.gateway.looking import audit
from tests.gateway.marks import NOT_CHANGED, NOT_CREATED
from tests.people import TJOERN
from tests.resources import media, observation

MOST = "$search-measurements-bundle-limit"
YEAR = {"name": "period", "valuePeriod": {"start": "2026-01-01", "end": "2026-12-31"}}
START = {"name": "start", "valueDateTime": "2026-01-01T00:00:00Z"}
END = {"name": "end", "valueDateTime": "2027-01-01T00:00:00Z"}


def at(hours):
    return LATER + timedelta(hours=hours)


def to(name, url):
    return {"name": name, "valueReference": {"reference": url}}


def count(number):
    return {"name": "count", "valueInteger": number}


def find(nancy, *asked, by=None, name="$search-measurements"):
    answer = nancy.world.gateway.operation(name, parameters(*asked), by=by or nurse(nancy), now=at(99))
    assert answer["type"] == "collection"
    return [entry["resource"] for entry in answer.get("entry", ())]


def nurse(nancy):
    return nancy.world.asta.within(patient=nancy.patient, episode_of_care=nancy.episode)


def of_type(bundle, type):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == type]


def authored(bundles):
    return [sorted(each["authored"] for each in of_type(one, "QuestionnaireResponse")) for one in bundles]


@pytest.fixture
def sent(asked):
    """Send answers in, at these hours, together; gives when they were given."""

    def send(*hours):
        times = [to_datetime(at(each)) for each in hours]
        responses = [
            asked.response(answers(GOOD if number else BAD), authored=each) for number, each in enumerate(times)
        ]
        asked.submit(bundle_of(*responses), now=at(max(hours)))
        return times

    return send


def measured(nancy, make, **changes):
    ids = (nancy.patient.rpartition("/")[2], nancy.episode.rpartition("/")[2])
    return nancy.world.gateway.create(make(*ids, **changes), by=SYSTEM, now=LATER)


# --- Whole submissions


def test_a_submission_comes_whole_with_its_provenance_and_what_was_asked(nancy, sent):
    first, second = sent(1, 2), sent(3)
    one, another = find(nancy, YEAR, to("patient", nancy.patient))
    assert authored([one, another]) == [first, second]
    for bundle in (one, another):
        assert bundle["type"] == "collection"
        [provenance] = of_type(bundle, "Provenance")
        assert provenance["policy"] == [ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT]
        [questionnaire] = of_type(bundle, "Questionnaire")
        assert questionnaire["id"] in nancy.world.published.questionnaire
        assert all(entry["fullUrl"].endswith(entry["resource"]["id"]) for entry in bundle["entry"])


def test_with_answers_comes_what_is_told_of_them(nancy, asked, sent):
    sent(1), sent(3)
    query = [("episodeOfCare", nancy.episode), ("subject", nancy.patient), ("_revinclude", "Provenance:target")]
    found = nancy.world.gateway.search("QuestionnaireResponse", query, by=nurse(nancy), now=at(99))
    told = of_type(found, "Provenance")
    assert [each["policy"] for each in told] == [[ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT]] * 2
    for each in told:
        assert nancy.world.gateway.read(f"Provenance/{each['id']}", by=nurse(nancy), now=at(99)) == each
        query = [("target", each["target"][0]["reference"])]
        again = nancy.world.gateway.search("Provenance", query, by=nurse(nancy), now=at(99))
        assert of_type(again, "Provenance") == [each]


def test_what_came_along_comes_along_though_it_is_outside_the_period(nancy, sent):
    both = sent(1, 5)
    period = {"name": "period", "valuePeriod": {"end": to_datetime(at(2))}}
    assert authored(find(nancy, period, to("episodeOfCare", nancy.episode))) == [both]
    nothing = {"name": "period", "valuePeriod": {"start": to_datetime(at(6))}}
    assert find(nancy, nothing, to("episodeOfCare", nancy.episode)) == []


@pytest.mark.parametrize(
    ("about", "is_found"),
    [
        ({"start": 2, "end": 3}, True),
        ({"start": -9, "end": 2}, True),
        ({"start": 4, "end": 9}, True),
        ({"start": -9, "end": 9}, True),
        ({"start": -9, "end": 1}, False),
        ({"start": 5, "end": 9}, False),
        ({"start": -9}, True),
        ({"start": 5}, False),
        ({"end": 9}, True),
        ({"end": 1}, False),
    ],
)
def test_an_answer_is_from_the_time_it_is_about_and_not_from_when_it_was_given(asked, nancy, about, is_found):
    """Asked about the second to the fourth hour; where it was given lies on the other side each time."""
    period = {name: to_datetime(at(hour)) for name, hour in about.items()}
    given = to_datetime(at(20 if is_found else 3))
    response = asked.response(answers(BAD), authored=given)
    said = {"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": period}
    asked.submit(bundle_of({**response, "extension": [*response["extension"], said]}), now=at(20))
    hours = {"name": "period", "valuePeriod": {"start": to_datetime(at(2)), "end": to_datetime(at(4))}}
    assert authored(find(nancy, hours, to("patient", nancy.patient))) == ([[given]] if is_found else [])


def test_a_period_of_days_has_what_lies_across_its_midnights(asked, nancy):
    """Answered about a night; LATER is in the day after it."""
    midnight = LATER.astimezone(DENMARK).replace(hour=0, minute=0, second=0, microsecond=0)
    night = {"start": to_datetime(midnight - timedelta(hours=2)), "end": to_datetime(midnight + timedelta(hours=6))}
    response = asked.response(answers(BAD), authored=to_datetime(at(1)))
    said = {"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": night}
    asked.submit(bundle_of({**response, "extension": [*response["extension"], said]}), now=at(1))
    for day, found in ((-2, 0), (-1, 1), (0, 1), (1, 0)):
        date = (midnight + timedelta(days=day)).date().isoformat()
        asking = {"name": "period", "valuePeriod": {"start": date, "end": date}}
        assert len(find(nancy, asking, to("patient", nancy.patient))) == found, date


@NOT_CHANGED
def test_what_is_deleted_is_left_out_and_the_rest_comes(nancy, sent):
    sent(1, 2)
    [whole] = find(nancy, YEAR, to("patient", nancy.patient))
    gone, stays = of_type(whole, "QuestionnaireResponse")
    nancy.world.gateway.delete(f"QuestionnaireResponse/{gone['id']}", by=SYSTEM, now=at(9))
    [left] = find(nancy, YEAR, to("patient", nancy.patient))
    assert [each["id"] for each in of_type(left, "QuestionnaireResponse")] == [stays["id"]]


@pytest.mark.parametrize("by", ["a nurse", "a relative"])
def test_what_somebody_else_than_the_citizen_sent_in_together_is_one_submission_too(asked, nancy, by):
    both = [to_datetime(at(hour)) for hour in (1, 2)]
    source = {"reference": nancy.world.asta.user if by == "a nurse" else relative_of(nancy)}
    responses = [asked.response(answers(BAD), authored=each, source=source) for each in both]
    sender = nurse(nancy)
    may = replace(sender, privileges=sender.privileges | {"$submit-measurement"})
    asked.submit(bundle_of(*responses), by=may if by == "a nurse" else asked.by, now=at(2))
    [whole] = find(nancy, YEAR, to("patient", nancy.patient))
    assert authored([whole]) == [both]
    assert len(of_type(whole, "Provenance")) == 1
    asked.submit(bundle_of(asked.response(answers(GOOD), authored=to_datetime(at(3)))), now=at(3))
    found = find(nancy, START, count(2), to("patient", nancy.patient), name=MOST)
    assert authored(found) == [both, [to_datetime(at(3))]], "the two count as one"


def relative_of(nancy):
    person = {"resourceType": "RelatedPerson", "patient": {"reference": nancy.patient}, "name": [{"text": "Max"}]}
    stored = nancy.world.gateway.create(person, by=SYSTEM, now=LATER)
    return f"{nancy.world.gateway.base_url}/RelatedPerson/{stored['id']}"


@NOT_CREATED
def test_observations_and_pictures_are_measurements_too(nancy, sent):
    sent(1)
    weight = measured(nancy, observation, effectiveDateTime=to_datetime(at(2)))
    picture = measured(nancy, media, createdDateTime=to_datetime(at(3)))
    found = find(nancy, YEAR, to("patient", nancy.patient))
    kinds = {each["id"] for one in found for type in ("Observation", "Media") for each in of_type(one, type)}
    assert (kinds, len(found)) == ({weight["id"], picture["id"]}, 3)


@NOT_CREATED
def test_it_is_found_by_what_it_was_asked_by_and_by_its_tag(asked, nancy, sent):
    sent(1)
    measured(nancy, observation)
    base = (YEAR, to("patient", nancy.patient))
    assert len(find(nancy, *base, to("based-on", asked.due.service_request))) == 1
    assert len(find(nancy, *base, to("based-on", asked.due.service_request), to("based-on", "ServiceRequest/1"))) == 2
    tag = {"system": ehealth.EHEALTH_SYSTEM, "code": "kpro"}
    assert len(find(nancy, *base, {"name": "_tag", "valueCoding": tag})) == 2
    assert len(find(nancy, *base, {"name": "_tag", "valueString": f"{ehealth.EHEALTH_SYSTEM}|xa"})) == 0


def test_more_than_it_can_give_is_said_and_not_cut_off(monkeypatch, nancy, sent):
    monkeypatch.setitem(search_measurements.__globals__, "_MOST", 2)
    sent(1, 2)
    assert len(find(nancy, YEAR, to("patient", nancy.patient))) == 1
    sent(3)
    with pytest.raises(BadRequest) as refused:
        find(nancy, YEAR, to("patient", nancy.patient))
    assert refused.value.issues[0].code == "too-costly"


# --- So many, from a moment or until one


def test_so_many_come_after_a_moment_the_earliest_first(nancy, sent):
    first, second, _ = sent(1), sent(2, 3), sent(4)
    assert authored(find(nancy, START, count(2), to("episodeOfCare", nancy.episode), name=MOST)) == [first, second]


def test_so_many_come_before_a_moment_the_latest_first(nancy, sent):
    _, second, third = sent(1), sent(2, 3), sent(4)
    assert authored(find(nancy, END, count(2), to("episodeOfCare", nancy.episode), name=MOST)) == [third, second]


def test_the_moment_itself_is_neither_after_nor_before(nancy, sent):
    for hour in (1, 2, 3):
        sent(hour)
    moment = to_datetime(at(2))
    after = find(nancy, {"name": "start", "valueDateTime": moment}, count(9), to("patient", nancy.patient), name=MOST)
    before = find(nancy, {"name": "end", "valueDateTime": moment}, count(9), to("patient", nancy.patient), name=MOST)
    assert authored(after) == [[to_datetime(at(3))]]
    assert authored(before) == [[to_datetime(at(1))]]


def test_what_an_answer_is_about_goes_before_when_it_was_given(asked, nancy, sent):
    early = sent(1)
    about = {"url": ehealth.EFFECTIVE_PERIOD, "valuePeriod": {"start": to_datetime(at(-9)), "end": to_datetime(at(-8))}}
    late = asked.response(answers(BAD), authored=to_datetime(at(5)))
    asked.submit(bundle_of({**late, "extension": [*late["extension"], about]}), now=at(5))
    ordered = find(nancy, START, count(9), to("patient", nancy.patient), name=MOST)
    assert authored(ordered) == [[to_datetime(at(5))], early]
    assert authored(find(nancy, END, count(1), to("patient", nancy.patient), name=MOST)) == [early]


@NOT_CREATED
def test_all_kinds_stand_in_one_order(nancy, sent):
    sent(2)
    measured(nancy, observation, effectiveDateTime=to_datetime(at(1)))
    sent(4)
    measured(nancy, media, createdDateTime=to_datetime(at(3)))
    period = {"start": to_datetime(at(5)), "end": to_datetime(at(9))}
    other = {"effectivePeriod": period, "effectiveDateTime": None}
    ids = (nancy.patient.rpartition("/")[2], nancy.episode.rpartition("/")[2])
    made = {name: each for name, each in observation(*ids, **other).items() if each}
    nancy.world.gateway.create(made, by=SYSTEM, now=LATER)
    expected = ["Observation", "QuestionnaireResponse", "Media", "QuestionnaireResponse", "Observation"]
    for bound, order in ((START, expected), (END, expected[::-1])):
        found = find(nancy, bound, count(100), to("patient", nancy.patient), name=MOST)
        assert [each["entry"][0]["resource"]["resourceType"] for each in found] == order


def test_however_few_a_page_holds_every_submission_comes_once(nancy, sent):
    times = [sent(hour, hour + 1) for hour in range(1, 9, 2)]
    for number in (1, 2, 3, 4):
        found = find(nancy, START, count(number), to("patient", nancy.patient), name=MOST)
        assert authored(found) == times[:number]


def test_it_may_be_asked_by_request_alone_and_gives_no_questionnaire(asked, nancy, sent):
    sent(1)
    [found] = find(nancy, START, count(1), to("based-on", asked.due.service_request), name=MOST)
    assert not of_type(found, "Questionnaire")


# --- Whose


def test_a_citizen_finds_their_own_and_nobody_else_s(asked, nancy, sent):
    sent(1)
    tjoern = nancy.world.enrol(TJOERN)
    assert len(find(nancy, YEAR, to("patient", nancy.patient), by=nancy.self)) == 1
    assert len(find(nancy, START, count(9), to("episodeOfCare", nancy.episode), by=asked.by, name=MOST)) == 1
    with pytest.raises(Forbidden):
        find(nancy, YEAR, to("patient", nancy.patient), by=tjoern.self)
    assert find(nancy, YEAR, to("episodeOfCare", nancy.episode), by=tjoern.self) == []
    assert find(nancy, START, count(9), to("episodeOfCare", nancy.episode), by=tjoern.self, name=MOST) == []


@pytest.mark.parametrize("name", ["$search-measurements", MOST])
@pytest.mark.parametrize("who", ["a nurse", "the citizen"])
def test_another_citizen_than_the_one_of_the_context_is_not_asked_about(asked, nancy, sent, name, who):
    """Also where the context says which course of care it is, which nobody needs to say again."""
    sent(1)
    tjoern = nancy.world.enrol(TJOERN)
    by = nurse(nancy) if who == "a nurse" else asked.by
    span = (YEAR,) if name != MOST else (START, count(9))
    with pytest.raises(Forbidden) as refused:
        find(nancy, *span, to("patient", tjoern.patient), by=by, name=name)
    assert [each.coding[1] for each in refused.value.issues] == ["SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"]
    assert len(find(nancy, *span, to("patient", nancy.patient), by=by, name=name)) == 1


@pytest.mark.parametrize("outsider", ["bo", "kim"])
def test_another_team_finds_nothing(asked, nancy, sent, outsider):
    sent(1)
    for by in (
        nancy.world.staff[outsider].principal,
        nancy.world.staff[outsider].principal.within(patient=nancy.patient, episode_of_care=nancy.episode),
    ):
        for named in (to("patient", nancy.patient), to("episodeOfCare", nancy.episode)):
            if by.context.episode_of_care is None or named["name"] == "episodeOfCare":
                assert find(nancy, YEAR, named, by=by) == []
        by_request = to("based-on", asked.due.service_request)
        assert find(nancy, START, count(9), by_request, by=by, name=MOST) == []


@NOT_CREATED
@pytest.mark.parametrize("name", ["$search-measurements", MOST])
def test_a_provenance_opens_nothing_that_the_searcher_may_not_see(nancy, name):
    """Whatever somebody has written into it: persons, courses and measurements of others stay theirs."""
    tjoern, base = nancy.world.enrol(TJOERN, by="kim"), nancy.world.gateway.base_url
    mine, theirs = (f"{base}/Observation/{measured(each, observation)['id']}" for each in (nancy, tjoern))
    named = (mine, nancy.episode, nancy.patient, tjoern.patient, tjoern.episode, theirs)
    provenance = {
        "resourceType": "Provenance",
        "target": [{"reference": each} for each in named],
        "recorded": to_datetime(at(1)),
        "policy": [ehealth.POLICY_SUNDHEDSLOVEN, ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT],
        "agent": [{"who": {"reference": nancy.patient}}],
    }
    nancy.world.gateway.create(provenance, by=SYSTEM, now=at(1))
    asked = (YEAR,) if name == "$search-measurements" else (START, count(9))
    [found] = find(nancy, *asked, to("patient", nancy.patient), name=name)
    urls = [entry["fullUrl"] for entry in found["entry"] if entry["resource"]["resourceType"] != "Provenance"]
    assert urls == [mine]


def test_the_privilege_of_the_operation_is_enough_and_no_other_is(nancy, sent):
    sent(1)
    by = nurse(nancy)
    only = frozenset({"$search-measurements"})
    alone = type(by)(by.user, by.user_type, by.name, only, by.context)
    assert len(find(nancy, YEAR, to("patient", nancy.patient), by=alone)) == 1
    without = type(by)(by.user, by.user_type, by.name, by.privileges - only, by.context)
    for name, asked in (("$search-measurements", (YEAR,)), (MOST, (START, count(1)))):
        with pytest.raises(Forbidden):
            find(nancy, *asked, to("patient", nancy.patient), by=without, name=name)


def test_another_citizen_than_the_one_that_is_open_is_refused(nancy):
    tjoern = nancy.world.enrol(TJOERN)
    by = nancy.world.asta.within(patient=nancy.patient)
    with pytest.raises(Forbidden):
        find(nancy, YEAR, to("patient", tjoern.patient), by=by)


def test_it_is_noted_about_whom(nancy, sent):
    sent(1)
    find(nancy, YEAR, to("patient", nancy.patient))
    noted = [each for each in audit() if each["subtype"][0].get("display") == "$search-measurements"]
    assert any(nancy.patient in str(each["entity"]) for each in noted)


# --- What is asked wrongly


WITHOUT = [
    [],
    [YEAR],
    [to("patient", "Patient/1")],
    [{"name": "period", "valuePeriod": {"id": "x"}}, to("patient", "Patient/1")],
    [{"name": "period", "valueDateTime": "2026-01-01"}, to("patient", "Patient/1")],
    [YEAR, to("based-on", "ServiceRequest/1")],
    [YEAR, to("patient", "Patient/1"), to("patient", "Patient/2")],
    [YEAR, {"name": "patient", "valueString": "Nancy"}],
    [YEAR, to("patient", "Patient/1"), {"name": "_tag", "valueCoding": {"display": "x"}}],
    [YEAR, to("patient", "Patient/1"), {"name": "_tag", "valueInteger": 7}],
]


def unsaid(nancy, *asked, name):
    with pytest.raises(BadRequest) as refused:
        find(nancy, *asked, by=SYSTEM, name=name)
    return [each.coding[1].removeprefix("MEASUREMENT_SEARCHMEASUREMENT_") for each in refused.value.issues]


def test_all_that_is_not_said_is_told_at_once_by_the_guides_codes(nancy):
    whose, here = "PATIENT_AND_EPISODE_NOT_SPECIFIED", "PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED"
    assert unsaid(nancy, name="$search-measurements") == [whose, "PERIOD_NOT_SPECIFIED"]
    assert unsaid(nancy, name=MOST) == ["COUNT_NOT_SPECIFIED", "START_OR_END_NOT_SPECIFIED", here]
    assert unsaid(nancy, START, END, count(101), name=MOST) == [
        "COUNT_LIMIT_EXCEEDED",
        "START_AND_END_BOTH_SPECIFIED",
        here,
    ]


def test_a_period_and_whose_must_be_said(nancy):
    for asked in WITHOUT:
        with pytest.raises(BadRequest):
            find(nancy, *asked, by=SYSTEM)


UNCOUNTED = [
    [START, END, count(1)],
    [count(1)],
    [START],
    [START, count(0)],
    [START, count(101)],
    [START, count(1), count(2)],
    [START, {"name": "count", "valueString": "1"}],
    [START, {"name": "count", "valueBoolean": True}],
    [{"name": "start", "valueDateTime": "2026"}, count(1)],
]


def test_how_many_and_from_which_end_must_be_said(nancy):
    for asked in UNCOUNTED:
        with pytest.raises(BadRequest):
            find(nancy, *asked, to("patient", nancy.patient), by=SYSTEM, name=MOST)


def test_whose_must_be_said_here_too(nancy):
    with pytest.raises(BadRequest, match="based-on"):
        find(nancy, START, count(1), by=SYSTEM, name=MOST)


def test_devices_are_not_known_here(nancy):
    with pytest.raises(NotImplementedHere, match="device"):
        find(nancy, YEAR, to("patient", nancy.patient), to("device", "Device/1"))
