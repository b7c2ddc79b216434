"""What is told otherwise where the national infrastructure is another installation: it keeps the colour alone."""

import pytest

from tests.people import ASTA, NANCY
from tests.system.citizens import earlier_answers, goes_to_review
from tests.system.national import National
from tests.system.stories import Visits, lights, logs_in, write

pytestmark = pytest.mark.parametrize("place", ["national"], indirect=True)


def test_a_citizen_answers_and_the_nurse_reads_it_and_closes_its_task(national: National, visitor: Visits):
    nancy = logs_in(visitor(), NANCY)
    before = earlier_answers(nancy)
    nancy.open("/borger/").follow("Begynd")
    goes_to_review(nancy)
    nancy.follow("Send mine svar")
    assert earlier_answers(nancy) == before + 1
    national.infrastructure.command("worker", "--once")
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    assert "Kræver opmærksomhed" in lights(asta), "and what is stored by the demo has its light"
    asta.follow(NANCY.name, within="Kan kræve opmærksomhed")
    address = asta.page.url
    asta.reads("Den nationale infrastruktur har kun gemt farven: gul. Emnerne er regnet ud nu.")
    write(asta, "Note", "Talt i telefon. Vi ses torsdag.")
    asta.follow("Afslut opgave", within="Den automatiske vurdering bevares")
    assert asta.heading() == "Arbejdsliste"
    asta.open(address).reads("Talt i telefon. Vi ses torsdag.", "Asta Holm")
    asta.follow("Log af").reads("Du er logget af.")
