"""The clinical administrator: makes a plan of two questionnaires, takes it into use, and makes its next version."""

from typing import Any

import pytest

from tests.people import LIS, NANCY
from tests.system.browser import Tab
from tests.system.stories import Visits, asta_has_found_nancy, choose, days_ahead, everywhere, logs_in, pick, write

pytestmark = everywhere

EVERYDAY = "Hverdagen med kronisk sygdom – bredt samtaleskema"
FOLLOW_UP = "Opfølgning på Hverdagen med kronisk sygdom"


def test_a_plan_with_a_rhythm_is_made_used_and_sent(visitor: Visits):
    lis = logs_in(visitor(), LIS).open("/kam/planer/")
    given_a_plan_of_two_questionnaires(lis, "Det første år")
    when_the_second_comes_every_other_monday(lis)
    lis.reads("Hver 2. uge om mandagen kl. 08.00 i 12 uger")
    lis.follow("Færdig: se planen, og tag den i brug")
    lis.follow("Tag i brug")
    lis.reads("I brug", "Version 1.0")
    then_asta_sends_it_as_it_says(visitor, "Det første år")


def test_a_plan_waits_for_its_activity_and_the_next_version_says_what_it_changes(visitor: Visits):
    lis = logs_in(visitor(), LIS).open("/kam/aktiviteter/ny/")
    write(lis, "Titel for borgeren", "Hver måned")
    lis.follow("Opret kladde")
    choose(lis, "Med faste mellemrum")
    lis.follow("Gem")
    lis.reads("Kladde", "Hver uge; der kan svares i 7 dage")
    lis.open("/kam/planer/ny/")
    write(lis, "Titel for borgeren", "Det andet år")
    pick(lis, "Første aktivitet", "Hver måned (1.0, kladde)")
    lis.follow("Opret kladde")
    lis.reads("Planen kan ikke tages i brug endnu", "”Hver måned” er ikke i brug.")
    lis.follow("Åbn aktiviteten")
    lis.follow("Tag i brug")
    lis.follow("Det andet år")
    lis.follow("Ret kladden")
    lis.follow("Færdig: se planen, og tag den i brug")
    lis.follow("Tag i brug")
    lis.follow("Lav ny version")
    write(lis, "Titel for borgeren", "Det andet år, roligere")
    lis.follow("Gem titel og beskrivelse")
    lis.follow("Færdig: se planen, og tag den i brug")
    lis.reads("Kladde", "Version 1.1", "Ændret siden version 1.0", "Det andet år, roligere")
    lis.page.get_by_role("link", name="1.0", exact=True).click()
    lis.follow("Lav ny version")
    assert lis.status == 422
    lis.reads("Det kunne ikke gøres", "Der er allerede en kladde")


sizes = pytest.mark.parametrize(
    "size", [{}, {"width": 320}, {"scripted": False}], ids=["desk", "phone", "without script"]
)


@sizes
def test_a_title_that_is_written_is_saved_by_whichever_button_she_presses(visitor: Visits, size: dict[str, Any]):
    lis = logs_in(visitor(**size), LIS).open("/kam/planer/")
    given_a_plan_of_two_questionnaires(lis, "Det fjerde år")
    write(lis, "Titel for borgeren", "Det femte år")
    lis.follow("Flyt ned")
    assert lis.heading() == "Ret ”Det femte år”"
    write(lis, "Titel for borgeren", "")
    lis.follow("Tilføj mål")
    assert (lis.status, lis.heading()) == (422, "Ret ”Det femte år”")
    lis.reads("Skriv den titel, borgeren skal læse.")
    write(lis, "Titel for borgeren", "Det sjette år")
    lis.follow("Tilføj mål").open(lis.page.url.removesuffix("maal/ny/") + "ret/")
    assert lis.heading() == "Ret ”Det sjette år”"
    write(lis, "Titel for borgeren", "Det syvende år")
    assert lis.send_key("Enter").heading() == "Ret ”Det syvende år”"
    titles = lis.page.locator(".kam-step h3").all_inner_texts()
    assert titles == ["Opfølgning på hverdagen", "Hverdagen med kronisk sygdom"], "the key moved nothing"


@sizes
def test_a_draft_is_discarded_after_reading_what_is_lost(visitor: Visits, size: dict[str, Any]):
    lis = logs_in(visitor(**size), LIS).open("/kam/planer/ny/")
    write(lis, "Titel for borgeren", "Det tredje år")
    pick(lis, "Første aktivitet", f"{EVERYDAY} (1.0)")
    lis.follow("Opret kladde").follow("Færdig: se planen, og tag den i brug")
    lis.follow("Kassér kladden").reads("Version 1.0: 1 aktivitet", "det kan ikke fortrydes")
    lis.follow("Behold kladden").reads("Kladde")
    lis.follow("Kassér kladden").follow("Kassér kladden")
    assert lis.heading() == "Det tredje år"
    lis.reads("Udgået")


def given_a_plan_of_two_questionnaires(lis: Tab, title: str) -> None:
    lis.follow("Ny plan")
    lis.follow("Opret kladde")
    assert lis.status == 422
    lis.reads("Skriv den titel, borgeren skal læse.")
    write(lis, "Titel for borgeren", title)
    pick(lis, "Første aktivitet", f"{EVERYDAY} (1.0)")
    lis.follow("Opret kladde")
    lis.follow("Tilføj trin")
    lis.reads("Vælg det, du vil tilføje.")
    pick(lis, "Tilføj en aktivitet", f"{FOLLOW_UP} (1.0)")
    lis.follow("Tilføj trin")


def when_the_second_comes_every_other_monday(lis: Tab) -> None:
    lis.page.get_by_role("button", name="Ret titel og rytme").nth(1).click()
    choose(lis, "Med faste mellemrum")
    write(lis, "Hver: antal", "2")
    choose(lis, "Mandag")
    write(lis, "Klokkeslæt", "8")
    write(lis, "Fortsætter i: antal", "12")
    lis.follow("Se kalenderen")
    lis.reads("6 gange: første mandag")
    lis.follow("Gem")


def then_asta_sends_it_as_it_says(visitor: Visits, title: str) -> None:
    asta = asta_has_found_nancy(visitor)
    asta.follow("Send spørgeskema")
    choose(asta, title)
    choose(asta, "Som planen siger")
    asta.page.get_by_label("Dato", exact=True).fill(days_ahead(2).isoformat())
    asta.follow("Se, hvad der sker")
    asta.reads(f"følger ”{title}” fra", "2 spørgeskemaer")
    asta.follow("Send spørgeskema")
    asta.reads(NANCY.name)
