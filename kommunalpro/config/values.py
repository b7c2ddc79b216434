"""From the text of a variable to its value. What cannot be read is a ValueError that says what to write instead."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from kommunalpro.config.clock import FileClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.identifier import Cvr, Sor
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.elsewhere.programs import Programs, read_programs
from kommunalpro.identity.fetching import is_safe
from kommunalpro.identity.files import read_json_file
from kommunalpro.identity.provider.clients import Client, read_clients


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
    """Read the names of identity providers parted by commas; they are addresses, and may end with a slash.

    Nothing is none, as when it is not set.
    """
    if not raw:
        return ()
    issuers = tuple(each.strip() for each in raw.split(","))
    if len(set(issuers)) < len(issuers) or not all(is_safe(each) and not set(each) & set("?# \\") for each in issuers):
        raise ValueError("use https addresses parted by commas, such as https://idp.example.dk/auth/realms/ehealth")
    return issuers


def read_national_owners(raw: str) -> frozenset[tuple[str, str]]:
    """Read the numbers of organisations parted by commas, each as (system, number)."""
    return frozenset(_organization(each.strip()) for each in raw.split(","))


def _organization(raw: str) -> tuple[str, str]:
    register, _, number = raw.partition(":")
    try:
        if register == "sts":
            return ehealth.STS_ORG, str(UUID(number))
        return _NUMBERS[register].system, str(_NUMBERS[register](number))
    except (KeyError, ValueError):
        raise ValueError(
            f"{raw!r} is no organisation; use cvr: and eight digits, sor: and a SOR number, or sts: and a UUID of FK"
            " Organisation, parted by commas"
        ) from None


_NUMBERS: Mapping[str, type[Cvr] | type[Sor]] = {"cvr": Cvr, "sor": Sor}


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
    if raw not in ("usual", "batch"):
        raise ValueError("use usual or batch")
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


def read_service_file(raw: str) -> Mapping[str, str]:
    """Read the file that says where each of FUT's services is; all of them, and none that nobody knows."""
    content = read_json_file(read_path(raw))
    if not isinstance(content, dict):
        raise ValueError('the file must hold {"careplan": "https://..."}')
    wrong = [f"there is no service {name}" for name in sorted(content.keys() - set(SERVICE_NAMES))]
    wrong += [f"{name} is missing" for name in SERVICE_NAMES if name not in content]
    wrong += [f"{name} must be {_SERVICE_URL}" for name, url in content.items() if not _is_service_url(url)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return dict(content)


_SERVICE_URL = "an https address without a trailing slash, such as https://careplan.example.dk/fhir"


def _is_service_url(url: object) -> bool:
    """Tell whether it is an address that a token may be sent to; http on loopback is for tests."""
    try:
        return isinstance(url, str) and is_safe(read_base_url(url))
    except ValueError:
        return False


def read_program_file(raw: str) -> Programs:
    """Read the file of how we are known to the identity providers of the national infrastructure."""
    return read_programs(read_path(raw))


def read_secret_file(raw: str) -> str:
    """Read the secret that a file holds: at least 50 signs, so that sessions cannot be forged."""
    try:
        secret = Path(raw).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError("the file cannot be read") from None
    if len(secret) < 50 or len(set(secret)) < 10:
        raise ValueError("the file must hold a random secret of at least 50 signs")
    return secret
