"""The steps of a questionnaire: which topics there are, which are begun, and where one is."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.presenters.route import State, Stop


@dataclass(frozen=True, slots=True)
class Step:
    """One topic in the list. `number` is the one in addresses, `place` the one that people count."""

    number: int
    place: int
    title: str
    state: State
    words: str
    is_current: bool


def steps(stops: tuple[Stop, ...], current: int | None = None) -> tuple[Step, ...]:
    """Give the topics in order; `current` is the number of the one on the page."""
    return tuple(
        Step(
            number=stop.number,
            place=place,
            title=stop.title.say(language()),
            state=stop.state,
            words=_words(stop),
            is_current=stop.number == current,
        )
        for place, stop in enumerate(stops, start=1)
    )


def _words(stop: Stop) -> str:
    return {"new": _("ikke begyndt"), "begun": _("begyndt"), "answered": _("besvaret")}[stop.state]
