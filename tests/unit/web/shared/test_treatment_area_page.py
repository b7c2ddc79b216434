"""A clinical administrator reads what courses of care may be about, who works with it, and what is in use."""

import re

from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.treatment_area import FSIII, TAG, conditions_of_fsiii, diagnoses, is_in_treatment_area
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words


def row(page, name):
    """Give the cells of the row that is headed by a name."""
    found = re.search(rf"<th[^>]*>(?:<span[^>]*>)?{re.escape(name)}(?:</span>)?</th>(.*?)</tr>", page, re.DOTALL)
    return [
        re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)
    ]


def test_each_condition_stands_with_its_code_and_the_teams_that_work_with_it(visit):
    page = words(visit("lis").get("/kam/behandlingsomraade/"))
    code, teams = row(page, "Type 2-diabetes")
    assert code == "SKS DE11"
    assert "Sundhedscenter Nord" in teams
    assert row(page, "Parkinsons sygdom") == ["SKS DG20", "–"]


def test_a_team_that_works_with_a_condition_of_the_municipalities_own_language_stands_with_it(world, visit):
    named = {"code": "J1.1"}
    for key, system in (("nord", FSIII), ("syd", "urn:oid:1.2.208.176.2.21")):
        team = world.gateway.read(world.teams[key].url, by=SYSTEM, now=MONDAY)
        more = [*team["reasonCode"], {"coding": [{"system": system, **named}]}]
        world.gateway.update({**team, "reasonCode": more}, if_match=None, by=SYSTEM, now=MONDAY)
    page = words(visit("lis").get("/kam/behandlingsomraade/"))
    assert row(page, "Vaske sig") == ["FSIII J1.1", "Sundhedscenter Nord  ·  Sundhedscenter Syd"]
    assert row(page, "Spise") == ["FSIII J1.6", "–"]


def test_each_programme_stands_with_what_is_in_use_of_it(visit):
    page = words(visit("lis").get("/kam/behandlingsomraade/"))
    assert row(page, "Kommunal PRO") == ["1", "1"]
    assert row(page, "Telma") == ["0", "0"]


def test_what_is_listed_is_what_a_course_of_care_may_be_opened_for():
    assert len(diagnoses()) > 15
    assert all(is_in_treatment_area(TAG, each) for each in (*diagnoses(), *conditions_of_fsiii()))


def test_conditions_of_fsiii_stand_after_what_they_are_a_kind_of_and_ten_after_nine():
    codes = [each["code"] for each in conditions_of_fsiii()]
    assert codes[:4] == ["F", "F1", "F2", "F3"]
    assert codes[8:14] == ["F8", "F9", "F10", "F12", "J1", "J1.1"]
