"""The expressions of a questionnaire: its variables, and what stands on its items, compiled and tried out."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.pro.expression import (
    Expression,
    ExpressionErrors,
    compile_expression,
    compile_patient_expression,
    compile_variable,
)
from kommunalpro.pro.expression_trial import try_out
from kommunalpro.pro.item import Item
from kommunalpro.pro.item_expression import CALCULATED_TYPES, Expressions, ItemExpression, answer_of, truth
from kommunalpro.pro.noting import Note, Noting
from kommunalpro.pro.problems import ExpressionError, Problems
from kommunalpro.pro.reading import FHIRPATH

if TYPE_CHECKING:
    from kommunalpro.pro.form import Place

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.-]{0,63}")
"""What FHIR allows: names with a dot or hyphen stand in backticks in FHIRPath."""
MOST_TEXT = 50_000
"""Characters of all expressions of a questionnaire: to read and try out fifty takes some thousandths of a second."""
_T = TypeVar("_T")


def compile_expressions(questionnaire: Json, places: Mapping[str, "Place"], problems: Problems) -> Expressions:
    """Compile all expressions of a questionnaire; what is wrong with them is noted."""
    compiler = _Compiler(places, problems)
    compiler.read_variables(questionnaire)
    return Expressions(
        dict(compiler.each(lambda item: item.enable_expression, compiler.enabling)),
        dict(compiler.each(lambda item: item.calculated_expression, compiler.calculating)),
        dict(compiler.each(lambda item: item.initial_expression, compiler.initial)),
    )


class _Compiler:
    def __init__(self, places: Mapping[str, "Place"], problems: Problems) -> None:
        self._places, self._problems = places, problems
        self._variables: dict[str, Expression] = {}
        self._left = MOST_TEXT

    def read_variables(self, questionnaire: Json) -> None:
        """Compile the variables of the questionnaire; each may use those before it."""
        for extension in extensions(questionnaire, ehealth.VARIABLE):
            content = extension.get("valueExpression", {})
            name, text = str(content.get("name", "")), str(content.get("expression", ""))
            note = Noting("", f"Questionnaire.extension.where(valueExpression.name='{name}')", self._problems)
            if not _NAME.fullmatch(name) or name in self._variables or name == "resource":
                note("expression-variable-name", name=name)
            elif content.get("language") != FHIRPATH:
                note("expression-language", language=str(content.get("language")))
            elif self._fits(text, note):
                variable = _noting(note, compile_variable, text, self._places, self._variables)
                self._variables |= {} if variable is None else {name: variable}

    def each(
        self, text_of: Callable[[Item], str | None], compiled: Callable[["Place", str], _T]
    ) -> Iterator[tuple[str, _T]]:
        """Compile one kind of expression, wherever it stands."""
        for link_id, place in self._places.items():
            text = text_of(place.item)
            if text is None:
                continue
            note = Noting(link_id, f"Questionnaire.descendants().where(linkId='{link_id}')", self._problems)
            found = _noting(note, compiled, place, text) if self._fits(text, note) else None
            if found is not None:
                yield link_id, found

    def _fits(self, text: str, note: Note) -> bool:
        """Tell whether there is still room for an expression; the first for which there is none is told of."""
        was_room, self._left = self._left >= 0, self._left - len(text)
        if was_room and self._left < 0:
            note("expression-many", limit=MOST_TEXT)
        return self._left >= 0

    def enabling(self, place: "Place", text: str) -> ItemExpression:
        """Compile the condition of an item."""
        expression = compile_expression(text, self._places, self._variables)
        return try_out(expression, place, self._places, truth)

    def calculating(self, place: "Place", text: str) -> ItemExpression:
        """Compile what computes the answer to a question."""
        item = place.item
        if item.type not in CALCULATED_TYPES or item.repeats:
            raise ExpressionErrors([ExpressionError("expression-item", type=item.type)])
        expression = compile_expression(text, self._places, self._variables)
        return try_out(expression, place, self._places, lambda values: answer_of(item, values), gives=True)

    def initial(self, place: "Place", text: str) -> Expression:
        """Compile what a question begins with."""
        return compile_patient_expression(text)


def _noting(note: Note, compiled: Callable[..., _T], *arguments: object) -> _T | None:
    """Compile; None: it cannot be, and what is wrong is noted."""
    try:
        return compiled(*arguments)
    except ExpressionErrors as wrong:
        for each in wrong.each:
            note(each.code, **each.parts)
        return None
