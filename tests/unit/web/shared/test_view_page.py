"""An editor reads a view: which answers may not wait, and which of them the local view leaves out."""

import pytest

from kommunalpro.config.publishing import view_resource
from kommunalpro.fhir.json import loads
from tests.live import PROJECT
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words

CONTENT = loads((PROJECT / "definitions" / "hverdagen-med-kronisk-sygdom" / "view.json").read_bytes())
MUCH = {"id": "meget-ondt", "item": "smerte-styrke", "operator": ">=", "value": 9, "source": "Til prøven"}
CALL = {"da": "Ring til din læge i dag.", "en": "Call your doctor today."}
LEFT_OUT = "Den nationale visning kalder flere svar akutte"


@pytest.fixture
def page(world, visit):
    """Let an editor put a view into use, and read its page."""
    lis = world.staff["lis"].principal

    def put_and_read(level, *acute):
        content = {**CONTENT, "identifier": f"hverdagen-{level}", "level": level, "acute": list(acute)}
        made = world.gateway.create(view_resource(content, world.published.questionnaire, lis), by=lis, now=MONDAY)
        return words(visit("lis").get(f"/administration/visninger/{made['id']}/"))

    return put_and_read


def test_an_answer_that_may_not_wait_stands_with_what_the_citizen_reads(page):
    read = page("national", {**MUCH, "text": CALL})
    assert ": 9 eller mere</dt>" in read
    assert "Ring til din læge i dag." in read
    assert LEFT_OUT not in read


def test_a_view_without_such_answers_says_so(page):
    assert "Visningen kalder ingen svar akutte." in page("local")


@pytest.mark.parametrize("kept", [(), ({**MUCH, "operator": ">", "text": CALL},)], ids=["none", "fewer answers"])
def test_a_local_view_says_which_acute_answers_of_the_national_one_hold_no_more(page, kept):
    page("national", {**MUCH, "text": CALL})
    assert LEFT_OUT in page("local", *kept)


@pytest.mark.parametrize("value", [9, 8], ids=["the same", "more answers"])
def test_a_local_view_that_covers_them_is_not_warned_of(page, value):
    page("national", {**MUCH, "text": CALL})
    ours = {"da": "Ring til os.", "en": "Call us."}
    assert LEFT_OUT not in page("local", {**MUCH, "id": "vores", "value": value, "text": ours})
