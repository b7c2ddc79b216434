"""Lists tell of questionnaires and do not read what each of them asks: whole ones are long, and there are many."""

import pytest

from kommunalpro.care.bundles import url_id
from kommunalpro.config import wiring
from kommunalpro.fut.contexts import SYSTEM


@pytest.fixture
def asked(monkeypatch):
    """How questionnaires are searched for."""
    seen, gateway = [], type(wiring.gateway())
    search = gateway.search

    def noted(self, type, parameters, **named):
        if type == "Questionnaire":
            seen.append(dict(parameters))
        return search(self, type, parameters, **named)

    monkeypatch.setattr(gateway, "search", noted)
    return seen


LISTS = [
    "/administration/spoergeskemaer/",
    "/administration/spoergeskemaer/{questionnaire}/",
    "/administration/visninger/",
    "/administration/vejledninger/",
    "/kam/planer/",
    "/kam/planer/{plan}/",
    "/kam/aktiviteter/",
    "/kam/aktiviteter/ny/",
    "/kam/aktiviteter/{activity}/",
]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_reads_no_question(lis, world, asked, address):
    published = world.published
    ids = {name: url_id(getattr(published, name)) for name in ("questionnaire", "plan", "activity")}
    assert lis.get(address.format(**ids)).status_code == 200
    assert asked
    assert all("item" not in each["_elements"].split(",") for each in asked)


def test_the_page_of_a_view_reads_the_questionnaire_that_it_is_for_and_no_other(lis, world, asked):
    found = world.gateway.search("Basic", [("code", "view")], by=SYSTEM, now=wiring.clock().now())
    view = found["entry"][0]["resource"]["id"]
    assert lis.get(f"/administration/visninger/{view}/").status_code == 200
    assert [each["_id"] for each in asked] == [url_id(world.published.questionnaire)]
