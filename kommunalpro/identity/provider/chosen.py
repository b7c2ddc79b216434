"""Whom a browser signed in as last at the provider: for programs that ask without showing anything (`prompt=none`).

Apart from our own pages' login: who tries a program as Asta goes on being Nancy here.
"""

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase

_KEY = "openid"


def remember(session: SessionBase, person: str, now: datetime) -> None:
    """Remember who was chosen, under a new session key, so that a planted cookie is worth nothing."""
    session.cycle_key()
    session[_KEY] = {"person": person, "at": now.isoformat()}


def remembered(session: SessionBase) -> tuple[str, datetime] | None:
    """Give the key of who was chosen, and when."""
    found = session.get(_KEY)
    return (found["person"], datetime.fromisoformat(found["at"])) if found else None


def forget(session: SessionBase) -> None:
    """Be nobody, as far as other programs go."""
    session.pop(_KEY, None)
