"""Bearer tokens: what is taken, and everything that is not."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode

from kommunalpro.fhir.outcome import Unauthenticated
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.identity.keys import make_keys, read_signing_key
from kommunalpro.identity.tokens import SKEW, BearerAuthenticator, OwnKeys, issue_token

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
BASE = "https://pro.example.dk/fhir"
ISSUER = "https://pro.example.dk/auth/realms/ehealth"
ASTA = Principal(
    user=f"{BASE}/Practitioner/asta",
    user_type="PRACTITIONER",
    name="Asta Holm",
    privileges=frozenset({"CarePlan.read", "$submit-measurement"}),
    context=Context(organization=f"{BASE}/Organization/1", care_team=f"{BASE}/CareTeam/1"),
    system_tags=frozenset({"xa"}),
)


@pytest.fixture
def key(tmp_path):
    make_keys(tmp_path)
    return read_signing_key(tmp_path)


@pytest.fixture
def door(key):
    return BearerAuthenticator(OwnKeys(key), ISSUER, "account")


def sign(key, **changes):
    options = {"issuer": ISSUER, "audience": "account", "now": NOW} | changes
    return issue_token(options.pop("principal", ASTA), key=key, **options)


def forge(key, *, drop=(), **claims):
    """A token of ours with other claims, signed by our key."""
    ours = jwt.decode(sign(key), options={"verify_signature": False}) | claims
    kept = {name: value for name, value in ours.items() if name not in drop}
    return jwt.encode(kept, key.private, algorithm="ES256", headers={"kid": key.kid})


def signed_with_the_public_key(token, public, kid):
    """The oldest trick: our public key as the secret of an HMAC."""
    header = base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid}).encode()).decode()
    signed = f"{header}.{token.split('.')[1]}"
    signature = hmac.digest(public, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64url_encode(signature).decode()}"


def enter(door, token, now=NOW):
    return door.authenticate({"authorization": f"Bearer {token}"}, now)


def told(door, token, now=NOW):
    """Give what somebody reads who is not let in."""
    with pytest.raises(Unauthenticated) as refused:
        enter(door, token, now)
    return refused.value.issues[0].text


def test_who_is_called_as_the_services_call_them_is_known_by_our_names(key):
    """As another provider of FUT's writes it (`fut.md` 5.1): each by the address of its own service."""
    service = "https://organization.example/fhir"
    there = replace(ASTA, user=f"{service}/Practitioner/asta", context=Context(care_team=f"{service}/CareTeam/1"))
    ours = BearerAuthenticator(OwnKeys(key), ISSUER, "account", here=lambda url: url.replace(service, BASE))
    found = enter(ours, sign(key, principal=there))
    assert (found.user, found.context) == (f"{BASE}/Practitioner/asta", Context(care_team=f"{BASE}/CareTeam/1"))


UNVERIFIED = "Din adgang kunne ikke bekræftes. Log ind igen."


def test_a_token_of_ours_gives_back_the_principal_it_was_made_from(door, key):
    assert enter(door, sign(key)) == ASTA


def test_a_citizen_is_their_patient_url(door, key):
    nancy = Principal(f"{BASE}/Patient/nancy", "PATIENT", "Nancy", context=Context(patient=f"{BASE}/Patient/nancy"))
    assert enter(door, sign(key, principal=nancy)) == nancy


@pytest.mark.parametrize(
    ("scope", "tags"),
    [
        ("openid ehealth-system|xa", {"xa"}),
        ("http://ehealth.sundhed.dk/cs/ehealth-system|xa openid", {"xa"}),
        ("ehealth-system|xa http://ehealth.sundhed.dk/cs/ehealth-system|xb", {"xa", "xb"}),
        ("openid ehealth-system| http://ehealth.sundhed.dk/cs/ehealth-system|", set()),
        ("http://example.org/cs/ehealth-system|xa not-ehealth-system|xa ehealth-system", set()),
    ],
)
def test_the_scope_names_whose_solution_it_is_by_the_code_system_or_by_its_address(door, key, scope, tags):
    assert enter(door, forge(key, scope=scope)).system_tags == tags


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer "}]
)
def test_no_token_is_not_let_in(door, headers):
    with pytest.raises(Unauthenticated):
        door.authenticate(headers, NOW)


def test_an_expired_token_is_not_let_in(door, key):
    token = sign(key, lifetime=timedelta(minutes=5))
    enter(door, token, NOW + timedelta(minutes=5) + SKEW - timedelta(seconds=1))
    assert told(door, token, NOW + timedelta(minutes=5) + SKEW) == "Du er logget af. Log ind igen."


def test_a_token_from_the_future_is_not_let_in(door, key):
    token = sign(key, now=NOW + timedelta(minutes=5))
    assert told(door, token) == "Din adgang gælder ikke endnu. Log ind igen."


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"issuer": "https://another.example.dk"},
            "Din adgang er udstedt et sted, som ikke er kendt her. Log ind igen.",
        ),
        ({"audience": "somebody-else"}, "Din adgang er udstedt til et andet system. Log ind igen."),
        (
            {"audience": "somebody-else", "now": NOW - timedelta(days=1)},
            "Din adgang er udstedt til et andet system. Log ind igen.",
        ),
    ],
    ids=["issuer", "audience", "audience, and expired"],
)
def test_a_foreign_token_is_not_let_in(door, key, change, text):
    assert told(door, sign(key, **change)) == text


def test_of_a_token_that_nobody_here_has_signed_nothing_else_is_told(door, key):
    """Else whoever forges one learns what is right about it."""
    claims = jwt.decode(sign(key, audience="somebody-else"), options={"verify_signature": False})
    head, _, signature = sign(key).split(".")
    body = base64url_encode(json.dumps(claims).encode()).decode()
    for forged in (f"{head}.{body}.{signature}", f"{head}.{body}.", "rubbish"):
        assert told(door, forged) == UNVERIFIED


def test_a_token_by_another_key_of_the_same_name_is_not_let_in(door, key, tmp_path):
    make_keys(tmp_path / "other")
    other = read_signing_key(tmp_path / "other")
    assert other.kid != key.kid
    claims = jwt.decode(sign(key), options={"verify_signature": False})
    for kid in (key.kid, other.kid):
        token = jwt.encode(claims, other.private, algorithm="ES256", headers={"kid": kid})
        with pytest.raises(Unauthenticated):
            enter(door, token)


def test_the_token_does_not_choose_its_own_algorithm(door, key):
    claims = jwt.decode(sign(key), options={"verify_signature": False})
    public = key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    rsa = generate_private_key(65537, 2048)
    forged = [
        jwt.encode(claims, None, algorithm="none", headers={"kid": key.kid}),
        signed_with_the_public_key(sign(key), public, key.kid),
        jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": key.kid}),
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            enter(door, token)


def test_a_changed_letter_is_not_let_in(door, key):
    header, body, signature = sign(key).split(".")
    changed = body[:-2] + ("A" if body[-2] != "A" else "B") + body[-1]
    with pytest.raises(Unauthenticated):
        enter(door, f"{header}.{changed}.{signature}")


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "x" * 100_000, "æøå.æøå.æøå", "eyJhbGciOiJub25lIn0.e30."])
def test_rubbish_is_not_let_in_and_not_echoed(door, token):
    with pytest.raises(Unauthenticated) as wrong:
        enter(door, token)
    assert len(token) < 10 or token not in str(wrong.value.to_fhir())


@pytest.mark.parametrize(
    "claims",
    [
        {"user_type": "ADMINISTRATOR"},
        {"user_type": None},
        {"user_id": ""},
        {"user_id": 7},
        {"realm_access": []},
        {"realm_access": {"roles": "CarePlan.read"}},
        {"realm_access": {"roles": [1]}},
        {"context": "all"},
        {"context": {"patient_id": ["a"]}},
        {"name": 3},
        {"exp": "never"},
        {"nbf": "soon"},
        {"exp": True},
    ],
)
def test_claims_of_the_wrong_shape_are_not_let_in(door, key, claims):
    with pytest.raises(Unauthenticated):
        enter(door, forge(key, **claims))


def test_a_system_is_known_by_its_sub_where_nothing_else_says_who_it_is(door, key):
    token = forge(key, drop=("user_id",), user_type="SYSTEM", sub="an-application")
    assert enter(door, token).user == "an-application"
    with pytest.raises(Unauthenticated):
        enter(door, forge(key, drop=("user_id", "sub"), user_type="SYSTEM"))


@pytest.mark.parametrize("claim", ["exp", "iss", "aud", "user_type", "user_id"])
def test_a_token_that_leaves_out_what_matters_is_not_let_in(door, key, claim):
    with pytest.raises(Unauthenticated):
        enter(door, forge(key, drop=(claim,)))
