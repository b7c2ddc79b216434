"""From a database URL to Django's DATABASES entry."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
POSTGRESQL_OPTIONS = ("host", "sslmode", "sslrootcert", "connect_timeout")
# A database that does not answer must be noticed while somebody still waits: seconds to connect, and until a connection
# whose other end is gone without a word counts as lost.
POSTGRESQL_PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# After how many times the hot path's statements are prepared (`fhirserver/database.py`): the driver's own number, which
# Django sets to never. What Django says itself is never prepared. To compile a statement takes 25 ms, and ours take 1.
POSTGRESQL_STATEMENTS = {"prepare_threshold": 5, "options": "-c jit=off"}


def read_database_url(raw: str) -> dict[str, Any]:
    """Read `sqlite:///path` or `postgresql://user@host:port/database`, also by unix socket (`?host=/run/postgresql`).

    Connections are kept (the hot path prepares statements on them), and never wrap a request in a transaction.

    Raises:
        ValueError: anything else; never echoes the URL, which may hold a password.
    """
    common = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
    if raw.startswith("sqlite:///") and raw != "sqlite:///":
        return common | _sqlite(Path(raw.removeprefix("sqlite:///")).expanduser().absolute())
    if raw.startswith("postgresql://"):
        return common | _postgresql(raw)
    raise ValueError("use sqlite:///path or postgresql://user@host:port/database")


def _sqlite(path: Path) -> dict[str, Any]:
    # Durability is never traded: WAL with synchronous=FULL. How a transaction begins: `config/sqlite`.
    return {
        "ENGINE": "kommunalpro.config.sqlite",
        "NAME": str(path),
        "OPTIONS": {"timeout": 20, "init_command": SQLITE_START},
    }


def _postgresql(raw: str) -> dict[str, Any]:
    try:
        url = urlsplit(raw)
        port = url.port
        options = dict(parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query)))
    except ValueError:
        raise ValueError("the database URL is malformed") from None
    name = unquote(url.path.removeprefix("/"))
    if not name or "/" in name or url.fragment:
        raise ValueError("the database URL names no database")
    if unknown := sorted(options.keys() - set(POSTGRESQL_OPTIONS)):
        raise ValueError(f"unknown option {unknown[0]!r} in the database URL")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", unquote(url.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": POSTGRESQL_PATIENCE | POSTGRESQL_STATEMENTS | options,
    }
