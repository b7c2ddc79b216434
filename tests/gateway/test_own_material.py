"""What another application on FUT has written for one citizen: read by them, while it holds."""

from datetime import datetime, timedelta

from kommunalpro.care.own_materials import own_materials
from kommunalpro.fhir import ehealth
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.modifier_roles import owned_by
from tests.people import TJOERN
from tests.resources import document_reference
from tests.unit.care.world import MONDAY, Enrolled, World


def write(
    world: World,
    whose: Enrolled,
    title: str,
    category: str = "patient-specific-material",
    now: datetime = MONDAY,
    **changes,
):
    """Write material for a citizen as an application does; gives it as it is stored."""
    made = document_reference(
        description=title,
        extension=[owned_by(str(world.asta.context.organization))],
        type={"coding": [{"system": ehealth.DOCUMENT_TYPES, "code": "material"}]},
        category=[{"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": category}]}],
        subject={"reference": whose.patient},
        context={"encounter": [{"reference": whose.episode}]},
    )
    kept = {name: each for name, each in (made | changes).items() if each is not None}
    return world.gateway.create(kept, by=SYSTEM, now=now)


def titles(world: World, whose: Enrolled) -> list[str]:
    return [each.title for each in own_materials(world.gateway, whose.patient, by=whose.self, now=MONDAY)]


def test_material_for_one_citizen_is_read_by_them_and_nobody_else(world: World, nancy: Enrolled):
    tjoern = world.enrol(TJOERN)
    write(world, nancy, "Dine øvelser")
    write(world, tjoern, "Tjørns øvelser")
    write(world, nancy, "Til alle", "general-material", subject=None, context=None)
    assert titles(world, nancy) == ["Dine øvelser"]
    assert titles(world, tjoern) == ["Tjørns øvelser"]
    assert own_materials(world.gateway, tjoern.patient, by=nancy.self, now=MONDAY) == ()
    (found,) = own_materials(world.gateway, nancy.patient, by=nancy.self, now=MONDAY)
    assert (found.link, found.size) == ("https://material.example/sov-godt", 0)
    document = world.gateway.read(f"DocumentReference/{found.id}", by=nancy.self, now=MONDAY)
    assert document["description"] == "Dine øvelser"


def test_the_newest_comes_first(world: World, nancy: Enrolled):
    for hour, title in enumerate(("Den første", "Den anden")):
        write(world, nancy, title, now=MONDAY + timedelta(hours=hour))
    assert titles(world, nancy) == ["Den anden", "Den første"]


def test_it_is_read_while_it_is_current_and_its_course_of_care_goes_on(world: World, nancy: Enrolled):
    for title, changes in {
        "Erstattet": {"status": "superseded"},
        "En fejl": {"status": "entered-in-error"},
        "Ikke færdigt": {"docStatus": "preliminary"},
        "Taget tilbage": {"docStatus": "entered-in-error"},
        "Godkendt": {"docStatus": "final"},
    }.items():
        write(world, nancy, title, **changes)
    assert titles(world, nancy) == ["Godkendt"]
    ended = [{"op": "replace", "path": "/status", "value": "finished"}]
    world.gateway.patch(nancy.episode, ended, if_match=None, by=SYSTEM, now=MONDAY)
    assert titles(world, nancy) == []
