"""What differs in what one may choose. Another set of options, or another number for one, is another scale."""

from collections.abc import Iterator
from decimal import Decimal

from kommunalpro.pro.difference_found import Found, Verdict, changed, differs, merged, quoted
from kommunalpro.pro.item import Item, Option, identity_of
from kommunalpro.pro.text import Text, number

_ADDED = Text("Svarmuligheden {option} er tilføjet.", "The option {option} is added.")
_REMOVED = Text("Svarmuligheden {option} er fjernet.", "The option {option} is removed.")
_ORDER = Text("Svarmulighederne står i en anden rækkefølge.", "The options stand in another order.")
_EXCLUSIVE = Text("{option} kan nu ikke vælges sammen med andre.", "{option} can now not be chosen with others.")
_INCLUSIVE = Text("{option} kan nu vælges sammen med andre.", "{option} can now be chosen with others.")
_COUNTS = Text("{option} tæller nu {after} i stedet for {before}.", "{option} now counts {after} instead of {before}.")
_NOTHING = Text("ingenting", "nothing")
_OTHERS = Text("Der er ikke de samme svarmuligheder.", "The options are not the same.")
_TOGETHER = Text("Hvad der kan vælges sammen, er ændret.", "What is chosen together is changed.")
_NUMBERS = Text("Svarmulighederne tæller ikke det samme.", "The options do not count the same.")
_OPTION, _OPTIONS = Text("Svarmuligheden", "Option"), Text("En svarmulighed", "An option")
_PICTURE = Text("Billedet ved en svarmulighed", "Picture at an option")
_PICTURE_AT = Text("Billedet ved {option}", "Picture at {option}")


def option_differences(before: Item, after: Item) -> Iterator[Found]:
    """Give what differs in the options of a question, those that are gone where they stood."""
    one, other = ({identity_of(each.value): each for each in item.options} for item in (before, after))
    for key in merged(one, other):
        if key not in one:
            text = _ADDED.fill(option=quoted(other[key].text))
            yield Found("option-added", text, Verdict.NOT_COMPARABLE, _OTHERS)
        elif key not in other:
            text = _REMOVED.fill(option=quoted(one[key].text))
            yield Found("option-removed", text, Verdict.NOT_COMPARABLE, _OTHERS)
        else:
            yield from _of_option(one[key], other[key], is_several=before.repeats or after.repeats)
    if [key for key in one if key in other] != [key for key in other if key in one]:
        yield Found("option-order", _ORDER, Verdict.DECIDE, _ORDER)


def _of_option(before: Option, after: Option, *, is_several: bool) -> Iterator[Found]:
    name = quoted(after.text)
    if (before.text, before.xhtml) != (after.text, after.xhtml):
        text = changed(_OPTION, quoted(before.text), name)
        yield Found("option-text", text, Verdict.DECIDE, differs(_OPTIONS))
    if before.images != after.images:
        text = differs(_PICTURE_AT.fill(option=name))
        yield Found("option-image", text, Verdict.DECIDE, differs(_PICTURE))
    if is_several and before.is_exclusive != after.is_exclusive:
        text = (_EXCLUSIVE if after.is_exclusive else _INCLUSIVE).fill(option=name)
        yield Found("option-exclusive", text, Verdict.NOT_COMPARABLE, _TOGETHER)
    if before.ordinal != after.ordinal:
        text = _COUNTS.fill(option=name, before=_counted(before.ordinal), after=_counted(after.ordinal))
        yield Found("ordinal", text, Verdict.NOT_COMPARABLE, _NUMBERS, "score", alters=True)


def _counted(ordinal: Decimal | None) -> Text:
    return _NOTHING if ordinal is None else number(ordinal)
