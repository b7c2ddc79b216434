"""What is set from outside: every KOMMUNALPRO_ variable, read strictly and all at once.

A misspelt name or value stops the start with one line that names the variable; nothing is guessed.
"""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kommunalpro.config.database import read_database_url
from kommunalpro.config.values import (
    read_addresses,
    read_base_url,
    read_bundles,
    read_client_file,
    read_clock_file,
    read_flag,
    read_hosts,
    read_hours,
    read_issuers,
    read_level,
    read_national_owners,
    read_path,
    read_program_file,
    read_secret_file,
    read_service_file,
    read_size,
    read_text,
    whole_number,
)
from kommunalpro.identity.elsewhere.programs import Programs
from kommunalpro.identity.provider.clients import Client, read_clients

PREFIX = "KOMMUNALPRO_"
PROJECT = Path(__file__).resolve().parents[2]
VAR = PROJECT / "var"
DEMO_CLIENTS = PROJECT / "definitions" / "demo" / "clients.json"
DEMO_NATIONAL_OWNERS = "cvr:29999991"
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
    strict: bool
    national_owners: frozenset[tuple[str, str]]
    services: Mapping[str, str]
    service_seconds: int
    sign_in: Programs
    log_level: str
    clock_file: Path | None


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: how it is read, what holds when it is not set, and what it is for."""

    name: str
    read: Callable[[str], Any]
    default: Any
    meaning: str


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
        "Directory of the files of bulk exports, which are health data; shared by serve and worker,"
        " which do not start if they cannot write to it. When not set: var/exports.",
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
        " say is believed, whatever privileges it is.",
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
        "usual: transactions; batch: batches too.",
    ),
    Variable(
        "STRICT",
        read_flag,
        False,
        "True: the server offers what FUT's services declare and no more: no histories, transactions of the careplan"
        " service's types alone and without conditions, searches by the parameters that are declared, each service at a"
        " base of its own (/careplan/fhir and so on) beside /fhir, and answers are assessed by the worker, without our"
        " record of how.",
    ),
    Variable(
        "NATIONAL_OWNERS",
        read_national_owners,
        None,
        "Whose national views and guidance may be, which hold in every organisation: organisations parted by commas,"
        " each by a number that it has here: cvr:29190925 (all of a company), sor:325421000016001, or sts: and the UUID"
        " of FK Organisation. Others publish local ones, and may have drafts of national ones. When not set: nobody's,"
        " none is published; what is national already stays in force, and can be retired. The demo's, when not set:"
        f" {DEMO_NATIONAL_OWNERS}, Demo Kommune.",
    ),
    Variable(
        "SERVICES",
        read_service_file,
        None,
        "A JSON file with the base URL of each of FUT's services:"
        ' {"careplan": "https://careplan.example.dk/fhir", ...}.'
        " When set, the pages and care work on the national infrastructure instead of the embedded server.",
    ),
    Variable(
        "SIGN_IN",
        read_program_file,
        None,
        "With KOMMUNALPRO_SERVICES: a JSON file with how Kommunal PRO is known to the identity providers there:"
        ' {"staff": {"issuer", "client_id", "secret", "scopes"}, "citizens": {...}}. People sign in by them, and the'
        " services are asked by their tokens.",
    ),
    Variable(
        "SERVICE_SECONDS",
        whole_number(1, 600),
        30,
        "How long one of FUT's services may take to answer, all tries together.",
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
    problems += _mode_problems(values["DEMO"] is not False, given)
    problems += [*_issuer_problems(values), *_strict_problems(values), *_national_problems(values)]
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


def _strict_problems(values: Mapping[str, Any]) -> list[str]:
    if values["STRICT"] and values["BUNDLES"] == "batch":
        return [f"{PREFIX}BUNDLES: FUT offers no batch, so {PREFIX}STRICT and batch go ill together."]
    return []


def _national_problems(values: Mapping[str, Any]) -> list[str]:
    """Tell where one half is set and the other is not: services are asked by the tokens of who has signed in there."""
    return [
        f"{PREFIX}{one}: is missing, {PREFIX}{other} needs it."
        for one, other in (("SIGN_IN", "SERVICES"), ("SERVICES", "SIGN_IN"))
        if values[other] and not values[one]
    ]


def _own_issuer(values: Mapping[str, Any]) -> str:
    base_url = values["FHIR_BASE_URL"] or DEMO_BASE_URL
    return str(values["TOKEN_ISSUER"] or f"{base_url.removesuffix('/fhir')}/auth/realms/ehealth")


def _national_owners(values: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Give whose national content may be; in production nobody's, unless it is said."""
    if values["NATIONAL_OWNERS"] is None and values["DEMO"] is not False:
        return read_national_owners(DEMO_NATIONAL_OWNERS)
    return values["NATIONAL_OWNERS"] or frozenset()


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
        strict=values["STRICT"],
        national_owners=_national_owners(values),
        services=values["SERVICES"] or {},
        service_seconds=values["SERVICE_SECONDS"],
        sign_in=values["SIGN_IN"] or {},
        log_level=values["LOG_LEVEL"],
        clock_file=values["CLOCK_FILE"],
    )


def read_own_environment() -> Environment:
    """Read this process's variables."""
    return read_environment(os.environ)
