"""Keys outside the database: who may sign tokens, and what seals the audit log.

A directory that only its owner can read; made at `migrate`, never replaced by it.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SIGNING_KEY = "signing.pem"
AUDIT_KEY = "audit.key"
DEMO_SECRET = "demo-session.key"  # noqa: S105  (a file name)


class KeyProblem(Exception):
    """A key is missing, unreadable, or readable by others; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that our own tokens are signed with (ES256), and the name that tokens call it by."""

    kid: str
    private: EllipticCurvePrivateKey

    @property
    def public(self) -> EllipticCurvePublicKey:
        """Give the half that may be shown."""
        return self.private.public_key()


def make_keys(directory: Path) -> tuple[str, ...]:
    """Make the keys that are not there yet; give the names of those made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    wanted = {SIGNING_KEY: pem, AUDIT_KEY: secrets.token_bytes(32), DEMO_SECRET: secrets.token_urlsafe(64).encode()}
    return tuple(name for name, content in wanted.items() if _write_new(directory / name, content))


def read_signing_key(directory: Path) -> SigningKey:
    """Read the key that signs our tokens.

    Raises:
        KeyProblem: it is missing, broken, or others can read it.
    """
    try:
        key = load_pem_private_key(_read(directory / SIGNING_KEY), password=None)
    except (ValueError, TypeError):
        raise KeyProblem(f"{directory / SIGNING_KEY} is not a private key.") from None
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KeyProblem(f"{directory / SIGNING_KEY} is not a key on the curve P-256.")
    return SigningKey(_name(key), key)


def read_audit_key(directory: Path) -> bytes:
    """Read the key that seals the audit log.

    Raises:
        KeyProblem: it is missing, too short, or others can read it.
    """
    key = _read(directory / AUDIT_KEY)
    if len(key) < 32:
        raise KeyProblem(f"{directory / AUDIT_KEY} holds fewer than 32 bytes.")
    return key


def read_demo_secret(directory: Path) -> str:
    """Read the secret of the demo's sessions; before `migrate` has made it, one that only this process knows."""
    path = directory / DEMO_SECRET
    return _read(path).decode() if path.exists() else secrets.token_urlsafe(64)


def _name(key: EllipticCurvePrivateKey) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()[:16]


def _write_new(path: Path, content: bytes) -> bool:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return True


def _read(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except OSError:
        raise KeyProblem(f"{path} cannot be read. Run: kommunalpro migrate") from None
    if mode & 0o077:
        raise KeyProblem(f"{path} can be read by others. Run: chmod 600 {path}")
    return content
