"""What a question is answered with before anybody answers, as it stands in the questionnaire: `initial`, or options.

Source: R4 `Questionnaire.item.initial`, `answerOption.initialSelected`, and its invariants que-8, que-11 and que-13.
"""

from kommunalpro.fhir.json import Json
from kommunalpro.pro.item import Item, Option
from kommunalpro.pro.noting import Note
from kommunalpro.pro.values import faults


def read_initial(item: Json, options: tuple[Option, ...]) -> tuple[Json, ...]:
    """Give the answers that an item begins with: those that are written, else the options that are chosen."""
    if "initial" in item:
        return tuple(item["initial"])
    return tuple([option.value for option in options if option.is_initial])


def check_initial(item: Item, source: Json, note: Note) -> bool:
    """Tell whether a citizen could have given what an item begins with, and note why not.

    That there are too few is no fault: it is a beginning.
    """
    if not item.is_question:
        note("initial-not-a-question")
        return False
    if "initial" in source and "answerOption" in source:
        note("initial-options")
        return False
    found = [fault for fault in faults(item, item.initial) if fault.code != "too-few"]
    for fault in found:
        note("initial", why=fault.text)
    return not found
