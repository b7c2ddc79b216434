"""Which conditions a solution may be used for: FUT's treatment area, by coexistence tag.

FUT's IG 8.0.0 has tags `xa` and `xb` only; `kpro` and its treatment area are ours until FUT gives them (`fut.md` §11).
"""

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.at_hand import of_guide

TAG = "kpro"

PROGRAMMES = f"{ehealth.CS}ehealth-program"
_SKS = "urn:oid:1.2.208.176.2.4"
FSIII = "http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII"
_FSIII = (FSIII, "urn:oid:1.2.208.176.2.21")
# VS/conditions (fut.md 1A): SKS ALAL03, DE10, DE11, DF00..DF99, DG20, DJ44, DI20, DI25, DI50, DZ76, and FSIII.
_CODES = frozenset({"ALAL03", "DE10", "DE11", "DG20", "DJ44", "DI20", "DI25", "DI50", "DZ76"})


def is_in_treatment_area(tag: str | None, coding: Json) -> bool:
    """Tell whether a solution may open an episode for this diagnosis; without a tag it may open none."""
    return tag is not None and is_condition(coding)


def is_condition(coding: Json) -> bool:
    """Tell whether a code is in FUT's `VS/conditions`."""
    code = coding.get("code", "")
    if coding.get("system") in _FSIII:
        return bool(code)
    is_psychiatric = len(code) == 4 and code.startswith("DF") and code[2:].isdigit()
    return coding.get("system") == _SKS and (code in _CODES or is_psychiatric)


def diagnoses() -> tuple[Json, ...]:
    """Give the SKS codes of the treatment area, as codings with FUT's Danish names; FSIII is in it whole."""
    listed = (of_guide("ValueSet", f"{ehealth.VS}conditions") or {}).get("compose", {}).get("include", ())
    codings = ({"system": part["system"], **each} for part in listed for each in part.get("concept", ()))
    return tuple(each for each in codings if each["system"] == _SKS and is_in_treatment_area(TAG, each))


def programmes() -> tuple[Json, ...]:
    """Give FUT's programmes as codings; `kpro` is Kommunal PRO (`fut.md` 0.9)."""
    system = of_guide("CodeSystem", PROGRAMMES) or {}
    return tuple({"system": PROGRAMMES, **each} for each in system.get("concept", ()))


def programme_of(definition: Json) -> str | None:
    """Give the programme that a definition is for, by its code; None: it names none."""
    for context in definition.get("useContext", ()):
        codings = context.get("valueCodeableConcept", {}).get("coding", ())
        found = (each.get("code") for each in codings if each.get("system") == PROGRAMMES)
        if code := next(found, None):
            return str(code)
    return None
