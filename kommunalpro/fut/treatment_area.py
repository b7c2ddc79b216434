"""Which conditions a solution may be used for: FUT's treatment area, by coexistence tag.

FUT's IG 8.0.0 has tags `xa` and `xb` only; `kpro` and its treatment area are ours until FUT gives them (`fut.md` §11).
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.at_hand import codings_in_guide, of_guide

TAG = "kpro"

PROGRAMMES = f"{ehealth.CS}ehealth-program"
_SKS = "urn:oid:1.2.208.176.2.4"
FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"
_FSIII = (FSIII, "urn:oid:1.2.208.176.2.21")
_SYSTEMS = {_SKS: "SKS", **dict.fromkeys(_FSIII, "FSIII")}
_CONDITIONS = f"{ehealth.VS}conditions"
# What `VS/conditions` takes of FSIII: F, J1 to J5, and what is below them. Which codes there are is not said here, for
# nobody tells under which licence they could be listed.
_BELOW_F_AND_J = re.compile(r"(F\d{0,2}|J[1-5])(\.\d{1,2})?")


def is_in_treatment_area(tag: str | None, coding: Json) -> bool:
    """Tell whether a solution may open an episode for this diagnosis; without a tag it may open none."""
    return tag is not None and is_condition(coding)


def is_treated(condition: Json, tag: str | None) -> bool:
    """Tell whether a solution may have this Condition as a diagnosis of its episodes: one of its codings is enough."""
    return any(is_in_treatment_area(tag, each) for each in condition.get("code", {}).get("coding", ()))


def is_condition(coding: Json) -> bool:
    """Tell whether a code is in FUT's `VS/conditions`."""
    system, code = coding.get("system"), coding.get("code", "")
    return is_fsiii(code) if system in _FSIII else system == _SKS and code in _listed()


def is_fsiii(code: str) -> bool:
    """Tell whether a code has the form of FSIII's conditions, as `VS/conditions` takes them."""
    return _BELOW_F_AND_J.fullmatch(code) is not None


@cache
def _listed() -> frozenset[str]:
    return frozenset(str(each["code"]) for each in diagnoses())


def diagnoses() -> tuple[Json, ...]:
    """Give the SKS codes of the treatment area, as codings with FUT's Danish names; FSIII's are not listed."""
    return tuple(each for each in codings_in_guide(_CONDITIONS) if each["system"] == _SKS)


def condition_name(concept: Json) -> str:
    """Give what a condition is called: as its CodeableConcept says in words, else in Danish, as FUT's guide does.

    What has no name there is called as a coding says, which may be another system's, in another language; without one
    it is its code, and of which system that is: `SKS DX99`. Empty: it has no code either.
    """
    codings = concept.get("coding", ())
    known = (_names().get(each.get("code", "")) for each in codings if each.get("system") == _SKS)
    said = (each.get("display") for each in codings)
    codes = (coded(each) for each in codings if each.get("code"))
    return str(concept.get("text") or next(filter(None, (*known, *said, *codes)), ""))


def coded(coding: Json) -> str:
    """Give a code with what its system is called, whichever of its URLs it has: `SKS DX99`, `FSIII F2.1`."""
    return f"{_SYSTEMS.get(coding.get('system', ''), '')} {coding.get('code', '')}".strip()


@cache
def _names() -> Mapping[str, str]:
    return {each["code"]: each["display"] for each in diagnoses() if "display" in each}


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
