"""What a row of the worklist says: an answer that nobody has assessed is never said to be calm."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kommunalpro.care.worklist import TopicLight, WorkItem
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Light
from kommunalpro.web.staff.presenters.worklist import work_row

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
BASE = "https://example.org/fhir"


def row(light: Light, *topics: TopicLight, **changes: Any) -> str:
    return work_row(item(light, *topics, **changes), user=f"{BASE}/Practitioner/1", now=NOON).headline


def item(light: Light, *topics: TopicLight, **changes: Any) -> WorkItem:
    return WorkItem(
        task=f"{BASE}/Task/1",
        version="1",
        patient=f"{BASE}/Patient/1",
        patient_name="Nancy Ann Berggren",
        episode_of_care=f"{BASE}/EpisodeOfCare/1",
        response=f"{BASE}/QuestionnaireResponse/1",
        light=light,
        topics=topics,
        received=NOON,
        owner=None,
        owner_name="",
        **({"priority": "routine", "is_failure": False} | changes),
    )


@pytest.mark.parametrize(
    ("light", "topics", "expected"),
    [
        (Light.NOT_ASSESSED, (), "Ikke vurderet: læs svarene"),
        (Light.GREEN, (), "Intet skiller sig ud"),
        (Light.RED, (TopicLight(Text("Smerte"), Light.RED),), "1 emne kræver opmærksomhed: Smerte"),
    ],
)
def test_a_row_says_what_stands_out(light, topics, expected):
    assert row(light, *topics) == expected


PAIN, SLEEP = TopicLight(Text("Smerte"), Light.YELLOW), TopicLight(Text("Søvn"), Light.RED)


@pytest.mark.parametrize(
    ("light", "topics", "apart", "expected"),
    [
        (Light.RED, (), (Light.RED, Light.RED, Light.YELLOW), "2 svar kræver opmærksomhed"),
        (Light.YELLOW, (), (Light.YELLOW,), "1 svar kan kræve opmærksomhed"),
        (Light.RED, (PAIN,), (Light.RED,), "1 svar kræver opmærksomhed"),
        (Light.RED, (SLEEP,), (Light.RED,), "1 emne kræver opmærksomhed: Søvn. 1 svar kræver opmærksomhed"),
        (Light.RED, (), (), "Læs svarene"),
    ],
)
def test_what_stands_in_no_topic_is_counted_and_a_red_answer_is_never_called_calm(light, topics, apart, expected):
    """Without a View there are no topics, and the questions' own rules give the light."""
    assert row(light, *topics, apart=apart) == expected


@pytest.mark.parametrize("light", [Light.RED, Light.YELLOW, Light.GREEN])
def test_where_no_topics_were_kept_nothing_is_said_of_them(light):
    unknown = replace(item(light), topics=None)
    assert work_row(unknown, user=f"{BASE}/Practitioner/1", now=NOON).headline == "Se emnerne på svarets side"


def test_a_failure_asks_a_person_to_read():
    assert row(Light.NOT_ASSESSED, is_failure=True) == "Den automatiske vurdering mislykkedes: læs svarene"


def test_what_did_not_come_about_by_itself_leads_to_the_course_of_care_and_is_closed_in_its_row():
    undone = item(Light.NOT_ASSESSED, is_failure=True, is_undone=True)
    shown = work_row(undone, user=f"{BASE}/Practitioner/1", now=NOON)
    assert shown.headline == "En planlagt ændring kunne ikke gennemføres: se borgerens forløb"
    assert shown.task_version == "1"
    assert work_row(item(Light.GREEN), user="", now=NOON).task_version == "", "an answer is closed on its own page"


def test_what_was_marked_as_an_error_holds_no_light_and_stays_acute():
    marked = item(Light.RED, TopicLight(Text("Smerte"), Light.RED), priority="stat", is_invalidated=True)
    shown = work_row(marked, user=f"{BASE}/Practitioner/1", now=NOON)
    assert (shown.is_error, shown.is_acute) == (True, True)
    assert shown.headline == "Svaret tæller ikke længere: afslut opgaven"
