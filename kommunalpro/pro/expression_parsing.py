"""Reading FHIRPath text into fhirpathpy's tree, within limits that hold before its parser is let loose.

Its own `parse` takes the part of a text that it understands and is silent about the rest (`1 +`, `1 2`): here
everything must be read. Measured on two cores of 2026: the slowest text within the limits takes 0.6 s, a score over
nine questions 0.02 s.
"""

from threading import Lock
from typing import Any, TypeAlias

from antlr4 import CommonTokenStream, InputStream, Token
from antlr4.error.ErrorListener import ErrorListener
from antlr4.tree.Tree import ParseTreeWalker
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from kommunalpro.pro.problems import ExpressionError

LONGEST = 4_000
MOST_PARTS = 500
"""Names, values and operators."""
DEEPEST_BRACKETS = 12
DEEPEST = 64
"""Levels of the tree. Each takes five of Python's frames when it is evaluated, of which there are a thousand."""

Node: TypeAlias = dict[str, Any]

_OPENING, _CLOSING, _PUNCTUATION = frozenset("([{"), frozenset(")]}"), frozenset("()[]{}.,%")
_PARSING = Lock()
"""The parser remembers what it has decided in tables that all threads share."""


def parse(text: str) -> Node:
    """Give the tree of a FHIRPath expression.

    Raises:
        ExpressionError: it cannot be read to its end, or is larger than an expression here may be.
    """
    if len(text) > LONGEST:
        raise ExpressionError("expression-long", limit=LONGEST)
    try:
        with _PARSING:
            tree = _tree(_tokens(text))
    except RecursionError:
        raise ExpressionError("expression-depth") from None
    if _depth(tree) > DEEPEST:
        raise ExpressionError("expression-depth")
    return tree


class _Strict(ErrorListener):  # type: ignore[misc]  # the library has no types
    def syntaxError(  # noqa: N802  (the library's name)
        self, recognizer: object, symbol: object, line: int, column: int, message: str, error: object
    ) -> None:
        raise ExpressionError("expression-syntax", place=column + 1)


def _tokens(text: str) -> CommonTokenStream:
    lexer = FHIRPathLexer(InputStream(text))
    lexer.removeErrorListeners()
    lexer.addErrorListener(_Strict())
    stream = CommonTokenStream(lexer)
    stream.fill()
    parts = level = 0
    for token in stream.tokens:
        if token.channel != Token.DEFAULT_CHANNEL or token.type == Token.EOF:
            continue
        level += (token.text in _OPENING) - (token.text in _CLOSING)
        parts += token.text not in _PUNCTUATION
        if level > DEEPEST_BRACKETS:
            raise ExpressionError("expression-depth")
        if parts > MOST_PARTS:
            raise ExpressionError("expression-size", limit=MOST_PARTS)
    return stream


def _tree(tokens: CommonTokenStream) -> Node:
    parser = FHIRPathParser(tokens)
    parser.removeErrorListeners()
    parser.addErrorListener(_Strict())
    listener = ASTPathListener()
    ParseTreeWalker().walk(listener, parser.entireExpression())
    entire: Node = listener.parentStack[0]["children"][0]
    tree: Node = entire["children"][0]
    return tree


def _depth(tree: Node) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [inner for node in level for inner in node.get("children", ())]
    return depth
