"""The reference page of the shell instruments: what each scores, what its licence asks, what is left out and why."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HEAD = """# Instruments
<!-- Written by `make docs` from definitions/instruments; change them there. -->

Published questionnaires as shells: structure, scores, bands and licence, and no text of questions or answers. The text
comes by import; `kommunalpro.pro.binding` ties the two together. Bands name what a source says and have no lights: they
are set by whoever makes the View. A score is offered only where a source confirms its rule, and given only when all its
items are answered.

| Instrument | Items | Scores offered | Bands | Licence | Source | Not offered, and why |
|---|---|---|---|---|---|---|
"""


def instruments_page(folder: Path) -> str:
    """Describe every instrument in a folder, in a table."""
    from kommunalpro.fhir import json
    from kommunalpro.pro.instrument import read_instrument

    found = [read_instrument(json.loads(path.read_bytes())) for path in sorted(folder.glob("*.json"))]
    return HEAD + "".join(f"| {' | '.join(_cells(each))} |\n" for each in found)


def _cells(instrument: Any) -> Iterator[str]:
    licence, doi = instrument.licence, instrument.doi
    bands = dict.fromkeys(band for score in instrument.scores for band in score.bands)
    yield f"{instrument.title.say('en')} (`{instrument.identifier}` {instrument.version})"
    yield "; ".join(_items(instrument.items))
    yield _lines(_score(score) for score in instrument.scores)
    yield _lines(f"{band.low}–{band.high} {band.text.say('en')}" for band in bands)
    yield " ".join(filter(None, (f"**{licence.state}**:", licence.text.say("en"), licence.url)))
    yield f"{instrument.citation} [doi:{doi}](https://doi.org/{doi})"
    yield _lines(_left_out(instrument))


def _items(items: Any) -> Iterator[str]:
    """Put items with the same numbers together: `14 × 1–4`."""
    kinds = [(item.low, item.high, " (may be left out)" if item.is_optional else "") for item in items]
    for low, high, note in dict.fromkeys(kinds):
        yield f"{kinds.count((low, high, note))} × {low}–{high}{note}"


def _score(score: Any) -> str:
    words = [f"{score.title.say('en')}: {score.method} of {_positions([int(item) for item in score.items])}"]
    words += [", each counted by its value set"] if score.values else []
    words += [f", {each.add} added when any is {each.operator} {each.value}" for each in score.added]
    words += [f", × {score.factor}"] if score.factor != 1 else []
    words += [f", + {score.offset}"] if score.offset else []
    words += [f"; {score.scale.low} to {score.scale.high}, {score.direction.replace('-', ' ')}"]
    return "".join(words)


def _positions(numbers: list[int]) -> str:
    is_whole = numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"items {numbers[0]}–{numbers[-1]}" if is_whole else f"items {', '.join(map(str, numbers))}"


def _left_out(instrument: Any) -> Iterator[str]:
    if instrument.why:
        yield f"**Any score**: {instrument.why.say('en')}"
    for rule in instrument.acute:
        answer = f"item {rule.item} {rule.operator} {rule.value}"
        yield f"**The words of the acute rule** ({answer}): whoever makes the View writes them."
    for each in instrument.not_offered:
        yield f"**{each.what.say('en')}**: {each.why.say('en')}"


def _lines(parts: Iterable[str]) -> str:
    return "<br>".join(parts) or "–"
