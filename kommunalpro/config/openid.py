"""The demo's OpenID provider, wired: its keys, its clients, who may be whom, and its addresses. Production has none."""

from functools import cache, partial
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import URLResolver, include, path

from kommunalpro.config import wiring
from kommunalpro.fut.choosing import Choosing
from kommunalpro.identity.keys import read_signing_key
from kommunalpro.identity.provider import endpoints
from kommunalpro.identity.provider import provider as places
from kommunalpro.identity.provider.keys import id_token_key
from kommunalpro.identity.provider.provider import Provider
from kommunalpro.web.shared.doors import OPENID
from kommunalpro.web.shared.views import openid


@cache
def provider() -> Provider:
    """Give the provider.

    Raises:
        NoDemo: this is no demo.
        KeyProblem: `migrate` has not made the keys yet.
    """
    return Provider(
        issuer=settings.TOKEN_ISSUER,
        audience=settings.TOKEN_AUDIENCE,
        key=read_signing_key(settings.KEYS_DIRECTORY),
        id_token_key=id_token_key(settings.KEYS_DIRECTORY),
        clients={client.client_id: client for client in settings.OPENID_CLIENTS},
        contexts=_contexts(),
        clock=wiring.clock().now,
    )


def _contexts() -> Choosing:
    """Give what there is to choose from, called as the installation's resources are."""
    urls = wiring.service_urls()
    return Choosing(wiring.gateway(), urls.here, urls.there) if settings.STRICT else Choosing(wiring.gateway())


def addresses() -> URLResolver:
    """Give the addresses below the issuer's."""
    at = partial(path, kwargs={"provider": provider})
    places_and_views = [
        at(places.DISCOVERY, endpoints.discovery),
        at(places.KEYS, endpoints.keys),
        at(places.TOKEN, endpoints.token),
        at(places.USER_INFO, endpoints.user_info),
        at(places.CONTEXTS, endpoints.contexts),
        at(places.AUTHORIZATION, openid.sign_in),
        at(places.END_SESSION, openid.sign_out),
    ]
    below = urlsplit(settings.TOKEN_ISSUER).path.strip("/")
    return path(f"{below}/" if below else "", include((places_and_views, OPENID)))
