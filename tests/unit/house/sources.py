"""The clone's own files, for tests that look at the house itself."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PACKAGE = PROJECT / "kommunalpro"
ROOMS = ("analytics", "care", "config", "fhir", "fhirserver", "fut", "identity", "integrations", "pro", "web")
OUR_CODE = ("kommunalpro", "tests", "scripts", "bench")
NOT_OURS = {"node_modules", ".venv", "var", "static-built", "__pycache__", ".git"}
TEXTS = {".py", ".md", ".json", ".toml", ".html", ".txt", ".in", ".xml", ".js", ".css", ".po", ".sh", ".yaml", ".yml"}


@cache
def python_files() -> tuple[Path, ...]:
    """Give all Python files we write; migrations write themselves."""
    found = (path for folder in OUR_CODE for path in (PROJECT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if "migrations" not in path.parts and _is_ours(path)))


@cache
def text_files() -> tuple[Path, ...]:
    """Give all text files of the clone."""
    return tuple(
        sorted(
            path
            for path in PROJECT.rglob("*")
            if path.suffix in TEXTS and _is_ours(path) and path.is_file() and not path.parent.name.startswith(".")
        )
    )


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(PROJECT).parts
    return not NOT_OURS.intersection(parts) and not any(part.startswith(".") for part in parts[:-1])


def name(path: Path) -> str:
    """Give the path as one writes it from the clone's root."""
    return path.relative_to(PROJECT).as_posix()


@dataclass(frozen=True)
class Source:
    """What a Python file holds. `functions` and methods have their name, and their first line and last.

    `identifiers` are the names that it gives to something, and `for_types` the modules that only a type checker reads,
    each with its line. `texts` are its literals.
    """

    functions: tuple[tuple[str, int, int], ...]
    identifiers: tuple[tuple[str, int], ...]
    for_types: tuple[tuple[str, int], ...]
    texts: frozenset[str]


@cache
def source(path: Path) -> Source:
    """Look through a Python file. Its tree is not kept: of all files together it is a million nodes."""
    nodes = tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))
    return Source(
        tuple(_functions(nodes)),
        tuple(_identifiers(nodes)),
        tuple(_for_types(nodes)),
        frozenset(each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)),
    )


def _functions(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int, int]]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno or node.lineno


def _identifiers(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno


def _for_types(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    for block in nodes:
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING":
            for each in ast.walk(block):
                if isinstance(each, ast.ImportFrom) and each.module:
                    yield each.module, each.lineno


def words(identifier: str) -> list[str]:
    """Split an identifier: `CareTeam`, `care_team` and `CARE_TEAM` are all care and team."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def exists(named: str) -> bool:
    """Look up what a document names as its proof: `path`, `path::name in it` or `contract: name`."""
    if named.startswith("contract: "):
        return named.removeprefix("contract: ") in _contracts()
    path, _, inside = named.partition("::")
    place = PROJECT / path
    if place.is_dir() and path.startswith("tests") and not any(place.rglob("test_*.py")):
        return False
    return place.exists() and (not inside or bool(re.search(rf"(?<!\w){re.escape(inside)}(?!\w)", _text(place))))


@cache
def _contracts() -> frozenset[str]:
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return frozenset(each["name"] for each in configuration["tool"]["importlinter"]["contracts"])


def _text(place: Path) -> str:
    files = place.rglob("*.py") if place.is_dir() else (place,)
    return "\n".join(path.read_text(encoding="utf-8") for path in files)
