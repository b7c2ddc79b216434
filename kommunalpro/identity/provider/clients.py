"""The programs that may send people here to sign in: read from a file, each word of it checked."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kommunalpro.fhirserver.principal import UserType
from kommunalpro.identity.files import read_json_file

_FIELDS: Mapping[str, type] = {
    "client_id": str,
    "name": str,
    "user_type": str,
    "secret": str,
    "redirect_uris": list,
    "post_logout_redirect_uris": list,
    "scopes": list,
}
_OPTIONAL = {"secret", "post_logout_redirect_uris"}


@dataclass(frozen=True, slots=True)
class Client:
    """One program (what Authlib calls a client, in its words). With a secret it is confidential, else public.

    `user_type` is whom it is for: a program for citizens signs no staff in.
    """

    client_id: str
    name: str
    user_type: UserType
    redirect_uris: frozenset[str]
    scopes: frozenset[str]
    post_logout_redirect_uris: frozenset[str] = frozenset()
    secret: str | None = field(default=None, repr=False)

    @property
    def client_metadata(self) -> Mapping[str, Any]:
        """What Authlib's logout asks for."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def get_client_id(self) -> str:
        """Give its name at the provider."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: it always says where to."""

    def get_allowed_scope(self, scope: str) -> str | None:
        """Give what it may ask for of what it asks; None where it does not ask to sign somebody in."""
        asked = (scope or "").split()
        return " ".join(each for each in asked if each in self.scopes) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether somebody may be sent back there: registered to the letter."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether it is the program that it says."""
        return self.secret is not None and hmac.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether this is how it says who it is."""
        return method in (("none",) if self.secret is None else ("client_secret_basic", "client_secret_post"))

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given to browsers."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Sign in by a code, go on by a refresh token."""
        return grant_type in ("authorization_code", "refresh_token")


def read_clients(path: Path) -> tuple[Client, ...]:
    """Read the file of clients.

    Raises:
        ValueError: it cannot be read, or says something that has no meaning here; the message says what.
    """
    content = read_json_file(path)
    found = content.get("clients") if isinstance(content, dict) else None
    if not isinstance(found, list) or not found:
        raise ValueError('the file must hold {"clients": [...]}')
    clients = tuple(_client(each) for each in found)
    if len({client.client_id for client in clients}) < len(clients):
        raise ValueError("two clients have the same client_id")
    return clients


def _client(given: Any) -> Client:
    if not isinstance(given, dict) or given.keys() - _FIELDS or _FIELDS.keys() - _OPTIONAL - given.keys():
        raise ValueError(f"a client has these fields: {', '.join(_FIELDS)}")
    for name, value in given.items():
        if not isinstance(value, _FIELDS[name]) or not value:
            raise ValueError(f"{name} of a client has the wrong shape")
        if isinstance(value, list) and not all(isinstance(each, str) for each in value):
            raise ValueError(f"{name} of a client holds texts")
    after = given.get("post_logout_redirect_uris", [])
    if given["user_type"] not in ("PRACTITIONER", "PATIENT"):
        raise ValueError("user_type of a client is PRACTITIONER or PATIENT")
    if "openid" not in given["scopes"]:
        raise ValueError("scopes of a client hold openid")
    if not all(_is_address(each) for each in [*given["redirect_uris"], *after]):
        raise ValueError("redirect_uris of a client are absolute http(s) addresses without a fragment")
    return Client(
        client_id=given["client_id"],
        name=given["name"],
        user_type=given["user_type"],
        redirect_uris=frozenset(given["redirect_uris"]),
        scopes=frozenset(given["scopes"]),
        post_logout_redirect_uris=frozenset(after),
        secret=given.get("secret"),
    )


def _is_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and not url.fragment and "*" not in text
    except ValueError:
        return False
