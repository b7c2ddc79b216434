"""`$validate-code`: whether a value set, or a code system, has a code, and whether it is called what is said.

Supported: of a ValueSet the one at the address, by `url` (with `valueSetVersion`) or sent as `valueSet`; of a
CodeSystem the one at the address or by `url` and `version`, else that of the `coding`. Exactly one of `code` (with
`system`, and `display` if it is to be checked), `coding` and `codeableConcept`, of which one coding is enough;
`systemVersion`, `abstract` (a heading is no choice without it), `displayLanguage`. A name is right whatever its case
and spacing, and in any language that is known. → `result`, `message` (why not) and `display`. A code that a value set
lists is in it, though its code system is not here, but not where that is here whole and has no such code; a code of
another system than those that a value set has is not.
FSIII is asked for by KL's URL or by its OID.
Not supported: what cannot be told from what is here (a code system that is missing or is here in part, a filter in
the value set other than `concept is-a`, a name or a version that nobody says here) is 422 not-supported with its
name, and never `false`. `context`, `date`, `codeSystem` are refused by name (501).

Source: R4 operation-valueset-validate-code.html, operation-codesystem-validate-code.html; `fut.md` 6 (terminology).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhir.parameters import value
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import spellings, terminology
from kommunalpro.fut.concepts import Concept, System, read_system
from kommunalpro.fut.operations.arguments import element
from kommunalpro.fut.operations.asked_value_set import asked_value_set
from kommunalpro.fut.terminology import CannotTell, Terminology, concept_in, first

_Find: TypeAlias = Callable[[Json], Concept | None]
_MOST_CODINGS = 100
"""In one CodeableConcept: ours."""
_FORMS = ("code", "coding", "codeableConcept")


@dataclass(frozen=True, slots=True)
class _Verdict:
    result: bool
    message: str | None = None
    display: str | None = None


def validate_in_value_set(session: Session, parameters: Json, target: str | None) -> Json:
    """Tell whether a value set has a code."""
    codings = list(_codings(parameters, value(parameters, "system"), value(parameters, "systemVersion")))
    terms = terminology(session)
    value_set = asked_value_set(session, terms, parameters, target)

    def find(coding: Json) -> Concept | None:
        return first(partial(terms.member, value_set, each, coding["code"]) for each in spellings(coding["system"]))

    return _answer(codings, find, parameters, "værdisættet")


def validate_in_code_system(session: Session, parameters: Json, target: str | None) -> Json:
    """Tell whether a code system has a code."""
    type, _, id = (target or "").partition("/")
    terms = terminology(session)
    named = read_system(session.read(type, id)) if id else None
    url = named.resource.get("url") if named else value(parameters, "url")
    codings = list(_codings(parameters, url, value(parameters, "version")))
    if "coding" in _given(parameters) and url and url not in spellings(codings[0].get("system", "")):
        raise BadRequest("Kodningen er fra et andet kodesystem.", diagnostics=f"coding.system must be {mask_cpr(url)}")

    def find(coding: Json) -> Concept | None:
        if url and url not in spellings(coding["system"]):
            return None
        return concept_in(named or _system(terms, coding), coding["code"])

    return _answer(codings, find, parameters, "kodesystemet")


def _system(terms: Terminology, coding: Json) -> System:
    canonical = f"{coding['system']}|{coding['version']}" if "version" in coding else str(coding["system"])
    found = terms.system(canonical)
    if found is None:
        raise NotFound("Kodesystemet findes ikke her.", diagnostics=f"No CodeSystem {mask_cpr(canonical)} is here")
    return found


def _given(parameters: Json) -> list[str]:
    return [name for name in _FORMS if value(parameters, name) is not None]


def _codings(parameters: Json, system: str | None, version: str | None) -> Iterator[Json]:
    """Give what is asked about as codings, whichever way it is told.

    Raises:
        BadRequest: not in exactly one way, or not whole.
    """
    given, display = _given(parameters), value(parameters, "display")
    if len(given) != 1 or (display is not None and given != ["code"]) or (given == ["code"] and not system):
        raise BadRequest(
            "Angiv koden med sit kodesystem.",
            diagnostics="exactly one of code (with its system, and display if any), coding and codeableConcept",
        )
    if given == ["code"]:
        coding = {"system": system, "code": value(parameters, "code"), "display": display, "version": version}
        yield {name: each for name, each in coding.items() if each}
        return
    told = element(parameters, given[0]) or {}
    found = [told] if given == ["coding"] else told.get("coding", ())
    if len(found) > _MOST_CODINGS:
        raise BadRequest("Der er for mange kodninger.", diagnostics=f"at most {_MOST_CODINGS} codings at once")
    for each in found:
        yield {**each, "version": version} if version else each


def _answer(codings: list[Json], find: _Find, parameters: Json, place: str) -> Json:
    """Tell whether one of the codings is there; that none is, only when that is known of each.

    Raises:
        CannotTell: none is known to be there, and of one it is not known.
    """
    verdicts, doubts = [], []
    for coding in codings:
        try:
            verdicts.append(_verdict(coding, find, parameters, place))
        except CannotTell as unknown:
            doubts.append(unknown)
    good = next((each for each in verdicts if each.result), None)
    if good is None and doubts:
        raise doubts[0]
    messages = [each.message for each in verdicts if each.message]
    final = good or next((each for each in verdicts if each.display), _Verdict(False))
    message = final.message if good else "; ".join(messages) or "Der er ingen kode."
    return make_parameters(
        {"name": "result", "valueBoolean": final.result},
        *([{"name": "message", "valueString": message}] if message else []),
        *([{"name": "display", "valueString": final.display}] if final.display else []),
    )


def _verdict(coding: Json, find: _Find, parameters: Json, place: str) -> _Verdict:
    if not coding.get("system") or not coding.get("code"):
        return _Verdict(False, "En kode skal have sit kodesystem.")
    shown = mask_cpr(f"{coding['system']}|{coding['code']}")
    found = find(coding)
    if found is None:
        return _Verdict(False, f"{shown} er ikke i {place}.")
    if "version" in coding and coding["version"] != found.version:
        here = found.version or "of no version"
        raise CannotTell(
            "Kodesystemet er her i en anden version.",
            diagnostics=f"{mask_cpr(coding['system'])} is here as {here}, not {mask_cpr(coding['version'])}",
        )
    display = found.display_in(value(parameters, "displayLanguage"))
    if found.is_abstract and value(parameters, "abstract") is not True:
        return _Verdict(False, f"{shown} er en overskrift, som ikke kan vælges.", display)
    if "display" in coding:
        is_right = found.is_called(coding["display"])
        if is_right is None:
            raise CannotTell(
                "Det vides ikke her, hvad koden hedder.", diagnostics=f"Nothing here says what {shown} is called"
            )
        if not is_right:
            return _Verdict(False, f"{shown} hedder ”{display}”, ikke ”{mask_cpr(coding['display'])}”.", display)
    return _Verdict(True, f"{shown} er ude af brug." if found.is_inactive else None, display)
