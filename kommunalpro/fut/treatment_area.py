"""Which conditions a solution may be used for: FUT's treatment area, by coexistence tag.

FUT's IG 8.0.0 has tags `xa` and `xb` only; `kpro` and its treatment area are ours until FUT gives them (`at_hand.py`).
A value set that is stored here moves none of them, as it moves no binding.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.at_hand import ALSO_FSIII, FSIII, OWN_TAG, TREATMENT_AREAS, of_guide, spellings
from kommunalpro.fut.concepts import Concept, read_system
from kommunalpro.fut.terminology import Key, Terminology

TAG = OWN_TAG

PROGRAMMES = f"{ehealth.CS}ehealth-program"
_SKS = "urn:oid:1.2.208.176.2.4"
_SYSTEMS = {_SKS: "SKS", FSIII: "FSIII", ALSO_FSIII: "FSIII"}
_FSIII, _MARKS = {FSIII.casefold(), ALSO_FSIII}, re.compile(r"\|.*|[/#?]+$")
_CONDITIONS = f"{ehealth.VS}conditions"


def is_in_treatment_area(tag: str | None, coding: Json) -> bool:
    """Tell whether a solution may open an episode for this diagnosis; without a tag that is known it may open none."""
    keys = ((each, coding.get("code", "")) for each in spellings(coding.get("system", "")))
    return tag is not None and any(key in _area(tag) for key in keys)


def is_treated(condition: Json, tag: str | None) -> bool:
    """Tell whether a solution may have this Condition as a diagnosis of its episodes: one of its codings is enough."""
    return any(is_in_treatment_area(tag, each) for each in condition.get("code", {}).get("coding", ()))


def is_condition(coding: Json) -> bool:
    """Tell whether a code is in FUT's `VS/conditions`."""
    return _known(coding) is not None


def contradictions(codings: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """Give, in Danish and in English, what FSIII says against codings of it: no such code, or another name for it.

    Nor is it FSIII's by an address that only looks like its own: nobody would find it, and what it says goes unjudged.

    The guide has FSIII whole, so that it can be told. A code by another's name is two conditions: which of them is
    meant, only who wrote it knows, so that neither the name is mended nor the code believed.
    """
    for each in codings:
        system = each.get("system", "")
        if FSIII in spellings(system):
            code, display = each.get("code", ""), each.get("display")
            found = _fsiii().get(code)
            if found is None:
                yield f"Koden {code} findes ikke i FSIII.", f"{code} is not in {FSIII}"
            elif display and not found.is_called(display):
                yield f"Koden {code} hedder ”{found.display}” i FSIII.", f"{code} of {FSIII} is called {found.display}"
        elif _MARKS.sub("", system.casefold().replace("https:", "http:", 1)) in _FSIII:
            yield f"Kodesystemet FSIII skrives {FSIII}.", f"FSIII is {FSIII}, to the letter"


def diagnoses() -> tuple[Json, ...]:
    """Give the SKS codes of the treatment area in FUT's order, as codings with their Danish names."""
    return tuple(_coding(each) for each in _conditions().values() if each.system == _SKS)


def conditions_of_fsiii() -> tuple[Json, ...]:
    """Give the codes of FSIII in the treatment area, each after what it is a kind of, as codings with KL's names."""
    found = [each for each in _conditions().values() if each.system == FSIII]
    return tuple(_coding(each) for each in sorted(found, key=lambda each: _place(each.code)))


def _coding(concept: Concept) -> Json:
    return {"system": concept.system, "code": concept.code, "display": concept.display}


def _place(code: str) -> tuple[str, list[int]]:
    """Give where a code of FSIII stands among others: J1, J1.1, J1.2, J2, F10 after F9."""
    return code[0], [int(each) for each in code[1:].split(".") if each]


def _known(coding: Json) -> Concept | None:
    keys = ((each, coding.get("code", "")) for each in spellings(coding.get("system", "")))
    return next((_conditions()[key] for key in keys if key in _conditions()), None)


@cache
def _conditions() -> Mapping[Key, Concept]:
    return Terminology(of_guide).expand(of_guide("ValueSet", _CONDITIONS) or {})


@lru_cache(maxsize=64)
def _area(tag: str) -> Mapping[Key, Concept]:
    found = of_guide("ValueSet", f"{TREATMENT_AREAS}{tag}")
    return Terminology(of_guide).expand(found) if found else {}


@cache
def _fsiii() -> Mapping[str, Concept]:
    return read_system(of_guide("CodeSystem", FSIII) or {}).concepts


def condition_name(concept: Json) -> str:
    """Give what a condition is called: as its CodeableConcept says in words, else in Danish, as FUT and KL do.

    What has no name there is called as a coding says, which may be another system's, in another language; without one
    it is its code, and of which system that is: `SKS DX99`. Empty: it has no code either.
    """
    codings = concept.get("coding", ())
    known = (found.display for each in codings if (found := _known(each)))
    said = (each.get("display") for each in codings)
    codes = (coded(each) for each in codings if each.get("code"))
    return str(concept.get("text") or next(filter(None, (*known, *said, *codes)), ""))


def coded(coding: Json) -> str:
    """Give a code with what its system is called, whichever of its URLs it has: `SKS DX99`, `FSIII F2.1`."""
    return f"{_SYSTEMS.get(coding.get('system', ''), '')} {coding.get('code', '')}".strip()


def programmes() -> tuple[Json, ...]:
    """Give FUT's programmes as codings; `kpro` is Kommunal PRO (`fut.md` 0.9)."""
    system = of_guide("CodeSystem", PROGRAMMES) or {}
    return tuple({"system": PROGRAMMES, **each} for each in system.get("concept", ()))


def for_programme(code: str) -> dict[str, Any]:
    """Make the useContext that says for which programme a definition is."""
    kind = {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "program"}
    return {"code": kind, "valueCodeableConcept": {"coding": [{"system": PROGRAMMES, "code": code}]}}


def programme_of(definition: Json) -> str | None:
    """Give the programme that a definition is for, by its code; None: it names none."""
    for context in definition.get("useContext", ()):
        codings = context.get("valueCodeableConcept", {}).get("coding", ())
        found = (each.get("code") for each in codings if each.get("system") == PROGRAMMES)
        if code := next(found, None):
            return str(code)
    return None
