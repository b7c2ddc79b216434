"""Imported FHIRPath: compiled once behind a whitelist, evaluated by fhirpathpy with functions of ours.

>>> painful = compile_expression("%resource.item.where(linkId = 'smerte').answer.value >= 7", {"smerte"}, {})
>>> painful.link_ids
('smerte',)

A sum of nothing is nothing, never 0. What cannot be computed, or would be computed wrongly, is an ExpressionError: at
publishing where it can be known, else when it happens. An evaluation shares nothing with another, so threads may
evaluate the same expression at the same time.

Source: FHIRPath 2.0 (N1); SDC 3.0, "Expressions": `%resource`, `ordinal()` and its later name `weight()`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import localcontext
from typing import Any

from fhirpathpy.engine import do_eval

from kommunalpro.fhir.json import Json
from kommunalpro.pro.excerpt import ROOT, Run
from kommunalpro.pro.expression_functions import TABLE, WITH_LINK_ID
from kommunalpro.pro.expression_parsing import Node, parse
from kommunalpro.pro.expression_values import EXACT, Scope, data_of
from kommunalpro.pro.expression_whitelist import inspect, is_where, naming
from kommunalpro.pro.item import VALUE_KINDS
from kommunalpro.pro.problems import ExpressionError

_KINDS = ("Coding", "Integer", "Decimal", *sorted({kind for kinds in VALUE_KINDS.values() for kind in kinds}))
_ANSWER = f"{ROOT}.item.answer"
_MODEL: Mapping[str, Mapping[str, Any]] = {
    "pathsDefinedElsewhere": {f"{ROOT}.item.item": f"{ROOT}.item", f"{_ANSWER}.item": f"{ROOT}.item"},
    "choiceTypePaths": {f"{_ANSWER}.value": tuple(dict.fromkeys(_KINDS)), "Extension.value": ("Decimal", "Integer")},
    "path2Type": {
        "Extension.valueDecimal": "decimal",
        **{f"{_ANSWER}.value{kind}": kind[0].lower() + kind[1:] for kind in _KINDS},
        **{f"{_ANSWER}.value{kind}": kind for kind in ("Coding", "Quantity", "Attachment", "Reference")},
    },
}
"""All that the library must know of R4 to find `answer.value`. Its own model is four versions of FHIR, read at once."""
_FAILURES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the library may raise, with what it raises by itself (`Exception`) refused before or replaced."""


class ExpressionErrors(ExpressionError):
    """All that is wrong with an expression; `each` are the errors, of which it is the first."""

    def __init__(self, each: list[ExpressionError]) -> None:
        self.each = tuple(each)
        super().__init__(each[0].code, **each[0].parts)


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression.

    `link_ids` are what it names, itself or by its variables; `codes` what it compares answers' codes with.
    """

    text: str
    link_ids: tuple[str, ...]
    codes: tuple[str, ...]
    tree: Node
    variables: Mapping[str, "Expression"]

    def evaluate(self, resource: Json, run: Run, *, name: str = "resource") -> list[Any]:
        """Give what it comes to: numbers (`int` or `Decimal`), truths, texts, or parts of the resource.

        Raises:
            ExpressionError: it cannot be evaluated with these answers.
        """
        try:
            with localcontext(EXACT):
                return [data_of(value) for value in self._evaluate({name: resource}, resource, run)]
        except _FAILURES as wrong:
            if isinstance(wrong, ExpressionError):
                raise
            raise ExpressionError("expression-library") from wrong

    def _evaluate(self, known: dict[str, Any], resource: Json, run: Run) -> list[Any]:
        for name, variable in self.variables.items():
            if name not in known:
                known[name] = variable._evaluate(known, resource, run)
        root = [resource]
        content = {"dataRoot": root, "$this": root, "vars": known, "model": _MODEL, "userInvocationTable": TABLE}
        found: list[Any] = do_eval(Scope(content, run), root, self.tree)
        return found


def compile_expression(text: str, known_link_ids: Collection[str], variables: Mapping[str, Expression]) -> Expression:
    """Compile an expression on an item.

    Raises:
        ExpressionErrors: it cannot be read, says what may not be said, or names no question.
    """
    expression = compile_variable(text, known_link_ids, variables)
    if not expression.link_ids:
        raise ExpressionErrors([ExpressionError("expression-no-question")])
    return expression


def compile_variable(text: str, known_link_ids: Collection[str], variables: Mapping[str, Expression]) -> Expression:
    """Compile the expression of a variable, which need not name a question by itself.

    Raises:
        ExpressionErrors: it cannot be read, or says what may not be said.
    """
    return _compile(text, known_link_ids, variables, "resource")


def compile_patient_expression(text: str) -> Expression:
    """Compile an expression on what is known of a person (`%patient`) before anything is answered.

    Raises:
        ExpressionErrors: it cannot be read, or says what may not be said.
    """
    return _compile(text, None, {}, "patient")


def _compile(
    text: str, known: Collection[str] | None, variables: Mapping[str, Expression], resource: str
) -> Expression:
    try:
        tree = parse(text)
    except ExpressionError as wrong:
        raise ExpressionErrors([wrong]) from None
    found = inspect(tree, known, (resource, *variables))
    if found.problems:
        raise ExpressionErrors(found.problems)
    used = {name: variables[name] for name in found.variables if name != resource}
    return Expression(
        text,
        tuple(dict.fromkeys((*found.link_ids, *(each for one in used.values() for each in one.link_ids)))),
        tuple(dict.fromkeys((*found.codes, *(each for one in used.values() for each in one.codes)))),
        _prepared(tree),
        used,
    )


def _prepared(node: Node) -> Node:
    """Write two things as other ones that mean the same.

    `-x` becomes `0 - x`: the library's own minus takes bare numbers alone, and changes them where they stand.
    `where(linkId = 'a')` becomes a function of ours that takes the names: most of all steps are taken there.
    """
    found = naming(node["children"][1]["children"][0]) if is_where(node) else None
    if found is not None:
        name = {"type": "Identifier", "text": WITH_LINK_ID, "terminalNodeText": [WITH_LINK_ID]}
        return {**node, "children": [name, {**node["children"][1], "children": [found[1]]}]}
    children = [_prepared(each) for each in node.get("children", ())]
    if node["type"] == "PolarityExpression":
        zero = {"type": "NumberLiteral", "text": "0", "terminalNodeText": ["0"]}
        return {**node, "type": "AdditiveExpression", "children": [zero, *children]}
    return {**node, "children": children} if children else node
