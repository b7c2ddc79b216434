"""What a comparison of two versions finds, and how it is said: the words that all of them share."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from enum import Enum
from typing import Literal, TypeVar

from msgspec import Struct

from kommunalpro.pro.text import Text

_K = TypeVar("_K", bound=Hashable)

Part = Literal["citizen", "score", "light", "answers"]
"""Whom a difference is for; `answers`: nobody sees it, and it bears on whether answers can be compared alone."""

_ADDED, _ADDED_AS = (
    Text("{label} er tilføjet.", "{label} added."),
    Text("{label} er tilføjet: {after}.", "{label} added: {after}."),
)
_REMOVED, _REMOVED_AS = (
    Text("{label} er fjernet.", "{label} removed."),
    Text("{label} er fjernet. Før: {before}.", "{label} removed. Before: {before}."),
)
_CHANGED = Text("{label} er ændret.", "{label} changed.")
_CHANGED_FROM = Text(
    "{label} er ændret. Før: {before}. Nu: {after}.", "{label} changed. Before: {before}. Now: {after}."
)
_CHANGED_ENGLISH = Text(
    "{label} er ændret på engelsk. Før: {before}. Nu: {after}.",
    "{label} changed in English. Before: {before}. Now: {after}.",
)
_CHANGED_DANISH = Text(
    "{label} er ændret på dansk. Før: {before}. Nu: {after}.",
    "{label} changed in Danish. Before: {before}. Now: {after}.",
)
_MEMBERS = {
    (True, True): Text("{label} er ændret. Nye: {new}. Ude: {gone}.", "{label} changed. New: {new}. Out: {gone}."),
    (True, False): Text("{label} er ændret. Nye: {new}.", "{label} changed. New: {new}."),
    (False, True): Text("{label} er ændret. Ude: {gone}.", "{label} changed. Out: {gone}."),
}


class Verdict(Enum):
    """Whether old answers can be compared with new ones.

    `DECIDE`: it is a clinical judgement, and a person must make it; until then they are not on one line.
    """

    COMPARABLE = "comparable"
    DECIDE = "a-person-must-decide"
    NOT_COMPARABLE = "not-comparable"

    @property
    def severity(self) -> int:
        """How much speaks against comparing, 0 to 2: the worst decides."""
        return tuple(Verdict).index(self)


VERDICT_WORDS: Mapping[Verdict, Text] = {
    Verdict.COMPARABLE: Text("kan sammenlignes", "comparable"),
    Verdict.DECIDE: Text("en fagperson skal afgøre det", "a person must decide"),
    Verdict.NOT_COMPARABLE: Text("kan ikke sammenlignes", "not comparable"),
}


class Comparability(Struct, frozen=True):
    """Whether old and new can be compared, and all that speaks against it, the gravest first."""

    verdict: Verdict = Verdict.COMPARABLE
    reasons: tuple[Text, ...] = ()


class Found(Struct, frozen=True):
    """One difference. `text` says it from before to after; `reason` says the same of both directions.

    `alters`: with it the same answers come to something else.
    """

    code: str
    text: Text
    verdict: Verdict
    reason: Text
    part: Part = "citizen"
    alters: bool = False


class Change(Struct, frozen=True):
    """One difference as it is listed. `about` is a linkId, or the id of a score, topic or acute rule.

    `about` empty: the whole. `code` is what differs, such as `text` or `added`; `text` is a sentence about `name`.
    """

    about: str
    name: Text
    code: str
    text: Text


def comparability(found: Iterable[Found]) -> Comparability:
    """Give what several differences come to: the worst of them decides."""
    grave = sorted((each for each in found if each.verdict.severity), key=lambda each: -each.verdict.severity)
    if not grave:
        return Comparability()
    return Comparability(grave[0].verdict, tuple(dict.fromkeys(each.reason for each in grave)))


def changed(label: Text, before: Text | None, after: Text | None) -> Text:
    """Say that something is another; None: it is not there. Words that are alike, or empty, are not repeated."""
    if before is None or after is None:
        short, long = (_ADDED, _ADDED_AS) if before is None else (_REMOVED, _REMOVED_AS)
        words = after or before or Text("")
        return long.fill(label=label, before=words, after=words) if words.da else short.fill(label=label)
    if before == after:
        return _CHANGED.fill(label=label)
    if before.da == after.da:
        return _CHANGED_ENGLISH.fill(label=label, before=Text(before.say("en")), after=Text(after.say("en")))
    if before.en and before.en == after.en:
        return _CHANGED_DANISH.fill(label=label, before=Text(before.da), after=Text(after.da))
    return _CHANGED_FROM.fill(label=label, before=before, after=after)


def others(label: Text, before: Mapping[str, Text], after: Mapping[str, Text]) -> Text:
    """Say what has come to be among several, by id, and what is there no more; they are not the same."""
    new = listed(quoted(name) for id, name in after.items() if id not in before)
    gone = listed(quoted(name) for id, name in before.items() if id not in after)
    return _MEMBERS[bool(new.da), bool(gone.da)].fill(label=label, new=new, gone=gone)


def differs(label: Text) -> Text:
    """Say that something is not the same, whichever of the two came first."""
    return _CHANGED.fill(label=label)


def quoted(text: Text) -> Text:
    """Put a text in quotes."""
    return Text(f"”{text.da}”", f"“{text.say('en')}”")


def listed(texts: Iterable[Text], between: str = ", ") -> Text:
    """Put texts after each other."""
    each = list(texts)
    return Text(between.join(text.da for text in each), between.join(text.say("en") for text in each))


def merged(before: Iterable[_K], after: Iterable[_K]) -> Iterator[_K]:
    """Give all of both in the order of `after`; what only `before` has follows what it stood behind there."""
    kept = dict.fromkeys(after)
    first: list[_K] = []
    behind: dict[_K, list[_K]] = {}
    place = first
    for each in before:
        if each in kept:
            place = behind[each] = []
        else:
            place.append(each)
    yield from first
    for each in kept:
        yield each
        yield from behind.get(each, ())
