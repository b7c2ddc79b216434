"""A program that signs people in by OpenID, as FUT's two reference clients do: nothing of ours, only HTTP and PyJWT.

program = Program(live.request, Registered.clinician())
session = program.sign_in("asta")
token = session.within(care_team_id=…)
"""

import hashlib
import re
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt

from tests.live import Answer

REALM = "/auth/realms/ehealth"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True)
class Registered:
    """How a program is known to the provider (definitions/demo/clients.json)."""

    client_id: str
    redirect_uri: str
    home: str
    scope: str
    secret: str | None = None

    @classmethod
    def clinician(cls) -> "Registered":
        """FUT's client for clinicians: confidential, without PKCE."""
        home = "http://127.0.0.1:8080/"
        scope = "openid profile practitioner"
        return cls("clinician-client", f"{home}login/oauth2/code/clinician", home, scope, "no-secret-in-a-demo")

    @classmethod
    def citizen(cls) -> "Registered":
        """FUT's client for citizens: public, with PKCE."""
        home = "http://127.0.0.1:8090/"
        return cls("citizen-client", f"{home}login/oauth2/code/citizen", home, "openid profile offline_access")


@dataclass
class Program:
    """One program with one browser in front of it."""

    request: Callable[..., Answer]
    known_as: Registered
    metadata: dict[str, Any] = field(init=False)
    cookies: dict[str, str] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    def __post_init__(self) -> None:
        self.metadata = self.request("GET", f"{REALM}/.well-known/openid-configuration").json

    def path(self, endpoint: str) -> str:
        """The path of one of the provider's addresses."""
        return urlsplit(self.metadata[endpoint]).path

    def asks(self, **changes: Any) -> str:
        """The address that a browser is sent to; None takes a parameter away."""
        known, digest = self.known_as, hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": known.client_id,
            "redirect_uri": known.redirect_uri,
            "scope": known.scope,
            "state": self.state,
            "nonce": self.nonce,
        }
        if known.secret is None:
            challenge = urlsafe_b64encode(digest).decode().rstrip("=")
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        kept = {name: value for name, value in (asked | changes).items() if value is not None}
        return f"{self.path('authorization_endpoint')}?{urlencode(kept)}"

    def browse(self, method: str, path: str, **form: str) -> Answer:
        """Go somewhere with the browser, which keeps its cookies."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urlencode(form).encode() if form else None
        answer = self.request(method, path, body, headers=headers | (FORM if form else {}))
        for name, value in re.findall(r"(csrftoken|sessionid)=([^;,\s]*)", answer.headers.get("set-cookie", "")):
            self.cookies[name] = value
        return answer

    def choose(self, path: str, **form: str) -> Answer:
        """Open the page, and press one of its buttons: `person="asta"`, or `cancel="1"`."""
        page = self.browse("GET", path)
        assert page.status == 200, page.body
        [token, *_] = CSRF.findall(page.body.decode())
        return self.browse("POST", path, csrfmiddlewaretoken=token, **form)

    def returns(self, answer: Answer) -> dict[str, str]:
        """What somebody who is sent back brings along."""
        assert answer.status == 302, answer.body
        back = urlsplit(answer.headers["location"])
        assert back._replace(query="").geturl() == self.known_as.redirect_uri
        brought = dict(parse_qsl(back.query))
        assert brought.pop("state") == self.state
        return brought

    def tokens(self, *, known_as: Registered | None = None, **form: str) -> Answer:
        """Ask for tokens, by the way that the program says who it is."""
        known, headers = known_as or self.known_as, dict(FORM)
        if known.secret is None:
            form["client_id"] = known.client_id
        else:
            credentials = b64encode(f"{known.client_id}:{known.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        return self.request("POST", self.path("token_endpoint"), urlencode(form).encode(), headers=headers)

    def redeem(self, code: str, **changes: Any) -> Answer:
        """Fetch the first tokens by a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.known_as.redirect_uri}
        if self.known_as.secret is None:
            form["code_verifier"] = self.verifier
        return self.tokens(**{name: value for name, value in (form | changes).items() if value is not None})

    def sign_in(self, person: str) -> "Session":
        """Let somebody sign in, all the way."""
        brought = self.returns(self.choose(self.asks(), person=person))
        answer = self.redeem(brought["code"])
        assert answer.status == 200, answer.body
        return Session(self, answer.json)


@dataclass
class Session:
    """Somebody who has signed in."""

    program: Program
    tokens: dict[str, Any]

    @property
    def access_token(self) -> str:
        return str(self.tokens["access_token"])

    def refresh(self, token: str | None = None, **context: str) -> Answer:
        """Ask for an access token in a context, by this refresh token or an older one."""
        answer = self.program.tokens(
            grant_type="refresh_token", refresh_token=token or self.tokens["refresh_token"], **context
        )
        if answer.status == 200:
            self.tokens = self.tokens | answer.json
        return answer

    def within(self, **context: str) -> str:
        """Give an access token in a context."""
        answer = self.refresh(**context)
        assert answer.status == 200, answer.body
        return self.access_token

    def id_claims(self) -> dict[str, Any]:
        """Verify the ID token as OpenID says, and give what it says."""
        issuer, client = self.program.metadata["issuer"], self.program.known_as.client_id
        return dict(self._verified("id_token", "RS256", issuer=issuer, audience=client))

    def claims(self) -> dict[str, Any]:
        """Verify the access token, and give what it says."""
        return dict(self._verified("access_token", "ES256", audience="account"))

    def _verified(self, name: str, algorithm: str, **options: Any) -> dict[str, Any]:
        keys = self.program.request("GET", self.program.path("jwks_uri")).json
        token = self.tokens[name]
        key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
        return dict(jwt.decode(token, key, algorithms=[algorithm], **options))
