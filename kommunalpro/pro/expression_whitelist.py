"""What an expression may say: every part of its tree is known and allowed, or the expression is refused.

Refused are: what depends on the clock, on the world outside, or on text (`now()`, `resolve()`, `memberOf()`,
`matches()`); dates, times and quantities written in an expression, which the library compares by the machine's own time
zone or in floats; and names that a response does not have, since a misspelt one would silently find nothing.

Which questions an expression asks about is what it compares linkId with; a linkId that is put together, or compared in
another way, is refused, so that this is the whole of it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from kommunalpro.fhir import ehealth
from kommunalpro.pro.excerpt import ROOT
from kommunalpro.pro.expression_parsing import Node
from kommunalpro.pro.item import VALUE_KINDS
from kommunalpro.pro.problems import ExpressionError

_EXPRESSION, _NUMBER, _TYPE, _URL = "expression", "number", "type", "url"
_NONE: tuple[tuple[str, ...], ...] = ((),)
FUNCTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("empty", "not", "count", "allTrue", "anyTrue", "allFalse", "anyFalse"), _NONE),
    **dict.fromkeys(("sum", "min", "max", "avg", "ordinal", "weight"), _NONE),
    **dict.fromkeys(("first", "last", "tail", "single", "descendants"), _NONE),
    **dict.fromkeys(("toInteger", "toDecimal", "toString", "abs", "ceiling", "floor", "truncate"), _NONE),
    **dict.fromkeys(("where", "select", "all", "repeat", "combine"), ((_EXPRESSION,),)),
    "exists": ((), (_EXPRESSION,)),
    "iif": ((_EXPRESSION,) * 2, (_EXPRESSION,) * 3),
    "aggregate": ((_EXPRESSION,), (_EXPRESSION,) * 2),
    "round": ((), (_NUMBER,)),
    "skip": ((_NUMBER,),),
    "take": ((_NUMBER,),),
    "ofType": ((_TYPE,),),
    "as": ((_TYPE,),),
    "extension": ((_URL,),),
}
"""Function → what it may be called with."""

_OF_RESPONSES = ("descendants", "ordinal", "weight")

_OPERATORS = {
    "MultiplicativeExpression": ("*", "/", "div", "mod"),
    "AdditiveExpression": ("+", "-"),
    "PolarityExpression": ("+", "-"),
    "UnionExpression": ("|",),
    "InequalityExpression": ("<", "<=", ">", ">="),
    "EqualityExpression": ("=", "!="),
    "MembershipExpression": ("in", "contains"),
    "AndExpression": ("and",),
    "OrExpression": ("or", "xor"),
    "ImpliesExpression": ("implies",),
}
_WRAPPERS = ("TermExpression", "InvocationTerm", "LiteralTerm", "ParenthesizedTerm")
_TRANSPARENT = (*_WRAPPERS, "InvocationExpression", "BooleanLiteral", "NumberLiteral", "NullLiteral", "ThisInvocation")
_KINDS = sorted({kind for kinds in VALUE_KINDS.values() for kind in kinds})
TYPES = frozenset(name for kind in _KINDS for name in (kind, kind[0].lower() + kind[1:]))
MEMBERS = frozenset(
    ("item", "answer", "value", "code", "system", "display", "unit", *(f"value{kind}" for kind in _KINDS))
)
URLS = (ehealth.ORDINAL_VALUE, ehealth.ITEM_WEIGHT)


@dataclass(slots=True)
class Inspected:
    """What an expression mentions, in order, and what is wrong with it."""

    link_ids: dict[str, None] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)
    variables: dict[str, None] = field(default_factory=dict)
    problems: list[ExpressionError] = field(default_factory=list)


def inspect(tree: Node, known: Collection[str] | None, variables: Collection[str]) -> Inspected:
    """Look at every part of an expression.

    `known` are the linkIds there are; None: it reads a person's record instead of a response, where any name may stand.
    `variables` are those it may use.
    """
    inspector = _Inspector(known, variables)
    inspector.visit(tree)
    return inspector.found


class _Inspector:
    def __init__(self, known: Collection[str] | None, variables: Collection[str]) -> None:
        self._known, self._variables = known, variables
        self._aggregates = 0
        self.found = Inspected()

    def visit(self, node: Node) -> None:
        kind = node["type"]
        if kind in _OPERATORS:
            self._operator(node)
        elif kind in _TRANSPARENT:
            self._children(node)
        else:
            visit = {
                "StringLiteral": self._string,
                "MemberInvocation": self._member,
                "FunctionInvocation": self._function,
                "ExternalConstantTerm": self._variable,
                "IndexerExpression": self._index,
                "TypeExpression": self._cast,
                "TotalInvocation": self._total,
            }.get(kind, self._refuse)
            visit(node)

    def _children(self, node: Node) -> None:
        for each in node.get("children", ()):
            self.visit(each)

    def _note(self, code: str, **parts: str) -> None:
        self.found.problems.append(ExpressionError(code, **parts))

    def _refuse(self, node: Node) -> None:
        self._note("expression-part", text=str(node.get("text") or " ".join(node["terminalNodeText"])))

    def _operator(self, node: Node) -> None:
        (sign,) = node["terminalNodeText"]
        if sign not in _OPERATORS[node["type"]]:
            self._note("expression-part", text=sign)
        elif self._known is not None and (found := naming(node)) is not None:
            self._names(*found)
            return
        elif node["type"] in ("EqualityExpression", "MembershipExpression"):
            self._codes(node)
        self._children(node)

    def _names(self, names: list[str], written: Node) -> None:
        for name in names:
            if self._known is not None and name not in self._known:
                self._note("expression-unknown", question=name)
            self.found.link_ids[name] = None
        self.visit(written)

    def _codes(self, node: Node) -> None:
        for one, other in _both_ways(node):
            if _last_name(one) == "code":
                self.found.codes.update(dict.fromkeys(_strings(other) or ()))

    def _string(self, node: Node) -> None:
        # The library undoes escapes one after the other, so that `\\n` comes out as a line break: only \' is safe.
        if "\\" in node["text"].replace("\\'", ""):
            self._refuse(node)

    def _member(self, node: Node) -> None:
        name = _identifier(node)
        if self._known is None or name in MEMBERS or name == ROOT:
            return
        if name == "linkId":
            self._note("expression-link-id")
        else:
            self._note("expression-name", name=name)

    def _variable(self, node: Node) -> None:
        constant = node["children"][0]
        name = _identifier(constant) if constant.get("children") else "".join(constant["terminalNodeText"][1:])
        if name not in self._variables or not constant.get("children"):
            self._note("expression-variable", name=name)
        self.found.variables[name] = None

    def _index(self, node: Node) -> None:
        collection, index = node["children"]
        self.visit(collection)
        if not _is_count(index):
            self._note("expression-part", text="[ ]")

    def _cast(self, node: Node) -> None:
        value, type = node["children"]
        self.visit(value)
        if node["terminalNodeText"] != ["as"] or not _is_type(type):
            self._note("expression-part", text=f"{node['terminalNodeText'][0]} {type['text']}")

    def _total(self, node: Node) -> None:
        if not self._aggregates:
            self._refuse(node)

    def _function(self, node: Node) -> None:
        name_node, *lists = node["children"][0]["children"]
        name, arguments = name_node["text"], [each for lst in lists for each in lst["children"]]
        if name not in FUNCTIONS or (self._known is None and name in _OF_RESPONSES):
            self._note("expression-function", name=name)
            return
        expected = next((each for each in FUNCTIONS[name] if len(each) == len(arguments)), None)
        if expected is None:
            self._note("expression-arguments", name=name)
            return
        self._aggregates += name == "aggregate"
        for kind, argument in zip(expected, arguments, strict=True):
            if kind == _EXPRESSION:
                self.visit(argument)
            elif not self._fits(kind, argument):
                self._note("expression-arguments", name=name)
        self._aggregates -= name == "aggregate"

    def _fits(self, kind: str, argument: Node) -> bool:
        if kind == _NUMBER:
            return _is_count(argument)
        if kind == _TYPE:
            return _is_type(argument)
        url = _strings(argument)
        return url is not None and len(url) == 1 and (self._known is None or url[0] in URLS)


def naming(node: Node) -> tuple[list[str], Node] | None:
    """Give the linkIds that `linkId = 'a'` or `linkId in ('a' | 'b')` names, and where; None: it is something else."""
    node = _bare(node)
    if node["type"] not in ("EqualityExpression", "MembershipExpression") or node["terminalNodeText"][0] not in "=in":
        return None
    for one, other in _both_ways(node):
        names = _strings(other)
        if _last_name(one) == "linkId" and _is_own(one) and names is not None:
            return names, other
    return None


def is_where(node: Node) -> bool:
    """Tell whether a node is the name and criterion of `where()`."""
    return bool(node["type"] == "Functn" and node["children"][0]["text"] == "where")


def _both_ways(node: Node) -> tuple[tuple[Node, Node], tuple[Node, Node]]:
    left, right = node["children"]
    return (left, right), (right, left)


def _bare(node: Node) -> Node:
    while node["type"] in _WRAPPERS:
        (node,) = node["children"]
    return node


def _last_name(node: Node) -> str | None:
    """Give the name a path ends in; None: it ends in something else."""
    node = _bare(node)
    while node["type"] == "InvocationExpression":
        node = _bare(node["children"][-1])
    return _identifier(node) if node["type"] == "MemberInvocation" else None


def _is_own(node: Node) -> bool:
    """Tell whether a name is read of the very element that a criterion is about: `linkId`, `$this.linkId`."""
    node = _bare(node)
    return node["type"] == "MemberInvocation" or bool(_bare(node["children"][0])["type"] == "ThisInvocation")


def _identifier(node: Node) -> str:
    text: str = node["children"][0]["text"]
    return text.strip("`")


def _strings(node: Node) -> list[str] | None:
    """Give the texts of `'a'` and of `('a' | 'b')`; None: it is something else."""
    node = _bare(node)
    if node["type"] == "StringLiteral":
        return [node["text"][1:-1].replace("\\'", "'")]
    if node["type"] != "UnionExpression":
        return None
    parts = [_strings(each) for each in node["children"]]
    return None if None in parts else [text for part in parts if part for text in part]


def _is_count(node: Node) -> bool:
    node = _bare(node)
    text: str = node.get("text", "")
    return bool(node["type"] == "NumberLiteral") and text.isdecimal() and len(text) <= 2


def _is_type(node: Node) -> bool:
    return node["text"].replace("`", "").removeprefix("FHIR.").removeprefix("System.") in TYPES
