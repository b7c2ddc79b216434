"""A clinical administrator looks at organisations, finds one by name, and decides where it and its register differ."""

import pytest

from kommunalpro.config import wiring
from kommunalpro.fhir import ehealth
from kommunalpro.fut.contexts import SYSTEM
from tests.resources import organization
from tests.store.cast import Store
from tests.store.registers import Registers, with_synchronization
from tests.unit.integrations.sor import files as sor
from tests.unit.web.shared.conftest import words


@pytest.fixture
def centre(world):
    """A health centre whose first day is yet to come."""
    made = organization("Sundhedscenter Nord")
    period = {"url": ehealth.ORGANIZATION_PERIOD, "valuePeriod": {"start": "2099-02-01"}}
    made = {**made, "active": False, "extension": [*made.get("extension", ()), period]}
    return wiring.gateway().create(made, by=SYSTEM, now=wiring.clock().now())


def test_a_centre_is_found_by_name_however_few_they_are_and_says_when_it_opens_on_its_own_page_too(visit, centre):
    lis = visit("lis")
    whole = words(lis.get("/kam/organisationer/"))
    assert 'name="navn"' in whole
    found = words(lis.get("/kam/organisationer/", {"navn": "center nord"}))
    assert "Ryd søgningen" in found
    for page in (whole, found, words(lis.get(f"/kam/organisationer/{centre['id']}/"))):
        assert "Åbner 1. februar 2099" in page
        assert "Lukket" not in page


@pytest.fixture
def disagreed(world, tmp_path):
    """Lis's own municipality, which somebody has given a name that SOR has replaced. Gives how to read it."""
    gateway, now, url = world.gateway, wiring.clock().now(), str(world.staff["lis"].principal.context.organization)
    register = Registers(Store(wiring.server(), ""), tmp_path)

    def change(**elements):
        changes = [{"op": "add", "path": f"/{name}", "value": value} for name, value in elements.items()]
        gateway.patch(url, changes, if_match=None, by=SYSTEM, now=now)

    def read():
        return gateway.read(url, by=SYSTEM, now=now)

    follows = with_synchronization(read(), "EligibleForSynchronization")["extension"]
    change(identifier=[*read()["identifier"], {"system": ehealth.SOR, "value": sor.TOWN}], extension=follows)
    register.sor(sor.unit(sor.TOWN, "Demo Kommune"), now=now)
    change(name="Vores Kommune")
    register.sor(sor.unit(sor.TOWN, "Demo Kommune 2"), now=now)
    assert read()["name"] == "Demo Kommune 2"
    return read


@pytest.fixture
def moved(disagreed, tmp_path):
    """Let the register say that the municipality has moved."""
    register = Registers(Store(wiring.server(), ""), tmp_path)
    unit = sor.unit(sor.TOWN, "Demo Kommune 2", **sor.address("postal", "Ny vej"))
    return lambda: register.sor(unit, now=wiring.clock().now())


def test_an_administrator_keeps_our_name_and_may_follow_the_register_again(visit, disagreed):
    lis, page = visit("lis"), f"/kam/organisationer/{disagreed()['id']}/"
    shown = words(lis.get(page))
    for each in ("Vores Kommune", "Behold vores", "Brug registerets", "fjernes jeres herfra"):
        assert each in shown
    assert lis.post(f"{page}kilde/", {"do": "ours", "version": disagreed()["meta"]["versionId"]}).url == page
    assert disagreed()["name"] == "Vores Kommune"
    kept = words(lis.get(page))
    assert "Behold vores" not in kept
    assert "følger organisationen registeret igen. Erstattes med det samme: Navn, Region, Kommunekode.</p>" in kept
    assert lis.post(f"{page}kilde/", {"do": "register", "version": disagreed()["meta"]["versionId"]}).url == page
    assert disagreed()["name"] == "Demo Kommune 2"
    assert "Kilderne er ikke enige" not in words(lis.get(page))


def test_who_uses_the_registers_reads_before_what_waits_for_the_next_import(visit, disagreed, moved):
    lis, page = visit("lis"), f"/kam/organisationer/{disagreed()['id']}/"
    lis.post(f"{page}kilde/", {"do": "ours", "version": disagreed()["meta"]["versionId"]})
    moved()
    shown = words(lis.get(page))
    assert "Kommunekode. Erstattes senest ved næste indlæsning: Adresse.</p>" in shown


def test_what_comes_with_the_next_import_only_is_told_until_it_has_come(visit, disagreed, moved):
    lis, page = visit("lis"), f"/kam/organisationer/{disagreed()['id']}/"
    for do in ("ours", "register"):
        lis.post(f"{page}kilde/", {"do": do, "version": disagreed()["meta"]["versionId"]})
        assert ("bruges fra næste indlæsning" in words(lis.get(page)), disagreed().get("address")) == (
            do == "register",
            None,
        )
        moved()
    assert disagreed()["address"][0]["line"] == ["Ny vej 1"]
    assert "Kilderne er ikke enige" not in words(lis.get(page))


def test_who_looked_at_another_version_decides_anew_and_nothing_is_changed(visit, disagreed):
    lis, page, before = visit("lis"), f"/kam/organisationer/{disagreed()['id']}/", disagreed()
    late = lis.post(f"{page}kilde/", {"do": "ours", "version": "1"})
    assert (late.status_code, "En anden har ændret det imens" in words(late)) == (412, True)
    assert lis.post(f"{page}kilde/", {"do": "both", "version": "1"}).status_code == 400
    assert disagreed() == before


def test_who_may_not_decide_is_not_asked_and_changes_nothing(visit, disagreed, world):
    page, before = f"/kam/organisationer/{disagreed()['id']}/", disagreed()
    given = {"do": "ours", "version": before["meta"]["versionId"]}
    assert visit("asta").post(f"{page}kilde/", given).status_code == 403
    other = wiring.gateway().create(organization("Region Nord"), by=SYSTEM, now=wiring.clock().now())
    foreign = f"/kam/organisationer/{other['id']}/kilde/"
    refused = visit("lis").post(foreign, {"do": "register", "version": other["meta"]["versionId"]})
    assert (refused.status_code, "Kun organisationen selv" in words(refused)) == (403, True)
    assert disagreed() == before
