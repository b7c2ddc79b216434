"""The same pages on the national infrastructure: one installation has the pages, another is FUT, strict, over HTTP.

Two hosts by name, for cookies do not tell ports apart: the pages are at localhost, the infrastructure at 127.0.0.1.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser

from kommunalpro.fut.services import SERVICE_NAMES
from tests.live import LiveServer, free_port
from tests.people import ASTA, NANCY, Citizen, Staff
from tests.system.browser import Tab, Visitor, share_what_is_checked
from tests.system.citizens import earlier_answers, goes_to_review
from tests.system.stories import lights, write

SECRET = "no-secret-in-a-test"


@dataclass
class National:
    """The pages, and the infrastructure behind them."""

    pages: LiveServer
    infrastructure: LiveServer
    browser: Browser

    def visitor(self) -> Visitor:
        return Visitor(self.browser, f"http://localhost:{self.pages.port}")

    def logs_in(self, visitor: Visitor, who: Citizen | Staff) -> Tab:
        """Be sent to the provider, choose oneself there, and come back."""
        kind = "borger" if isinstance(who, Citizen) else "medarbejder"
        tab = visitor.tab().open("/log-ind/").follow(f"Log ind som {kind}")
        assert tab.page.url.startswith(self.infrastructure.url)
        tab.follow(who.name)
        assert tab.page.url.startswith(visitor.address)
        return tab


@pytest.fixture(scope="module")
def national(
    filled: LiveServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory, together: Path
) -> Iterator[National]:
    share_what_is_checked(together)
    directory, port = tmp_path_factory.mktemp("national"), free_port()
    infrastructure = strict_copy(filled, directory / "fut", port)
    pages = LiveServer.prepared(directory, port=port)
    settings = {"SERVICES": services(infrastructure), "SIGN_IN": programs(infrastructure)}
    for name, content in settings.items():
        (directory / name).write_text(json.dumps(content), encoding="utf-8")
        pages.environment[f"KOMMUNALPRO_{name}"] = str(directory / name)
    # What is stored is called alike at both ends; where it is, the services' file says.
    pages.environment["KOMMUNALPRO_FHIR_BASE_URL"] = infrastructure.base_url
    pages.command("rebase", f"http://127.0.0.1:{port}/fhir", infrastructure.base_url)
    with infrastructure.serving(), pages.serving():
        yield National(pages, infrastructure, browser)


def strict_copy(filled: LiveServer, directory: Path, pages: int) -> LiveServer:
    """Give the demo's installation as FUT would have it, which knows the pages as a program of its own."""
    copytree(filled.directory, directory)
    moved = {name: value.replace(str(filled.directory), str(directory)) for name, value in filled.environment.items()}
    clients = [client(user_type, kind, pages) for user_type, kind in KINDS.items()]
    (directory / "clients.json").write_text(json.dumps({"clients": clients}), encoding="utf-8")
    strict = {"KOMMUNALPRO_STRICT": "True", "KOMMUNALPRO_OPENID_CLIENTS": str(directory / "clients.json")}
    return replace(filled, directory=directory, environment=moved | strict)


KINDS = {"PRACTITIONER": "medarbejder", "PATIENT": "borger"}


def client(user_type: str, kind: str, port: int) -> dict[str, object]:
    return {
        "client_id": kind,
        "name": "Kommunal PRO",
        "user_type": user_type,
        "secret": SECRET,
        "redirect_uris": [f"http://localhost:{port}/log-ind/{kind}/retur/"],
        "scopes": ["openid", "profile"],
    }


def services(infrastructure: LiveServer) -> dict[str, str]:
    return {name: f"{infrastructure.url}/{name}/fhir" for name in SERVICE_NAMES}


def programs(infrastructure: LiveServer) -> dict[str, object]:
    issuer = f"{infrastructure.url}/auth/realms/ehealth"
    return {
        name: {"issuer": issuer, "client_id": kind, "secret": SECRET, "scopes": ["openid", "profile"]}
        for name, kind in (("staff", "medarbejder"), ("citizens", "borger"))
    }


def test_a_citizen_answers_and_the_nurse_reads_it_and_closes_its_task(national: National):
    nancy = national.logs_in(national.visitor(), NANCY)
    before = earlier_answers(nancy)
    nancy.open("/borger/").follow("Begynd")
    goes_to_review(nancy)
    nancy.follow("Send mine svar")
    assert earlier_answers(nancy) == before + 1
    national.infrastructure.command("worker", "--once")
    asta = national.logs_in(national.visitor(), ASTA).open("/medarbejder/")
    assert "Kræver opmærksomhed" in lights(asta), "and what is stored by the demo has its light"
    asta.follow(NANCY.name, within="Kan kræve opmærksomhed")
    address = asta.page.url
    asta.reads("Den nationale infrastruktur har kun gemt farven: gul. Emnerne er regnet ud nu.")
    write(asta, "Note", "Talt i telefon. Vi ses torsdag.")
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert asta.heading() == "Arbejdsliste"
    asta.open(address).reads("Talt i telefon. Vi ses torsdag.", "Asta Holm")
    asta.follow("Log af").reads("Du er logget af.")
