"""Who has signed in at which program: codes that are used once, refresh tokens that are replaced each time.

Both stand in the database, so that every process knows them, as digests, so that the database opens nothing. Whoever
comes with a code or a token that was used already ends the sign-in: one of the two who have it has stolen it.

Source: RFC 6749 §4.1.2, RFC 9700 §2.2.2 and §4.14.
"""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kommunalpro.identity.models import SignIn

log = logging.getLogger(__name__)

CODE_LIVES = timedelta(minutes=1)
SIGN_IN_LIVES = timedelta(hours=12)


def begin(now: datetime, **bound: Any) -> str:
    """Let somebody sign in; give the code that their program fetches tokens by. What is over is thrown away.

    `bound` are the fields that the code is bound to: client_id, person, redirect_uri, scope, nonce, code_challenge.
    """
    SignIn.objects.filter(expires_at__lte=now).delete()
    code = secrets.token_urlsafe(32)
    SignIn.objects.create(
        sid=secrets.token_urlsafe(16),
        code_digest=_digest(code),
        begun_at=now,
        expires_at=now + SIGN_IN_LIVES,
        **bound,
    )
    return code


def of_code(code: str, client_id: str, now: datetime) -> SignIn | None:
    """Give the sign-in that a code of this program stands for; None when it is over, or was fetched before."""
    found = SignIn.objects.filter(code_digest=_digest(code), client_id=client_id).first()
    if found is None or found.ended_at is not None or now >= found.expires_at:
        return None
    if found.refresh_digest:
        log.warning("A code was used again: the sign-in is ended")
        end(found, now)
        return None
    return found if now < found.begun_at + CODE_LIVES else None


def of_refresh_token(token: str, now: datetime) -> SignIn | None:
    """Give the sign-in that a refresh token stands for; None when it is over, or the token was used before."""
    id, _, secret = token.partition(".")
    try:
        found = SignIn.objects.filter(id=UUID(id)).exclude(refresh_digest="").first()
    except ValueError:
        return None
    if found is None or found.ended_at is not None or now >= found.expires_at:
        return None
    if not hmac.compare_digest(found.refresh_digest, _digest(secret)):
        log.warning("A refresh token was used again: the sign-in is ended")
        end(found, now)
        return None
    return found


def replace_refresh_token(sign_in: SignIn, now: datetime) -> str | None:
    """Give the next refresh token; None when another was faster, by which the sign-in is over."""
    secret = secrets.token_urlsafe(32)
    current = SignIn.objects.filter(id=sign_in.id, refresh_digest=sign_in.refresh_digest, ended_at=None)
    if not current.update(refresh_digest=_digest(secret)):
        end(sign_in, now)
        return None
    return f"{sign_in.id}.{secret}"


def end(sign_in: SignIn, now: datetime) -> None:
    """End a sign-in: none of its tokens gives another."""
    SignIn.objects.filter(id=sign_in.id, ended_at=None).update(ended_at=now)


def end_session(sid: str, now: datetime) -> None:
    """End the sign-in that an ID token names."""
    SignIn.objects.filter(sid=sid, ended_at=None).update(ended_at=now)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
