"""The reference pages of the engine say what the specifications and the schemas say now: `make docs` writes them."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.spec.tables import CHAPTERS

PROJECT = Path(__file__).parents[3]
REFERENCE = PROJECT / "docs" / "reference"
SPECIFICATIONS = PROJECT / "tests" / "spec"


@pytest.fixture
def scripts() -> Iterator[None]:
    """The scripts, which are no package, can be imported."""
    sys.path.insert(0, str(PROJECT / "scripts"))
    yield
    sys.path.remove(str(PROJECT / "scripts"))


def script(name: str) -> ModuleType:
    return import_module(name)


def test_the_manual_of_the_engine_is_current(scripts: None) -> None:
    assert (REFERENCE / "engine.md").read_text(encoding="utf-8") == script("describe_engine").engine_page()


def test_the_pages_and_schemas_of_views_and_guidance_are_current(scripts: None) -> None:
    pages = script("describe_content").content_pages()
    assert pages == {name: (REFERENCE / name).read_text(encoding="utf-8") for name in pages}


def test_every_specification_is_a_chapter() -> None:
    assert sorted(CHAPTERS) == sorted(path.stem.removeprefix("test_") for path in SPECIFICATIONS.glob("test_*.py"))
