"""Plans, activities, questionnaires and teams are for everybody: nothing that people read of them names a citizen."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from tests.people import ASTA, NANCY
from tests.refusals import refusal
from tests.resources import (
    activity_definition,
    care_team,
    library,
    organization,
    plan_definition,
    practitioner,
    practitioner_role,
    questionnaire,
    value_set,
)
from tests.store.cast import BASE, query, stored
from tests.unit.fut.definitions import becomes, editor

NAMES = "KPRO_FOR_ALL_NAMES_SOMEBODY"
NUMBER = f"{NANCY.cpr[:6]}-{NANCY.cpr[6:]}"


def plan(**changes):
    return plan_definition(f"{BASE}/ActivityDefinition/1") | changes


def activity(**changes):
    return activity_definition(f"{BASE}/Questionnaire/1") | changes


@pytest.mark.parametrize("make", [plan, activity, lambda **changes: questionnaire() | changes])
@pytest.mark.parametrize(
    "said", [NUMBER, NANCY.cpr, "25.12.48-9996", "25 12 48 9996", "25/12/48-9996", "25 12 48 99 96"]
)
def test_what_it_is_called_and_says_of_itself_names_nobody(store, make, said):
    wrong = make(title=f"Til Nancy {said}", description=f"Kun {said}.")
    before, type = stored(), wrong["resourceType"]
    told = refusal(lambda: store.create(wrong, by=editor()))
    assert told == [(NAMES, f"{type}.title"), (NAMES, f"{type}.description")]
    assert stored() == before
    assert store.create(make(title="Vejledning 310248-9996 fra 25.12.2026"), by=editor())["id"]


STEP = plan()["action"][0]
ASKED = {"linkId": "2", "type": "choice", "text": "Hvordan går det?"}
GROUP = {"linkId": "1", "type": "group", "item": [ASKED]}
IN_ENGLISH = {
    "url": "http://hl7.org/fhir/StructureDefinition/translation",
    "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": f"Are you {NUMBER}?"}],
}
CITED = {"type": "citation", "label": NUMBER, "citation": f"Til {NUMBER}"}
LINKED = {
    "type": "documentation",
    "url": f"https://kommune.example/{NUMBER}/plan",
    "document": {"url": f"https://kommune.example/filer/{NUMBER}.pdf"},
}
TO_STAFF = {"url": ehealth.EMPLOYEE_TITLE, "valueString": f"Nancy {NUMBER}"}
NARRATIVE = {
    "status": "additional",
    "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{NUMBER.replace("-", "&#8209;")}</div>',
}
IN_BOLD = NARRATIVE | {"div": NARRATIVE["div"].replace("&#8209;", "<b>-</b>")}
NUMBERED = {"system": ehealth.CPR, "value": NANCY.cpr}
ABOUT_NANCY = {"url": "https://kommune.example/om", "valueReference": {"reference": f"{BASE}/Patient/nancy"}}
ELSEWHERE = {"url": ABOUT_NANCY["url"], "valueReference": {"reference": f"HTTPS://{BASE[8:]}/Patient/nancy/"}}
TRANSLATED = "extension[0].extension[1].valueString"


@pytest.mark.parametrize(
    ("made", "places"),
    [
        (plan(action=[STEP | {"title": f"Vej dig, {NUMBER}"}]), ["action[0].title"]),
        (plan(action=[STEP | {"textEquivalent": NUMBER}]), ["action[0].textEquivalent"]),
        (plan(goal=[{"description": {"text": f"At {NUMBER} går en tur"}}]), ["goal[0].description.text"]),
        (plan(relatedArtifact=[CITED]), ["relatedArtifact[0].label", "relatedArtifact[0].citation"]),
        (questionnaire() | {"_title": {"extension": [IN_ENGLISH]}}, [f"title.{TRANSLATED}"]),
        (
            questionnaire()
            | {"item": [GROUP | {"item": [ASKED | {"prefix": NUMBER, "_text": {"extension": [IN_ENGLISH]}}]}]},
            ["item[0].item[0].prefix", f"item[0].item[0].text.{TRANSLATED}"],
        ),
        (questionnaire() | {"extension": [TO_STAFF, *questionnaire()["extension"]]}, ["extension[0].valueString"]),
        (plan(text=NARRATIVE), ["text.div"]),
        (plan(identifier=[NUMBERED]), ["identifier[0]"]),
        (plan(identifier=[{"system": "https://kommune.example/plan", "value": NUMBER}]), ["identifier[0]"]),
        (plan(identifier=[{"system": "https://kommune.example/CPR-nr", "value": NANCY.cpr}]), ["identifier[0]"]),
        (plan(version=NUMBER), ["version"]),
        (plan(relatedArtifact=[LINKED]), ["relatedArtifact[0].url", "relatedArtifact[0].document.url"]),
        (plan(text=IN_BOLD), ["text.div"]),
        (plan(contact=[{"telecom": [{"system": "phone", "value": NUMBER}]}]), ["contact[0].telecom[0]"]),
        (
            questionnaire() | {"extension": [ABOUT_NANCY, ELSEWHERE, *questionnaire()["extension"]]},
            ["extension[0].valueReference.reference", "extension[1].valueReference.reference"],
        ),
    ],
    ids=[
        *("a step", "its words", "a goal", "what is cited", "a title in English", "a question", "a title for staff"),
        *(
            "a narrative",
            "an identifier",
            "one of another system",
            "one called after CPR",
            "a version",
            "addresses",
            "a narrative with a word in bold",
            "a telephone",
            "references",
        ),
    ],
)
def test_nor_does_anything_else_in_it(store, made, places):
    told = refusal(lambda: store.create(made, by=editor()))
    assert told == [(NAMES, f"{made['resourceType']}.{place}") for place in places]


def test_what_programs_read_may_look_like_a_number(store):
    """A form's linkId, a telephone number in Sweden or in France, and an id of ten digits are nobody's CPR number."""
    asked = GROUP | {"item": [ASKED | {"linkId": NANCY.cpr}]}
    phones = [{"system": "phone", "value": each} for each in ("0701234567", "01 12 34 56 78", "+45 20 12 34 56")]
    own = [{"system": "https://kommune.example/form", "value": NANCY.cpr}]
    made = {"item": [asked], "contact": [{"name": "Support", "telecom": phones}], "identifier": own}
    assert store.create(questionnaire() | made, by=editor())["id"]


def test_it_is_told_in_english_too_of_whatever_it_is(store):
    with pytest.raises(RuleBroken, match="What is for everybody must name nobody") as refused:
        store.create(plan(title=NUMBER), by=editor())
    assert "DocumentReference" not in str(refused.value.issues[0])


def test_what_was_published_with_one_before_can_be_taken_out_of_use(store):
    asked = becomes(store, store.create(questionnaire(title="Til Nancy"), by=editor()), "active")
    query("UPDATE fhir_resource SET json = replace(json, %s, %s)", ("Til Nancy", f"Til {NUMBER}"))
    retired = becomes(store, store.read("Questionnaire", asked["id"]), "retired")
    assert (retired["status"], retired["title"]) == ("retired", f"Til {NUMBER}")


@pytest.mark.parametrize(
    "address",
    ["fhir:Patient/nancy", "Patient%20/nancy", "urn:Patient:nancy", f"{BASE}/Patient%E2%80%8B/nancy"],
)
def test_nor_by_an_address_that_is_written_otherwise(clinic, address):
    """Neither a definition nor a team: nobody could follow it, and all would read it."""
    named = {"reference": address}
    made = plan() | {"extension": [ABOUT_NANCY | {"valueReference": named}, *plan()["extension"]]}
    place = "PlanDefinition.extension[0].valueReference.reference"
    assert refusal(lambda: clinic.create(made, by=editor())) == [(NAMES, place)]
    team = care_team("Nord") | {"participant": [MEMBER | {"member": named}]}
    assert refusal(lambda: clinic.create(team)) == [(NAMES, "CareTeam.participant[0].member.reference")]


@pytest.mark.parametrize("beside", [{}, {"reference": f"{BASE}/Practitioner/asta"}], ids=["alone", "beside another"])
def test_nor_by_their_number(clinic, beside):
    named = {"type": "Practitioner", "identifier": NUMBERED, **beside}
    made = plan() | {"extension": [ABOUT_NANCY | {"valueReference": named}, *plan()["extension"]]}
    place = "PlanDefinition.extension[0].valueReference.identifier"
    assert refusal(lambda: clinic.create(made, by=editor())) == [(NAMES, place)]
    team = care_team("Nord") | {"participant": [MEMBER | {"member": named}]}
    assert refusal(lambda: clinic.create(team)) == [(NAMES, "CareTeam.participant[0].member.identifier")]


MEMBER = care_team("Nord", ASTA)["participant"][0] | {"member": ABOUT_NANCY["valueReference"]}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": f"Team om {NUMBER}"}, "name"),
        ({"note": [{"text": f"Kun {NUMBER}"}]}, "note[0].text"),
        ({"participant": [MEMBER]}, "participant[0].member.reference"),
    ],
    ids=["its name", "a note", "a citizen in it"],
)
def test_a_team_is_named_after_nobody_and_has_no_citizen_in_it(clinic, changes, place):
    """All who work here choose from the teams, and each citizen reads the names of theirs."""
    made, before = care_team("Team Vest") | changes, stored()
    assert refusal(lambda: clinic.create(made)) == [(NAMES, f"CareTeam.{place}")]
    assert stored() == before
    assert clinic.create(care_team("Team Vest 310248-9996", ASTA))["id"]


CODES = {
    "resourceType": "CodeSystem",
    "url": "https://kommune.example/cs/tegn",
    "status": "active",
    "content": "complete",
    "concept": [{"code": "2512489996", "display": "Ondt i ryggen"}],
}
SAID = [{"language": "en", "value": f"Like {NUMBER}"}]
FORMERLY = {"url": "https://kommune.example/tidligere-telefon", "valueString": "0701234567"}


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (CODES | {"concept": [{"code": "a", "display": f"Som {NUMBER}"}]}, "concept[0].display"),
        (CODES | {"concept": [{"code": "a", "definition": NUMBER}]}, "concept[0].definition"),
        (
            CODES | {"concept": [{"code": "a", "concept": [{"code": "b", "designation": SAID}]}]},
            "concept[0].concept[0].designation[0].value",
        ),
        (value_set("https://kommune.example/vs/tegn", "a") | {"title": f"Til {NANCY.cpr}"}, "title"),
        (library(description=f"Om {NUMBER}"), "description"),
        (organization(f"Huset for {NUMBER}"), "name"),
        (organization() | {"contact": [{"name": {"text": f"CPR{NANCY.cpr}"}}]}, "contact[0].name.text"),
    ],
)
def test_nor_is_a_code_a_library_or_an_organisation_called_after_somebody(store, made, place):
    before = stored()
    assert refusal(lambda: store.create(made)) == [(NAMES, f"{made['resourceType']}.{place}")]
    assert stored() == before


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (practitioner() | {"identifier": [NUMBERED]}, "identifier[0]"),
        (
            practitioner() | {"identifier": [{"system": "https://kommune.example/cpr", "value": NANCY.cpr}]},
            "identifier[0]",
        ),
        (practitioner() | {"qualification": [{"code": {"text": f"Læge {NUMBER}"}}]}, "qualification[0].code.text"),
        (practitioner() | {"name": [{"family": f"Holm {NUMBER}"}]}, "name[0].family"),
        (practitioner_role() | {"identifier": [NUMBERED]}, "identifier[0]"),
    ],
)
def test_nor_is_anybody_who_works_here_known_by_a_citizens_number(store, made, place):
    """Every citizen may look up who works here."""
    before = stored()
    assert refusal(lambda: store.create(made)) == [(NAMES, f"{made['resourceType']}.{place}")]
    assert stored() == before
    authorised = {"system": "https://healthcare.example/authorisation", "value": "CBNH1"}
    assert store.create(practitioner() | {"identifier": [authorised]})["id"]


def test_what_is_a_code_or_a_telephone_there_may_look_like_a_number(store):
    assert store.create(CODES | {"version": "2512489996"})["id"]
    chosen = {"system": CODES["url"], "filter": [{"property": "concept", "op": "is-a", "value": NANCY.cpr}]}
    assert store.create(value_set("https://kommune.example/vs/tegn") | {"compose": {"include": [chosen]}})["id"]
    kept = organization() | {"extension": [*organization()["extension"], FORMERLY]}
    assert store.create(kept)["id"]
