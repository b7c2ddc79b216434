"""Every kind of question that R4 has, met by a citizen: answered, answered wrongly, added, removed, sent."""

from pathlib import Path

from playwright.sync_api import expect

from tests.live import LiveServer
from tests.people import ASTA, NANCY
from tests.system.browser import Tab
from tests.system.stories import Visits, choose, logs_in, pick, write

EVERY_KIND = Path(__file__).parent / "questionnaires" / "every_kind.json"


def test_every_kind_of_question_is_answered_and_read_back_in_words(live: LiveServer, visitor: Visits):
    nancy = given_nancy_is_asked_every_kind(live, visitor)
    nancy.reads("Her er alle de slags spørgsmål")
    choose(nancy, "Ja", within="Har du det godt i dag?")
    choose(nancy, "Familie", within="Hvem hjælper dig?")
    choose(nancy, "Ingen af dem", within="Hvem hjælper dig?")
    expect(nancy.page.get_by_role("group", name="Hvem hjælper dig?").get_by_label("Familie")).not_to_be_checked()
    pick(nancy, "Hvilken landsdel", "Syddanmark")
    choose(nancy, "Andet", within="Hvad holder du mest af?")
    write_in(nancy, "Hvad holder du mest af?", "Andet: skriv her", "Min hund")
    nancy.follow("Næste emne")

    choose(nancy, "7", within="Hvor ondt gør det?")
    nancy.page.get_by_role("slider").press("End")
    expect(nancy.page.get_by_label("Hvor godt er dit helbred").last).to_have_value("100")
    write(nancy, "Hvad er din temperatur?", "37,5")
    write(nancy, "Hvad vejer du?", "72,5")
    write(nancy, "Hvor høj er du?", "1,72")
    pick(nancy, "Enhed: Hvor høj er du?", "m")
    write(nancy, "Hvor mange glas vand", "8")
    nancy.page.keyboard.press("Tab")
    nancy.reads("Godt gået. Vand er godt for dig.").check().follow("Næste emne")

    write(nancy, "Hvornår var du sidst hos lægen?", "1. februar 2026")
    write_in(nancy, "Hvornår begyndte det?", "Dato", "1-11-2026")
    write_in(nancy, "Hvornår begyndte det?", "Klokken", "10")
    write(nancy, "Hvornår står du op?", "730")
    write(nancy, "Har du en side på nettet?", "www.sundhed.dk")
    write_in(nancy, "Hvilke foreninger", "Svar 1", "Skakklubben")
    nancy.follow("Gem, og vis et felt mere")
    write_in(nancy, "Hvilke foreninger", "Svar 2", "Kirkekoret")
    nancy.follow("Næste emne")

    write(nancy, "Hvad hedder medicinen?", "Panodil")
    nancy.follow("Næste emne").reads("Det her kan du ikke svare på i spørgeskemaet.", "Tegning: Kommunal PRO, CC0")
    nancy.does_not_read("Skjult").follow("Se dine svar igennem")
    nancy.reads("Syddanmark", "Min hund", "7", "100", "37,5 °C", "72,5 kg", "1,72 m", "1.2.2026", "1.11.2026 kl. 10.00")
    nancy.reads("7.30", "https://www.sundhed.dk", "Skakklubben", "Kirkekoret", "Panodil")
    nancy.follow("Send mine svar").reads("Tak for dine svar")


def test_what_is_typed_wrongly_is_told_where_it_stands(live: LiveServer, visitor: Visits):
    nancy = given_nancy_is_asked_every_kind(live, visitor)
    nancy.follow("Næste emne")
    write(nancy, "Hvad er din temperatur?", "1.250")
    write(nancy, "Hvor mange glas vand", "mange")
    nancy.page.keyboard.press("Tab")
    nancy.reads(
        "Skriv tallet uden tusindtegn, for eksempel 1250 eller 1,25.", "Skriv et helt tal mellem 0 og 30."
    ).check()
    write(nancy, "Hvad er din temperatur?", "37,5")
    write(nancy, "Hvor mange glas vand", "")
    nancy.follow("Næste emne")
    write(nancy, "Hvornår var du sidst hos lægen?", "31-02-2026")
    write_in(nancy, "Hvornår begyndte det?", "Dato", "1-11-2026")
    write(nancy, "Har du en side på nettet?", "ingen")
    nancy.follow("Næste emne")
    assert nancy.status == 422
    nancy.reads("Den dato findes ikke.", "Skriv også klokkeslættet.", "Skriv en adresse på nettet")
    assert nancy.page.locator(".citizen-faults li").count() == 3


def test_medicines_are_added_and_taken_away_without_javascript(live: LiveServer, visitor: Visits):
    nancy = given_nancy_is_asked_every_kind(live, visitor, scripted=False)
    for _ in range(3):
        nancy.follow("Næste emne")
    medicine = nancy.page.get_by_label("Hvad hedder medicinen?")
    medicine.fill("Panodil")
    nancy.follow("Tilføj en mere")
    medicine.nth(1).fill("Ipren")
    nancy.page.get_by_role("region", name="Nummer 2").get_by_label("Ja").check()
    nancy.follow("Næste emne").reads("Der er kommet 1 spørgsmål mere på siden.", "Hvor mange gange om ugen")
    nancy.follow("Fjern nummer 1")
    assert medicine.input_value() == "Ipren"
    nancy.follow("Næste emne").follow("Se dine svar igennem")
    nancy.reads("Ipren").does_not_read("Panodil")


def given_nancy_is_asked_every_kind(live: LiveServer, visitor: Visits, *, scripted: bool = True) -> Tab:
    live.command("import-questionnaire", str(EVERY_KIND), "--publish")
    asta = logs_in(visitor(), ASTA).open("/medarbejder/").follow("Find borger")
    write(asta, "CPR-nummer", "251248-9996")
    asta.follow("Find borger").follow("Send spørgeskema")
    asta.page.get_by_label("Alle slags spørgsmål").first.check()
    asta.page.get_by_label("Nu", exact=True).check()
    asta.follow("Send spørgeskema")
    return logs_in(visitor(scripted=scripted), NANCY).follow("Begynd Alle slags spørgsmål")


def write_in(tab: Tab, question: str, label: str, text: str) -> None:
    """Write in one field of a question that has several."""
    tab.page.get_by_role("group", name=question).get_by_label(label, exact=True).fill(text)
