"""Signing in at another's identity provider, and tokens in a context: fetched when needed, and kept until they end."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import transaction

from kommunalpro.fhir.outcome import Forbidden, Unauthenticated, Unavailable
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.identity.elsewhere.programs import Begun, Program, read_programs
from kommunalpro.identity.elsewhere.tokens import KEPT_HERE, Kept, SignedIn, SigningIn, begin, end, sweep
from kommunalpro.identity.models import Elsewhere
from tests.issuer import DISCOVERY, ForeignIssuer

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HERE, THERE = "https://pro.example.dk/fhir", "https://organization.example.dk/fhir"
USER, TEAM = f"{HERE}/Practitioner/7", f"{HERE}/CareTeam/1"
ASTA = Principal(USER, "PRACTITIONER", "Asta")
BACK = "https://pro.example.dk/log-ind/medarbejder/retur/"
BEGUN = Begun("state", "nonce", "verifier")


def said(content, status=200):
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


@pytest.fixture
def issuer():
    with ForeignIssuer.started() as issuer:
        places = {"authorization_endpoint": "/auth", "token_endpoint": "/token"}
        found = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
        found |= {name: issuer.url + path for name, path in places.items()}
        issuer.pages[DISCOVERY] = lambda: said(found)
        issuer.given = 0
        issuer.pages["/token"] = lambda: gives(issuer)
        yield issuer


def gives(issuer, **claims):
    """Give the next tokens; the refresh token is another each time."""
    issuer.given += 1
    usual = {"aud": "ours", "nonce": "nonce", "user_id": f"{THERE}/Practitioner/7", "name": "Asta"}
    tokens = {"access_token": f"access-{issuer.given}", "refresh_token": f"refresh-{issuer.given}", "expires_in": 300}
    return said(tokens | {"id_token": issuer.sign(**(usual | claims))})


@pytest.fixture
def program(issuer):
    return Program(issuer.url, "ours", "openid profile", "PRACTITIONER", "secret")


@pytest.fixture
def signed_in(program, database):
    first = program.by_code("code", BEGUN, BACK, NOW)
    there = lambda url: url.replace(HERE, THERE)  # noqa: E731
    return SignedIn({"PRACTITIONER": program}, begin(USER, "PRACTITIONER", first, NOW), there, Kept())


def form(issuer):
    return {name: value for name, [value] in parse_qs(issuer.posted[-1]).items()}


# --- Signing in


def test_a_browser_is_sent_with_what_proves_that_it_is_it_who_comes_back(program, issuer):
    begun = Begun.anew()
    sent = urlsplit(program.address(begun, BACK))
    asked = {name: value for name, [value] in parse_qs(sent.query).items()}
    assert sent._replace(query="").geturl() == f"{issuer.url}/auth"
    assert (asked["state"], asked["nonce"], asked["code_challenge_method"]) == (begun.state, begun.nonce, "S256")
    assert begun.verifier not in sent.query
    assert begun.is_of(asked["state"])
    assert not begun.is_of("another")
    assert Begun.anew() != begun


def test_a_code_gives_tokens_and_says_who_it_is(program, issuer):
    given = program.by_code("code", BEGUN, BACK, NOW)
    assert (given.access, given.refresh, given.claims["user_id"]) == (
        "access-1",
        "refresh-1",
        f"{THERE}/Practitioner/7",
    )
    assert form(issuer) == {
        "grant_type": "authorization_code",
        "code": "code",
        "redirect_uri": BACK,
        "code_verifier": "verifier",
    }
    assert "secret" not in repr(program)
    assert "access-1" not in repr(given)


@pytest.mark.parametrize("claims", [{"nonce": "another"}, {"aud": "another"}, {"iss": "https://another.example"}])
def test_an_id_token_of_something_else_signs_nobody_in(program, issuer, claims):
    issuer.pages["/token"] = lambda: gives(issuer, **claims)
    with pytest.raises(Unauthenticated):
        program.by_code("code", BEGUN, BACK, NOW)


def test_an_id_token_by_another_key_signs_nobody_in(program, issuer):
    token = gives(issuer)
    issuer.rotate("second")
    issuer.pages["/token"] = lambda: token
    with pytest.raises((Unauthenticated, Unavailable)):
        program.by_code("code", BEGUN, BACK, NOW)


def test_a_provider_that_says_it_is_another_is_not_asked(program, issuer):
    issuer.pages[DISCOVERY] = lambda: said(
        {"issuer": "https://another.example", "token_endpoint": f"{issuer.url}/token"}
    )
    with pytest.raises(Unavailable):
        program.by_code("code", BEGUN, BACK, NOW)
    assert issuer.posted == []


# --- Tokens


def test_a_token_is_asked_for_in_a_context_as_the_provider_names_it(signed_in, issuer):
    assert signed_in.token(ASTA.within(care_team=TEAM), NOW) == "access-2"
    assert form(issuer) == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "care_team_id": f"{THERE}/CareTeam/1",
    }


def test_it_is_kept_until_it_ends_and_another_context_has_another(signed_in, issuer):
    in_team = ASTA.within(care_team=TEAM)
    assert [signed_in.token(in_team, NOW) for _ in range(3)] == ["access-2"] * 3
    assert signed_in.token(ASTA, NOW) == "access-3"
    assert signed_in.token(in_team, NOW + timedelta(seconds=269)) == "access-2"
    assert signed_in.token(in_team, NOW + timedelta(seconds=270)) == "access-4", "before it ends on its way"
    assert form(issuer)["refresh_token"] == "refresh-3", "the last that was given"


def test_one_that_was_not_taken_is_replaced(signed_in):
    assert signed_in.token(ASTA, NOW, refused=signed_in.token(ASTA, NOW)) == "access-3"


def test_nobody_else_gets_a_token(signed_in, issuer):
    assert signed_in.token(ASTA, NOW), "also where hers is kept"
    issuer.given = 1
    with pytest.raises(Forbidden):
        signed_in.token(Principal(f"{HERE}/Practitioner/8", "PRACTITIONER"), NOW)
    with pytest.raises(Forbidden):
        signed_in.token(Principal("kommunalpro", "SYSTEM"), NOW)
    with pytest.raises(Unauthenticated):
        SignedIn(signed_in.programs, None, str, Kept()).token(ASTA, NOW)
    with pytest.raises(Unauthenticated):
        SignedIn(signed_in.programs, uuid4(), str, Kept()).token(ASTA, NOW)
    assert issuer.given == 1


@pytest.mark.parametrize(("status", "wrong"), [(400, Unauthenticated), (403, Forbidden), (503, Unavailable)])
def test_what_the_provider_says_no_with_is_told_apart(signed_in, issuer, status, wrong):
    issuer.pages["/token"] = lambda: said({"error": "invalid_grant"}, status)
    with pytest.raises(wrong):
        signed_in.token(ASTA, NOW)


def test_a_context_that_is_refused_leaves_the_sign_in_as_it_was(signed_in, issuer):
    issuer.pages["/token"] = lambda: said({"error": "invalid_grant"}, 403)
    with pytest.raises(Forbidden):
        signed_in.token(ASTA.within(care_team=TEAM), NOW)
    issuer.pages["/token"] = lambda: gives(issuer)
    assert signed_in.token(ASTA, NOW)
    assert form(issuer)["refresh_token"] == "refresh-1"


def test_in_a_transaction_no_token_is_fetched_for_a_rollback_would_lose_the_refresh_token_that_counts(
    signed_in, issuer
):
    with pytest.raises(RuntimeError), transaction.atomic():
        signed_in.token(ASTA, NOW)
    assert issuer.given == 1
    assert signed_in.token(ASTA, NOW) == "access-2"
    with transaction.atomic():
        assert signed_in.token(ASTA, NOW) == "access-2", "one that is kept is given anywhere"
        transaction.set_rollback(True)
    assert signed_in.token(ASTA.within(care_team=TEAM), NOW) == "access-3"
    assert form(issuer)["refresh_token"] == "refresh-2"


def test_the_database_opens_nothing(signed_in):
    assert "refresh" not in Elsewhere.objects.get().refresh_token


def test_who_logs_out_has_no_tokens_and_nothing_is_kept_of_them(signed_in):
    kept = replace(signed_in, kept=KEPT_HERE)
    kept.token(ASTA, NOW)
    end(kept.sign_in)
    with pytest.raises(Unauthenticated):
        kept.token(ASTA, NOW)


def test_a_sign_in_is_over_after_its_time_and_is_thrown_away(signed_in, program):
    begin(USER, "PRACTITIONER", program.by_code("code", BEGUN, BACK, NOW), NOW + timedelta(hours=1))
    assert signed_in.token(ASTA, NOW + timedelta(hours=12, seconds=-1))
    with pytest.raises(Unauthenticated):
        signed_in.token(ASTA.within(care_team=TEAM), NOW + timedelta(hours=12))
    sweep(NOW + timedelta(hours=12))
    assert Elsewhere.objects.get().id != signed_in.sign_in


def test_the_teams_are_asked_for_in_no_context_and_not_at_every_page(signed_in, issuer):
    teams = [{"care_teams": [each]} for each in ("first", "second")]
    issuer.pages["/resource/ehealth-connect/contexts"] = lambda: said(teams.pop(0))
    told = [signed_in.contexts(ASTA, NOW + timedelta(seconds=each)) for each in (0, 59, 60)]
    assert [each["care_teams"] for each in told] == [["first"], ["first"], ["second"]]
    assert "care_team_id" not in form(issuer)
    with pytest.raises(Forbidden):
        signed_in.contexts(Principal(f"{HERE}/Practitioner/8", "PRACTITIONER"), NOW + timedelta(seconds=61))
    with pytest.raises(Unauthenticated):
        replace(signed_in, sign_in=None).contexts(ASTA, NOW)


@pytest.mark.parametrize(
    ("user", "url"),
    [("7", f"{HERE}/Patient/7"), ("Patient/7", f"{HERE}/Patient/7"), (f"{THERE}/Patient/7", f"{HERE}/Patient/7")],
)
def test_a_citizen_is_named_by_url_or_bare(user, url):
    assert SigningIn({}, lambda text: text.replace(THERE, HERE), HERE).called_here(user, "PATIENT") == url


# --- How we are known


def known(**changes):
    return {"issuer": "https://idp.example.dk", "client_id": "ours", "scopes": ["openid"]} | changes


def test_how_we_are_known_is_read_for_both_kinds_of_users(tmp_path):
    (tmp_path / "x").write_text(json.dumps({"staff": known(secret="s"), "citizens": known()}))
    programs = read_programs(tmp_path / "x")
    assert programs["PRACTITIONER"].secret == "s"
    assert (programs["PATIENT"].secret, programs["PATIENT"].user_type) == (None, "PATIENT")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "must hold JSON"),
        (json.dumps({"staff": known()}), "must hold"),
        (json.dumps({"staff": known(), "citizens": known(issuer="http://idp.example.dk")}), "issuer of citizens"),
        (json.dumps({"staff": known(scopes=["profile"]), "citizens": known()}), "scopes of staff"),
        (json.dumps({"staff": known(client_id=""), "citizens": known()}), "field of staff"),
        (json.dumps({"staff": known(color="red"), "citizens": known()}), "staff has these fields"),
        (json.dumps({"staff": 7, "citizens": known()}), "staff has these fields"),
    ],
)
def test_what_has_no_meaning_in_the_file_is_named(tmp_path, content, why):
    (tmp_path / "x").write_text(content)
    with pytest.raises(ValueError, match=why):
        read_programs(tmp_path / "x")


def test_a_file_that_is_not_there_is_not_called_bad_json(tmp_path):
    with pytest.raises(ValueError, match="the file cannot be read: No such file or directory"):
        read_programs(tmp_path / "nowhere")
