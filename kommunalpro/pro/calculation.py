"""Answers that the questionnaire itself gives: computed from others, or known before anybody answers."""

from collections.abc import Mapping
from decimal import Decimal

from kommunalpro.fhir.json import Json
from kommunalpro.pro.answers import Answers
from kommunalpro.pro.condition import kind_and_value, number_of
from kommunalpro.pro.enablement import Enablement
from kommunalpro.pro.excerpt import Run
from kommunalpro.pro.form import Form
from kommunalpro.pro.item import Item
from kommunalpro.pro.item_expression import answer_of
from kommunalpro.pro.problems import ExpressionError

FHIRPATH_PLACES = 8


def calculate(form: Form, answers: Answers) -> Answers:
    """Give the answers with those that are calculated, from the answers that count.

    What was given for them is dropped: they are the questionnaire's own. One that cannot be computed is not there.
    """
    calculating = form.expressions.calculating
    if not calculating:
        return answers
    enabled = Enablement(form, answers)
    computed = {
        path: given for path, given in enabled.counted().items() if enabled.asked()[path].link_id in calculating
    }
    given = {path: each for path, each in answers.items() if path.rpartition("/")[2] not in calculating}
    return given | computed


def agrees(item: Item, given: tuple[Json, ...], ours: tuple[Json, ...]) -> bool:
    """Tell whether a calculated answer that another system gives is ours, but for how it rounds.

    It may round to the decimals that the question allows; else to eight, which are those of FHIRPath's numbers.
    """
    if len(given) != 1 or len(ours) != 1:
        return given == ours
    one, other = number_of(*kind_and_value(given[0])), number_of(*kind_and_value(ours[0]))
    if one is None or other is None:
        return kind_and_value(given[0]) == kind_and_value(ours[0])
    places = FHIRPATH_PLACES if item.max_decimal_places is None else item.max_decimal_places
    return abs(one - other) * 2 <= Decimal(1).scaleb(-places)


def initial_answers(form: Form, launch: Mapping[str, Json]) -> Answers:
    """Give the answers that questions begin with, by what is known of a person. `launch` holds the Patient.

    What is not known, or could not be an answer, is not there: nothing is taken for an answer that nobody gave. In a
    repeating group they are those of its first instance.
    """
    answers: dict[str, tuple[Json, ...]] = {}
    for link_id, expression in form.expressions.initial.items():
        place = form.places[link_id]
        try:
            given = answer_of(place.item, expression.evaluate(launch["patient"], Run(), name="patient"))
        except ExpressionError:
            continue
        if given:
            answers["".join(f"{scope}[0]/" for scope in place.scopes) + link_id] = given
    return answers
