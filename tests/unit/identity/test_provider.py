"""The demo's OpenID provider, without the web: its clients, its keys, and that it is nowhere but in the demo."""

import json
import logging
import runpy
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from django.conf import settings
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern

from kommunalpro.config import urls
from kommunalpro.config.environment import DEMO_CLIENTS
from kommunalpro.identity.demo import NoDemo
from kommunalpro.identity.keys import make_keys, read_signing_key
from kommunalpro.identity.models import SignIn
from kommunalpro.identity.provider import sign_ins
from kommunalpro.identity.provider.clients import read_clients
from kommunalpro.identity.provider.keys import id_token_key
from kommunalpro.identity.provider.provider import AUTHORIZATION, Provider

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
CLIENT = json.loads(DEMO_CLIENTS.read_text())["clients"][0]


# --- Production


def test_there_is_no_provider_in_production(tmp_path, monkeypatch):
    make_keys(tmp_path)
    values = {"issuer": "x", "audience": "x", "clients": {}, "contexts": None, "clock": lambda: NOW}
    made = {**values, "key": read_signing_key(tmp_path), "id_token_key": id_token_key(tmp_path)}
    assert Provider(**made)
    monkeypatch.setattr(settings, "DEMO", False)
    with pytest.raises(NoDemo):
        Provider(**made)


def test_production_has_no_address_of_it(monkeypatch):
    def is_there() -> bool:
        patterns = runpy.run_path(str(urls.__file__))["urlpatterns"]
        try:
            return bool(URLResolver(RegexPattern(r"^/"), patterns).resolve(f"/auth/realms/ehealth/{AUTHORIZATION}"))
        except Resolver404:
            return False

    assert is_there()
    monkeypatch.setattr(settings, "DEMO", False)
    assert not is_there()


def test_the_library_writes_no_tokens_to_the_log_whatever_its_level(caplog):
    caplog.set_level(logging.DEBUG)
    assert not logging.getLogger(AuthorizationCodeGrant.__module__).isEnabledFor(logging.DEBUG)


# --- Clients


def test_the_demo_knows_fut_s_two_clients():
    clinician, citizen = read_clients(DEMO_CLIENTS)
    assert (clinician.user_type, clinician.check_client_secret("no-secret-in-a-demo")) == ("PRACTITIONER", True)
    assert (citizen.user_type, citizen.secret) == ("PATIENT", None)
    assert "no-secret-in-a-demo" not in repr(clinician)


@pytest.mark.parametrize(
    "clients",
    [
        None,
        [],
        "clinician",
        [CLIENT, CLIENT],
        [{}],
        [CLIENT | {"redirect_url": "http://127.0.0.1/"}],
        [CLIENT | {"secret": ""}],
        [CLIENT | {"client_id": 7}],
        [CLIENT | {"user_type": "SYSTEM"}],
        [CLIENT | {"scopes": ["profile"]}],
        [CLIENT | {"scopes": "openid"}],
        [CLIENT | {"scopes": ["openid", 1]}],
        [CLIENT | {"redirect_uris": []}],
        [CLIENT | {"redirect_uris": ["javascript:alert(1)"]}],
        [CLIENT | {"redirect_uris": ["http://127.0.0.1/#here"]}],
        [CLIENT | {"redirect_uris": ["https://*.example.dk/"]}],
        [CLIENT | {"redirect_uris": ["/login"]}],
        [CLIENT | {"post_logout_redirect_uris": ["http://[::1/"]}],
    ],
)
def test_a_file_of_clients_that_says_something_else_is_refused(tmp_path, clients):
    path = tmp_path / "clients.json"
    path.write_text(json.dumps({"clients": clients}))
    with pytest.raises(ValueError, match="client"):
        read_clients(path)


@pytest.mark.parametrize("content", [None, b"{", b"[]"])
def test_a_file_of_clients_that_cannot_be_read_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "clients.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"must hold|cannot be read"):
        read_clients(tmp_path / "clients.json")


# --- Keys


def test_processes_that_start_together_sign_by_one_key_that_nobody_else_reads(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        names = {key.kid for key in pool.map(id_token_key, [tmp_path] * 2)}
    assert len(names) == 1
    [path] = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- Sign-ins


def begun(now=NOW):
    return sign_ins.begin(
        now,
        client_id="citizen-client",
        person="nancy",
        chosen_at=now,
        redirect_uri="http://127.0.0.1:8090/",
        scope="openid",
        nonce="",
        code_challenge="",
    )


def test_the_database_holds_nothing_that_opens(database):
    code = begun()
    sign_in = sign_ins.of_code(code, "citizen-client", NOW)
    token = sign_ins.replace_refresh_token(sign_in, NOW)
    [row] = SignIn.objects.values()
    secret = token.partition(".")[2]
    assert not [value for value in row.values() if str(value) in (code, token, secret)]


def test_a_code_lasts_a_minute_and_a_sign_in_half_a_day(database):
    code = begun()
    assert sign_ins.of_code(code, "citizen-client", NOW + timedelta(minutes=1)) is None
    assert sign_ins.of_code(code, "another-client", NOW) is None
    token = sign_ins.replace_refresh_token(sign_ins.of_code(code, "citizen-client", NOW), NOW)
    assert sign_ins.of_refresh_token(token, NOW + timedelta(hours=11))
    assert sign_ins.of_refresh_token(token, NOW + timedelta(hours=12)) is None


def test_of_two_who_refresh_at_once_one_is_a_thief_and_neither_goes_on(database):
    sign_in = sign_ins.of_code(begun(), "citizen-client", NOW)
    token = sign_ins.replace_refresh_token(sign_in, NOW)
    one, other = sign_ins.of_refresh_token(token, NOW), sign_ins.of_refresh_token(token, NOW)
    following = sign_ins.replace_refresh_token(one, NOW)
    assert following
    assert sign_ins.replace_refresh_token(other, NOW) is None
    assert sign_ins.of_refresh_token(following, NOW) is None


def test_what_is_over_is_thrown_away(database):
    begun()
    begun(NOW + timedelta(hours=12))
    assert SignIn.objects.count() == 1
