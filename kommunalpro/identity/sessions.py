"""What a browser's session remembers: the user, and as what they act. Never a patient, never a CPR number.

Patient and episode come from the page's own address and are checked on every request.
"""

from dataclasses import asdict, dataclass
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from kommunalpro.fhirserver.principal import UserType
from kommunalpro.identity.elsewhere.programs import Begun
from kommunalpro.identity.elsewhere.tokens import end

_KEY, _BEGUN = "user", "begun"


@dataclass(frozen=True, slots=True)
class SessionUser:
    """Who is logged in. `organization` and `care_team` are absolute URLs; None until the user has chosen."""

    user_url: str
    user_type: UserType
    name: str
    organization: str | None = None
    care_team: str | None = None
    sign_in: str | None = None
    """The id of their sign-in at the national infrastructure's provider (`elsewhere/`); None: they signed in here."""


def log_in(session: SessionBase, user_url: str, user_type: UserType, name: str, sign_in: UUID | None = None) -> None:
    """Log somebody in under a new session key, so that a planted cookie is worth nothing."""
    log_out(session)
    session.cycle_key()
    known = {"user_url": user_url, "user_type": user_type, "name": name}
    session[_KEY] = known | ({"sign_in": str(sign_in)} if sign_in else {})


def begin_sign_in(session: SessionBase, begun: Begun, returning: str) -> None:
    """Remember who is sent to the provider, and where they were on their way to."""
    session[_BEGUN] = {**asdict(begun), "returning": returning}


def end_sign_in(session: SessionBase) -> tuple[Begun, str] | None:
    """Give who was sent there, once; None: nobody was."""
    found = session.pop(_BEGUN, None)
    return (Begun(found["state"], found["nonce"], found["verifier"]), found["returning"]) if found else None


def choose_team(session: SessionBase, *, organization: str | None, care_team: str | None) -> None:
    """Remember in which team the user acts; whether they may is the caller's to check."""
    session[_KEY] = session[_KEY] | {"organization": organization, "care_team": care_team}


def read_user(session: SessionBase) -> SessionUser | None:
    """Give who is logged in; None when nobody is."""
    remembered = session.get(_KEY)
    return SessionUser(**remembered) if remembered else None


def log_out(session: SessionBase) -> None:
    """Forget everything, the tokens of a sign-in elsewhere with it."""
    user = read_user(session)
    if user and user.sign_in:
        end(UUID(user.sign_in))
    session.flush()
