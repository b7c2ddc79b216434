"""What differs between two declarations of a score, and whether its old values can be compared with new ones.

A score comes out differently for the same answers when what it counts, or how, is another. It can be compared when it
does not, and when the answers to all its questions can be.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from kommunalpro.pro.difference_found import Found, Verdict, changed, differs, others, quoted
from kommunalpro.pro.difference_pair import Pair
from kommunalpro.pro.form import Form
from kommunalpro.pro.scoring import ends
from kommunalpro.pro.text import Text, number
from kommunalpro.pro.view import ScoreDefinition

_METHODS = {"sum": Text("sum", "sum"), "mean": Text("gennemsnit", "mean")}
_ALL, _AT_LEAST = (
    Text("alle svar kræves", "all answers needed"),
    Text("mindst {count} svar", "at least {count} answered"),
)
_PRORATED = Text("mindst {count} svar, regnet op til alle", "at least {count} answered, scaled up to all")
_FORMULA = Text("· {factor} ÷ {divisor} + {offset}")
_SCALE = Text("{low}–{high}")
_DIRECTIONS = {
    "high-is-better": Text("højt er bedst", "high is better"),
    "high-is-worse": Text("højt er værst", "high is worse"),
}
_ITEMS, _REVERSED = Text("Spørgsmålene", "Questions"), Text("Det, der tælles omvendt,", "Reversed questions")
_ANSWERS = Text("Hvad svarene på {question} tæller,", "Numbers for the answers to {question}")
_ENDS = Text("Skalaen for {question}, som tælles omvendt,", "Scale of {question}, which is reversed,")
_OTHER_WAY = Text("Den anden ende af skalaen er nu den gode.", "The other end of the scale is the good one now.")
_QUESTION = Text("{question}: {reason}")
_GONE = Text("{question} findes ikke i begge versioner.", "{question} is not in both versions.")
_IN_OTHER_CASES = Text(
    "{question} stilles eller regnes ud i andre tilfælde.", "{question} is asked or computed in other cases."
)


@dataclass(frozen=True, slots=True)
class _Aspect:
    """Something of a score; `say` gives words for it. `alters`: another gives another number for the same answers."""

    code: str
    label: Text
    of: Callable[[ScoreDefinition], object]
    say: Callable[[ScoreDefinition], Text] = lambda score: Text("")
    alters: bool = True
    verdict: Verdict = Verdict.NOT_COMPARABLE


def score_differences(pair: Pair, before: ScoreDefinition, after: ScoreDefinition) -> Iterator[Found]:
    """Give what differs of a score that both versions have: its own declaration, then what its questions bring."""
    yield from _named(pair, "items", _ITEMS, before.items, after.items)
    yield from _named(pair, "reversed", _REVERSED, _reversed(before), _reversed(after))
    for each in _ASPECTS:
        one, other = each.of(before), each.of(after)
        if one != other:
            text = changed(
                each.label,
                None if one is None else each.say(before),
                None if other is None else each.say(after),
            )
            yield Found(each.code, text, each.verdict, differs(each.label), "score", each.alters)
    if before.direction != after.direction:
        yield Found("direction", _OTHER_WAY, Verdict.DECIDE, _OTHER_WAY, "answers")
    for link_id in after.items:
        if link_id in before.items and pair.is_in_both(link_id):
            yield from _of_question(pair, before, after, link_id)


def questions_of_score(pair: Pair, before: ScoreDefinition, after: ScoreDefinition) -> Iterator[Found]:
    """Give what speaks against comparing the answers that a score counts.

    Where it says itself what answers count, the questionnaire's own numbers for them do not matter to it.
    """
    for link_id in after.items:
        name = quoted(pair.name(link_id))
        if not pair.is_in_both(link_id):
            text = _GONE.fill(question=name)
            yield Found("question", text, Verdict.NOT_COMPARABLE, text, "answers")
            continue
        has_own = link_id in before.values and link_id in after.values
        for each in pair.bearing_on(link_id):
            if each.verdict.severity and not (has_own and each.code == "ordinal"):
                text = _QUESTION.fill(question=name, reason=each.reason)
                yield Found("question", text, each.verdict, text, "answers")


def direction_words(direction: str | None) -> Text | None:
    """Say which end of a scale is the good one; None: it is not said."""
    return None if direction is None else _DIRECTIONS[direction]


def _of_question(pair: Pair, before: ScoreDefinition, after: ScoreDefinition, link_id: str) -> Iterator[Found]:
    """Give how a question that both count brings other numbers."""
    name = quoted(pair.name(link_id))
    own = (before.values.get(link_id), after.values.get(link_id))
    has_other_numbers = any(each.code == "ordinal" for each in pair.found[link_id])
    if own[0] != own[1] or (own[0] is None and has_other_numbers):
        yield _counting("answers", _ANSWERS.fill(question=name))
    is_reversed = link_id in before.reversed and link_id in after.reversed
    if is_reversed and _ends(pair.before, before, link_id) != _ends(pair.after, after, link_id):
        yield _counting("ends", _ENDS.fill(question=name))
    if pair.counts_otherwise(link_id):
        text = _IN_OTHER_CASES.fill(question=name)
        yield Found("asked", text, Verdict.DECIDE, text, "score", alters=True)


def _counting(code: str, label: Text) -> Found:
    return Found(code, differs(label), Verdict.NOT_COMPARABLE, differs(label), "score", alters=True)


def _ends(form: Form, score: ScoreDefinition, link_id: str) -> object:
    item = form.item(link_id)
    return None if isinstance(item.min_value, str) else ends(item, score.values.get(link_id))


def _named(pair: Pair, code: str, label: Text, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Found]:
    """Compare questions by name: in which order they are counted makes no difference."""
    if set(before) != set(after):
        text = others(label, *({each: pair.name(each) for each in these} for these in (before, after)))
        yield Found(code, text, Verdict.NOT_COMPARABLE, differs(label), "score", alters=True)


def _reversed(score: ScoreDefinition) -> tuple[str, ...]:
    return tuple(each for each in score.items if each in score.reversed)


def _missing(score: ScoreDefinition) -> tuple[int | None, bool]:
    """Give how many answers are needed, None: all; then there is nothing to scale up."""
    return (None, False) if score.at_least == len(score.items) else (score.at_least, score.is_prorated)


def _missing_words(score: ScoreDefinition) -> Text:
    least, is_prorated = _missing(score)
    return _ALL if least is None else (_PRORATED if is_prorated else _AT_LEAST).fill(count=least)


def _transform(score: ScoreDefinition) -> tuple[Fraction, object]:
    """Give how the sum or mean is changed: · 100 ÷ 25 is · 4."""
    return Fraction(score.factor) / Fraction(score.divisor), score.offset


def _transform_words(score: ScoreDefinition) -> Text:
    return _FORMULA.fill(factor=score.factor, divisor=score.divisor, offset=score.offset)


def _decimals_words(score: ScoreDefinition) -> Text:
    return Text("") if score.decimals is None else number(score.decimals)


def _minimal_change_words(score: ScoreDefinition) -> Text:
    return Text("") if score.minimal_change is None else number(score.minimal_change.value)


_ASPECTS = (
    _Aspect("title", Text("Navnet", "Name"), lambda s: s.title, lambda s: quoted(s.title), False, Verdict.DECIDE),
    _Aspect("method", Text("Metoden", "Method"), lambda s: s.method, lambda s: _METHODS[s.method]),
    _Aspect("missing", Text("Reglen for manglende svar", "Rule for missing answers"), _missing, _missing_words),
    _Aspect("added", Text("Tillægget", "Addition"), lambda s: s.added or None),
    _Aspect("table", Text("Opslagstabellen", "Table"), lambda s: s.table),
    _Aspect("transform", Text("Omregningen", "Transformation"), _transform, _transform_words),
    _Aspect("decimals", Text("Antallet af decimaler", "Number of decimals"), lambda s: s.decimals, _decimals_words),
    _Aspect(
        "scale",
        Text("Skalaen", "Scale"),
        lambda s: s.scale,
        lambda s: _SCALE.fill(low=s.scale.low, high=s.scale.high),
        False,
    ),
    _Aspect(
        "minimal-change",
        Text("Den mindste vigtige ændring", "Minimal important change"),
        lambda s: s.minimal_change,
        _minimal_change_words,
        False,
        Verdict.COMPARABLE,
    ),
)
