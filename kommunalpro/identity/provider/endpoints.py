"""What programs ask the provider, over HTTP: where everything is, keys, tokens, who somebody is, what to choose from.

The pages that people see are `web`'s (`web/shared/views/openid.py`). A provider is given as what makes it, so that an
address can be known before there are keys.
"""

from collections.abc import Callable
from functools import cache, wraps

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kommunalpro.fhir.outcome import Unauthenticated
from kommunalpro.fhirserver.http.headers import challenge
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.identity.provider.oauth import Asked, OAuth
from kommunalpro.identity.provider.provider import Provider

Given = Callable[[], Provider]


@cache
def oauth(provider: Given) -> OAuth:
    """Give the protocol of a provider."""
    return OAuth(provider())


@require_safe
def discovery(request: HttpRequest, provider: Given) -> HttpResponse:
    """Say where everything is."""
    return JsonResponse(provider().metadata())


@require_safe
def keys(request: HttpRequest, provider: Given) -> HttpResponse:
    """Give the keys that tokens are signed with."""
    return JsonResponse(provider().key_set())


@csrf_exempt
@require_POST
def token(request: HttpRequest, provider: Given) -> HttpResponse:
    """Give tokens for a code or a refresh token. Programs come here, without cookies."""
    server, asked = oauth(provider), Asked(request, request.POST)
    try:
        if any(len(values) > 1 for values in asked.payload.datalist.values()):
            raise InvalidRequestError("A parameter is given more than once")
        answer: HttpResponse = server.create_token_response(asked)
    except OAuth2Error as wrong:
        answer = server.handle_error_response(asked, wrong)
    except ValueError:
        # Authlib reads Basic credentials and words its refusals without looking whether they can be written.
        answer = server.handle_error_response(asked, InvalidRequestError("The request cannot be read"))
    return answer


def _with_token(
    answer: Callable[[HttpRequest, Provider, Principal], HttpResponse],
) -> Callable[[HttpRequest, Given], HttpResponse]:
    """Let in who has one of our access tokens."""

    @wraps(answer)
    def respond(request: HttpRequest, provider: Given) -> HttpResponse:
        sent = {name.lower(): value for name, value in request.headers.items()}
        try:
            principal = provider().bearer(sent)
        except Unauthenticated as wrong:
            said = {"error": "invalid_token", "error_description": wrong.issues[0].diagnostics}
            refusal = JsonResponse(said, status=401)
            refusal["WWW-Authenticate"] = challenge(wrong, has_token="authorization" in sent)
            return refusal
        return answer(request, provider(), principal)

    return respond


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_with_token
def user_info(request: HttpRequest, provider: Provider, principal: Principal) -> HttpResponse:
    """Say who somebody is."""
    return JsonResponse(provider.user_info(principal))


@require_safe
@_with_token
def contexts(request: HttpRequest, provider: Provider, principal: Principal) -> HttpResponse:
    """Give the teams and organisations that somebody may choose, as FUT's clinician client reads them."""
    return JsonResponse(dict(provider.contexts.to_choose_from(principal, provider.clock())))
