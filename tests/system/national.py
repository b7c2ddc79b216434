"""The same pages on the national infrastructure: one installation has the pages, another is FUT, strict, over HTTP.

Two hosts by name, for cookies do not tell ports apart: the pages are at localhost, the infrastructure at 127.0.0.1.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

from kommunalpro.fut.services import SERVICE_NAMES
from tests.live import LiveServer, free_port

SECRET = "no-secret-in-a-test"
KINDS = {"PRACTITIONER": "medarbejder", "PATIENT": "borger"}


@dataclass
class National:
    """The pages, and the infrastructure behind them."""

    pages: LiveServer
    infrastructure: LiveServer

    @property
    def installations(self) -> tuple[LiveServer, LiveServer]:
        """Both."""
        return self.pages, self.infrastructure

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://localhost:{self.pages.port}"


@contextmanager
def national_copy(filled: LiveServer, directory: Path) -> Iterator[National]:
    """Serve the demo's installation as FUT would have it, and pages of their own before it."""
    port = free_port()
    infrastructure = _strict_copy(filled, directory / "fut", port)
    pages = LiveServer.prepared(directory, port=port)
    settings = {"SERVICES": _services(infrastructure), "SIGN_IN": _programs(infrastructure)}
    for name, content in settings.items():
        (directory / name).write_text(json.dumps(content), encoding="utf-8")
        pages.environment[f"KOMMUNALPRO_{name}"] = str(directory / name)
    # What is stored is called alike at both ends; where it is, the services' file says.
    pages.environment["KOMMUNALPRO_FHIR_BASE_URL"] = infrastructure.base_url
    pages.command("rebase", f"http://127.0.0.1:{port}/fhir", infrastructure.base_url)
    with infrastructure.serving(), pages.serving():
        yield National(pages, infrastructure)


def _strict_copy(filled: LiveServer, directory: Path, pages: int) -> LiveServer:
    """Give the demo's installation as FUT would have it, which knows the pages as a program of its own."""
    copytree(filled.directory, directory)
    moved = {name: value.replace(str(filled.directory), str(directory)) for name, value in filled.environment.items()}
    clients = [_client(user_type, kind, pages) for user_type, kind in KINDS.items()]
    (directory / "clients.json").write_text(json.dumps({"clients": clients}), encoding="utf-8")
    strict = {"KOMMUNALPRO_STRICT": "True", "KOMMUNALPRO_OPENID_CLIENTS": str(directory / "clients.json")}
    port = free_port()
    copy = replace(filled, directory=directory, environment=moved | strict, port=port)
    copy.environment["KOMMUNALPRO_FHIR_BASE_URL"] = f"http://127.0.0.1:{port}/fhir"
    copy.command("rebase", filled.base_url, copy.base_url)
    return copy


def _client(user_type: str, kind: str, port: int) -> dict[str, object]:
    return {
        "client_id": kind,
        "name": "Kommunal PRO",
        "user_type": user_type,
        "secret": SECRET,
        "redirect_uris": [f"http://localhost:{port}/log-ind/{kind}/retur/"],
        "scopes": ["openid", "profile"],
    }


def _services(infrastructure: LiveServer) -> dict[str, str]:
    return {name: f"{infrastructure.url}/{name}/fhir" for name in SERVICE_NAMES}


def _programs(infrastructure: LiveServer) -> dict[str, object]:
    issuer = f"{infrastructure.url}/auth/realms/ehealth"
    return {
        name: {"issuer": issuer, "client_id": kind, "secret": SECRET, "scopes": ["openid", "profile"]}
        for name, kind in (("staff", "medarbejder"), ("citizens", "borger"))
    }
