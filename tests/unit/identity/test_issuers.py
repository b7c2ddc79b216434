"""A foreign issuer: which of its keys are taken, when it is asked again, and what holds while it does not answer."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event, Thread

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from kommunalpro.fhir.outcome import Unauthenticated, Unavailable
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.identity.fetching import NoAnswer, is_safe
from kommunalpro.identity.issuers import FRESH, KNOWN_FOR, IssuerKeys, read_keys
from kommunalpro.identity.keys import make_keys, read_signing_key
from kommunalpro.identity.tokens import BearerAuthenticator, OwnKeys, issue_token
from tests.unit.identity.test_tokens import signed_with_the_public_key

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ISSUER = "https://idp.example.dk/auth/realms/ehealth"
JWKS = "https://idp.example.dk/keys"
BASE = "https://pro.example.dk/fhir"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PAUSE = 30


def shown(private, kid, **changes):
    """A key as its issuer shows it."""
    algorithm = RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else ECAlgorithm
    found = algorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": kid, "use": "sig"} | changes
    return {name: value for name, value in found.items() if value is not None}


@dataclass
class Issuer:
    """An identity provider and the road to it; `at` is what the clock says."""

    keys: list = field(default_factory=lambda: [shown(RSA_KEY, "rsa", alg="RS256"), shown(EC_KEY, "ec", alg="ES256")])
    metadata: dict = field(default_factory=lambda: {"issuer": ISSUER, "jwks_uri": JWKS})
    is_up: bool = True
    at: float = 1000.0
    asked: list = field(default_factory=list)

    def fetch(self, url, *, deadline):
        self.asked.append(url)
        if not self.is_up:
            raise NoAnswer("it is down")
        return {"keys": self.keys} if url == self.metadata.get("jwks_uri") else self.metadata

    def known(self, issuer=ISSUER):
        return IssuerKeys(issuer, pause=PAUSE, fetch=self.fetch, monotonic=lambda: self.at)


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def keys(issuer):
    return issuer.known()


@pytest.fixture
def door(keys, tmp_path):
    make_keys(tmp_path)
    own = OwnKeys(read_signing_key(tmp_path))
    return BearerAuthenticator(own, f"{BASE}/own", "account", {ISSUER: keys})


def sign(private, kid, algorithm, **changes):
    claims = {
        "iss": ISSUER,
        "aud": "account",
        "exp": NOW.timestamp() + 300,
        "user_type": "PRACTITIONER",
        "user_id": f"{BASE}/Practitioner/asta",
        "realm_access": {"roles": ["CarePlan.read"]},
        "context": {"care_team_id": f"{BASE}/CareTeam/1"},
    }
    return jwt.encode(claims | changes, private, algorithm=algorithm, headers={"kid": kid})


def enter(door, token):
    return door.authenticate({"authorization": f"Bearer {token}"}, NOW)


@pytest.mark.parametrize(
    ("kid", "private", "algorithm"), [("rsa", RSA_KEY, "RS256"), ("ps", RSA_KEY, "PS256"), ("ec", EC_KEY, "ES256")]
)
def test_a_token_of_a_foreign_issuer_is_taken(door, issuer, kid, private, algorithm):
    issuer.keys.append(shown(RSA_KEY, "ps", alg="PS256"))
    principal = enter(door, sign(private, kid, algorithm))
    assert principal == Principal(
        f"{BASE}/Practitioner/asta",
        "PRACTITIONER",
        privileges=frozenset({"CarePlan.read"}),
        context=Context(care_team=f"{BASE}/CareTeam/1"),
    )


def test_an_issuer_with_a_slash_at_its_end_is_found_where_the_standard_says(issuer):
    issuer.metadata["issuer"] = f"{ISSUER}/"
    assert issuer.known(f"{ISSUER}/").find("rsa")
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration", JWKS]


def test_a_key_that_does_not_say_how_it_signs_signs_as_usual():
    found = dict(read_keys({"keys": [shown(RSA_KEY, "a", use=None), shown(EC_KEY, "b", use=None)]}))
    assert [found["a"][0], found["b"][0]] == ["RS256", "ES256"]


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "kid": "a", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"},
        shown(RSA_KEY, "a", alg="RSA-OAEP"),
        shown(RSA_KEY, "a", alg="HS256"),
        shown(RSA_KEY, "a", alg="none"),
        shown(RSA_KEY, "a", use="enc"),
        shown(RSA_KEY, None),
        shown(RSA_KEY, "a", n="AQAB"),
        shown(RSA_KEY, "a", n=None),
        shown(RSA_KEY, "a", n=7),
        shown(rsa.generate_private_key(65537, 1024), "a"),  # noqa: S505  (that is the point)
        shown(ec.generate_private_key(ec.SECP384R1()), "a"),
        RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True) | {"kid": "a"},
        {"kid": "a"},
        "a",
    ],
)
def test_a_key_that_no_token_may_be_signed_with_is_no_key(key):
    assert list(read_keys({"keys": [key]})) == []


def test_the_token_does_not_choose_how_it_is_verified(door, issuer):
    public = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    genuine = sign(RSA_KEY, "rsa", "RS256")
    forged = [
        jwt.encode(jwt.decode(genuine, options={"verify_signature": False}), None, "none", headers={"kid": "rsa"}),
        signed_with_the_public_key(genuine, public, "rsa"),
        sign(RSA_KEY, "rsa", "PS256"),
        sign(EC_KEY, "rsa", "ES256"),
        sign(RSA_KEY, "ec", "RS256"),
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            enter(door, token)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"iss": "https://another.dk"},
        {"exp": 1},
        {"user_type": "X"},
        {"typ": "ID"},
        {"typ": "Refresh"},
    ],
)
def test_a_genuine_token_for_something_else_is_not_let_in(door, changes):
    with pytest.raises(Unauthenticated):
        enter(door, sign(RSA_KEY, "rsa", "RS256", **changes))


def test_an_issuer_signs_for_itself_alone(door):
    """Else one identity provider could speak as another, or as us."""
    with pytest.raises(Unauthenticated):
        enter(door, sign(RSA_KEY, "rsa", "RS256", iss=door.issuer))
    asta = Principal(f"{BASE}/Practitioner/asta", "PRACTITIONER")
    ours = issue_token(asta, key=door.keys.key, issuer=ISSUER, audience="account", now=NOW)
    with pytest.raises(Unauthenticated):
        enter(door, ours)


def test_the_keys_are_fetched_once(issuer, keys):
    for kid in ("rsa", "ec", "rsa"):
        assert keys.find(kid)
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration", JWKS]


def test_a_new_key_is_found_as_soon_as_it_is_used(issuer, keys):
    keys.find("rsa")
    issuer.keys = [shown(RSA_KEY, "newer")]
    issuer.at += PAUSE
    assert keys.find("newer")
    assert keys.find("rsa") is None


def test_forged_names_make_nobody_hammer_the_issuer(issuer, keys):
    keys.find("rsa")
    issuer.asked.clear()
    issuer.at += PAUSE
    assert [keys.find(f"forged-{number}") for number in range(100)] == [None] * 100
    assert len(issuer.asked) == 2
    assert keys.find("rsa")


def test_a_key_that_was_taken_back_opens_no_longer_for_a_token_seen_before(issuer, door):
    token = sign(RSA_KEY, "rsa", "RS256")
    enter(door, token)
    issuer.keys = [shown(EC_KEY, "rsa")]
    issuer.at += FRESH
    with pytest.raises(Unauthenticated):
        enter(door, token)


def test_without_an_answer_nobody_can_tell_and_the_caller_is_to_come_back(issuer, door):
    issuer.is_up = False
    token = sign(RSA_KEY, "rsa", "RS256")
    with pytest.raises(Unavailable) as wrong:
        enter(door, token)
    assert wrong.value.retry_after == PAUSE
    issuer.at += PAUSE - 1.5
    with pytest.raises(Unavailable) as wrong:
        enter(door, token)
    assert wrong.value.retry_after == 2
    assert len(issuer.asked) == 1
    issuer.at, issuer.is_up = issuer.at + 2, True
    assert enter(door, token)


def test_known_keys_hold_while_the_issuer_is_silent_but_not_for_ever(issuer, keys):
    keys.find("rsa")
    issuer.is_up = False
    issuer.at += KNOWN_FOR - 1
    assert keys.find("rsa")
    with pytest.raises(Unavailable):
        keys.find("newer")
    issuer.at += PAUSE
    with pytest.raises(Unavailable):
        keys.find("rsa")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": f"{ISSUER}/", "jwks_uri": JWKS},
        {"issuer": "https://another.example.dk", "jwks_uri": JWKS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": 7},
        {"issuer": ISSUER, "jwks_uri": "http://idp.example.dk/keys"},
        {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1/keys"},
        {"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"},
        {"issuer": ISSUER, "jwks_uri": "https://[bad"},
        {"issuer": ISSUER, "jwks_uri": "https://idp.example.dk:many/keys"},
    ],
)
def test_metadata_that_are_not_the_issuer_s_own_give_no_keys_and_are_not_asked_for_again_at_once(
    issuer, keys, metadata
):
    issuer.metadata = metadata
    for _ in range(2):
        with pytest.raises(Unavailable):
            keys.find("rsa")
    assert len(issuer.asked) == 1


def test_an_issuer_whose_metadata_become_unreadable_is_as_one_that_does_not_answer(issuer, door):
    token = sign(RSA_KEY, "rsa", "RS256")
    enter(door, token)
    issuer.metadata["jwks_uri"] = "https://[bad"
    issuer.at += FRESH
    assert enter(door, token)
    issuer.at += KNOWN_FOR
    with pytest.raises(Unavailable):
        enter(door, token)


@pytest.mark.parametrize("found", [{}, {"keys": "a"}])
def test_what_is_no_key_set_is_no_answer(found):
    with pytest.raises(NoAnswer):
        list(read_keys(found))


def test_one_request_fetches_and_who_has_a_known_key_waits_for_nothing(issuer, keys, monkeypatch):
    keys.find("rsa")
    issuer.at += FRESH
    began, goes_on, slow = Event(), Event(), replace(issuer)

    def fetch(url, *, deadline):
        began.set()
        assert goes_on.wait(5)
        return slow.fetch(url, deadline=deadline)

    keys.fetch = fetch
    one = Thread(target=keys.find, args=("rsa",))
    one.start()
    assert began.wait(5)
    monkeypatch.setattr("kommunalpro.identity.issuers.WAITS", 0.01)
    assert keys.find("rsa")
    with pytest.raises(Unavailable) as wrong:
        keys.find("newer")
    assert wrong.value.retry_after == 1
    goes_on.set()
    one.join()
    assert keys.find("newer") is None


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://idp.example.dk/keys", True),
        ("http://127.0.0.1:8000/keys", True),
        ("http://[::1]/keys", True),
        ("http://localhost/keys", True),
        ("http://localhost.example.dk/keys", False),
        ("http://127.0.0.1@example.dk/keys", False),
        ("http://idp.example.dk/keys", False),
        ("ftp://127.0.0.1/keys", False),
        ("https:///keys", False),
        ("https://[::1/keys", False),
        ("https://a:b@idp.example.dk", False),
    ],
)
def test_keys_come_over_tls_or_from_this_machine(url, safe):
    assert is_safe(url) is safe
