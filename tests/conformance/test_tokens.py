"""Tokens of a foreign identity provider at the door, over HTTP: which are taken, and what is said of the others."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.unit.identity.test_tokens import signed_with_the_public_key

PAUSE = 1.05
"""A little more than KOMMUNALPRO_ISSUER_PAUSE_SECONDS here."""

on_one_engine = pytest.mark.parametrize("live", ["sqlite"], indirect=True)
"""Keys are in no database, and these tests wait for a while."""


@pytest.fixture
def nurse(live):
    """What an identity provider says of a nurse."""
    return {
        "user_type": "PRACTITIONER",
        "user_id": f"{live.base_url}/Practitioner/asta",
        "name": "Asta Holm",
        "realm_access": {"roles": ["Organization.search"]},
    }


@pytest.fixture
def knock(live):
    """Ask for the organisations with a token."""
    return lambda token: live.request("GET", "/fhir/Organization", token=token)


def test_a_token_of_a_configured_issuer_is_taken_with_the_privileges_it_carries(knock, live, issuer, nurse):
    token = issuer.sign(**nurse)
    assert knock(token).status == 200
    assert live.request("GET", "/fhir/Questionnaire", token=token).status == 403


def test_a_context_that_the_nurse_may_not_have_is_403_whoever_has_signed_it(knock, live, issuer, nurse):
    """What contexts are whose: test_token_contexts.py."""
    answer = knock(issuer.sign(**nurse, context={"care_team_id": f"{live.base_url}/CareTeam/another"}))
    assert (answer.status, answer.issue["details"]["coding"][0]["code"]) == (403, "SECURITY_TOKEN_CONTEXT_NOT_ALLOWED")


def test_forged_and_foreign_tokens_are_401(knock, issuer, nurse):
    now = int(time.time())
    genuine = issuer.sign(**nurse)
    knock(genuine)  # so that its key is known
    [(kid, key)] = issuer.keys.items()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(genuine, options={"verify_signature": False})
    tokens = {
        "expired": issuer.sign(**nurse, exp=now - 3600),
        "not yet valid": issuer.sign(**nurse, nbf=now + 3600),
        "another audience": issuer.sign(**nurse, aud="another-service"),
        "another issuer": issuer.sign(**nurse, iss="https://another.example.dk"),
        "our own name": issuer.sign(**nurse, iss="http://127.0.0.1:8000/auth/realms/ehealth"),
        "alg=none": jwt.encode(claims, None, algorithm="none", headers={"kid": kid}),
        "HS256 by the public key": signed_with_the_public_key(genuine, public, kid),
        "PS256 by a key for RS256": jwt.encode(claims, key, algorithm="PS256", headers={"kid": kid}),
    }
    answers = {name: knock(token) for name, token in tokens.items()}
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(tokens, 401)
    unknown = "The token is from an issuer that this server does not know"
    told = {
        "expired": "The token has expired",
        "not yet valid": "The token is not valid yet",
        "another audience": "The token is meant for another service",
        "another issuer": unknown,
        "our own name": unknown,
    }
    for name, answer in answers.items():
        said = told.get(name, "The token cannot be verified")
        assert (answer.issue["code"], answer.issue["diagnostics"]) == ("login", said)
        challenge = f'Bearer realm="Kommunal PRO", error="invalid_token", error_description="{said}"'
        assert answer.headers["www-authenticate"] == challenge


@on_one_engine
def test_after_a_rotation_new_tokens_are_taken_old_ones_are_not_and_forged_names_ask_nobody(knock, issuer, nurse):
    old = issuer.sign(**nurse)
    assert knock(old).status == 200
    time.sleep(PAUSE)
    issuer.rotate("second")
    assert knock(issuer.sign(**nurse)).status == 200
    assert knock(old).status == 401
    issuer.asked.clear()
    [key] = issuer.keys.values()
    claims = jwt.decode(old, options={"verify_signature": False})
    for number in range(5):
        forged = jwt.encode(claims, key, algorithm="RS256", headers={"kid": f"forged-{number}"})
        assert knock(forged).status == 401
    assert issuer.asked == []


@on_one_engine
def test_while_the_issuer_is_silent_known_keys_open_and_new_ones_are_to_come_back(knock, issuer, nurse):
    known = issuer.sign(**nurse)
    assert knock(known).status == 200
    time.sleep(PAUSE)
    keys, issuer.is_up = issuer.keys, False
    try:
        issuer.rotate("third")
        answer = knock(issuer.sign(**nurse))
        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.issue["code"] == "transient"
        assert knock(known).status == 200
    finally:
        issuer.is_up, issuer.keys = True, keys
