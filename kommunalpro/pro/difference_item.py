"""What differs between two versions of one question, and what that means for its answers.

Every field of an item has its line here: how a change of it is said, and whether answers from before and after can be
compared then. What is wider, narrower, finer or coarser, or counts otherwise, is another scale. What is worded, shown
or framed otherwise may be another question: a person must decide. What only bears on whether one answers (required,
the longest text) changes no answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kommunalpro.pro.difference_found import Found, Verdict, changed, differs, quoted
from kommunalpro.pro.difference_option import option_differences
from kommunalpro.pro.item import Item, identity_of
from kommunalpro.pro.text import Text, moment, number, unit_text

_TYPES = {
    "group": Text("gruppe", "group"),
    "display": Text("oplysning", "information"),
    "boolean": Text("ja eller nej", "yes or no"),
    "decimal": Text("decimaltal", "decimal number"),
    "integer": Text("helt tal", "whole number"),
    "date": Text("dato", "date"),
    "dateTime": Text("dato og klokkeslæt", "date and time"),
    "time": Text("klokkeslæt", "time of day"),
    "string": Text("kort tekst", "short text"),
    "text": Text("lang tekst", "long text"),
    "url": Text("webadresse", "web address"),
    "choice": Text("valg", "choice"),
    "open-choice": Text("valg eller egne ord", "choice or own words"),
    "attachment": Text("fil", "file"),
    "reference": Text("henvisning", "reference"),
    "quantity": Text("mængde med enhed", "quantity with a unit"),
}
_OTHER_CODE = Text("Spørgsmålet har en anden kode.", "The question has another code.")


@dataclass(frozen=True, slots=True)
class _Aspect:
    """Something of an item. `of` None: it has none; `say` gives words for what it has, empty: there are none."""

    code: str
    label: Text
    verdict: Verdict
    of: Callable[[Item], Any]
    say: Callable[[Any], Text] = lambda value: Text("")

    def compare(self, before: Item, after: Item) -> Found | None:
        one, other = self.of(before), self.of(after)
        if one == other:
            return None
        words = [None if each is None else self.say(each) for each in (one, other)]
        return Found(self.code, changed(self.label, words[0], words[1]), self.verdict, differs(self.label))


@dataclass(frozen=True, slots=True)
class _Flag:
    """Something that an item is or is not, with what is said when it begins to be so, and when it ceases."""

    code: str
    verdict: Verdict
    of: Callable[[Item], bool]
    begins: Text
    ceases: Text
    reason: Text

    def compare(self, before: Item, after: Item) -> Found | None:
        one, other = self.of(before), self.of(after)
        if one == other:
            return None
        return Found(self.code, self.begins if other else self.ceases, self.verdict, self.reason)


def item_differences(before: Item, after: Item) -> Iterator[Found]:
    """Give what differs of an item itself: not where it stands, when it is asked, or how it is computed."""
    is_seen = any(not each.hidden or each.is_read_later for each in (before, after))
    for aspect in _ASPECTS:
        found = aspect.compare(before, after)
        if found is not None:
            yield found if is_seen else _unseen(found)
    for found in option_differences(before, after):
        yield found if is_seen or found.part != "citizen" else _unseen(found)
    codes = [{(str(each.get("system")), str(each.get("code"))) for each in item.codes} for item in (before, after)]
    if all(codes) and codes[0].isdisjoint(codes[1]):
        yield Found("code", _OTHER_CODE, Verdict.NOT_COMPARABLE, _OTHER_CODE, "answers")


def _unseen(found: Found) -> Found:
    return Found(found.code, found.text, found.verdict, found.reason, "answers", found.alters)


def name_of(item: Item) -> Text:
    """Give what people call an item; one without words is called by its linkId."""
    return item.name if item.name.da else Text(item.link_id)


def unit_names(item: Item) -> Text:
    """Give the units that an answer may be in."""
    shown = dict.fromkeys([*([item.unit_text] if item.unit_text else []), *map(unit_text, item.units)])
    said = [" / ".join(dict.fromkeys(each.say(language) for each in shown)) for language in ("da", "en")]
    return Text(said[0], said[1] if said[1] != said[0] else "")


def _unit(item: Item) -> tuple[Text, object] | None:
    """Give the units as they are shown, with their codes; an answer in kg is not one in pounds.

    Another translation makes no other unit: it is left out, for what changes here is no longer compared.
    """
    codes = tuple((unit.get("system"), unit.get("code")) for unit in item.units)
    return (Text(unit_names(item).da), codes) if item.unit or codes else None


def _text(item: Item) -> tuple[Text, str | None] | None:
    """Give the words of the question; one without is asked by its short text."""
    text = item.name if item.short_text and not item.text.da else item.text
    return (text, item.xhtml) if text.da or item.xhtml else None


def _help(item: Item) -> tuple[Text, str | None] | None:
    return (item.help_text or Text(""), item.help_xhtml) if item.help_text or item.help_xhtml else None


def _step(item: Item) -> Decimal | None:
    """Give how far answers lie from each other; that whole numbers lie 1 apart need not be said."""
    return None if item.type == "integer" and item.step == 1 else item.step


def _initial(item: Item) -> object | None:
    """Give what is answered beforehand, by the question, its options or an expression."""
    chosen = tuple(identity_of(option.value) for option in item.options if option.is_initial)
    found = (tuple(identity_of(each) for each in item.initial), chosen, item.initial_expression)
    return found if any(found) else None


def _quoted_words(value: tuple[Text, str | None]) -> Text:
    return quoted(value[0]) if value[0].da else Text("")


def _value(value: Any) -> Text:
    return moment(value) if isinstance(value, str) else number(value)


_NO, _DECIDE, _YES = Verdict.NOT_COMPARABLE, Verdict.DECIDE, Verdict.COMPARABLE
_SEVERAL = Text("Antallet af svar er ændret.", "Number of answers changed.")
_REQUIRED = Text("Om spørgsmålet skal besvares, er ændret.", "Whether the question must be answered is changed.")
_SHOWN = Text("Om spørgsmålet vises, er ændret.", "Whether it is shown is changed.")
_FILLED = Text("Hvem der udfylder svaret, er ændret.", "Who fills in the answer is changed.")
_ASPECTS: tuple[_Aspect | _Flag, ...] = (
    _Aspect("type", Text("Typen", "Type"), _NO, lambda item: item.type, _TYPES.__getitem__),
    _Aspect("text", Text("Teksten", "Text"), _DECIDE, _text, _quoted_words),
    _Aspect("short-text", Text("Den korte tekst", "Short text"), _YES, lambda item: item.short_text, quoted),
    _Aspect("help", Text("Hjælpeteksten", "Help text"), _DECIDE, _help, _quoted_words),
    _Aspect("images", Text("Billedet", "Picture"), _DECIDE, lambda item: item.images or None),
    _Aspect("control", Text("Måden at svare på", "Way to answer"), _DECIDE, lambda item: item.control),
    _Aspect("unit", Text("Enheden", "Unit"), _NO, _unit, lambda unit: unit[0]),
    _Aspect("low", Text("Den mindste værdi", "Least value"), _NO, lambda item: item.min_value, _value),
    _Aspect("high", Text("Den største værdi", "Greatest value"), _NO, lambda item: item.max_value, _value),
    _Aspect("step", Text("Afstanden mellem svarene", "Step between answers"), _NO, _step, number),
    _Aspect(
        "decimals", Text("Antallet af decimaler", "Number of decimals"), _NO, lambda i: i.max_decimal_places, number
    ),
    _Aspect("length", Text("Den største længde", "Greatest length"), _YES, lambda item: item.max_length, number),
    _Aspect(
        "pattern",
        Text("Kravet til, hvad der kan skrives,", "Rule for what can be written"),
        _DECIDE,
        lambda i: i.pattern,
    ),
    _Flag(
        "required",
        _YES,
        lambda item: item.required,
        Text("Skal nu besvares.", "Must now be answered."),
        Text("Kan nu springes over.", "Can now be skipped."),
        _REQUIRED,
    ),
    _Flag(
        "repeats",
        _NO,
        lambda item: item.repeats,
        Text("Kan nu besvares flere gange.", "Can now be answered several times."),
        Text("Kan nu kun besvares én gang.", "Can now be answered only once."),
        _SEVERAL,
    ),
    _Aspect("least", Text("Det mindste antal svar", "Least number of answers"), _NO, lambda i: i.min_occurs, number),
    _Aspect("most", Text("Det største antal svar", "Greatest number of answers"), _NO, lambda i: i.max_occurs, number),
    _Flag(
        "hidden",
        _DECIDE,
        lambda item: item.hidden,
        Text("Er nu skjult, mens der svares.", "Is now hidden while one answers."),
        Text("Vises nu, mens der svares.", "Is now shown while one answers."),
        _SHOWN,
    ),
    _Flag(
        "read-later",
        _YES,
        lambda item: item.is_read_later,
        Text("Vises nu blandt svarene bagefter.", "Is now shown among the answers afterwards."),
        Text("Vises ikke længere blandt svarene bagefter.", "Is no longer shown among the answers afterwards."),
        _SHOWN,
    ),
    _Flag(
        "read-only",
        _NO,
        lambda item: item.read_only,
        Text("Udfyldes nu af skemaet selv.", "Is now filled in by the questionnaire itself."),
        Text("Udfyldes nu af den, der svarer.", "Is now filled in by the one who answers."),
        _FILLED,
    ),
    _Flag(
        "copyright",
        _YES,
        lambda item: item.is_copyright,
        Text("Vises nu som en oplysning om ophavsret.", "Is now shown as a notice of copyright."),
        Text("Vises ikke længere som en oplysning om ophavsret.", "Is no longer shown as a notice of copyright."),
        _SHOWN,
    ),
    _Aspect("initial", Text("Svaret, der står på forhånd,", "Answer given beforehand"), _DECIDE, _initial),
    _Aspect("feedback", Text("Beskeden om svaret", "Feedback on the answer"), _DECIDE, lambda i: i.feedback or None),
)
