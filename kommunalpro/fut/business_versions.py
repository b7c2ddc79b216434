"""The number that a new version of a definition gets: `major.minor`, counted on from what its base has already.

FUT's guide shows a minor version as 1.10; that the ten follows nine, and is no decimal, is our reading.
"""

import re
from collections.abc import Iterable
from typing import Literal

CloneOperation = Literal["minor-version", "major-version", "copy"]

_NUMBER = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.[0-9]{1,9})*")
FIRST = "1.0"


def next_version(version: str, others: Iterable[str], operation: CloneOperation) -> str | None:
    """Give the version of a clone; `others` are those of the same base, none of which is given again.

    None means that `version` is no number, and nothing follows it.

    >>> next_version("1.9", ["1.8", "1.9"], "minor-version")
    '1.10'
    >>> next_version("1.9", ["1.9"], "major-version")
    '2.0'
    """
    if operation == "copy":
        return FIRST
    own = _number(version)
    if own is None:
        return None
    taken = [own, *(number for each in others if (number := _number(each)) is not None)]
    if operation == "major-version":
        return f"{max(taken)[0] + 1}.0"
    return f"{own[0]}.{max(minor for major, minor in taken if major == own[0]) + 1}"


def _number(version: str) -> tuple[int, int] | None:
    match = _NUMBER.fullmatch(version)
    return (int(match[1]), int(match[2] or 0)) if match else None
