"""What a token says, as a Principal.

Source: FUT implementation guide 8.0.0, token claims (`fut.md` 5.1): user_type, user_id, realm_access.roles (which
are privileges), context {organization_id, care_team_id, patient_id, episode_of_care_id}, scope `ehealth-system|xa`.
How the scope is written beyond that sample the guide does not say: the code system's whole address is taken too. Nor
does it say who a SYSTEM is: without user_id it is the token's sub, the only one that an application's own sign-in has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import Unauthenticated
from kommunalpro.fhirserver.principal import Context, Principal, UserType

CONTEXT = {
    "organization_id": "organization",
    "care_team_id": "care_team",
    "patient_id": "patient",
    "episode_of_care_id": "episode_of_care",
}
"""FUT's names of the parts of a context → ours."""

SYSTEM_SCOPE = "ehealth-system|"
"""What comes before a coexistence tag in the scope of the tokens that we sign."""

_SYSTEMS = ("ehealth-system", ehealth.EHEALTH_SYSTEM)
_USER_TYPES: tuple[UserType, ...] = ("PRACTITIONER", "PATIENT", "SYSTEM")


def read_principal(claims: Mapping[str, Any]) -> Principal:
    """Read FUT's claims.

    Raises:
        Unauthenticated: a claim is missing or has the wrong shape.
    """
    user_type = _user_type(claims)
    user = claims.get("user_id", claims.get("sub") if user_type == "SYSTEM" else None)
    access, context = claims.get("realm_access", {}), claims.get("context", {})
    if not isinstance(user, str) or not user:
        raise refused("The token does not say who the user is")
    if not isinstance(access, dict) or not isinstance(context, dict):
        raise refused("The token's realm_access or context has the wrong shape")
    roles = access.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise refused("The token's realm_access.roles has the wrong shape")
    return Principal(
        user=user,
        user_type=user_type,
        name=_text(claims, "name"),
        privileges=frozenset(roles),
        context=Context(**{ours: _text(context, theirs) or None for theirs, ours in CONTEXT.items()}),
        system_tags=frozenset(_system_tags(_text(claims, "scope"))),
    )


def renamed(principal: Principal, name_of: Callable[[str], str]) -> Principal:
    """Give somebody by other names of who they are, and of what they have chosen; `name_of` gives that of a URL."""
    chosen = {name: name_of(url) for name, url in asdict(principal.context).items() if url is not None}
    return replace(principal, user=name_of(principal.user), context=Context(**chosen))


def number(claims: Mapping[str, Any], name: str) -> float:
    """Read a claim that is a number.

    Raises:
        Unauthenticated: it is none.
    """
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise refused(f"The token's {name} is not a number")
    return value


def refused(diagnostics: str, text: str = "Din adgang kunne ikke bekræftes. Log ind igen.") -> Unauthenticated:
    """Give the refusal of a token; `diagnostics` never quotes it, and is told in the header too (RFC 6750)."""
    return Unauthenticated(text, diagnostics=diagnostics)


def _user_type(claims: Mapping[str, Any]) -> UserType:
    for known in _USER_TYPES:
        if claims.get("user_type") == known:
            return known
    raise refused("The token does not say what kind of user it is")


def _system_tags(scope: str) -> Iterator[str]:
    """Give the codes of the coexistence tags that a scope names; an empty code is none."""
    for word in scope.split():
        system, _, code = word.partition("|")
        if system in _SYSTEMS and code:
            yield code


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refused(f"The token's {name} has the wrong shape")
    return value
