"""The citizen's pages on the embedded server, as a browser without JavaScript meets them."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from kommunalpro.care.drafts import read_draft
from kommunalpro.care.history import responses_of
from kommunalpro.care.models import Draft
from kommunalpro.care.sending import OnDate
from kommunalpro.config import wiring
from kommunalpro.config.clock import SetClock
from kommunalpro.config.publishing import DEFINITIONS, view_resource
from kommunalpro.fhir.json import loads
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.web.shared.visitor import OPENED_BY
from tests.browser import Browser
from tests.people import NANCY, TJOERN
from tests.unit.care.validity import invalidate
from tests.unit.care.world import MONDAY
from tests.unit.web.citizen.conftest import LATER, log_in
from tests.unit.web.citizen.visits import Visit

REQUIRED = {
    1: {"svar:trivsel-humoer": "3"},
    2: {"svar:smerte-styrke": "0"},
    3: {"svar:soevn-kvalitet": "5"},
    4: {"svar:bevaegelse-dage": "5"},
    6: {"svar:tobak-ryger": "0", "svar:alkohol-drikker": "1"},
    7: {"svar:medicin-tager": "1"},
    10: {"svar:samtale-livet": "4"},
}


def saved(nancy):
    draft = Draft.objects.get()
    return read_draft(nancy.world.gateway, draft.pk, by=nancy.self, now=LATER).answers


def saved_in(visit, nancy):
    """Give what is saved in the draft that the visit is in."""
    draft = visit.draft.strip("/").split("/")[-1]
    return read_draft(nancy.world.gateway, UUID(draft), by=nancy.self, now=LATER).answers


def begin_another(visit: Visit, nancy, *questions) -> Visit:
    """Send a questionnaire of these questions beside the usual one, and begin it."""
    nancy.is_asked({"resourceType": "Questionnaire", "status": "draft", "title": "Om dig", "item": list(questions)})
    page = visit.open("/borger/").reads("Om dig").page.split("Om dig", 1)[1]
    return visit.post(re.findall(r'action="(/borger/begynd/[^"]+)"', page)[0])


def answer_all(visit: Visit) -> Visit:
    visit.begin()
    for number, answers in REQUIRED.items():
        visit.open(f"{visit.draft}emne/{number}/").press("naeste", answers)
    return visit.open(f"{visit.draft}gennemse/")


def test_the_overview_says_what_is_due_from_whom_until_when(visit):
    visit.open("/borger/").reads(
        "Hej Nancy", "Hverdagen med kronisk sygdom", "Fra Demo Kommune", "Svar senest mandag 7."
    )
    visit.reads("Tager cirka", "Ved akut sygdom: ring 112.").does_not_read("Kommer senere", "Ikke besvaret")


def test_the_overview_tells_later_from_missed(nancy, monkeypatch):
    nancy.gets(OnDate((LATER + timedelta(days=20)).date()))
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY + timedelta(days=16)))
    visit = log_in(nancy).open("/borger/")
    visit.reads("Der er ingen spørgeskemaer til dig lige nu.", "Kommer senere", "Åbner søndag 13. december")
    visit.reads("Ikke besvaret", "Skulle være besvaret mandag 7. december", "kontakt Demo Kommune")


def test_what_was_begun_in_time_can_be_finished_when_the_deadline_has_passed(visit, monkeypatch):
    answer_all(visit)
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY + timedelta(days=20)))
    visit.open("/borger/").reads("Ikke besvaret", "Gør dine svar færdige")
    visit.open(f"{Draft.objects.get().pk}".join(("/borger/svar/", "/gennemse/")))
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]}).reads("Tak for dine svar")


def pause(nancy):
    become(nancy, Draft.objects.get().service_request, "on-hold")


def become(nancy, url, status):
    gateway, by = nancy.world.gateway, SYSTEM
    stored = gateway.read(url, by=by, now=LATER)
    gateway.update({**stored, "status": status}, if_match=stored["meta"]["versionId"], by=by, now=LATER)


def test_what_is_begun_when_it_is_put_on_pause_can_be_read_and_deleted(visit, nancy):
    draft = visit.begin().answer(trivsel_humoer="3").draft
    pause(nancy)
    visit.open("/borger/").reads("Begyndt, men ikke sendt", "Gemt kl. 12.00", "Spørgeskemaet er sat på pause.")
    visit.reads(f'href="{draft}gennemse/">Se dine svar')
    visit.does_not_read("Gør dine svar færdige").open(f"{draft}gennemse/").reads("Hvordan har dit humør")
    visit.open(f"{draft}kasser/").reads("Slet dine svar?").post(f"{draft}kasser/", {})
    visit.reads("Svarene er slettet.").does_not_read("Begyndt, men ikke sendt")


def test_what_is_sent_when_it_is_put_on_pause_is_kept(visit, nancy):
    answer_all(visit)
    pause(nancy)
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]})
    visit.reads("Svarene er ikke sendt, men de er gemt her.", "ikke længere åben for svar")
    visit.open("/borger/").reads("Begyndt, men ikke sendt")


@pytest.mark.parametrize("what", ["questionnaire", "course"])
def test_in_a_pause_the_answers_are_read_and_it_is_said_that_they_are_sent_when_it_is_over(visit, nancy, what):
    answer_all(visit)
    paused, pauses = {
        "questionnaire": (Draft.objects.get().service_request, "on-hold"),
        "course": (nancy.episode, "onhold"),
    }[what]
    become(nancy, paused, pauses)
    visit.open(visit.path).reads("Spørgeskemaet er sat på pause.", "du kan sende dem, når pausen er slut")
    visit.does_not_read("Send mine svar", "Så send dine svar nederst på siden")
    visit.open(f"{visit.draft}gennemse/?mangler").does_not_read("Send dine svar nederst på siden")
    become(nancy, paused, "active")
    visit.open(f"{visit.draft}gennemse/").reads("Send mine svar").does_not_read("på pause")


def test_no_talk_is_promised_to_whoever_sends_answers_in_a_course_that_has_ended(visit, nancy):
    answer_all(visit)
    become(nancy, nancy.episode, "finished")
    visit.open(visit.path).reads("Forløbet er slut, så ingen venter på dine svar. Du kan stadig sende dem.")
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]}).reads("Tak for dine svar")
    visit.reads("Forløbet er slut", "kontakt Demo Kommune")
    visit.does_not_read("I bruger dem i samtalen", "bliver læst før din samtale")


def test_what_is_begun_is_gone_on_with(visit, nancy):
    visit.begin().reads("Emne 1 af 10", "Trivsel").answer(trivsel_humoer="3")
    visit.reads("Emne 2 af 10", "Smerte", "Gemt kl. 12.00")
    visit.open("/borger/").reads("Fortsæt, hvor du slap", "Du er nået til emne 1 af 10")
    assert saved(nancy) == {"trivsel-humoer": ({"valueInteger": 3},)}


def test_questions_that_an_answer_brings_are_shown_before_one_goes_on(visit):
    visit.begin().open(f"{visit.draft}emne/2/").does_not_read("Hvor gør det ondt?")
    visit.answer(smerte_styrke="8")
    visit.reads("Der er kommet 2 spørgsmål mere på siden.", "Hvor gør det ondt?", "Nyt spørgsmål")
    visit.answer(smerte_styrke="8", smerte_sted=["0", "2"]).reads("Emne 3 af 10")


def test_answers_to_what_is_no_longer_asked_are_kept_aside(visit, nancy):
    visit.begin().open(f"{visit.draft}emne/2/").answer(smerte_styrke="8")
    visit.answer(smerte_styrke="8", smerte_hverdag="7")
    visit.open(f"{visit.draft}emne/2/").answer("bliv", smerte_styrke="0", smerte_hverdag="7")
    visit.does_not_read("Hvor meget står smerterne")
    visit.answer("bliv", smerte_styrke="8")
    visit.reads("Hvor meget står smerterne")
    assert saved(nancy)["smerte-hverdag"] == ({"valueInteger": 7},)


def test_a_wrong_value_stays_on_the_page_with_what_to_write_and_the_rest_is_saved(visit, nancy):
    visit.begin().open(f"{visit.draft}emne/6/").answer(tobak_ryger="3")
    visit.answer(tobak_ryger="3", tobak_antal="mange", alkohol_drikker="1")
    assert visit.status == 422
    visit.reads("Skriv et helt tal mellem 0 og 100.", 'value="mange"')
    assert set(saved(nancy)) == {"tobak-ryger", "alkohol-drikker"}


def test_a_value_out_of_range_is_kept_and_told(visit, nancy):
    visit.begin().open(f"{visit.draft}emne/6/").answer(tobak_ryger="3")
    visit.answer(tobak_ryger="3", tobak_antal="500")
    assert visit.status == 422
    visit.reads("Vælg et tal mellem 0 og 100.", 'value="500"')
    assert saved(nancy)["tobak-antal"] == ({"valueInteger": 500},)


@pytest.mark.parametrize(
    "fields",
    [
        {"svar:findes-ikke": "1", "vist:findes-ikke": ""},
        {"svar:smerte-styrke": "1"},
        {"svar:trivsel-bekymring": "99"},
        {"svar:trivsel-humoer": ["1", "2"]},
        {"gaa": "slet-alt"},
    ],
)
def test_a_forged_form_is_refused_and_nothing_is_lost(visit, nancy, fields):
    fields = dict(fields)
    visit.begin().answer("bliv", trivsel_humoer="3")
    go = fields.pop("gaa", "bliv")
    visit.press(go, {"svar:trivsel-tilfoej": "Det går godt nok", **fields})
    assert visit.status == 400
    visit.reads("Formularen passer ikke til spørgeskemaet.")
    assert saved(nancy) == {"trivsel-humoer": ({"valueInteger": 3},)}


def test_an_answer_can_be_taken_away_again(visit, nancy):
    visit.begin().answer("bliv", trivsel_energi="3").reads("Fjern mit svar")
    visit.answer("ryd:trivsel-energi", trivsel_energi="3")
    assert saved(nancy) == {}


def test_one_may_save_and_go_on_later(visit):
    visit.begin().answer("senere", trivsel_humoer="3").reads("Dine svar er gemt.", "Fortsæt, hvor du slap")


def test_one_may_go_straight_to_a_topic_and_back(visit, nancy):
    visit.begin().answer("emne:5", trivsel_humoer="3").reads("Emne 5 af 10", "Kost")
    visit.press("forrige").reads("Emne 4 af 10", "Bevægelse")
    visit.press("gennemse").reads("Se dine svar igennem")
    assert set(saved(nancy)) == {"trivsel-humoer"}


def test_one_question_at_a_time_is_remembered_while_one_is_logged_in(visit):
    visit.begin().press("et-ad-gangen").reads("Emne 1 af 10 · spørgsmål 1 af 4").does_not_read("Hvor meget overskud")
    visit.answer(trivsel_humoer="3").reads("spørgsmål 2 af 4", "Hvor meget overskud")
    visit.press("forrige").reads("spørgsmål 1 af 4")
    visit.open(f"{visit.draft}emne/2/").reads("Emne 2 af 10 · spørgsmål 1 af 2").answer(smerte_styrke="8")
    visit.reads("spørgsmål 2 af 4", "Hvor gør det ondt?")
    visit.press("hele-emnet").reads("Hvor stærke har dine smerter", "Hvor gør det ondt?")


def test_what_is_missing_is_told_at_once_across_topics_and_mended_one_by_one(visit):
    visit.begin().answer("gennemse", trivsel_humoer="3")
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]})
    assert visit.status == 422
    visit.reads("Svarene er ikke sendt endnu.", "Hvor stærke har dine smerter", "Tager du medicin fast?")
    assert visit.page.count('class="citizen-row-error"') == 7
    visit.open(f"{visit.draft}emne/2/del/1/?ret=1&mangler").reads("Vælg eller skriv et tal.", "Gem, og gå tilbage")
    visit.press("naeste", {"svar:smerte-styrke": "0"}).reads("Svarene er ikke sendt endnu.")
    assert visit.page.count('class="citizen-row-error"') == 6


def test_answers_are_read_through_sent_once_and_receipted(visit, nancy):
    answer_all(visit).reads("Se dine svar igennem", "Nej, det har jeg aldrig gjort", "5 dage")
    fields = {"laest": visit.fields["laest"][0]}
    visit.post(f"{visit.draft}send/", fields).reads(
        "Tak for dine svar", "er sendt til Demo Kommune", "Sundhedscenter Nord"
    )
    first = visit.main
    visit.post(f"{visit.draft}send/", fields)
    assert visit.main == first
    assert len(responses_of(nancy.world.gateway, nancy.patient, by=nancy.self, now=LATER)) == 1
    visit.open("/borger/tidligere/").reads("Hverdagen med kronisk sygdom")
    response = Draft.objects.get().response.rsplit("/", 1)[-1]
    visit.open(f"/borger/tidligere/{response}/").reads("Nancy Ann Berggren svarede mandag 23. november 2026 kl. 12.00")


def test_the_receipt_names_the_teams_that_work_with_it_now_and_none_that_is_closed(visit, nancy, world):
    gateway = world.gateway
    answer_all(visit)
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]}).reads("Medarbejderne i Sundhedscenter Nord")
    receipt = visit.path
    nord = gateway.read(world.teams["nord"].url, by=SYSTEM, now=LATER)
    gateway.update({**nord, "status": "inactive"}, if_match=nord["meta"]["versionId"], by=SYSTEM, now=LATER)
    visit.open(receipt).does_not_read("Sundhedscenter Nord")
    visit.reads("De medarbejdere hos Demo Kommune, der er med i dit forløb")
    added = parameters({"name": "addCareTeams", "valueReference": {"reference": world.teams["syd"].url}})
    gateway.operation("$update-care-teams", added, target=nancy.episode, by=SYSTEM, now=LATER)
    visit.open(receipt).reads("Medarbejderne i Sundhedscenter Syd kan se dem").does_not_read("Sundhedscenter Nord")


def test_what_was_changed_in_another_browser_is_read_again_before_it_is_sent(visit, nancy):
    answer_all(visit)
    seen = visit.fields["laest"][0]
    other = log_in(nancy).open(f"{visit.draft}emne/1/")
    other.answer("bliv", trivsel_humoer="9")
    visit.post(f"{visit.draft}send/", {"laest": seen})
    assert visit.status == 409
    visit.reads("Svarene er ændret, siden du åbnede siden.")
    assert Draft.objects.get().submitted_at is None


def test_what_another_browser_answered_is_not_taken_away_by_an_old_page(visit, nancy):
    visit.begin()
    other = log_in(nancy).open(f"{visit.draft}emne/1/")
    other.answer("bliv", trivsel_humoer="9")
    visit.answer("bliv", trivsel_energi="4")
    assert saved(nancy) == {"trivsel-humoer": ({"valueInteger": 9},), "trivsel-energi": ({"valueInteger": 4},)}


def test_what_is_sent_in_another_browser_is_met_with_the_receipt(visit, nancy):
    answer_all(visit)
    fields = {"laest": visit.fields["laest"][0]}
    log_in(nancy).post(f"{visit.draft}send/", fields)
    visit.open(f"{visit.draft}emne/1/").reads("Svarene er allerede sendt", "Tak for dine svar")
    visit.post(f"{visit.draft}send/", fields).reads("Tak for dine svar")
    visit.open(visit.draft).reads("Tak for dine svar")


def test_a_draft_is_thrown_away_after_reading_what_is_lost(visit):
    visit.begin().answer("bliv", trivsel_humoer="3")
    address = f"{visit.draft}kasser/"
    visit.open(address).reads("Du har svaret på 1 spørgsmål.", "kan ikke hentes igen", "Behold mine svar")
    visit.post(address).reads("Svarene er slettet.")
    assert Draft.objects.count() == 0


def test_a_form_made_for_another_citizen_is_refused_naming_both(nancy, world):
    tjoern = world.enrol(TJOERN)
    client = Browser()
    visit = log_in(nancy, tjoern, client=client).begin()
    client.post("/log-ind/", {"person": TJOERN.key})
    visit.press("bliv", {"svar:trivsel-humoer": "3", "svar:trivsel-tilfoej": "Mine egne ord"})
    assert visit.status == 409
    visit.reads(f"åbnet af {NANCY.name}", f"{TJOERN.name} logget ind", "Mine egne ord")
    assert saved(nancy) == {}


def test_a_form_without_a_stamp_is_refused(visit):
    visit.begin()
    assert visit.client.post(f"{visit.draft}emne/1/", {"gaa": "naeste", OPENED_BY: ""}).status_code == 400


@pytest.mark.parametrize("page", ["", "emne/1/", "gennemse/", "kvittering/", "kasser/"])
def test_another_citizens_draft_is_not_found(visit, nancy, world, page):
    draft = visit.begin().draft
    stranger = log_in(world.enrol(TJOERN), nancy)
    assert stranger.open(draft + page).status == 404


@pytest.mark.parametrize("number", [0, 11, 999])
def test_a_topic_that_is_not_there_is_not_found(visit, number):
    visit.begin()
    assert visit.open(f"{visit.draft}emne/{number}/").status == 404


def test_what_is_not_due_cannot_be_begun(visit, nancy, monkeypatch):
    visit.open("/borger/")
    address = visit.page.split('action="/borger/begynd/')[1].split('"')[0]
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY + timedelta(days=20)))
    visit.post(f"/borger/begynd/{address}")
    assert visit.status == 409
    visit.reads("Fristen er gået")
    assert visit.post("/borger/begynd/forged.Resolved.0/").status == 404
    assert Draft.objects.count() == 0


def test_what_opens_later_today_says_at_what_time(visit, monkeypatch):
    address = visit.open("/borger/").page.split('action="/borger/begynd/')[1].split('"')[0]
    monkeypatch.setattr(wiring, "clock", lambda: SetClock(MONDAY - timedelta(minutes=30)))
    visit.open("/borger/").reads("Kommer senere", "Åbner i dag kl.\N{NO-BREAK SPACE}10.00")
    visit.post(f"/borger/begynd/{address}")
    assert visit.status == 409
    visit.reads("Spørgeskemaet kan først besvares fra i dag kl.\N{NO-BREAK SPACE}10.00.")


def test_a_script_saves_one_answer_and_gets_what_came_of_it(visit, nancy):
    visit.begin().open(f"{visit.draft}emne/2/")
    fields = {"gaa": "bliv", "vist:smerte-styrke": "", "svar:smerte-styrke": "8"}
    answer = visit.client.post(visit.path, fields, headers={"X-Requested-With": "fetch"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert "Gemt kl. 12.00" in page
    assert "Hvor gør det ondt?" in page
    assert saved(nancy) == {"smerte-styrke": ({"valueInteger": 8},)}


def test_an_acute_answer_is_met_with_the_editors_words_at_once_and_on_the_receipt(visit, nancy, world):
    text = "Ring til din læge i dag, eller til Livslinien på 70 201 201."
    content = loads((DEFINITIONS / "hverdagen-med-kronisk-sygdom" / "view.json").read_bytes())
    rule = {
        "id": "meget-ondt",
        "item": "smerte-styrke",
        "operator": ">=",
        "value": 10,
        "text": {"da": text, "en": "Call your doctor today."},
        "source": "Til prøven",
    }
    lis = world.staff["lis"].principal
    local = {**content, "identifier": "hverdagen-lokal", "level": "local", "acute": [rule]}
    world.gateway.create(view_resource(local, world.published.questionnaire, lis), by=lis, now=MONDAY)
    visit.begin().open(f"{visit.draft}emne/2/").answer("bliv", smerte_styrke="9").does_not_read(text)
    visit.answer("bliv", smerte_styrke="10").reads(text)
    visit.answer(smerte_styrke="10").reads("Emne 3 af 10", text)
    for number, answers in REQUIRED.items():
        visit.open(f"{visit.draft}emne/{number}/").press(
            "naeste", answers if number != 2 else {"svar:smerte-styrke": "10"}
        )
    visit.open(f"{visit.draft}gennemse/").reads(text)
    visit.post(f"{visit.draft}send/", {"laest": visit.fields["laest"][0]}).reads("Tak for dine svar", text)


def test_the_pages_are_in_english_for_those_who_chose_it(visit):
    visit.client.post("/sprog/", {"language": "en", "next": "/borger/"})
    visit.begin().reads("Well-being", "How has your mood been").does_not_read("Hvordan har dit humør")


def test_a_proposed_answer_is_saved_with_its_page_and_may_be_taken_away(nancy, visit):
    option = [
        {"valueCoding": {"system": "http://example.org/cs/svar", "code": code, "display": code.capitalize()}}
        for code in ("ja", "nej")
    ]
    question = {"linkId": "hjemme", "type": "choice", "text": "Bor du hjemme?", "answerOption": option}
    height = {"linkId": "hoejde", "type": "integer", "text": "Hvor høj er du?", "initial": [{"valueInteger": 170}]}
    option[0]["initialSelected"] = True
    begin_another(visit, nancy, question, height).reads("Bor du hjemme?")
    visit.open(f"{visit.draft}emne/1/").press("ryd:hjemme")
    visit.press("naeste").reads('value="170"').press("naeste", {"svar:hoejde": "170"})
    assert saved_in(visit, nancy) == {"hoejde": ({"valueInteger": 170},)}
    assert "checked" not in visit.open(f"{visit.draft}emne/1/").main


@pytest.mark.parametrize(("posted", "kept"), [("170", 182), ("165", 165)], ids=["left as it was", "changed"])
def test_an_old_page_with_a_proposal_takes_no_answer_away(nancy, visit, posted, kept):
    height = {"linkId": "hoejde", "type": "integer", "text": "Hvor høj er du?", "initial": [{"valueInteger": 170}]}
    page = begin_another(visit, nancy, height).open(f"{visit.draft}emne/1/").fields
    visit.press("naeste", {"svar:hoejde": "182"}).open(f"{visit.draft}emne/1/")
    visit.fields = page
    visit.press("naeste", {"svar:hoejde": posted})
    assert saved_in(visit, nancy) == {"hoejde": ({"valueInteger": kept},)}


def test_an_answer_that_no_longer_counts_can_be_read_and_does_not_alarm(visit, nancy):
    response = nancy.answers({}, now=LATER)
    visit.open("/borger/tidligere/").does_not_read("Tæller ikke længere med.")
    invalidate(nancy, response)
    visit.open("/borger/tidligere/").reads("Tæller ikke længere med.")
    visit.open(f"/borger/tidligere/{response.rsplit('/', 1)[-1]}/")
    visit.reads("Svaret tæller ikke længere med. Du kan stadig læse det her.").does_not_read("fejl", "alert-")
