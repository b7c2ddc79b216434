"""The clinical administrator: makes a care team and puts a colleague in it, who then works there."""

from tests.people import BO, LIS, NANCY
from tests.system.browser import Place
from tests.system.stories import Visits, choose, everywhere, logs_in, pick, write

pytestmark = everywhere


def test_a_team_is_made_and_a_colleague_works_in_it_until_they_leave(visitor: Visits, place: Place):
    lis = logs_in(visitor(scripted=False), LIS).open("/kam/team/")
    lis.follow("Nyt team")
    lis.follow("Opret team")
    assert lis.status == 422
    lis.reads("Skriv, hvad teamet hedder.", "Vælg mindst én tilstand, som teamet arbejder med.")
    write(lis, "Navn", "Sundhedscenter Øst")
    choose(lis, "Type 2-diabetes")
    pick(lis, "Organisation", "Demo Kommune")
    lis.follow("Opret team")
    lis.reads("Foreslået", "Teamet har ingen medlemmer endnu.")
    lis.follow("Tilføj medlem")
    write(lis, "Find medarbejder efter navn", BO.name)
    lis.follow("Find")
    choose(lis, "Klinisk se adgang: Ser måledata, også svar på spørgeskemaer.")
    lis.follow("Tilføj til teamet")
    lis.follow("Tag teamet i brug")
    lis.reads("Aktivt", "Klinisk se adgang")

    bo = logs_in(visitor(), BO)
    bo.reads("Sundhedscenter Øst", "Sundhedscenter Syd")
    bo.follow("Sundhedscenter Øst")
    bo.does_not_read(NANCY.family)

    lis.page.get_by_role("link", name=BO.name).click()
    of_courses = "Vi kan ikke tælle her" if place.is_national else "Teamet er ikke på nogen åbne forløb eller planer."
    lis.reads("er det sidste medlem", of_courses)
    lis.follow("Tag det sidste medlem ud")
    lis.reads("Teamet har ingen medlemmer nu.", "Tidligere i teamet")
    lis.follow("Luk teamet")
    lis.reads("Det sker der, når teamet lukkes")
    lis.follow("Luk teamet")
    lis.reads("Nedlagt", "Åbn teamet igen")
    bo.open("/medarbejder/")
    if place.is_national:  # Which teams there are is asked there once a minute; into this one the door is closed.
        bo.reads("Du kan ikke arbejde i det team")
    else:
        bo.does_not_read("Sundhedscenter Øst")
