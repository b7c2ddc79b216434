"""What is set from outside: every KOMMUNALPRO_ variable, read strictly and all at once.

A misspelt name or value stops the start with one line that names the variable; nothing is guessed.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kommunalpro.config.clock import FileClock
from kommunalpro.config.database import read_database_url
from kommunalpro.identity.fetching import is_safe
from kommunalpro.identity.provider.clients import Client, read_clients

PREFIX = "KOMMUNALPRO_"
PROJECT = Path(__file__).resolve().parents[2]
VAR = PROJECT / "var"
DEMO_CLIENTS = PROJECT / "definitions" / "demo" / "clients.json"
DEMO_BASE_URL = "http://127.0.0.1:8000/fhir"


class ConfigurationError(Exception):
    """The environment is wrong; every problem on its own line."""

    def __init__(self, problems: list[str]) -> None:
        """Take all problems, each a whole sentence that starts with the variable's name."""
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Environment:
    """The values of all variables, checked."""

    demo: bool
    database: dict[str, Any]
    fhir_base_url: str
    keys: Path
    secret_key: str | None
    allowed_hosts: tuple[str, ...]
    behind_proxy: bool
    exports: Path
    export_hours: int
    reminder_days: int
    reminder_hour: int
    request_limit: int
    request_seconds: int
    statement_seconds: int
    waiting: int
    rate_limit: int
    drain_seconds: int
    metrics_from: tuple[str, ...]
    token_issuer: str
    token_issuers: tuple[str, ...]
    token_audience: str
    issuer_seconds: int
    issuer_pause_seconds: int
    openid_clients: tuple[Client, ...]
    bundles: str
    log_level: str
    clock_file: Path | None


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: how it is read, what holds when it is not set, and what it is for."""

    name: str
    read: Callable[[str], Any]
    default: Any
    meaning: str


def read_flag(raw: str) -> bool:
    """Read `True` or `False`; anything else is refused rather than read as false."""
    if raw not in ("True", "False"):
        raise ValueError("use True or False")
    return raw == "True"


def read_size(raw: str) -> int:
    """Read a number of bytes from 1 kB to 1 GB."""
    if not re.fullmatch(r"\d{4,10}", raw, re.ASCII) or not 1_000 <= int(raw) <= 1_000_000_000:
        raise ValueError("use a number of bytes from 1000 to 1000000000")
    return int(raw)


def read_hours(raw: str) -> int:
    """Read a number of hours, from one to the thirty days after which nobody fetches a file any more."""
    if not re.fullmatch(r"\d{1,3}", raw, re.ASCII) or not 1 <= int(raw) <= 720:
        raise ValueError("use a number of hours from 1 to 720")
    return int(raw)


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Give what reads a whole number between two."""

    def read(raw: str) -> int:
        if not re.fullmatch(r"\d{1,9}", raw, re.ASCII) or not lowest <= int(raw) <= highest:
            raise ValueError(f"use a whole number from {lowest} to {highest}")
        return int(raw)

    return read


def read_addresses(raw: str) -> tuple[str, ...]:
    """Read IP addresses parted by commas, in the one way that a peer's address is written."""
    try:
        return tuple(str(ip_address(each.strip())) for each in raw.split(","))
    except ValueError:
        raise ValueError("use IP addresses parted by commas, such as 10.0.0.5") from None


def read_base_url(raw: str) -> str:
    """Read an absolute http(s) URL without query or trailing slash."""
    try:
        url = urlsplit(raw)
        sound = url.scheme in ("http", "https") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        sound = False
    if not sound or raw.endswith("/") or set(raw) & set("?# @\\"):
        raise ValueError("use an absolute URL without a trailing slash, such as https://pro.example.dk/fhir")
    return raw


def read_issuers(raw: str) -> tuple[str, ...]:
    """Read the names of identity providers parted by commas; they are addresses, and may end with a slash."""
    issuers = tuple(each.strip() for each in raw.split(","))
    if len(set(issuers)) < len(issuers) or not all(is_safe(each) and not set(each) & set("?# \\") for each in issuers):
        raise ValueError("use https addresses parted by commas, such as https://idp.example.dk/auth/realms/ehealth")
    return issuers


def read_hosts(raw: str) -> tuple[str, ...]:
    """Read host names parted by commas; no wildcard for all."""
    hosts = tuple(host.strip() for host in raw.split(","))
    if not all(re.fullmatch(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?", host) for host in hosts):
        raise ValueError("use host names parted by commas, such as pro.example.dk")
    return hosts


def read_text(raw: str) -> str:
    """Read a text that is not empty."""
    if not raw.strip():
        raise ValueError("must not be empty")
    return raw


def read_level(raw: str) -> str:
    """Read a log level."""
    if raw not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("use DEBUG, INFO, WARNING or ERROR")
    return raw


def read_bundles(raw: str) -> str:
    """Read how much of R4 is offered beyond FUT."""
    if raw not in ("fut", "usual", "batch"):
        raise ValueError("use fut, usual or batch")
    return raw


def read_path(raw: str) -> Path:
    """Read a path."""
    return Path(read_text(raw)).expanduser().absolute()


def read_clock_file(raw: str) -> Path:
    """Read the path of a file that holds an instant, or nothing, or is not there yet."""
    path = read_path(raw)
    try:
        FileClock(path).now()
    except (ValueError, OSError):
        raise ValueError("the file must hold an instant with its zone, like 2026-11-24T10:00:00+01:00") from None
    return path


def read_client_file(raw: str) -> tuple[Client, ...]:
    """Read the file of the programs that may sign people in."""
    return read_clients(read_path(raw))


def read_secret_file(raw: str) -> str:
    """Read the secret that a file holds: at least 50 signs, so that sessions cannot be forged."""
    try:
        secret = Path(raw).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError("the file cannot be read") from None
    if len(secret) < 50 or len(set(secret)) < 10:
        raise ValueError("the file must hold a random secret of at least 50 signs")
    return secret


VARIABLES = (
    Variable("DEMO", read_flag, None, "True: the demo on this machine, with demo login. False: production."),
    Variable(
        "DATABASE_URL",
        read_database_url,
        None,
        "sqlite:///path or postgresql://user@host:port/database. The demo's, when not set: var/kommunalpro.sqlite3.",
    ),
    Variable(
        "FHIR_BASE_URL",
        read_base_url,
        None,
        "The identity of every resource, and what every link begins with; fixed at the first migrate."
        f" The demo's, when not set: {DEMO_BASE_URL}, whatever port it answers on.",
    ),
    Variable(
        "KEYS",
        read_path,
        None,
        "Directory of the signing key and the audit key, outside the database. The demo's, when not set: var/keys.",
    ),
    Variable(
        "SECRET_KEY_FILE",
        read_secret_file,
        None,
        "File with the secret that signs sessions, at least 50 random signs (production).",
    ),
    Variable("ALLOWED_HOSTS", read_hosts, None, "Host names that the pages answer to, parted by commas."),
    Variable(
        "BEHIND_PROXY",
        read_flag,
        False,
        "True: a proxy ends TLS and sets X-Forwarded-Proto and -For. The last address of X-Forwarded-For counts, the"
        " one that the proxy itself adds; so there may be one proxy only.",
    ),
    Variable("REQUEST_LIMIT", read_size, 2_000_000, "The largest request that is taken, in bytes."),
    Variable("REQUEST_SECONDS", whole_number(1, 3_600), 30, "How long a client may take to send headers, or a body."),
    Variable("STATEMENT_SECONDS", whole_number(1, 3_600), 30, "The longest that PostgreSQL works at one statement."),
    Variable("WAITING", whole_number(1, 10_000), 64, "Requests that may wait in each process; the next is told 503."),
    Variable(
        "RATE_LIMIT", whole_number(0, 100_000), 200, "Requests a second to /fhir by a user, in each process; 0: any."
    ),
    Variable("DRAIN_SECONDS", whole_number(0, 600), 0, "How long /readyz says no before the server stops (SIGTERM)."),
    Variable(
        "METRICS_FROM",
        read_addresses,
        ("127.0.0.1", "::1"),
        "The addresses that may read /metrics, parted by commas; no networks.",
    ),
    Variable(
        "EXPORTS",
        read_path,
        None,
        "Directory of the files of bulk exports, which are health data; shared by serve and worker."
        " When not set: var/exports.",
    ),
    Variable("EXPORT_HOURS", read_hours, 24, "For how many hours the files of a finished export are kept."),
    Variable(
        "TOKEN_ISSUER",
        read_base_url,
        None,
        "What our own bearer tokens are issued by (iss): those that the key in KEYS has signed. When not set:"
        " KOMMUNALPRO_FHIR_BASE_URL without /fhir, and /auth/realms/ehealth.",
    ),
    Variable(
        "TOKEN_ISSUERS",
        read_issuers,
        (),
        "Identity providers whose bearer tokens are taken besides, parted by commas: each exactly as it calls itself"
        " (iss), with https; http on loopback is for tests. Their keys are found by OpenID discovery. What their tokens"
        " say is believed, SYSTEM users included.",
    ),
    Variable("TOKEN_AUDIENCE", read_text, "account", "For whom all bearer tokens must be meant (aud)."),
    Variable(
        "ISSUER_SECONDS",
        whole_number(1, 60),
        5,
        "How long an identity provider may take to give its keys. While it does not, tokens by keys that are known are"
        " taken for a day, others get 503.",
    ),
    Variable(
        "ISSUER_PAUSE_SECONDS",
        whole_number(1, 3_600),
        30,
        "A key that is not known has an identity provider asked again, but not more often than this, in each process.",
    ),
    Variable(
        "OPENID_CLIENTS",
        read_client_file,
        None,
        "Demo and tests: a JSON file with the programs that may sign people in by the demo's OpenID provider. When not"
        " set: definitions/demo/clients.json, which is also an example.",
    ),
    Variable(
        "BUNDLES",
        read_bundles,
        "usual",
        "fut: no conditions in transactions, and no histories, as FUT; usual: both, and no batch; batch: batches too.",
    ),
    Variable(
        "REMINDER_DAYS",
        whole_number(0, 30),
        1,
        "How many days before the last day for an answer a citizen is reminded; 0: on that day.",
    ),
    Variable("REMINDER_HOUR", whole_number(0, 23), 10, "At which hour of the Danish day citizens are reminded."),
    Variable("LOG_LEVEL", read_level, "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Variable("CLOCK_FILE", read_clock_file, None, "Demo and tests: a file with the time that it should be."),
)
PRODUCTION_NEEDS = ("DATABASE_URL", "FHIR_BASE_URL", "KEYS", "SECRET_KEY_FILE", "ALLOWED_HOSTS")
PRODUCTION_ONLY = ("SECRET_KEY_FILE", "BEHIND_PROXY")
DEMO_ONLY = ("CLOCK_FILE", "OPENID_CLIENTS")


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Read all variables.

    Raises:
        ConfigurationError: all unknown names, malformed values and missing variables at once.
    """
    given = {name.removeprefix(PREFIX): raw for name, raw in variables.items() if name.startswith(PREFIX)}
    problems = [_unknown(name) for name in sorted(given.keys() - {each.name for each in VARIABLES})]
    values: dict[str, Any] = {}
    for variable in VARIABLES:
        values[variable.name] = variable.default
        if variable.name in given:
            try:
                values[variable.name] = variable.read(given[variable.name])
            except ValueError as wrong:
                problems.append(f"{PREFIX}{variable.name}: {wrong}.")
    problems += _mode_problems(values["DEMO"] is not False, given) + _issuer_problems(values)
    if problems:
        raise ConfigurationError(problems)
    return _environment(values)


def choose_settings(variables: Mapping[str, str]) -> str:
    """Give the settings module that the environment asks for: production only by KOMMUNALPRO_DEMO=False."""
    name = "production" if variables.get(PREFIX + "DEMO") == "False" else "demo"
    return f"kommunalpro.config.settings.{name}"


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, [each.name for each in VARIABLES], n=1)
    return f"{PREFIX}{name}: there is no such variable" + (f"; did you mean {PREFIX}{near[0]}?" if near else ".")


def _mode_problems(demo: bool, given: Mapping[str, str]) -> list[str]:
    if demo:
        return [
            f"{PREFIX}{name}: belongs to production; say KOMMUNALPRO_DEMO=False, or take it away."
            for name in PRODUCTION_ONLY
            if name in given
        ]
    missing = [f"{PREFIX}{name}: is missing, production needs it." for name in PRODUCTION_NEEDS if name not in given]
    return missing + [f"{PREFIX}{name}: belongs to the demo and to tests." for name in DEMO_ONLY if name in given]


def _issuer_problems(values: Mapping[str, Any]) -> list[str]:
    """Tell where a foreign issuer bears our name: then nobody could tell whose signature counts."""
    if _own_issuer(values) in values["TOKEN_ISSUERS"]:
        return [f"{PREFIX}TOKEN_ISSUERS: names {PREFIX}TOKEN_ISSUER, which is our own."]
    return []


def _own_issuer(values: Mapping[str, Any]) -> str:
    base_url = values["FHIR_BASE_URL"] or DEMO_BASE_URL
    return str(values["TOKEN_ISSUER"] or f"{base_url.removesuffix('/fhir')}/auth/realms/ehealth")


def _clients(values: Mapping[str, Any]) -> tuple[Client, ...]:
    """Give the demo's programs; production has none."""
    if values["DEMO"] is False:
        return ()
    return values["OPENID_CLIENTS"] or read_clients(DEMO_CLIENTS)


def _environment(values: Mapping[str, Any]) -> Environment:
    base_url = values["FHIR_BASE_URL"] or DEMO_BASE_URL
    return Environment(
        demo=values["DEMO"] is not False,
        database=values["DATABASE_URL"] or read_database_url(f"sqlite:///{VAR / 'kommunalpro.sqlite3'}"),
        fhir_base_url=base_url,
        keys=values["KEYS"] or VAR / "keys",
        secret_key=values["SECRET_KEY_FILE"],
        allowed_hosts=values["ALLOWED_HOSTS"] or ("127.0.0.1", "localhost"),
        behind_proxy=values["BEHIND_PROXY"],
        exports=values["EXPORTS"] or VAR / "exports",
        export_hours=values["EXPORT_HOURS"],
        reminder_days=values["REMINDER_DAYS"],
        reminder_hour=values["REMINDER_HOUR"],
        request_limit=values["REQUEST_LIMIT"],
        request_seconds=values["REQUEST_SECONDS"],
        statement_seconds=values["STATEMENT_SECONDS"],
        waiting=values["WAITING"],
        rate_limit=values["RATE_LIMIT"],
        drain_seconds=values["DRAIN_SECONDS"],
        metrics_from=values["METRICS_FROM"],
        token_issuer=_own_issuer(values),
        token_issuers=values["TOKEN_ISSUERS"],
        token_audience=values["TOKEN_AUDIENCE"],
        issuer_seconds=values["ISSUER_SECONDS"],
        issuer_pause_seconds=values["ISSUER_PAUSE_SECONDS"],
        openid_clients=_clients(values),
        bundles=values["BUNDLES"],
        log_level=values["LOG_LEVEL"],
        clock_file=values["CLOCK_FILE"],
    )


def read_own_environment() -> Environment:
    """Read this process's variables."""
    return read_environment(os.environ)
