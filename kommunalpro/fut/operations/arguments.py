"""Reading what an operation was given: each parameter as what it must be, or a refusal that names it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Issue
from kommunalpro.fhir.parameters import values
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fut.errors import issue
from kommunalpro.fut.moments import is_moment

_CONDITIONS = frozenset({"ifMatch", "ifModifiedSince", "ifNoneExist", "ifNoneMatch"})


def element(parameters: Json, name: str) -> Json | None:
    """Give a parameter that is a resource or a complex value; None means that it was not given.

    Raises:
        BadRequest: it is something else.
    """
    found = next(values(parameters, name), None)
    if found is not None and not isinstance(found, dict):
        raise _unreadable(name, "must be a resource or a complex value")
    return found


def references(parameters: Json, name: str) -> Iterator[Reference]:
    """Give every parameter of this name that is a literal reference.

    Raises:
        BadRequest: one is something else.
    """
    for found in values(parameters, name):
        text = found.get("reference") if isinstance(found, dict) else found
        reference = Reference.parse(text) if isinstance(text, str) else None
        if reference is None:
            raise _unreadable(name, "must be a literal reference")
        yield reference


def tokens(parameters: Json, name: str) -> str:
    """Give every parameter of this name that is a Coding, or text (`system|code`), as a search has them; empty: none.

    Raises:
        BadRequest: one is something else.
    """
    return ",".join(_token(each, name) for each in values(parameters, name))


def _token(given: Any, name: str) -> str:
    if isinstance(given, str):
        return given
    if not isinstance(given, dict) or not given.get("code"):
        raise _unreadable(name, "must be a Coding or system|code")
    return f"{escaped(given['system'])}|{escaped(given['code'])}" if "system" in given else escaped(given["code"])


def moment(parameters: Json, name: str) -> datetime | None:
    """Give a parameter that is a dateTime with a time zone; None means that it was not given.

    Raises:
        BadRequest: it is something else.
    """
    found = next(values(parameters, name), None)
    if found is None:
        return None
    try:
        at = parse_datetime(found)
    except (ValueError, TypeError):
        raise _unreadable(name, "must be a dateTime") from None
    if not is_moment(found):
        raise _unreadable(name, "needs a time zone")
    return at


def entries(bundle: Any) -> list[Json]:
    """Give the entries of a Bundle that hold a resource; nothing when it is no Bundle."""
    return [each for each in _every(bundle) if _has_resource(each)]


def creating_problems(bundle: Json) -> Iterator[Issue]:
    """Give what a transaction asks for beside creating what its entries hold; where they say nothing, it is that."""
    if bundle.get("type") != "transaction":
        yield issue("KPRO_BUNDLE_CREATES", "a transaction", "Bundle.type")
    for number, entry in enumerate(_every(bundle)):
        if not _has_resource(entry):
            yield issue("KPRO_BUNDLE_CREATES", "an entry holds no resource", f"Bundle.entry[{number}]")
            continue
        type, request = entry["resource"].get("resourceType"), entry.get("request", {})
        asked = request.get("method", "POST"), str(request.get("url", type)).strip("/")
        if asked != ("POST", type) or not _CONDITIONS.isdisjoint(request):
            yield issue("KPRO_BUNDLE_CREATES", f"POST {type}", f"Bundle.entry[{number}].request")


def _every(bundle: Any) -> Sequence[Any]:
    found = bundle.get("entry", ()) if isinstance(bundle, dict) else ()
    return found if isinstance(found, list | tuple) else ()


def _has_resource(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("resource"), dict)


def _unreadable(name: str, problem: str) -> BadRequest:
    return BadRequest(f"Oplysningen {name} kan ikke læses.", diagnostics=f"Parameter {name} {problem}")
