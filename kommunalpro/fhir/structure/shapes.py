"""Fast ways through objects of a shape that was right before: the same properties, in the same order.

Most objects of a resource have a shape that was met a thousand times: what stands where is known, and Python that is
written for it takes a fifth less time than looking each property up (bench/README.md). Such a way decides nothing
itself: where a plain value fails its test, it says so before it has looked at anything else, and the object is gone
through property by property. What is compiled holds no word of any resource or definition, only how many values there
are and of which kind.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from kommunalpro.fhir.structure.primitives import MAX_STRING, WORDS, is_string
from kommunalpro.fhir.structure.rules import Property, Value
from kommunalpro.fhir.structure.walk import Path, Walk

Way: TypeAlias = Callable[[Value, Path, Walk], bool]
"""Goes through an object; False when it has not, because a plain value in it is wrong."""

# {0} is the value, {1} its test or check, {2} the element's name, {3} the whole rule. What is printable and sorts after
# the space does not begin with one, so it is not blank.
_STRING = "(type({0}) is str and {0} >= '!' and {0}.isprintable() and len({0}) <= MAX_STRING or {1}({0}))"
_WORD = "(type({0}) is str and {0}.isascii() and {0}.isprintable() and {0} >= '!' and ' ' not in {0} or {1}({0}))"
_OTHER = "{1}({0})"
_EACH = """
        if type({0}) is list and {0}:
            index = 0
            for each in {0}:
                {1}(each, (path, {2}, index), walk)
                index += 1
        else:
            {3}({0}, value, path, walk)"""
_ONE = """
        {1}({0}, (path, {2}, None), walk)"""
_RULE = """
        {3}({0}, value, path, walk)"""
_WAY = """
def made({parameters}):
    def way(value, path, walk):
        {values}, = value.values()
        if not ({tests}):
            return False{rest}
        return True
    return way
"""


def way_through(properties: Sequence[Property]) -> Way:
    """Make the way through objects that have these properties and no others, in this order."""
    calls = [part for each in properties for part in (each.test or each.check, each.name, each.rule)]
    way: Way = _maker(tuple(map(_form, properties)))(*calls)
    return way


def _form(of: Property) -> str:
    if of.test is not None:
        return _STRING if of.test is is_string else _WORD if of.test in WORDS else _OTHER
    return _RULE if of.check is None else _EACH if of.is_array else _ONE


@cache
def _maker(forms: tuple[str, ...]) -> Callable[..., Way]:
    names = [tuple(f"{letter}{number}" for letter in "vcnr") for number in range(len(forms))]
    written = [form.format(*each) for form, each in zip(forms, names, strict=True)]
    plain = {_STRING, _WORD, _OTHER}
    code = _WAY.format(
        parameters=", ".join(name for each in names for name in each[1:]),
        values=", ".join(each[0] for each in names),
        tests=" and ".join(text for text, form in zip(written, forms, strict=True) if form in plain) or "True",
        rest="".join(text for text, form in zip(written, forms, strict=True) if form not in plain),
    )
    within: dict[str, Any] = {"MAX_STRING": MAX_STRING}
    exec(code, within)  # noqa: S102  (of the forms above alone)
    made: Callable[..., Way] = within["made"]
    return made
