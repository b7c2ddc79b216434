"""The units' tree, as a mapping from each to the one above it."""

from collections.abc import Iterator, Mapping


def above(parents: Mapping[str, str | None], number: str) -> Iterator[str]:
    """Give what a unit stands below, the nearest first, as far as it is known; the tree has no circles."""
    each = parents.get(number)
    while each is not None:
        yield each
        each = parents.get(each)


def cycles(parents: Mapping[str, str | None]) -> list[str]:
    """Give from each circle of units that stand below each other the one at which it is to be cut: its first.

    >>> cycles({"a": "b", "b": "c", "c": "a", "d": "a"})
    ['a']
    """
    settled: set[str] = set()
    cut = []
    order = {number: place for place, number in enumerate(parents)}
    for number in parents:
        path: dict[str, None] = {}
        each: str | None = number
        while each is not None and each in parents and each not in settled and each not in path:
            path[each] = None
            each = parents[each]
        if each is not None and each in path:
            walked = list(path)
            cut.append(min(walked[walked.index(each) :], key=order.__getitem__))
        settled.update(path)
    return cut
