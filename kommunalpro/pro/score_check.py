"""Whether a score's definition can mean what it says: what belongs together, and bands without gap or overlap."""

from collections.abc import Iterator
from itertools import pairwise

from kommunalpro.pro.light import Light
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.text import Text

_BEST = {"high-is-better": "høje tal er bedst", "high-is-worse": "høje tal er værst"}


def score_problems(score: ScoreDefinition) -> Iterator[Text]:
    """Give what a schema cannot say: what belongs together, and bands without gap or overlap."""
    if score.scale.low >= score.scale.high:
        yield Text("Skalaen har ingen bredde.", "the scale has no width")
    if not score.reversed <= set(score.items):
        yield Text("Et spørgsmål vendes om, som scoren ikke har.", "an item is reversed that the score does not have")
    if not score.values.keys() <= set(score.items):
        yield Text(
            "Der er værdier for et spørgsmål, som scoren ikke har.",
            "there are values for an item that the score does not have",
        )
    if score.at_least > len(score.items):
        yield Text(
            "Der kræves flere svar, end scoren har spørgsmål.", "more answers are asked for than the score has items"
        )
    if score.divisor == 0:
        yield Text("Der divideres med 0.", "the divisor is 0")
    if score.factor == 0:
        yield Text(
            "Der ganges med 0: alle svar ville give den samme score.",
            "the factor is 0: all answers would give the same score",
        )
    if score.minimal_change and not 0 < score.minimal_change.value <= score.scale.high - score.scale.low:
        yield Text(
            "Den mindste betydende ændring ligger uden for skalaen.",
            "the minimal important change lies outside the scale",
        )
    yield from _method_problems(score)
    if score.bands:
        yield from _band_problems(score)
        yield from _direction_problems(score)


def _method_problems(score: ScoreDefinition) -> Iterator[Text]:
    if score.is_prorated and score.method == "mean":
        yield Text(
            "Et gennemsnit kan ikke opregnes: det er det allerede.", "a mean cannot be prorated: it is one already"
        )
    if score.carries_rule and score.method == "sum" and score.at_least < len(score.items) and not score.is_prorated:
        yield Text(
            "En sum over færre spørgsmål end alle har kun lys, når den opregnes: det, der mangler, ville tælle som 0.",
            "a sum over fewer items than all has lights only when it is prorated: what is missing would count as 0",
        )
    if score.added and score.at_least < len(score.items):
        yield Text(
            "Det, der lægges til, kan ikke kendes, når et svar mangler.",
            "what is added cannot be known while an answer is missing",
        )
    if score.table is None:
        return
    if score.method == "mean" or score.is_prorated:
        yield Text(
            "En tabel er til hele summer: den passer hverken til et gennemsnit eller en opregning.",
            "a table is for whole sums: it goes with neither a mean nor prorating",
        )
    known = sorted(score.table)
    for lower, higher in pairwise(known):
        if higher - lower > 1:
            yield Text(
                f"Tabellen har intet mellem {lower} og {higher}.", f"the table has nothing between {lower} and {higher}"
            )


def _band_problems(score: ScoreDefinition) -> Iterator[Text]:
    if (score.bands[0].low, score.bands[-1].high) != (score.scale.low, score.scale.high):
        yield Text("Grænserne dækker ikke skalaen.", "the bands do not cover the scale")
    for band in score.bands:
        if band.low > band.high:
            yield Text(
                f"Intervallet fra {band.low} til {band.high} vender på hovedet.",
                f"the band from {band.low} to {band.high} is upside down",
            )
    for lower, higher in pairwise(score.bands):
        if higher.low <= lower.high:
            yield Text(f"Intervallerne lapper over hinanden ved {higher.low}.", f"the bands overlap at {higher.low}")
        elif higher.low - lower.high > 1:
            yield Text(
                f"Der er et hul mellem {lower.high} og {higher.low}.",
                f"there is a gap between {lower.high} and {higher.low}",
            )


def _direction_problems(score: ScoreDefinition) -> Iterator[Text]:
    """A better score never gives a worse light."""
    if score.carries_rule and any(band.light is Light.NOT_ASSESSED for band in score.bands):
        yield Text("Nogle intervaller har et lys, og andre har ikke.", "some bands have a light and some have none")
        return
    severities = [band.light.severity for band in score.bands]
    better = severities if score.direction == "high-is-better" else severities[::-1]
    if better != sorted(better, reverse=True):
        yield Text(
            f"Når {_BEST[score.direction]}, ville en bedre score give et værre lys.",
            f"with {score.direction}, a better score would give a worse light",
        )
