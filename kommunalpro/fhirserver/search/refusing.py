"""What a query asks for in vain: told by its name, with what is wrong and what may be asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.outcome import BadRequest, UnknownParameter
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.searchable import Searchable

if TYPE_CHECKING:
    from kommunalpro.fhirserver.search.query import Include

Parameters = Mapping[str, Mapping[str, SearchParameter]]

_TYPE = "[type]"
MODIFIERS: Mapping[str, tuple[str, ...]] = {
    "string": ("contains", "exact"),
    "token": ("in", "not", "not-in"),
    "reference": ("identifier", _TYPE),
}
"""What may stand after a parameter of a kind, `:missing` besides."""
_MOST_TOLD = 40
_LONGEST = 200


def unknown(type: str, name: str, value: str = "", why: str = "") -> UnknownParameter:
    """Make the refusal of something that is not offered; names it."""
    shown = _shown(f"{name}={value}" if value else name)
    return UnknownParameter(
        f"Søgeparameteren {shown} kendes ikke for {type}.",
        diagnostics=f"Unknown or unsupported search parameter for {type}: {shown}{why and f'; {why}'}",
    )


def all_of(refused: Sequence[BadRequest]) -> BadRequest:
    """Make one refusal of several: of the kind of the first, with the issues of all, each with the code of its kind."""
    issues = (replace(each, code=each.code or wrong.code) for wrong in refused for each in wrong.issues)
    return type(refused[0])(issues=issues)


def unknown_modifier(parameter: SearchParameter, modifier: str) -> UnknownParameter:
    """Make the refusal of a modifier; says which the parameter takes, and of a type, which it may be to."""
    kinds = (*MODIFIERS.get(parameter.kind, ()), "missing")
    types = parameter.targets or (_TYPE,)
    offered = ", ".join(f":{each}" for kind in kinds for each in (types if kind == _TYPE else (kind,)))
    why = f"as {parameter.kind} it takes {offered}"
    return unknown(parameter.type, f"{parameter.name}:{modifier}", why=why)


def unknown_sort(type: str, keys: Iterable[str], offered: Iterable[str]) -> UnknownParameter:
    """Make the refusal of what cannot be sorted by; says what can."""
    shown = _shown(", ".join(key or '""' for key in keys))
    return UnknownParameter(
        f"Der kan ikke sorteres efter {shown}.",
        diagnostics=f"_sort cannot be by {shown}; {type} is sorted by {_listed(offered)}",
    )


def unknown_include(
    parameters: Parameters, searchable: Searchable, type: str, name: str, value: str, wanted: "Include"
) -> UnknownParameter:
    """Make the refusal of what does not come along; says what does."""
    shown = _shown(f"{name}={value}")
    kind = {"is_reverse": wanted.is_reverse, "iterates": wanted.iterates}
    offered = sorted(each for each in _includes(parameters, type, wanted) if searchable.brings(type, each, **kind))
    # What is named of a type that has some is most likely one of them.
    nearest = [each for each in offered if each.startswith(f"{wanted.type}:")] or offered
    may = _listed(nearest) or "nothing"
    form = "Type:parameter or Type:parameter:Target"
    return UnknownParameter(
        f"{shown} kan ikke tages med i en søgning efter {type}.",
        diagnostics=f"{shown} is not offered with {type}: it takes {form}, here {may}",
    )


def unknown_elements(types: Iterable[str], names: Iterable[str], offered: Iterable[str]) -> BadRequest:
    """Make the refusal of elements that no type has which is searched for; says what there is."""
    shown, among = _shown(", ".join(sorted(names))), " or ".join(sorted(types))
    return BadRequest(
        f"Elementet {shown} findes ikke.",
        diagnostics=f"_elements: {shown} is no element of {among}; there are {_listed(offered)}",
        code="value",
    )


def must_be(name: str, what: str) -> BadRequest:
    """Make the refusal of a value that a parameter does not take; says what it takes."""
    shown = _shown(name)
    return BadRequest(f"Værdien af {shown} kan ikke bruges.", diagnostics=f"{shown} must be {what}", code="value")


def unreadable(name: str, what: str, value: str) -> BadRequest:
    """Make the refusal of a value that is none of its kind; its text is not repeated, for it may be anything."""
    # In a query, a plus sign that nobody encoded is a space.
    return must_be(name, f"{what}; a + is sent as %2B, else it arrives as a space" if " " in value else what)


def _includes(parameters: Parameters, type: str, wanted: "Include") -> Iterable[str]:
    """Give what may come along with a type: what it refers to, or what refers to it."""
    for of, many in parameters.items():
        for parameter in many.values():
            may_refer = not parameter.targets or type in parameter.targets
            if parameter.kind == "reference" and (wanted.iterates or (may_refer if wanted.is_reverse else of == type)):
                yield f"{of}:{parameter.name}"


def _listed(names: Iterable[str]) -> str:
    told = sorted(names)
    return ", ".join(told[:_MOST_TOLD]) + (" …" if len(told) > _MOST_TOLD else "")


def _shown(text: str) -> str:
    return mask_cpr(text)[:_LONGEST]
