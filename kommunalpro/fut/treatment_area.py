"""Which conditions a solution may be used for: FUT's treatment area, by coexistence tag.

FUT's IG 8.0.0 has tags `xa` and `xb` only; `kpro` and its treatment area are ours until FUT gives them (`fut.md` §11).
"""

from kommunalpro.fhir.json import Json

TAG = "kpro"

_SKS = "urn:oid:1.2.208.176.2.4"
_FSIII = ("http://kl.dk/fhir/common/caresocial/CodeSystem/FSIII", "urn:oid:1.2.208.176.2.21")
# VS/conditions (fut.md 1A): SKS ALAL03, DE10, DE11, DF00..DF99, DG20, DJ44, DI20, DI25, DI50, DZ76, and FSIII.
_CODES = frozenset({"ALAL03", "DE10", "DE11", "DG20", "DJ44", "DI20", "DI25", "DI50", "DZ76"})


def is_in_treatment_area(tag: str | None, coding: Json) -> bool:
    """Tell whether a solution may open an episode for this diagnosis; without a tag it may open none."""
    if tag is None:
        return False
    code = coding.get("code", "")
    if coding.get("system") in _FSIII:
        return bool(code)
    is_psychiatric = len(code) == 4 and code.startswith("DF") and code[2:].isdigit()
    return coding.get("system") == _SKS and (code in _CODES or is_psychiatric)
