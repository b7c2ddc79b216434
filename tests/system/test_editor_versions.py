"""The editor: makes the next version of a questionnaire, reads what it changes, and signs that it has no lights."""

from tests.people import LIS
from tests.system.stories import Visits, everywhere, logs_in

pytestmark = everywhere

EVERYDAY = "Hverdagen med kronisk sygdom – bredt samtaleskema"


def test_a_version_without_lights_is_published_by_who_signs_for_it(visitor: Visits):
    lis = logs_in(visitor(), LIS).open("/administration/spoergeskemaer/")
    lis.follow(EVERYDAY)
    lis.follow("Lav ny version")
    lis.reads("Kladde", "Version 1.1")
    lis.follow("Tag i brug")
    assert lis.status == 422
    lis.reads("Det kunne ikke gøres", "skriv under på, at den er uden")
    lis.follow("Udgiv uden trafiklys")
    lis.reads("I brug", "Version 1.1")
    lis.follow("Se forskelle fra version 1.0")
    lis.reads("For trafiklyset", "Visningen er fjernet.", "Kan gamle svar sammenlignes med nye?")
