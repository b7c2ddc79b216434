"""The checklist of FUT: each item, and the tests over HTTP that hold it, from the tests' own source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEAD = """# The checklist of FUT
<!-- Written by `make docs` from tests/conformance; change it there. -->

What a server must keep to be FUT's, by the items of the checklist of conformance, and the tests that hold each. They
knock on a running server from without, on SQLite and on PostgreSQL, with tokens of its own provider:
`make test kind=conformance`. A test says its item by `@pytest.mark.checklist(number)`; its name says what holds.
"""


@dataclass(frozen=True)
class Held:
    """A test of an item."""

    file: str
    name: str

    @property
    def sentence(self) -> str:
        """What holds, as its name says it."""
        words = self.name.removeprefix("test_").replace("_", " ")
        return words[:1].upper() + words[1:]


def checklist_page(tests: Path) -> str:
    """Put it together.

    Raises:
        ValueError: an item has no test, or a test names an item that there is not.
    """
    from tests.conformance.checklist.items import ITEMS

    held: dict[int, list[Held]] = {number: [] for number in ITEMS}
    for path in sorted(tests.rglob("test_*.py")):
        for number, test in _tests(path, tests):
            if number not in held:
                raise ValueError(f"{test.file}: {test.name} names item {number}, which is not in the checklist")
            held[number].append(test)
    if missing := [number for number, found in held.items() if not found]:
        raise ValueError(f"No test over HTTP names these items of the checklist: {missing}")
    table = ["| item | subject | tests |", "|---|---|---|"]
    table += [f"| {number} | {item.subject} | {len(held[number])} |" for number, item in ITEMS.items()]
    sections = []
    for number, item in ITEMS.items():
        lines = [f"## {number}. {item.subject}", "", item.holds, *(["", item.remark] if item.remark else []), ""]
        sections.append("\n".join([*lines, *map(_line, held[number])]))
    return "\n\n".join((HEAD.rstrip(), "\n".join(table), *sections)) + "\n"


def _line(test: Held) -> str:
    return f"- {test.sentence} (`{test.file}`)."


def _tests(path: Path, tests: Path) -> Iterator[tuple[int, Held]]:
    for function in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        calls = [each for one in function.decorator_list for each in ast.walk(one) if isinstance(each, ast.Call)]
        test = Held(path.relative_to(tests).as_posix(), function.name)
        for call in calls:
            if _name(call) == "checklist":
                yield from ((ast.literal_eval(number), test) for number in call.args)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
