"""CPR numbers in what people write: found to be masked, or to refuse what everybody may read.

Rather too much is masked than too little; refused is only what nothing else is written as.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import pairwise
from unicodedata import category, decimal

from kommunalpro.fhir.identifier import MASKED, Cpr

# A text is read as it looks (`_LOOKS`), so that here a dash is one of ASCII, and so are spaces, dots and digits.
# A UUID and a SHA-256 digest with a number before it are let be, whatever they hold: the head of the audit's chain is
# logged, and whoever verifies by it needs every digit.
_LET_BE = r"(?P<uuid>\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:[0-9]+:)?[0-9a-f]{64})\b)"
# In free text, with or without something between: rather too much than too little.
_CPR_IN_TEXT = re.compile(
    rf"{_LET_BE}"
    r"|(?<![0-9])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:0[1-9]|1[0-2])[0-9]{2}"
    r"(?: {0,2}[-_]{1,2} {0,2}| {1,2}|%20|%2D)?[0-9]{4}(?![0-9])",
    re.IGNORECASE,
)
# As some write the date too, or all of it two by two. It is a number by itself, not part of a longer one (an OID, an
# address, a list of two digits each).
_CPR_SET_APART = re.compile(
    r"(?:(?<![\w./-])|(?<=cpr))(?=[0-9]{2})(?:(?:[0-9]{2}([./-])[0-9]{2}\1[0-9]{2}[-./]|[0-9]{6}\."
    r"|[0-9]{2} [0-9]{2} [0-9]{2}(?: ?- ?| ))[0-9]{4}(?!\w|[./-]\d)"
    r"|(?<!\+)(?<![0-9] )(?P<pairs>[0-9]{2}([ -])[0-9]{2}\3[0-9]{2}\3[0-9]{2}\3[0-9]{2})(?!\w|[./-]\d| \d))",
    re.IGNORECASE,
)
# What may as well be something else, a time after a date or two numbers in a list: in a log it is masked all the same.
_CPR_PERHAPS = re.compile(
    rf"{_LET_BE}"
    r"|(?<![0-9])(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:(?:0[1-9]|1[0-2])[0-9]{2}(?:[/:+,(\s]|%2[BbCcFf])"
    r"|([-./ ]?)(?:0[1-9]|1[0-2])\2(?:18|19|20)[0-9]{2}[-_./:+,(\s])[-_./:+,(\s]{0,3}[0-9]{4}(?![0-9])",
    re.IGNORECASE,
)
# With the whole year: nothing else is written so, if the number is one of that century.
_CPR_OF_CENTURY = re.compile(
    r"(?<![\w./+-])(?P<day>[0-9]{2})([./-]?)(?P<month>[0-9]{2})\2(?P<year>[0-9]{4})-(?P<last>[0-9]{4})(?!\w|[./-]\w)"
)
# As nothing but a CPR number is written: not even a telephone number, of which there are many in two by two.
_CPR_WRITTEN = re.compile(r"(?<![\w./+-])[0-9]{2}([./-]?)[0-9]{2}\1[0-9]{2}-[0-9]{4}(?!\w|[./-]\d)")
# What all of these have, with a day and a month; most texts have not so much, and are looked through once.
_TEN_DIGITS = re.compile(
    r"[0-36-9][0-9](?<![0-9]..)[-./ ]?[01][0-9][-./ ]?(?:18|19|20)?[0-9]{2}"
    r"(?:[-./_:+,(\s]{1,6}|%2[0-9A-Fa-f])?[0-9]{2}[ -]?[0-9]{2}(?![0-9])"
)
_TEN_AT_ALL = re.compile(r"\d(?:\D*+\d){9}")
# What is said to be one is one, also where it is written together with what stands around it.
_CALLED = re.compile(r"(?:cpr|personnummer)[-. ]?(?:nr|nummer|no|number)?[-.:=#/ ]{0,3}$", re.IGNORECASE)
# The number of a place of work (P-nummer, CVR's register): ten digits too, and many begin with a date.
_OF_PLACE = re.compile(r"\bP[- ]?(?:nr|nummer|no)\b[.:]{0,2}\s*$", re.IGNORECASE)
_NUMBERED = re.compile(r"\bnr\.$", re.IGNORECASE)
_JOINED_BEFORE, _JOINED_AFTER = re.compile(r"[\w./-]"), re.compile(r"\w|[./-]\d")
_TAG = re.compile("<[/!]?([a-z][a-z0-9]*)?[^<>]*>", re.IGNORECASE)
_APART = re.compile("blockquote|br|caption|d[dlt]|div|h[1-6r]|li|[ou]l|p|pre|t(?:able|[dhr])", re.IGNORECASE)
_PERCENT = re.compile("(?:%[0-9a-f]{2})+", re.IGNORECASE)


class _Looks(dict[int, str | int | None]):
    """What each character looks like, for `str.translate`: what is not seen is nothing, and digits are ASCII's."""

    def __missing__(self, point: int) -> str | int | None:
        character = chr(point)
        kind, digit = category(character), decimal(character, None)
        looks: str | int | None = point
        if digit is not None:
            looks = str(digit)
        elif character in "\u00b7\u2022\u2024\u2027\u2219\u22c5\uff0e":
            looks = "."
        elif character in "\u2044\u2215\uff0f":
            looks = "/"
        elif kind == "Pd" or character == "\u2212":
            looks = "-"
        elif kind == "Zs":
            looks = " "
        elif kind in ("Cf", "Mn", "Me"):
            looks = None
        self[point] = looks
        return looks


_LOOKS = _Looks()


def _as_it_looks(text: str) -> str:
    """Give a text as `_LOOKS` says; one without ten digits in all is read as it is."""
    return text if text.isascii() or _TEN_AT_ALL.search(text) is None else text.translate(_LOOKS)


def mask_cpr(text: str, masked: str = MASKED) -> str:
    """Mask everything in a text that looks like a CPR number, for logs and audit; `masked` stands there instead.

    Rather too much than too little: any ten digits that begin with a day and a month, with or without hyphen or space,
    and whatever `names_cpr` finds.

    >>> mask_cpr("Nancy (251248-9996) er 77")
    'Nancy (xxxxxx-xxxx) er 77'
    """
    shown = _as_it_looks(text)
    if _TEN_DIGITS.search(shown) is None:
        return text
    places: Sequence[int] = range(len(text))
    if len(shown) != len(text):
        places = [at for at, each in enumerate(text) if _LOOKS[ord(each)] is not None]
    parts, end = [], 0
    for first, last in sorted(_numbers_in(shown)):
        parts += [text[end : places[first]], masked] if places[first] >= end else []
        end = max(end, places[last - 1] + 1)
    return "".join(parts) + text[end:]


def _numbers_in(shown: str) -> Iterator[tuple[int, int]]:
    """Give where what looks like a number begins and ends."""
    yield from (each.span() for each in _CPR_IN_TEXT.finditer(shown) if not each["uuid"])
    yield from (each.span() for each in _CPR_SET_APART.finditer(shown) if not each["pairs"] or _is_apart(each))
    yield from (each.span() for each in _CPR_PERHAPS.finditer(shown) if not each["uuid"])


def names_cpr(text: str) -> bool:
    """Tell whether a text holds a CPR number, to refuse what everybody may read.

    Rather too little than too much, unlike `mask_cpr`: the date exists, and ten digits in a row stand by themselves,
    not in a longer number or an address, as a document's do, nor are they said to be a P-nummer; but what is said to be
    a CPR number is one (`CPR2512489996`). The date may be written with dots, slashes, hyphens or spaces, or all of it
    two by two (`25 12 48 99 96`), where it is no series (`08 09 10 11 12`). What looks like a hyphen is one, and what
    is not seen is not there. Modulus 11 is not asked for: numbers are issued without.

    >>> names_cpr("Ring til Nancy (251248-9996)"), names_cpr("Vejledning 310248-9996"), names_cpr("1.2.2512489996")
    (True, False, False)
    """
    shown = _as_it_looks(text)
    return _TEN_DIGITS.search(shown) is not None and (
        any(map(_is_apart, _CPR_SET_APART.finditer(shown)))
        or any(map(_is_cpr, _CPR_IN_TEXT.finditer(shown)))
        or any(map(_is_of_century, _CPR_OF_CENTURY.finditer(shown)))
    )


def reading_names_cpr(text: str) -> bool:
    """Tell whether what somebody reads of a text holds a CPR number, be it plain, or with HTML's marks and entities.

    What stands on both sides of a word in bold is read together, of two cells or paragraphs apart.

    >>> reading_names_cpr("<b>251248</b>&#8209;9996"), reading_names_cpr("<td>251248</td><td>9996</td>")
    (True, False)
    """
    return names_cpr(unescape(text)) or ("<" in text and names_cpr(unescape(_TAG.sub(_break, text))))


def _break(tag: re.Match[str]) -> str:
    return "\n" if _APART.fullmatch(tag[1] or "") else ""


def _decoded(url: str) -> str:
    """Give an address as people read it, without `%20` and the like."""
    return _PERCENT.sub(lambda match: bytes.fromhex(match[0].replace("%", "")).decode(errors="replace"), url)


def is_written_as_cpr(text: str) -> bool:
    """Tell whether a text holds a CPR number as nothing else is written: a date that exists, a hyphen, four digits.

    For what mostly is another number: a telephone's, an identifier of whichever system. Ten digits alone, or two by
    two, are those of telephones in Sweden and France, of a P-nummer, and of many a system's own: not sure, and let be.

    >>> is_written_as_cpr("251248-9996"), is_written_as_cpr("25/12/48-9996"), is_written_as_cpr("2512489996")
    (True, True, False)
    """
    shown = _as_it_looks(text)
    is_whole = any(map(_is_of_century, _CPR_OF_CENTURY.finditer(shown)))
    return is_whole or any(_reads(match[0]) for match in _CPR_WRITTEN.finditer(shown))


def address_names_cpr(url: str) -> bool:
    """Tell whether an address holds a CPR number between two of its marks, to refuse what everybody may follow.

    Neither ten digits of its path nor part of a page's name is one: pages have such ids.

    >>> address_names_cpr("https://pro.example/251248-9996/plan"), address_names_cpr("https://sst.example/2512489996")
    (True, False)
    """
    shown = _as_it_looks(_decoded(url))
    return any(_is_cpr(match) and _stands_alone(match) for match in _CPR_IN_TEXT.finditer(shown))


def file_names_cpr(url: str) -> bool:
    """Tell whether the file that an address leads to is called by a CPR number, as it is written and nothing else is.

    >>> file_names_cpr("https://pro.example/filer/251248-9996.pdf"), file_names_cpr("https://pro.example/2512489996.pdf")
    (True, False)
    """
    return is_written_as_cpr(_decoded(re.split("[?#]", url, maxsplit=1)[0]).rpartition("/")[2])


def _stands_alone(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    return not (re.match(r"[\w.-]", text[max(0, start - 1) : start]) or re.match(r"[\w.-]", text[end : end + 1]))


def _is_cpr(match: re.Match[str]) -> bool:
    found, text, (start, end) = match[0], match.string, match.span()
    before = text[max(0, start - 24) : start]
    is_joined = _JOINED_BEFORE.match(before[-1:]) and not _NUMBERED.search(before)
    is_in_longer = is_joined or _JOINED_AFTER.match(text[end : end + 2])
    is_another = len(found) == 10 and (is_in_longer or _OF_PLACE.search(before)) and not _CALLED.search(before)
    return not (match["uuid"] or is_another) and _reads(found)


def _is_apart(match: re.Match[str]) -> bool:
    """Two by two, numbers that go on as they began are what can be chosen from, or when somewhere is open."""
    numbers = [int(each) for each in re.findall("[0-9]{2}", match["pairs"] or "")]
    is_series = len({later - earlier for earlier, later in pairwise(numbers)}) == 1
    return _reads(match[0]) and not is_series


def _is_of_century(match: re.Match[str]) -> bool:
    """Tell whether a number is somebody's who was born in the year that is written with it: a time of day is not."""
    digits = f"{match['day']}{match['month']}{match['year'][2:]}{match['last']}"
    return _reads(digits) and Cpr(digits).birth_date.year == int(match["year"])


def _reads(found: str) -> bool:
    """Tell whether the digits of a text can be somebody's number; `%20` within holds none of them."""
    digits = re.sub("[^0-9]", "", found.replace("%20", "").replace("%2D", "").replace("%2d", ""))
    try:
        Cpr(digits)
    except ValueError:
        return False
    return True
