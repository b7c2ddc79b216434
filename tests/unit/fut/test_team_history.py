"""Who is on a course of care or a plan, and since when: what other applications may have written is kept."""

from datetime import UTC, datetime

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import complex_extension
from kommunalpro.fut.team_history import teams_on, with_teams

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AT = NOW.isoformat(timespec="seconds")
NORD, SYD = "https://fhir.example/fhir/CareTeam/nord", "https://fhir.example/fhir/CareTeam/syd"
BY_NUMBER = {"identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}}
TAGGED = {"url": ehealth.PARTICIPANT, "valueString": "kept"}


def entry(team, **period):
    named = {"url": "careTeam", "valueReference": {"reference": team}}
    return complex_extension(ehealth.TEAM_HISTORY, named, {"url": "period", "valuePeriod": period})


def plan(*teams, extension=()):
    return {"resourceType": "CarePlan", "careTeam": list(teams), "extension": list(extension)}


def test_a_team_is_known_again_when_it_is_referred_to_by_version():
    before = plan({"reference": f"{NORD}/_history/3"}, extension=[entry(f"{NORD}/_history/3", start="2026-11-01")])
    assert teams_on(before) == [NORD]
    assert with_teams(before, [NORD], [], NOW) == before
    after = with_teams(before, [SYD], [NORD], NOW)
    assert teams_on(after) == [SYD]
    assert after["extension"] == [entry(NORD, start="2026-11-01", end=AT), entry(SYD, start=AT)]


def test_what_is_not_about_the_team_stays():
    over = entry(SYD, start="2026-01-01", end="2026-02-01")
    after = with_teams(plan(BY_NUMBER, {"reference": SYD}, extension=[TAGGED, over]), [], [SYD], NOW)
    assert after["careTeam"] == [BY_NUMBER]
    assert after["extension"] == [TAGGED, over, entry(SYD, end=AT)]


def test_nothing_is_left_empty():
    assert "careTeam" not in with_teams(plan({"reference": NORD}), [], [NORD], NOW)
    assert with_teams({"resourceType": "EpisodeOfCare", "team": [{"reference": NORD}]}, [], [SYD], NOW)["team"]
