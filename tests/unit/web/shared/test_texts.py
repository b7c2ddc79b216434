"""Every text of every page has an English one, and templates stop at what no view gave them."""

import importlib
import sys

import pytest
from django.template import engines
from jinja2 import UndefinedError

from tests.unit.house.sources import PROJECT


def render(source: str, **values: object) -> str:
    return engines.all()[0].env.from_string(source).render(**values)


@pytest.fixture
def extract_messages(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(PROJECT / "scripts"), *sys.path])
    return importlib.import_module("extract_messages")


def test_every_text_of_every_page_has_its_english(extract_messages):
    """Mended by: scripts/extract_messages.py, then the missing texts in kommunalpro/web/locale/en."""
    assert list(extract_messages.problems_of(extract_messages.extract(), extract_messages.read())) == []


def test_danish_quotes_in_one_way_and_english_in_its_own(extract_messages):
    for text in filter(None, extract_messages.read()):
        assert not set("„“»«") & set(str(text.id)), "”så”"
        assert str(text.string).count("“") == str(text.string).count("”"), "“so”"


def test_a_name_that_no_view_gave_is_an_error_and_not_an_empty_text():
    with pytest.raises(UndefinedError):
        render("{{ person }}")


def test_what_people_wrote_is_text_and_never_markup():
    assert render("{{ note }}", note="<b>&") == "&lt;b&gt;&amp;"
    assert render('{{ _("%(name)s får")|format(name=note) }}', note="<b>") == "&lt;b&gt; får"


def test_a_text_may_hold_a_percent_sign():
    assert render('{{ _("100 % sikker") }}') == "100 % sikker"


def test_addresses_are_made_by_name():
    assert render('{{ url("shared:login") }}') == "/log-ind/"
