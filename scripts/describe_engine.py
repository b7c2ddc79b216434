"""The manual of the PRO engine, from the specifications that are its tests (tests/spec)."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

HEAD = """# What the PRO engine does
<!-- Written by `make docs` from tests/spec; change it there. -->

Every line here is a test that runs with `make test kind=spec`: what is read is what is so. A clinician can check it.

"""
NOTATION = """## How it is written

Questionnaires, Views and guidance are written here with one line an item. In files they are FHIR and JSON.

"""
NAMES = {"danish": "Danish", "english": "English", "r4": "R4", "fhir": "FHIR", "denmark": "Denmark"}
CODE = re.compile(r"[{}\[\]<>;=_+]|^[!~]")


def engine_page() -> str:
    """Put all chapters together."""
    from tests.spec import advice, forms, views
    from tests.spec.tables import CHAPTERS

    chapters = [import_module(f"tests.spec.test_{name}") for name in CHAPTERS]
    contents = "".join(f"- [{_title(each)}](#{_anchor(_title(each))})\n" for each in chapters)
    notation = "\n\n".join(_notation(each) for each in (forms, views, advice))
    return "\n".join((HEAD + contents, NOTATION + notation, *(_chapter(each) for each in chapters))).rstrip() + "\n"


def _notation(module: ModuleType) -> str:
    """Give how something is written, with its example as a block."""
    lines = inspect.cleandoc(module.__doc__ or "").splitlines()
    example = [line for line in lines if line.startswith("    ")]
    first, last = lines.index(example[0]), len(lines) - lines[::-1].index(example[-1])
    block = ["```text", *(line.removeprefix("    ") for line in lines[first:last]), "```"]
    return "\n".join((*lines[:first], *block, *lines[last:]))


def _chapter(module: ModuleType) -> str:
    title, _, introduction = inspect.cleandoc(module.__doc__ or "").partition("\n")
    parts = "".join(_section(each) for each in _specifications(module))
    return f"\n## {title}\n\n{introduction.strip()}\n{parts}"


def _specifications(module: ModuleType) -> Iterator[FunctionType]:
    """Give the tests of a chapter, as they stand in it."""
    found = [each for name, each in vars(module).items() if name.startswith("test_") and isinstance(each, FunctionType)]
    return iter(sorted(found, key=lambda each: each.__code__.co_firstlineno))


def _section(test: Any) -> str:
    words = inspect.cleandoc(test.__doc__ or "")
    table = getattr(test, "table", None)
    if table is None:
        return f"\n**{_sentence(test)}.**" + (f" {_joined(words)}" if words else "") + "\n"
    form = f"```text\n{table.form.strip()}\n```\n\n" if table.form else ""
    lines = ["| " + " | ".join(each) + " |" for each in (table.columns, ("---",) * len(table.columns))]
    lines += ["| " + " | ".join(_cell(each) for each in row) + " |" for row in table.rows]
    said = f"{_joined(words)}\n\n" if words else ""
    return f"\n### {_sentence(test)}\n\n{said}{form}" + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    text = text.replace("|", r"\|")
    return f"`{text}`" if CODE.search(text) else text


def _sentence(test: Any) -> str:
    words = [NAMES.get(word, word) for word in test.__name__.removeprefix("test_").lower().split("_")]
    sentence = " ".join(words)
    return sentence[:1].upper() + sentence[1:]


def _joined(text: str) -> str:
    return " ".join(text.split())


def _title(module: ModuleType) -> str:
    return inspect.cleandoc(module.__doc__ or "").splitlines()[0]


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
