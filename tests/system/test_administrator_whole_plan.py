"""The clinical administrator makes a plan whole: a goal, material, a plan in the plan, and what waits for answers."""

from pathlib import Path

import pytest

from tests.people import LIS, NANCY
from tests.system.browser import Tab
from tests.system.stories import Visits, asta_has_found_nancy, choose, days_ahead, in_words, logs_in, pick, write

EVERYDAY = "Hverdagen med kronisk sygdom – bredt samtaleskema"
FOLLOW_UP = "Opfølgning på Hverdagen med kronisk sygdom"
FIRST, SECOND = "Hverdagen med kronisk sygdom", "Opfølgning på hverdagen"
WIDTHS = {"desk": 1366, "phone": 320}


@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_a_plan_with_a_plan_in_it_a_goal_material_and_something_that_waits_reaches_the_citizen(
    visitor: Visits, width: int, tmp_path: Path
):
    name = f"Godt i gang {width}"
    lis = logs_in(visitor(width=width), LIS)
    given_a_plan_that_is_in_use(lis, f"Sov godt {width}")
    given_a_plan_of_two_questionnaires(lis, name)
    when_the_second_waits_for_the_first(lis)
    when_it_has_a_goal(lis)
    when_it_has_material(lis, tmp_path)
    when_another_plan_is_put_into_it(lis, f"Sov godt {width}")
    lis.follow("Færdig: se planen, og tag den i brug")
    lis.follow("Tag i brug")
    lis.reads("I brug", "En plan i planen")
    asta = asta_has_found_nancy(visitor)
    then_asta_sends_it(asta, name)
    due = in_words(days_ahead(2 + 12 * 7))
    asta.reads("Du kan gå en tur hver dag", f"Gang: mindst 30 minutter om dagen, senest {due}", "Sov bedre")
    asta.reads(f"Begynder 2 uger efter, at ”{FIRST}” er besvaret")
    nancy = logs_in(visitor(width=width), NANCY)
    nancy.follow("Dine mål og noget at læse")
    nancy.reads(name, "Du kan gå en tur hver dag", "Læs mere", "Øvelser", "Dokument, ")
    with nancy.page.expect_download() as download:
        nancy.page.get_by_role("link", name="Øvelser").last.click()
    assert download.value.suggested_filename == "Øvelser.pdf"


def fill(tab: Tab, label: str, text: str) -> None:
    """Write in the field with exactly this label: others have it among their words."""
    tab.page.get_by_label(label, exact=True).fill(text)


def given_a_plan_that_is_in_use(lis: Tab, title: str) -> None:
    lis.open("/kam/planer/ny/")
    write(lis, "Titel for borgeren", title)
    pick(lis, "Første aktivitet", f"{FOLLOW_UP} (1.0)")
    lis.follow("Opret kladde")
    lis.follow("Færdig: se planen, og tag den i brug")
    lis.follow("Tag i brug")


def given_a_plan_of_two_questionnaires(lis: Tab, title: str) -> None:
    lis.open("/kam/planer/ny/")
    write(lis, "Titel for borgeren", title)
    pick(lis, "Første aktivitet", f"{EVERYDAY} (1.0)")
    lis.follow("Opret kladde")
    pick(lis, "Tilføj en aktivitet eller en plan", f"{FOLLOW_UP} (1.0)")
    lis.follow("Tilføj trin")


def when_the_second_waits_for_the_first(lis: Tab) -> None:
    lis.page.get_by_role("button", name="Ret titel og rytme").nth(1).click()
    choose(lis, "Når andet i planen er besvaret")
    lis.follow("Gem")
    assert lis.status == 422
    lis.reads("Skriv ved mindst én aktivitet, hvor mange gange den skal være besvaret.")
    fill(lis, FIRST, "1")
    write(lis, "Hvor længe efter?: antal", "2")
    lis.page.get_by_label("Hvor længe efter?: enhed").select_option(label="uger")
    lis.follow("Gem")
    lis.reads(f"Begynder 2 uger efter, at ”{FIRST}” er besvaret")
    lis.page.get_by_role("button", name="Tag ud af planen").first.click()
    lis.reads("Det blev ikke gjort", f"”{SECOND}” venter på ”{FIRST}”.")


def when_it_has_a_goal(lis: Tab) -> None:
    lis.follow("Tilføj mål")
    choose(lis, "Ja, målet er et tal")
    lis.follow("Gem målet")
    assert lis.status == 422
    lis.reads("Skriv målet.", "Skriv, hvad der tælles eller måles.", "Skriv et tal, fx 30 eller 7,5.")
    fill(lis, "Målet", "Du kan gå en tur hver dag")
    write(lis, "Hvad tælles eller måles?", "Gang")
    fill(lis, "Tal", "30")
    lis.page.get_by_label("Enhed", exact=True).first.select_option(label="minutter om dagen")
    write(lis, "Inden for: antal", "12")
    lis.follow("Gem målet")
    lis.reads("Gang: mindst 30 minutter om dagen, inden for 12 uger")


def when_it_has_material(lis: Tab, directory: Path) -> None:
    lis.follow("Tilføj materiale")
    write(lis, "Titel", "Sov bedre")
    write(lis, "Link", "javascript:alert(1)")
    lis.follow("Tilføj materialet")
    assert lis.status == 422
    lis.reads("Skriv en adresse, der begynder med https://.")
    write(lis, "Link", "https://material.example/sov-bedre")
    lis.follow("Tilføj materialet")
    lis.reads("material.example")
    document = directory / "oevelser.pdf"
    lis.follow("Tilføj materiale")
    write(lis, "Titel", "Øvelser")
    document.write_bytes(bytes(1_700_000))
    lis.page.get_by_label("Dokument").set_input_files(document)
    lis.follow("Tilføj materialet")
    assert lis.status == 422
    lis.reads("Dokumentet fylder mere end", "Vælg dokumentet igen")
    document.write_bytes(b"%PDF-1.4\n%%EOF\n")
    lis.page.get_by_label("Dokument").set_input_files(document)
    lis.follow("Tilføj materialet")
    lis.reads("Dokument, ")


def when_another_plan_is_put_into_it(lis: Tab, title: str) -> None:
    pick(lis, "Tilføj en aktivitet eller en plan", f"{title} (1.0)")
    lis.follow("Tilføj trin")
    lis.reads("En plan i planen · Version 1.0")


def then_asta_sends_it(asta: Tab, title: str) -> None:
    asta.follow("Send spørgeskema")
    choose(asta, title)
    choose(asta, "Som planen siger")
    asta.page.get_by_label("Dato", exact=True).fill(days_ahead(2).isoformat())
    asta.follow("Se, hvad der sker")
    asta.reads("3 spørgeskemaer", "skal allerede svare på noget af det samme")
    asta.follow("Send spørgeskema")
    asta.follow("Send det en gang til")
    asta.reads(NANCY.name)
