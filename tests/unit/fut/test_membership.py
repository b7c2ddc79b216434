"""Who is in a care team, since when and until when: a team forgets nobody."""

from datetime import UTC, datetime

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fut.membership import is_current, with_all_members

NOW = datetime(2026, 11, 23, 9, 0, 0, 500_000, tzinfo=UTC)
BEGAN, ENDED = "2026-11-23T09:00:00Z", "2026-11-23T09:00:00.499Z"
SINCE_MAY = {"start": "2026-05-01"}
ASTA, BO = "https://fhir.example/fhir/Practitioner/asta", "https://fhir.example/fhir/Practitioner/bo"


def member(who, *roles, **period):
    codings = [{"system": ehealth.CARETEAM_PARTICIPANT_ROLE, "code": role} for role in roles or ("clinicalViewer",)]
    found = {"member": {"reference": who}, "role": [{"coding": [coding]} for coding in codings]}
    return {**found, "period": period} if period else found


def team(*participants):
    return {"resourceType": "CareTeam", **({"participant": list(participants)} if participants else {})}


def after(before, *sent):
    return with_all_members(team(*sent), team(*before) if before is not None else None, NOW).get("participant", [])


def test_who_comes_begins_now_unless_it_is_said_when():
    assert after(None, member(ASTA), member(BO, **SINCE_MAY)) == [member(ASTA, start=BEGAN), member(BO, **SINCE_MAY)]
    assert after([], member(ASTA, end="2026-11-01")) == [member(ASTA, end="2026-11-01")]


def test_who_is_left_out_stays_with_an_end():
    found = after([member(ASTA, **SINCE_MAY), member(BO)], member(BO))
    assert found == [member(BO), member(ASTA, **SINCE_MAY, end=ENDED)]
    assert not is_current(found[1], NOW)
    assert after([member(ASTA)]) == [member(ASTA, end=ENDED)]


def test_who_leaves_at_the_moment_they_come_has_not_been_there():
    assert after([member(ASTA, start="2026-11-23T09:00:00.500Z")]) == []


def test_who_stays_keeps_the_beginning_also_when_it_is_not_said_again():
    for sent in (member(ASTA), member(ASTA, **SINCE_MAY), member(f"{ASTA}/_history/3")):
        [found] = after([member(ASTA, **SINCE_MAY)], sent)
        assert found["period"] == SINCE_MAY
    assert after([member(ASTA)], member(ASTA)) == [member(ASTA)]


def test_other_roles_are_another_membership():
    found = after([member(ASTA, **SINCE_MAY)], member(ASTA, "clinicalViewer", "citizenEnroller"))
    assert found == [
        member(ASTA, "clinicalViewer", "citizenEnroller", start=BEGAN),
        member(ASTA, **SINCE_MAY, end=ENDED),
    ]


def test_an_end_is_said_by_who_knows_it():
    found = after([member(ASTA, **SINCE_MAY)], member(ASTA, **SINCE_MAY, end="2026-12-31"))
    assert found == [member(ASTA, **SINCE_MAY, end="2026-12-31")]


@pytest.mark.parametrize("sent", [[], [member(ASTA)], [member(ASTA, **SINCE_MAY, end="2026-11-20")]])
def test_what_is_over_is_never_written_again(sent):
    over = member(ASTA, **SINCE_MAY, end="2026-11-01")
    found = after([over], *sent)
    assert over in found
    assert len(found) == len(sent) + 1
