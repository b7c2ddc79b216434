"""Turns: what is looked for before it is done is not done by two presses at the same time.

The infrastructure may be far away, so nothing is locked while it answers: a row of care's own says that somebody is at
it, whichever process serves them, and others wait a little for that.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from kommunalpro.care.models import Turn
from kommunalpro.fut.gateway import Unanswered

LASTS = timedelta(minutes=2)
"""So long somebody is taken to be at it; after a crash, or no answer, it is another's turn when that has passed."""
PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)
"""Seconds until who waits looks again."""


@contextmanager
def in_turn(about: str, now: datetime) -> Iterator[None]:
    """Do what goes by this name while nobody else does.

    Where nobody knows how it went it may be on its way still: until that is over, it is nobody else's turn.

    Raises:
        Unanswered: somebody else is at it for longer than one can wait, and nobody knows yet how that goes.
    """
    turn = _taken(about, now)
    try:
        yield
    except Unanswered:
        raise
    except BaseException:
        turn.delete()
        raise
    turn.delete()


def _taken(about: str, now: datetime) -> Turn:
    for pause in PAUSES:
        if (turn := _taken_now(about, now)) is not None:
            return turn
        time.sleep(pause)
    if (turn := _taken_now(about, now)) is not None:
        return turn
    raise Unanswered("Det er måske ved at blive gjort.", diagnostics="Somebody else is at it.")


def _taken_now(about: str, now: datetime) -> Turn | None:
    Turn.objects.filter(about=about, until__lte=now).delete()
    [turn] = Turn.objects.bulk_create([Turn(about=about, until=now + LASTS)], ignore_conflicts=True)
    return turn if Turn.objects.filter(pk=turn.pk).exists() else None
