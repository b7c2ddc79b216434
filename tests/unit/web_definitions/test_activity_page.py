"""The activity editor's pages: reuse and limits are chosen, saved as FUT has them, and shown."""

import re

import pytest

from kommunalpro.care import planning
from kommunalpro.care.bundles import url_id
from kommunalpro.care.criteria import reuse_of, spans_of
from kommunalpro.care.planning import Titles, create, new_measuring, new_plan
from kommunalpro.care.regime import UCUM
from kommunalpro.care.sending import Now, send
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.observation_codes import observables
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.identity.demo import save_demo_persons
from kommunalpro.web.shared.measured import names
from tests.browser import Browser
from tests.gateway.measuring import BLOOD_PRESSURE, PHOTO, WEIGHT, concept
from tests.people import NANCY
from tests.unit.care.world import MONDAY


@pytest.fixture
def lis(world):
    save_demo_persons([world.staff["lis"].person])
    client = Browser()
    client.post("/log-ind/", {"person": "lis"})
    return client


def draft(world, **changes):
    """Store a draft of an activity; gives its id."""
    by = world.staff["lis"].principal
    original = world.gateway.read(world.published.activity, by=by, now=MONDAY)
    left = (ehealth.BASE, ehealth.BASE_ENVIRONMENT)
    kept = [each for each in original["extension"] if each["url"] not in left]
    new = {name: each for name, each in original.items() if name not in ("identifier", "approvalDate")}
    made = {**new, "status": "draft", "extension": kept, **changes}
    return world.gateway.create({name: each for name, each in made.items() if each}, by=by, now=MONDAY)["id"]


def fields(page):
    """Give what a form would send: what is written, checked and chosen."""
    html = page.content.decode()
    found = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"(?![^>]*type="radio")', html))
    found |= dict(re.findall(r'type="radio"[^>]*name="([^"]+)"\s+value="([^"]*)" checked', html))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        if chosen := re.search(r'value="([^"]*)"\s*selected', options):
            found[name] = chosen[1]
    return found


def test_a_number_has_limits_and_qualities_and_no_questionnaire(world, lis):
    id = draft(world, title="Vej dig", code=concept(WEIGHT), relatedArtifact=None)
    address = f"/kam/aktiviteter/{id}/ret/"
    page = lis.get(address)
    assert 'name="chosen"' not in page.content.decode()
    written = {"reuse": "yes", "age": "2", "age_unit": "d", "situationQuality": "sitting", "red_low_0": "60,5"}
    answer = lis.post(address, fields(page) | written | {"citizen": "Vej dig", "save": ""})
    assert answer.status_code == 302, answer.content.decode()
    stored = world.gateway.read(f"ActivityDefinition/{id}", by=world.staff["lis"].principal, now=MONDAY)
    assert (reuse_of(stored).age.value, dict(reuse_of(stored).qualities)) == (2, {"situationQuality": "sitting"})
    [span] = spans_of(stored)
    assert str(span.limits.low) == "60.5"
    shown = lis.get(answer.headers["Location"]).content.decode()
    assert "Ja, når det højst er 2 dage gammelt. Krav: Siddende" in shown
    assert "Grænser for rød alarm: nedre 60,5 kg" in shown


def test_what_opens_whenever_it_suits_has_no_calendar(world, lis):
    """Another solution may say so; the editor keeps it."""
    whenever = {"repeat": {"count": 3, "boundsDuration": {"value": 3, "system": UCUM, "code": "wk"}}}
    page = lis.get(f"/kam/aktiviteter/{draft(world, timingTiming=whenever)}/ret/").content.decode()
    assert "3 gange" in page
    assert "Det åbner ikke en eneste gang" not in page


def test_an_activity_whose_questionnaire_is_not_in_use_leads_to_it(world, lis):
    by = world.staff["lis"].principal
    copy = planning.clone(world.gateway, world.published.questionnaire, "minor-version", by=by, now=MONDAY)
    asked = [{"type": "derived-from", "resource": f"{copy}/_history/1"}]
    shown = lis.get(f"/kam/aktiviteter/{draft(world, relatedArtifact=asked)}/").content.decode()
    assert f'href="/administration/spoergeskemaer/{url_id(copy)}/"' in shown
    assert "Åbn spørgeskemaet" in shown
    used = lis.get(f"/kam/aktiviteter/{draft(world)}/").content.decode()
    assert "Åbn spørgeskemaet" not in used


def test_a_questionnaire_may_be_used_again_and_has_neither_limits_nor_qualities(world, lis):
    address = f"/kam/aktiviteter/{draft(world)}/ret/"
    page = lis.get(address)
    html = page.content.decode()
    assert 'name="reuse"' in html
    assert "red_low_0" not in html
    assert "situationQuality" not in html


def test_blood_pressure_has_limits_for_each_of_its_numbers(world, lis):
    id = draft(world, title="Blodtryk", code=concept(BLOOD_PRESSURE), relatedArtifact=None)
    html = lis.get(f"/kam/aktiviteter/{id}/ret/").content.decode()
    assert html.count('name="red_low_') == 2
    assert "Blodtryk, diastolisk, gul alarm" in html


def test_what_is_wrong_is_told_all_at_once_and_nothing_is_lost(world, lis):
    id = draft(world, title="Vej dig", code=concept(WEIGHT), relatedArtifact=None)
    address = f"/kam/aktiviteter/{id}/ret/"
    wrong = {"reuse": "yes", "age": "", "red_low_0": "90", "red_high_0": "60", "yellow_high_0": "1.000"}
    answer = lis.post(address, fields(lis.get(address)) | wrong | {"citizen": "", "save": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    for told in (
        "Skriv den titel, borgeren skal læse.",
        "Skriv, hvor gammelt det højst må være.",
        "Den nedre grænse skal være mindre end den øvre.",
        "Skriv et tal uden punktum mellem tusinder",
    ):
        assert told in html
    assert 'value="1.000"' in html


# --- What is made here


NEW = "/kam/aktiviteter/ny/"
WEIGHING = "|".join(WEIGHT)
ELSEWHERE = "Målinger foretages i en anden løsning på FUT, og planer med målinger sendes derfra."


def id_in(address):
    return re.search(r"[0-9a-f-]{36}", address)[0]


def begun(lis, place, title, chosen):
    """Begin an activity or a plan of what is chosen; gives the address of its editor."""
    answer = lis.post(place, {"citizen": title, "staff": "", "description": "", "chosen": chosen})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def into_use(lis, page):
    """Press what takes a draft into use."""
    version = re.search(r'name="version" value="([^"]+)"', lis.get(page).content.decode())
    answer = lis.post(f"{page}status/", {"version": version[1], "do": "active"})
    assert answer.status_code == 302, answer.content.decode()


def test_a_new_activity_is_a_questionnaire_or_one_of_what_fut_can_measure(world, lis):
    html = lis.get(NEW).content.decode()
    questionnaires, measured = re.findall(r"<optgroup label=.(.*?).>(.*?)</optgroup>", html, re.DOTALL)
    assert (questionnaires[0], measured[0]) == ("Svare på et spørgeskema", "Måle")
    assert "Hverdagen med kronisk sygdom" in questionnaires[1]
    assert f'<option value="{WEIGHING}">Vægt</option>' in measured[1]
    assert measured[1].count("<option") == len(observables()) > 20
    assert ELSEWHERE in html


def test_whatever_can_be_measured_has_a_danish_name_and_is_a_code_that_an_activity_may_have():
    codes = [(each["system"], each["code"]) for each in observables()]
    assert [code for _, code in codes if code not in names()] == []
    assert [each for each in codes if not is_bound(f"{ehealth.VS}activitydefinition-code", *each)] == []


def test_a_weight_is_made_with_its_limits_taken_into_use_and_sent_with_them(world, lis):
    edit = begun(lis, NEW, "Vej dig", WEIGHING)
    page = lis.get(edit)
    assert "<h2>Vægt</h2>" in page.content.decode()
    assert ELSEWHERE in page.content.decode()
    answer = lis.post(edit, fields(page) | {"citizen": "Vej dig", "red_low_0": "60,5", "red_high_0": "90", "save": ""})
    activity = answer.headers["Location"]
    shown = lis.get(activity).content.decode()
    assert "Grænser for rød alarm: 60,5–90 kg" in shown
    assert (ELSEWHERE in shown, "så den kan ikke sendes" in shown) == (True, False)
    into_use(lis, activity)
    plan = begun(lis, "/kam/planer/ny/", "Vægten", id_in(activity)).removesuffix("ret/")
    assert all(ELSEWHERE in lis.get(each).content.decode() for each in (plan, f"{plan}ret/"))
    into_use(lis, plan)
    nancy, url = world.enrol(NANCY), f"{world.gateway.base_url}/PlanDefinition/{id_in(plan)}"
    sent = send(world.gateway, nancy.patient, nancy.episode, url, Now(), by=world.asta, now=MONDAY)
    [stored] = [world.gateway.read(each, by=SYSTEM, now=MONDAY) for each in sent.service_requests]
    assert (stored["status"], stored["code"]["coding"][0]["code"]) == ("active", WEIGHT[1])
    [range] = extensions(stored, ehealth.REFERENCE_RANGE)
    ends = [extension_value(range, end) for end in ("low", "high")]
    assert [(str(each["value"]), each["code"]) for each in ends] == [("60.5", "kg"), ("90", "kg")]


def test_of_a_photo_it_is_said_too_that_it_is_sent_from_elsewhere(world, lis):
    """It is not chosen here, but it can stand in a plan that another has made."""
    by = world.staff["lis"].principal
    photo = new_measuring(Titles("Fotografér såret"), concept(PHOTO)["coding"][0], by.context.organization)
    activity = create(world.gateway, photo, by=by, now=MONDAY)
    plan = create(world.gateway, new_plan(Titles("Såret"), photo, activity, by.context.organization), by=by, now=MONDAY)
    page = f"/kam/planer/{id_in(plan)}/"
    for each in (f"/kam/aktiviteter/{id_in(activity)}/ret/", page, f"{page}ret/"):
        assert ELSEWHERE in lis.get(each).content.decode(), each


def test_of_a_plan_that_only_asks_questionnaires_nothing_is_said_of_measuring(world, lis):
    for kind, url in (("planer", world.published.plan), ("aktiviteter", world.published.activity)):
        assert ELSEWHERE not in lis.get(f"/kam/{kind}/{url.rsplit('/', 1)[-1]}/").content.decode()


def test_what_was_not_on_the_list_is_not_made(world, lis):
    answer = lis.post(NEW, {"citizen": "Vej dig", "chosen": "http://loinc.org|29463-7"})
    assert answer.status_code == 422
    assert "Vælg en på listen." in answer.content.decode()
