"""A nurse leaves the team: what she had taken is free, and a colleague takes it over."""

from tests.people import ASTA, EVA, LIS
from tests.system.stories import Visits, everywhere, logs_in

pytestmark = everywhere

NORD = "Sundhedscenter Nord"


def test_what_somebody_had_taken_is_free_when_they_leave_and_a_colleague_takes_it_over(visitor: Visits):
    asta = logs_in(visitor(), ASTA).open("/medarbejder/")
    first = asta.page.locator(".staff-row").first.get_by_role("link").first
    address = str(first.get_attribute("href"))
    first.click()
    asta.follow("Tag opgaven").reads("Opgaven er hos dig")
    asta.does_not_read("Overtag opgaven")

    eva = logs_in(visitor(width=320), EVA)
    eva.follow(NORD).open(address)
    eva.reads(f"Opgaven er hos {ASTA.name}", "Overtag opgaven")
    eva.open("/medarbejder/?ejer=ledige").does_not_read(f"ledig, var hos {ASTA.name}")

    lis = logs_in(visitor(), LIS).open("/kam/team/")
    lis.follow(NORD).page.get_by_role("link", name=ASTA.name).click()
    lis.reads("bliver ledig")
    lis.follow("Tag ud af teamet").reads("Tidligere i teamet", ASTA.name)

    eva.open("/medarbejder/?ejer=ledige").reads(f"ledig, var hos {ASTA.name}")
    eva.open(address).follow("Tag opgaven").reads("Opgaven er hos dig")
    eva.open("/medarbejder/?ejer=mine").does_not_read("ledig, var hos")
