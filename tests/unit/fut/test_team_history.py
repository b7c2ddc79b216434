"""Who is on a course of care or a plan, and since when: the server's own account, whatever is sent."""

from datetime import UTC, datetime

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fut.team_history import teams_on, with_team_history, with_teams

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = to_datetime(NOW)
NORD, SYD = "https://fhir.example/fhir/CareTeam/nord", "https://fhir.example/fhir/CareTeam/syd"
BY_NUMBER = {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}}
TAGGED = {"url": ehealth.PARTICIPANT, "valueString": "kept"}


def entry(team, **period):
    named = {"url": "careTeam", "valueReference": {"reference": team}}
    return complex_extension(ehealth.TEAM_HISTORY, named, {"url": "period", "valuePeriod": period})


def plan(*teams, extension=()):
    named = [each if isinstance(each, dict) else {"reference": each} for each in teams]
    return {"resourceType": "CarePlan", "careTeam": named, "extension": list(extension)}


def test_a_team_is_known_again_when_it_is_referred_to_by_version():
    before = plan(f"{NORD}/_history/3", extension=[entry(f"{NORD}/_history/3", start="2026-11-01")])
    assert teams_on(before) == [NORD]
    assert with_teams(before, [NORD], []) == before
    after = with_teams(before, [SYD], [NORD])
    assert teams_on(after) == [SYD]
    assert with_team_history(after, before, NOW)["extension"] == [
        entry(NORD, start="2026-11-01", end=AT),
        entry(SYD, start=AT),
    ]


def test_of_what_is_new_the_history_begins_with_it():
    made = with_team_history(plan(NORD, NORD, SYD), None, NOW)
    assert made["extension"] == [entry(NORD, start=AT), entry(SYD, start=AT)]


def test_nobody_writes_the_history_but_the_server():
    forged = entry(SYD, start="2020-01-01")
    assert with_team_history(plan(NORD, extension=[forged]), None, NOW)["extension"] == [entry(NORD, start=AT)]
    before = plan(NORD, extension=[entry(NORD, start="2026-11-01")])
    for sent in ([], [forged], [entry(NORD, start="2026-11-01", end="2026-11-02"), forged]):
        assert with_team_history(plan(NORD, extension=sent), before, NOW) == before


def test_what_is_not_about_the_team_stays():
    over = entry(SYD, start="2026-01-01", end="2026-02-01")
    before = plan(BY_NUMBER, SYD, extension=[TAGGED, over])
    after = with_teams(before, [], [SYD])
    assert after["careTeam"] == [BY_NUMBER]
    # When syd came back is in no history, so the entry says only when it went.
    assert with_team_history(after, before, NOW)["extension"] == [TAGGED, over, entry(SYD, end=AT)]


def test_nothing_is_left_empty():
    assert "careTeam" not in with_teams(plan(NORD), [], [NORD])
    episode = {"resourceType": "EpisodeOfCare", "team": [{"reference": NORD}]}
    assert with_teams(episode, [], [SYD]) == episode
    assert "extension" not in with_team_history({"resourceType": "EpisodeOfCare"}, None, NOW)
