"""Access tokens of who is at the browser, in each context that they act in: fetched when needed, kept until they end.

A refresh token is replaced each time that it is used, and who comes with an old one ends the sign-in. So it stands in
one row, held while it is used: two requests of one person take turns. It is encrypted, so that the database opens
nothing.
"""

from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden, Unauthenticated
from kommunalpro.fhirserver.principal import Context, Principal, UserType
from kommunalpro.identity.claims import CONTEXT
from kommunalpro.identity.elsewhere.programs import Given, Programs
from kommunalpro.identity.models import Elsewhere

LIVES = timedelta(hours=12)
KEPT = 4096
TEAMS_HOLD = timedelta(minutes=1)
"""So long a page does not ask the provider which teams somebody has; the services ask at every request."""


_Key = tuple[UUID, str, Context]
"""Of which sign-in, whose, and in which context."""


@dataclass
class Kept:
    """What this process keeps of sign-ins: access tokens, and which teams there are to choose from.

    The token that was used longest ago goes first.
    """

    _tokens: OrderedDict[_Key, Given] = field(default_factory=OrderedDict, repr=False)
    _teams: OrderedDict[tuple[UUID, str], tuple[datetime, Json]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def find(self, key: _Key, now: datetime, refused: str | None) -> str | None:
        """Give a token that is still good, and was not refused."""
        with self._lock:
            found = self._tokens.get(key)
            if found is None or now >= found.until or found.access == refused:
                return None
            self._tokens.move_to_end(key)
            return found.access

    def keep(self, key: _Key, given: Given) -> None:
        """Keep one."""
        with self._lock:
            self._tokens[key] = given
            if len(self._tokens) > KEPT:
                self._tokens.popitem(last=False)

    def teams(self, sign_in: UUID, user: str, now: datetime) -> Json | None:
        """Give the teams that were told less than `TEAMS_HOLD` ago."""
        with self._lock:
            until, told = self._teams.get((sign_in, user), (now, None))
            return told if now < until else None

    def keep_teams(self, sign_in: UUID, user: str, told: Json, now: datetime) -> None:
        """Keep what was told."""
        with self._lock:
            self._teams[sign_in, user] = now + TEAMS_HOLD, told
            self._teams.move_to_end((sign_in, user))
            if len(self._teams) > KEPT:
                self._teams.popitem(last=False)

    def forget(self, sign_in: UUID) -> None:
        """Keep nothing of a sign-in."""
        with self._lock:
            for key in [each for each in self._tokens if each[0] == sign_in]:
                del self._tokens[key]
            for whose in [each for each in self._teams if each[0] == sign_in]:
                del self._teams[whose]


KEPT_HERE = Kept()
"""This process's."""


@dataclass(frozen=True)
class SignedIn:
    """The tokens of one sign-in (implements `fut.gateway.service.Tokens`). `sign_in` None: nobody is signed in.

    `there` gives what the provider calls a URL of ours.
    """

    programs: Programs
    sign_in: UUID | None
    there: Callable[[str], str]
    kept: Kept = field(default_factory=lambda: KEPT_HERE)

    def token(self, by: Principal, now: datetime, *, refused: str | None = None) -> str:
        """Give a token of this user in their context.

        Raises:
            Unauthenticated: nobody is signed in, or no longer.
            Forbidden: they are somebody else than who is signed in, or the context is not theirs.
            Unavailable: the provider does not answer.
            RuntimeError: it must be fetched, in somebody's transaction: would that be rolled back, so would the
                refresh token that replaced the one that was used.
        """
        if self.sign_in is None:
            raise _nobody()
        key = self.sign_in, by.user, by.context
        return self.kept.find(key, now, refused) or self._fetched(key, by, now, refused)

    def contexts(self, by: Principal, now: datetime) -> Json:
        """Give the teams and organisations that they may choose, as the provider names them; `by` is in no context."""
        if self.sign_in is None:
            raise _nobody()
        if (told := self.kept.teams(self.sign_in, by.user, now)) is None:
            told = self.programs[by.user_type].contexts(self.token(by, now))
            self.kept.keep_teams(self.sign_in, by.user, told, now)
        return told

    def _fetched(self, key: _Key, by: Principal, now: datetime, refused: str | None) -> str:
        with transaction.atomic(durable=True):
            row = _row(key[0], now)
            if by.user != row.user:
                raise Forbidden("Det har du ikke adgang til at gøre.", diagnostics="Somebody else is signed in")
            # Another thread may have fetched it while this one waited for the row.
            if waited := self.kept.find(key, now, refused):
                return waited
            named = ((theirs, getattr(by.context, ours)) for theirs, ours in CONTEXT.items())
            given = self._refreshed(row, {theirs: self.there(url) for theirs, url in named if url}, now)
        self.kept.keep(key, given)
        return given.access

    def _refreshed(self, row: Elsewhere, context: Mapping[str, str], now: datetime) -> Given:
        given = self.programs[_type(row)].by_refresh(_opened(row.refresh_token), context, now)
        if given.refresh:
            row.refresh_token = _closed(given.refresh)
            row.save(update_fields=["refresh_token"])
        return given


@dataclass(frozen=True)
class SigningIn:
    """How people sign in. `here` gives what we call a URL of the provider's; `base_url` is what ours begin with."""

    programs: Programs
    here: Callable[[str], str]
    base_url: str

    def called_here(self, user: str, user_type: UserType) -> str:
        """Give our URL of a user; providers name citizens by their bare id too (`fut.md` 7.2)."""
        type = "Patient" if user_type == "PATIENT" else "Practitioner"
        return self.here(user) if "://" in user else f"{self.base_url}/{type}/{user.removeprefix(f'{type}/')}"


def begin(user: str, user_type: UserType, given: Given, now: datetime) -> UUID:
    """Keep a sign-in; gives what a session remembers of it.

    Raises:
        Unauthenticated: the provider gave no refresh token, without which there is no context.
    """
    if given.refresh is None:
        raise Unauthenticated("Log ind, og prøv igen.", diagnostics="The identity provider gave no refresh token")
    row = Elsewhere.objects.create(user=user, user_type=user_type, refresh_token=_closed(given.refresh), begun_at=now)
    return row.id


def end(sign_in: UUID) -> None:
    """Forget a sign-in, and what this process keeps of it."""
    Elsewhere.objects.filter(id=sign_in).delete()
    KEPT_HERE.forget(sign_in)


def sweep(now: datetime) -> None:
    """Throw away the sign-ins that are over: their refresh tokens may hold longer at the provider than we use them."""
    Elsewhere.objects.filter(begun_at__lte=now - LIVES).delete()


def _row(sign_in: UUID, now: datetime) -> Elsewhere:
    found = Elsewhere.objects.select_for_update().filter(id=sign_in, begun_at__gt=now - LIVES).first()
    if found is None:
        raise _nobody()
    return found


def _type(row: Elsewhere) -> UserType:
    return "PATIENT" if row.user_type == "PATIENT" else "PRACTITIONER"


def _cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"refresh tokens|" + settings.SECRET_KEY.encode()).digest()))


def _closed(token: str) -> str:
    return _cipher().encrypt(token.encode()).decode()


def _opened(text: str) -> str:
    try:
        return _cipher().decrypt(text.encode()).decode()
    except InvalidToken:
        raise _nobody() from None


def _nobody() -> Unauthenticated:
    return Unauthenticated("Log ind, og prøv igen.", diagnostics="Nobody is signed in at the identity provider")
