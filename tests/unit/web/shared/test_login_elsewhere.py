"""The way in where the pages work on the national infrastructure: only who was sent comes back, and as themselves."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from kommunalpro.fhir.outcome import Unauthenticated, Unavailable
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.elsewhere.programs import Given, Program
from kommunalpro.identity.models import Elsewhere
from tests.unit.care.world import MONDAY
from tests.unit.web.shared.conftest import words

HERE = "http://127.0.0.1:8000/fhir"
SERVICES = {name: f"https://{name}.example.dk/fhir" for name in SERVICE_NAMES}
NANCY = {"user_id": "https://patient.example.dk/fhir/Patient/7", "user_type": "PATIENT", "name": "Nancy"}


class Provider(Program):
    """Sends to an address, and says who it is: what it says over HTTP is tested with `identity`."""

    claims = NANCY
    wrong = None

    def _place(self, name):
        return f"https://idp.example.dk/{name}"

    def by_code(self, code, begun, redirect_uri, now):
        if self.wrong:
            raise self.wrong
        return Given("access", MONDAY, "refresh", self.claims)

    def by_refresh(self, token, context, now):
        raise Unauthenticated("Du er logget af.")


@pytest.fixture
def programs():
    made = {kind: Provider("https://idp.example.dk", "ours", "openid", kind) for kind in ("PATIENT", "PRACTITIONER")}
    with override_settings(SERVICES=SERVICES, SIGN_IN=made, FHIR_BASE_URL=HERE):
        yield made


def sent(client, who="borger", query=""):
    """Be sent to the provider; gives the state that was sent along."""
    answer = client.get(f"/log-ind/{who}/{query}")
    assert answer.url.startswith("https://idp.example.dk/authorization_endpoint?")
    return parse_qs(urlsplit(answer.url).query)["state"][0]


def comes_back(client, state, who="borger"):
    return client.get(f"/log-ind/{who}/retur/", {"code": "code", "state": state})


def test_one_chooses_who_one_is_and_never_from_a_list(visit, programs):
    page = words(visit().get("/log-ind/?videre=/borger/tidligere/"))
    assert "Log ind som borger" in page
    assert "Asta" not in page


def test_who_was_sent_comes_in_as_themselves_and_where_they_were_going(visit, programs):
    client = visit()
    answer = comes_back(client, sent(client, query="?videre=/borger/tidligere/%3Ffra%3D2026%26til%3D2027"))
    assert parse_qs(urlsplit(answer.url).query) == {"videre": ["/borger/tidligere/?fra=2026&til=2027"]}
    remembered = client.session["user"]
    assert remembered["user_url"] == f"{HERE}/Patient/7"
    assert str(Elsewhere.objects.get().id) == remembered["sign_in"]


@pytest.mark.parametrize("state", ["", "another"])
def test_who_was_not_sent_does_not_come_in(visit, programs, state):
    client = visit()
    assert comes_back(client, state).status_code == 400
    sent(client)
    assert comes_back(client, state).status_code == 400
    assert "user" not in client.session


def test_a_code_is_taken_once(visit, programs):
    client = visit()
    state = sent(client)
    comes_back(client, state)
    assert comes_back(client, state).status_code == 400


def test_who_changes_their_mind_is_back_where_they_began(visit, programs):
    client = visit()
    answer = client.get("/log-ind/borger/retur/", {"error": "access_denied", "state": sent(client)})
    assert answer.url == "/log-ind/"


@pytest.mark.parametrize("claims", [{}, NANCY | {"user_type": "PRACTITIONER"}, NANCY | {"user_id": ""}])
def test_who_is_not_said_to_be_anybody_is_nobody(visit, programs, monkeypatch, claims):
    monkeypatch.setattr(Provider, "claims", claims)
    client = visit()
    assert comes_back(client, sent(client)).status_code == 403
    assert Elsewhere.objects.count() == 0


def test_a_provider_that_is_silent_is_told_of_and_one_that_refuses_leads_back(visit, programs, monkeypatch):
    client = visit()
    monkeypatch.setattr(Provider, "wrong", Unavailable("Prøv igen om lidt."))
    assert comes_back(client, sent(client)).status_code == 503
    monkeypatch.setattr(Provider, "wrong", Unauthenticated("Log ind igen."))
    assert comes_back(client, sent(client)).url == "/log-ind/?ubekraeftet=1"


def test_whose_sign_in_is_over_is_asked_to_log_in_again(visit, programs, monkeypatch):
    monkeypatch.setattr(Provider, "claims", {**NANCY, "user_type": "PRACTITIONER"})
    client = visit()
    comes_back(client, sent(client, "medarbejder"), "medarbejder")
    answer = client.get("/medarbejder/")
    assert answer.url == "/log-ind/?ubekraeftet=1&videre=%2Fmedarbejder%2F"
    assert "Vi kunne ikke bekræfte dit login. Log ind igen." in words(client.get(answer.url))
    assert "user" not in client.session
    assert Elsewhere.objects.count() == 0


def test_while_the_provider_is_silent_one_can_log_out_and_in_again(visit, programs, monkeypatch):
    monkeypatch.setattr(Provider, "claims", {**NANCY, "user_type": "PRACTITIONER"})
    client = visit()
    comes_back(client, sent(client, "medarbejder"), "medarbejder")
    monkeypatch.setattr(Provider, "by_refresh", silent)
    told = client.get("/medarbejder/")
    assert told.status_code == 503
    assert 'action="/log-ud/"' in words(told)
    assert client.get("/log-ind/").status_code == 200
    assert client.get("/log-ind/medarbejder/").status_code == 302
    assert client.post("/log-ud/").status_code == 302
    assert "user" not in client.session
    assert Elsewhere.objects.count() == 0


def silent(*_):
    raise Unavailable("Prøv igen om lidt.")


def test_who_signs_in_anew_leaves_nothing_of_the_sign_in_before(visit, programs):
    client = visit()
    comes_back(client, sent(client))
    comes_back(client, sent(client))
    assert str(Elsewhere.objects.get().id) == client.session["user"]["sign_in"]


def test_who_logs_out_leaves_no_token(visit, programs):
    client = visit()
    comes_back(client, sent(client))
    client.post("/log-ud/")
    assert Elsewhere.objects.count() == 0


@pytest.mark.parametrize("path", ["/log-ind/borger/", "/log-ind/medarbejder/retur/"])
def test_elsewhere_there_is_no_such_way(visit, path):
    assert visit().get(path).status_code == 404


def test_there_are_two_kinds_of_people(visit, programs):
    assert visit().get("/log-ind/system/").status_code == 404
