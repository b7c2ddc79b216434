"""The key that ID tokens are signed with: RSA, for RS256 is what every OpenID client takes, FUT's among them.

Access tokens are signed by our own key (`identity.keys`), so nobody comes in at `/fhir` with an ID token.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

ID_TOKEN_KEY = "openid-demo.pem"  # noqa: S105  (a file name)


def id_token_key(directory: Path) -> RSAKey:
    """Read the key; the first of several processes to ask makes it."""
    path = directory / ID_TOKEN_KEY
    if not path.exists():
        _make(path)
    key = RSAKey.import_key(path.read_bytes(), {"use": "sig", "alg": "RS256"})
    return RSAKey.import_key(key.as_dict(private=True) | {"kid": key.thumbprint()[:16]})


def _make(path: Path) -> None:
    """Let it appear whole: another process may be reading."""
    pem = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
