"""Where a citizen wants to go from a page: every button of it saves first."""

import re
from dataclasses import dataclass
from typing import Literal

from kommunalpro.pro.form import Form
from kommunalpro.web.citizen.forms.answers import forged

GO = "gaa"
"""The name of every button on a page of questions."""

Kind = Literal[
    "naeste", "forrige", "senere", "gennemse", "bliv", "et-ad-gangen", "hele-emnet", "emne", "ryd", "tilfoej", "fjern"
]
PLAIN: tuple[Kind, ...] = ("naeste", "forrige", "senere", "gennemse", "bliv", "et-ad-gangen", "hele-emnet")
AIMED: tuple[Kind, ...] = ("emne", "ryd", "tilfoej", "fjern")

_INSTANCE = re.compile(r"(?:[^\[\]/]+\[\d{1,3}\]/)*([^\[\]/]+)\[\d{1,3}\]")
_PREFIX = re.compile(r"[^\[\]/]+\[\d{1,3}\]/")


@dataclass(frozen=True, slots=True)
class Move:
    """`target` is a topic's number, a question's path or an instance of a repeating group; empty: none is meant."""

    kind: Kind
    target: str = ""


def read_move(form: Form, text: str) -> Move:
    """Read what a button says: `naeste`, `emne:5`, `tilfoej:medicin[1]`. Nothing is `naeste`: Enter in a field.

    Raises:
        BadRequest: no button says so.
    """
    word, _, target = (text or "naeste").partition(":")
    for plain in PLAIN:
        if word == plain and not target:
            return Move(plain)
    for aimed in AIMED:
        if word == aimed and _is_target(form, aimed, target):
            return Move(aimed, target)
    raise forged("A button that the page does not have.")


def is_instance(form: Form, text: str) -> bool:
    """Tell whether a text names an instance of a repeating group of the questionnaire."""
    found = _INSTANCE.fullmatch(text)
    place = form.places.get(found[1]) if found else None
    return place is not None and place.item.is_group and place.item.has_instances


def instances_of(paths: frozenset[str]) -> frozenset[str]:
    """Give the instances of repeating groups that some paths lie in: `medicin[0]/navn` → `medicin[0]`."""
    found = set()
    for path in paths:
        end = 0
        while match := _PREFIX.match(path, end):
            end = match.end()
            found.add(path[: end - 1])
    return frozenset(found)


def _is_target(form: Form, kind: Kind, target: str) -> bool:
    if kind == "emne":
        return target.isascii() and target.isdecimal() and len(target) < 5
    if kind == "ryd":
        return target.rsplit("/", 1)[-1] in form.places
    return is_instance(form, target)
