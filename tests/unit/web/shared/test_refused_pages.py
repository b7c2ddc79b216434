"""What is for all names nobody: whoever writes a CPR number reads it at the field, and nothing they wrote is lost."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.goals import Aim, with_aim
from kommunalpro.care.planning import Titles
from kommunalpro.config import wiring
from kommunalpro.fhir.ehealth import SKS_DIAGNOSES as SKS
from kommunalpro.fhir.outcome import Conflict, Issue, Malformed, RuleBroken, TooLarge
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.error_codes import CATALOGUE
from kommunalpro.fut.errors import issue
from tests.unit.web.shared.conftest import words

NUMBER = "251248-9996"
TOLD = "Der står et CPR-nummer i ”{}”. Fjern det, for alle kan læse, hvad der står her."
WHY = "Planen er for stor."
ENGLISH = CATALOGUE["GENERAL_VALIDATION_ERROR"][1]


@pytest.fixture
def drafts(world):
    """The drafts of a plan and of an activity, and what else is asked for by its id."""
    by, now = world.staff["lis"].principal, wiring.clock().now()
    activity = world.gateway.read(world.published.activity, by=by, now=now)
    plan = planning.new_plan(Titles("Godt i gang"), activity, world.published.activity, by.context.organization)
    return {
        "plan": url_id(planning.create(world.gateway, with_aim(plan, 0, Aim("Gå en tur")), by=by, now=now)),
        "activity": url_id(planning.clone(world.gateway, world.published.activity, "copy", by=by, now=now)),
        "asked": url_id(world.published.questionnaire),
        "done": url_id(world.published.activity),
        "town": url_id(by.context.organization),
        "team": url_id(world.teams["nord"].url),
    }


TITLES = {"citizen": "Godt i gang", "staff": "Forløb", "description": "Til den første tid"}
STEP = {"has_regime": "", "waits": "", "needs": "all", "offset_unit": "d", "save": "1"}
SHARING = {"has_regime": "", "reuse": "", "policy": "noSharing", "approval": "manual", "save": "1"}
TEAM = {"name": "Team Øst", "conditions": [f"{SKS}|DE11"]}
GOAL = {"description": "Gå en tur", "has_number": "yes", "what": "Gang", "comparator": ">=", "value": "3", "unit": "1"}

FORMS = [
    ("planer/ny/", TITLES | {"chosen": "{done}"}, ("citizen", "staff", "description")),
    ("planer/{plan}/ret/", TITLES, ("citizen", "staff", "description")),
    ("planer/{plan}/trin/0/", STEP | {"title": "Hver uge"}, ("title",)),
    ("planer/{plan}/maal/ny/", GOAL, ("description", "what")),
    ("planer/{plan}/maal/0/", GOAL, ("description", "what")),
    ("planer/{plan}/materiale/ny/", {"title": "Sov bedre", "link": "https://sov.example/a"}, ("title", "link")),
    ("aktiviteter/ny/", TITLES | {"chosen": "{asked}"}, ("citizen", "staff", "description")),
    ("aktiviteter/{activity}/ret/", TITLES | SHARING | {"chosen": "{asked}"}, ("citizen", "staff", "description")),
    ("team/nyt/", TEAM | {"organization": "{town}"}, ("name",)),
    ("team/{team}/ret/", TEAM, ("name",)),
]


def send(lis, drafts, address, given):
    """Post to a page what is written there; `{plan}` and such stand for ids."""
    said = {name: each.format(**drafts) if isinstance(each, str) else each for name, each in given.items()}
    return lis.post(f"/kam/{address.format(**drafts)}", {"version": "1", **said})


def shown_again(page, text):
    return f'value="{text}"' in page or f">{text}</textarea>" in page


def labels_in(page):
    """Give what each field is called, by its name."""
    return dict(re.findall(r'<label class="form-label" for="([^"]+)">([^<]+)</label>', page))


def test_a_cpr_number_is_told_at_each_field_that_has_one_and_all_that_was_written_stands_there(lis, drafts):
    for address, given, fields in FORMS:
        named = {name: f"{given[name]}/{NUMBER}" for name in fields}
        answer = send(lis, drafts, address, given | named)
        page = words(answer)
        assert answer.status_code == 422, address
        for name, written in named.items():
            told = TOLD.format(labels_in(page)[name])
            assert f'<span class="form-error-message" id="{name}-error">{told}</span>' in page, (address, name)
            assert f'<a href="#{name}">{told}</a>' in page, (address, name)
            assert shown_again(page, written), (address, name)
        summary = re.findall(r'<a href="#([^"]+)">', page.partition('role="alert"')[2].partition("</ul>")[0])
        assert summary == sorted(summary, key=lambda name: page.index(f'id="{name}"')), "in the order of the page"


def test_it_is_told_in_english_too(lis, drafts):
    lis.cookies["django_language"] = "en"
    page = words(send(lis, drafts, "planer/{plan}/maal/0/", GOAL | {"description": f"Ring til {NUMBER}"}))
    assert "There is a CPR number in “The goal”. Remove it, for everybody can read what is written here." in page


def test_what_the_server_alone_refuses_is_told_above_the_form_with_what_was_written(lis, drafts, monkeypatch):
    def refuse(*given, **named):
        raise RuleBroken(issues=(Issue(WHY), Issue("Og et mål mangler.")))

    for each in ("create", "update"):
        monkeypatch.setattr(type(wiring.gateway()), each, refuse)
    for address, given, fields in FORMS:
        answer = send(lis, drafts, address, given)
        page = words(answer)
        assert answer.status_code == 422, address
        box = page.partition('role="alert"')[2].partition("</ul>")[0]
        assert f"<li>{WHY}</li>" in box, address
        assert "<li>Og et mål mangler.</li>" in box, address
        assert all(shown_again(page, given[name]) for name in fields), address


BUTTONS = [
    ("planer/{plan}/trin/", {"chosen": "{done}"}),
    ("planer/{plan}/trin/0/plads/", {"do": "up"}),
    ("planer/{plan}/maal/0/fjern/", {}),
    ("planer/{plan}/status/", {"do": "active"}),
    ("planer/{plan}/hvem-maa-rette/", {"organization": "{town}", "do": "add"}),
    ("aktiviteter/{activity}/status/", {"do": "active"}),
    ("team/{team}/status/", {"do": "active"}),
    ("team/{team}/medlemmer/", {"navn": "bo", "person": "{bo}", "roles": ["clinicalViewer"]}),
    ("team/{team}/medlemmer/{asta}/", {"roles": ["clinicalViewer"]}),
    ("team/{team}/medlemmer/{asta}/", {"do": "leave"}),
]


@pytest.mark.parametrize("refusal", [RuleBroken, Malformed, Conflict, TooLarge])
def test_whoever_presses_a_button_and_is_refused_reads_why_on_the_page_it_stands_on(
    lis, drafts, world, monkeypatch, refusal
):
    def refuse(*given, **named):
        raise refusal(WHY)

    ids = {key: url_id(world.staff[key].principal.user) for key in ("asta", "bo")}
    for each in ("create", "update", "patch", "transaction", "operation"):
        monkeypatch.setattr(type(wiring.gateway()), each, refuse)
    for address, given in BUTTONS:
        answer = send(lis, drafts | ids, address, given)
        page = words(answer)
        assert answer.status_code == 422, address
        assert WHY in page.partition('role="alert"')[2].partition("</ul>")[0], address
        assert "<form" in page.partition('role="alert"')[2], address


def test_a_definition_that_the_server_cannot_take_leaves_the_form_open_and_nothing_is_stored(lis, drafts):
    """Control characters are no text of R4: the form lets them through, the server does not."""
    answer = send(lis, drafts, "planer/{plan}/ret/", TITLES | {"staff": "For\x0bløb"})
    page = words(answer)
    assert (answer.status_code, shown_again(page, "Til den første tid")) == (422, True)
    stored = wiring.gateway().read(f"PlanDefinition/{drafts['plan']}", by=SYSTEM, now=wiring.clock().now())
    assert (stored["meta"]["versionId"], "description" in stored) == ("1", False)


def test_on_an_english_page_the_server_is_read_in_english_as_far_as_it_speaks_it(lis, drafts, monkeypatch):
    def refuse(*given, **named):
        known = issue("GENERAL_VALIDATION_ERROR", "PlanDefinition.goal has no text")
        raise RuleBroken(issues=(known, Issue(WHY), Issue(WHY, diagnostics="Too much", expression="PlanDefinition")))

    lis.cookies["django_language"] = "en"
    monkeypatch.setattr(type(wiring.gateway()), "update", refuse)
    box = words(send(lis, drafts, "planer/{plan}/ret/", TITLES)).partition('role="alert"')[2].partition("</ul>")[0]
    said = re.findall(r"<li>(.*?)</li>", box)
    assert said == [f"{ENGLISH}: PlanDefinition.goal has no text.", WHY, "Too much."]
