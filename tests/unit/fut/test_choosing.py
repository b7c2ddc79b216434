"""Which contexts somebody may have in a token: their teams, who those follow, and their courses of care."""

import pytest

from kommunalpro.fhir.outcome import Forbidden
from kommunalpro.fhirserver.principal import Context
from kommunalpro.fut.choosing import Choosing
from kommunalpro.fut.contexts import as_practitioner
from kommunalpro.fut.gateway.local import LocalGateway
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.identity.demo import Person
from tests.people import ASTA, BO, NANCY, Staff
from tests.refusals import refusal_codes
from tests.resources import care_plan, care_team
from tests.store.cast import BASE, NOW

VIEWER = Staff("viola", "Viola", "nord", "kommune", ("clinicalViewer",))
NORD, SYD = f"{BASE}/CareTeam/nord", f"{BASE}/CareTeam/syd"
NANCYS, TJOERNS = f"{BASE}/EpisodeOfCare/nancys", f"{BASE}/EpisodeOfCare/tjoerns"


def choose(store, who, **wanted):
    kind = "PRACTITIONER" if isinstance(who, Staff) else "PATIENT"
    type = "Practitioner" if kind == "PRACTITIONER" else "Patient"
    person = Person(who.key, who.name, kind, f"{BASE}/{type}/{who.key}")
    return Choosing(LocalGateway(store.server)).choose(person, Context(**wanted), NOW)


def is_refused(store, who, **wanted):
    return refusal_codes(lambda: choose(store, who, **wanted), Forbidden)


def test_before_anything_is_chosen_one_may_do_what_everybody_may(clinic):
    assert choose(clinic, ASTA) == as_practitioner(f"{BASE}/Practitioner/asta", ASTA.name, None)


def test_a_team_brings_its_roles_and_its_organisation(clinic):
    asta = choose(clinic, ASTA, care_team=NORD)
    assert asta.context == Context(organization=f"{BASE}/Organization/kommune", care_team=NORD)
    assert "EpisodeOfCare.read" in asta.privileges
    assert is_refused(clinic, ASTA, care_team=SYD) == ["SECURITY_TOKEN_CONTEXT_NOT_ALLOWED"]


def test_where_each_service_has_its_own_address_tokens_and_choices_call_everything_as_its_resources_do(clinic):
    """A program of FUT's compares it with the members and teams of a course of care."""
    urls = ServiceUrls(BASE, {"organization": f"{BASE}/organization"})
    at_services = Choosing(LocalGateway(clinic.server), urls.here, urls.there)
    person = Person(ASTA.key, ASTA.name, "PRACTITIONER", f"{BASE}/Practitioner/asta")
    asta = at_services.choose(person, Context(), NOW)
    [team] = at_services.to_choose_from(asta, NOW)["care_teams"]
    in_team = Context(f"{BASE}/organization/Organization/kommune", f"{BASE}/organization/CareTeam/nord")
    assert (team["affiliation"]["id"], team["id"]) == (in_team.organization, in_team.care_team)
    assert asta.user == f"{BASE}/organization/Practitioner/asta"
    assert at_services.choose(person, Context(care_team=team["id"]), NOW).context == in_team
    assert at_services.choose(person, Context(care_team=NORD), NOW).context == in_team, "our own name is taken too"


def test_an_organisation_alone_brings_no_roles(clinic):
    asta = choose(clinic, ASTA, organization=f"{BASE}/Organization/kommune")
    assert asta.privileges == choose(clinic, ASTA).privileges
    assert is_refused(clinic, ASTA, organization=f"{BASE}/Organization/region")


def test_who_may_not_enrol_chooses_those_whom_the_team_follows(clinic):
    """To open a course of care one chooses somebody whom nobody follows yet; whoever opens none has no reason to."""
    clinic.update(care_team("Nord", ASTA, VIEWER) | {"id": "nord"})
    assert choose(clinic, VIEWER, care_team=NORD, patient=f"{BASE}/Patient/nancy").context.patient
    assert is_refused(clinic, VIEWER, care_team=NORD, patient=f"{BASE}/Patient/tjoern")
    assert choose(clinic, ASTA, care_team=NORD, patient=f"{BASE}/Patient/tjoern").context.patient
    assert is_refused(clinic, ASTA, care_team=NORD, patient=f"{BASE}/Patient/nobody")


def test_a_course_of_care_is_chosen_from_a_team_that_it_or_its_plan_names(clinic):
    assert choose(clinic, ASTA, care_team=NORD, episode_of_care=NANCYS).context.episode_of_care == NANCYS
    allowed = "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND"
    assert is_refused(clinic, BO, care_team=SYD, episode_of_care=NANCYS) == [allowed]
    assert is_refused(clinic, ASTA, care_team=NORD, episode_of_care=f"{BASE}/EpisodeOfCare/nobody") == [allowed]
    clinic.create(care_plan("nancy", "nancys", "syd"))
    assert choose(clinic, BO, care_team=SYD, episode_of_care=NANCYS)


def test_patient_and_course_of_care_belong_together(clinic):
    nancy, tjoern = f"{BASE}/Patient/nancy", f"{BASE}/Patient/tjoern"
    both = choose(clinic, ASTA, care_team=NORD, patient=nancy, episode_of_care=NANCYS).context
    assert (both.patient, both.episode_of_care) == (nancy, NANCYS)
    assert is_refused(clinic, ASTA, care_team=NORD, patient=tjoern, episode_of_care=NANCYS)


@pytest.mark.parametrize("wanted", [{"patient": f"{BASE}/Patient/nancy"}, {"episode_of_care": NANCYS}])
def test_a_practitioner_chooses_a_team_first(clinic, wanted):
    assert is_refused(clinic, ASTA, **wanted)
    assert is_refused(clinic, ASTA, organization=f"{BASE}/Organization/kommune", **wanted)


@pytest.mark.parametrize(
    "url", ["nancy", "Patient/nancy", f"{BASE}/Patient/nancy/_history/1", "https://x.dk/Patient/nancy", NANCYS, ""]
)
def test_a_context_is_an_absolute_address_here(clinic, url):
    assert is_refused(clinic, ASTA, care_team=NORD, patient=url)


def test_a_citizen_is_about_herself_in_her_own_course_of_care(clinic):
    herself = f"{BASE}/Patient/nancy"
    assert choose(clinic, NANCY).context == Context(patient=herself)
    chosen = choose(clinic, NANCY, patient=herself, episode_of_care=NANCYS).context
    assert chosen == Context(patient=herself, episode_of_care=NANCYS)
    for wanted in (
        {"episode_of_care": TJOERNS},
        {"patient": f"{BASE}/Patient/tjoern"},
        {"care_team": NORD},
        {"organization": f"{BASE}/Organization/kommune"},
    ):
        assert is_refused(clinic, NANCY, **wanted), wanted
