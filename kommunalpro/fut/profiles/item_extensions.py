"""What the extensions of a questionnaire's items hold, asked when it is published: a draft may be half written.

Source: `fut.md` 1A (ehealth-questionnaire, item extensions) and 2.1.
"""

from collections.abc import Iterator
from itertools import chain

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.coding import keys
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import unbound
from kommunalpro.fut.profiles.bindings import is_bound
from kommunalpro.fut.profiles.extension_shapes import extension_problems

_BOUND = {ehealth.OVERVIEW_USAGE_MODE: f"{ehealth.VS}overviewUsageMode"}
# Not itemControl: FUT's value set has four of HL7's codes, and what a slider's ends are called has another (`lower`).


def item_problems(item: Json, path: str) -> Iterator[Issue]:
    """Give what is wrong with the extensions of one item and its options, at its FHIRPath."""
    yield from extension_problems(item, path)
    for number, option in enumerate(item.get("answerOption", ())):
        yield from extension_problems(option, f"{path}.answerOption[{number}]")
    yield from chain(mode_problems(item, path), _significance_problems(item, path))


def mode_problems(element: Json, path: str) -> Iterator[Issue]:
    """Give the codes of how an item or an action is shown that FUT does not have."""
    for number, each in enumerate(element.get("extension", ())):
        value_set = _BOUND.get(each.get("url"))
        if value_set and not any(is_bound(value_set, *key) for key in keys(each.get("valueCodeableConcept"))):
            yield unbound(f"no coding in {value_set}", f"{path}.extension[{number}]")


def _significance_problems(item: Json, path: str) -> Iterator[Issue]:
    """A colour is FUT's own: the word `red` of another system lights nothing."""
    for each in extensions(item, ehealth.ANSWER_SIGNIFICANCE):
        coding = extension_value(each, "significance")
        key = (coding.get("system", ""), coding.get("code", "")) if isinstance(coding, dict) else ("", "")
        if not is_bound(ehealth.ITEM_SIGNIFICANCE, *key):
            detail = f"no coding in {ehealth.ITEM_SIGNIFICANCE}"
            yield unbound(detail, f"{path}.extension")
