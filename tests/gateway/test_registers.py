"""Where registers disagree, pages tell what can be told: FUT has no way from a unit of SOR to FK Organisation's."""

from django.conf import settings

from kommunalpro.care import organizations
from kommunalpro.care.organizations import Difference
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.organizations.registers import related_to
from tests.resources import organization
from tests.unit.care.world import MONDAY, World


def from_register(world: World, source: str, name: str, *extensions: object) -> tuple[str, dict[str, object]]:
    """Store an organisation as one that a register has brought; gives its URL, and itself."""
    coded = {"coding": [{"system": ehealth.CS + "organization-source", "code": source}]}
    made = organization(name)
    others = [each for each in made["extension"] if each["url"] != ehealth.ORGANIZATION_SOURCE]
    its_source = {"url": ehealth.ORGANIZATION_SOURCE, "valueCodeableConcept": coded}
    made |= {"extension": [its_source, *others, *extensions]}
    stored = world.gateway.create(made, by=SYSTEM, now=MONDAY)
    return own_url(world.gateway.base_url, stored), stored


def test_a_unit_is_told_of_from_both_ends_or_the_end_that_cannot_be_told_is_said_to_be_missing(world: World):
    in_sor, unit = from_register(world, "SOR", "Sundhedscenter Birkelund")
    in_fk, same = from_register(world, "STS-ORG", "Sundhedscentret", related_to(in_sor))
    who = {"by": world.asta, "now": MONDAY}
    of_sor = organizations.differences(world.gateway, {in_sor: unit}, **who)
    of_fk = organizations.differences(world.gateway, {in_fk: same}, **who)
    assert of_fk.by_url[in_fk] == (Difference("name", "Sundhedscentret", "Sundhedscenter Birkelund", "SOR"),)
    assert of_fk.is_all
    assert of_sor.is_all is not settings.STRICT
    seen = (Difference("name", "Sundhedscenter Birkelund", "Sundhedscentret", "STS-ORG"),)
    assert of_sor.by_url.get(in_sor, ()) == (() if settings.STRICT else seen)
