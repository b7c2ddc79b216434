"""Make kommunalpro/fut/data/codes.json from the CodeSystems of FUT's implementation guide.

    python scripts/generate_codes.py ../shared/data/fut-ig

The table holds {system: [codes]} for systems of at most 350 codes; larger ones are terminology, not bindings.
It is committed, so that the clone needs nothing beside it.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "kommunalpro/fut/data/codes.json"
MOST = 350


def codes(concepts: list[dict[str, Any]]) -> Iterator[str]:
    """Give every code of a tree of concepts."""
    for concept in concepts:
        yield concept["code"]
        yield from codes(concept.get("concept", []))


def main(folder: str) -> None:
    """Read the CodeSystems, write the table."""
    table = {}
    for path in sorted(Path(folder).glob("CodeSystem-*.json")):
        system = json.loads(path.read_text(encoding="utf-8"))
        found = sorted(set(codes(system.get("concept", []))))
        if found and len(found) <= MOST:
            table[system["url"]] = found
    TARGET.write_text(json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(table)} code systems, {sum(map(len, table.values()))} codes")


if __name__ == "__main__":
    main(sys.argv[1])
