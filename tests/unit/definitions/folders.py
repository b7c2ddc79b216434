"""The definitions as the tests read them: one entry per folder, its files parsed once."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kommunalpro.fhir import json

ROOT = Path(__file__).parents[3] / "definitions"
FOLDERS = tuple(sorted(folder.name for folder in ROOT.iterdir() if (folder / "questionnaire.json").exists()))
GOLDEN = tuple(sorted(f"{path.parent.parent.name}/{path.stem}" for path in ROOT.glob("*/golden/*.json")))


@cache
def read(folder: str, name: str) -> Any:
    return json.loads((ROOT / folder / name).read_bytes())


def items(folder: str) -> Iterator[dict[str, Any]]:
    """Every item of a folder's questionnaire, in order, groups before their questions."""
    return _walk(read(folder, "questionnaire.json")["item"])


def _walk(these: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in these:
        yield item
        yield from _walk(item.get("item", []))


def questions(folder: str) -> dict[str, dict[str, Any]]:
    return {item["linkId"]: item for item in items(folder) if item["type"] not in ("group", "display")}
