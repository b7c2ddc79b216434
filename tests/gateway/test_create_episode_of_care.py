"""`$create-episode-of-care`: a course of care with its diagnosis and the law it rests on, or nothing."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, transaction
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.identifier import Cpr
from kommunalpro.fhir.outcome import BadRequest, FhirError, Forbidden, NotFound, RuleBroken
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import LATER
from tests.gateway.looking import rows
from tests.gateway.marks import NOT_CHANGED, R4_FIRST
from tests.people import NANCY, TJOERN
from tests.resources import condition, episode_of_care

EPISODE, CONDITION = f"urn:uuid:{uuid4()}", f"urn:uuid:{uuid4()}"
NO_LAW, OTHER_POLICY = "EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES", "KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS"
NOT_PLANNED = "EPISODEOFCARE_CREATE_EPISODE_OF_CARE_IN_NON_PLANNED_STATUS"


@pytest.fixture
def opening(world):
    return Opening(world)


class Opening:
    """The Bundle that opens a course of care for Nancy; what is wrong with it is put in by the test."""

    def __init__(self, world):
        self.world = world
        nancy = world.enrol(NANCY)
        self.patient, self.herself = nancy.patient, nancy.self
        self.by = world.asta.within(patient=self.patient)
        organization = {"reference": world.asta.context.organization}
        self.episode = episode_of_care("x") | {
            "diagnosis": [{"condition": {"reference": CONDITION}}],
            "patient": {"reference": self.patient},
            "team": [{"reference": world.asta.context.care_team}],
            "managingOrganization": organization,
            "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": organization}],
        }
        self.diagnosis = condition("x", "x") | {"subject": {"reference": self.patient}}
        self.diagnosis["extension"][0]["valueReference"] = {"reference": EPISODE}
        self.law = {
            "resourceType": "Provenance",
            "target": [{"reference": EPISODE}],
            "recorded": "2026-11-23T10:00:00+01:00",
            "policy": [ehealth.POLICY_SUNDHEDSLOVEN],
            "agent": [{"who": {"reference": world.asta.user}}],
        }

    def bundle(self, *more):
        entries = [create_entry(self.episode, EPISODE), create_entry(self.diagnosis, CONDITION)]
        entries += [create_entry(each, f"urn:uuid:{uuid4()}") for each in (self.law, *more) if each]
        return transaction(entries)

    def send(self, *more, by=None, bundle=None):
        asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle or self.bundle(*more)})
        return self.world.gateway.operation("$create-episode-of-care", asked, by=by or self.by, now=LATER)

    def refused(self, *more, by=None, bundle=None):
        """Give FUT's codes of the refusal, after seeing that it left nothing."""
        before = rows()
        with pytest.raises(FhirError) as wrong:
            self.send(*more, by=by, bundle=bundle)
        assert rows() == before
        return [each.coding[1] for each in wrong.value.issues if each.coding]


def test_it_is_planned_belongs_to_the_solution_and_is_the_teams_at_once(opening):
    answer = opening.send()
    stored = {entry["resource"]["resourceType"]: entry["resource"] for entry in answer["entry"]}
    episode = stored["EpisodeOfCare"]
    assert episode["status"] == "planned"
    assert [each["status"] for each in episode["statusHistory"]] == ["planned"]
    [came] = extensions(episode, ehealth.TEAM_HISTORY)
    assert extension_value(came, "careTeam") == episode["team"][0]
    assert extension_value(came, "period") == {"start": to_datetime(LATER)}
    assert {each["meta"]["tag"][0]["code"] for each in stored.values()} == {"kpro"}
    url = f"{opening.world.gateway.base_url}/EpisodeOfCare/{episode['id']}"
    assert stored["Condition"]["extension"][0]["valueReference"]["reference"] == url
    assert stored["Provenance"]["target"] == [{"reference": url}]
    within = opening.by.within(episode_of_care=url)
    assert opening.world.gateway.read(url, by=within, now=LATER)["id"] == episode["id"]


def test_a_law_must_allow_it(opening):
    opening.law["policy"] = ["http://example.org/policy"]
    assert opening.refused() == [NO_LAW, OTHER_POLICY]
    opening.law = None
    assert opening.refused() == [NO_LAW]


def test_it_rests_on_laws_alone(opening):
    """Else it could say of others' measurements that they came in with the citizen's."""
    opening.law["policy"].append(ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT)
    assert opening.refused() == [OTHER_POLICY]
    opening.law["policy"].pop()
    more = opening.law | {"policy": [ehealth.POLICY_COHERENT_SUBMITTED_MEASUREMENT]}
    assert opening.refused(more) == [OTHER_POLICY]


@pytest.mark.parametrize("whose", ["the citizen", "another", "nobody here"])
def test_a_law_is_the_basis_of_this_course_of_care_and_of_nothing_else(opening, whose):
    urls = {"the citizen": opening.patient, "nobody here": "https://other.example/fhir/Patient/1"}
    outside = urls[whose] if whose in urls else opening.world.enrol(TJOERN).episode
    opening.law["target"].append({"reference": outside})
    assert opening.refused() == ["EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET"]
    opening.law["target"] = [{"display": "x"}]
    assert opening.refused() == ["EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET"]


def test_a_law_that_is_not_the_basis_of_the_course_of_care_does_not_come_along(opening):
    """It would be a row of whatever course it names besides."""
    other = opening.world.enrol(TJOERN).episode
    more = opening.law | {"target": [{"reference": CONDITION}]}
    more["entity"] = [{"role": "source", "what": {"reference": other}}]
    assert opening.refused(more) == ["EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET"]


def test_a_law_may_be_the_basis_of_the_diagnosis_as_well(opening):
    opening.law["target"].append({"reference": CONDITION})
    assert len(opening.send()["entry"]) == 4


@pytest.mark.parametrize("acts", [["another"], ["citizen", "another"], ["practitioner", "another"]])
def test_no_other_citizen_gives_the_law(opening, acts):
    """The first citizen who acts has the row: another would read it, and this one and her team would not."""
    urls = {"citizen": opening.patient, "practitioner": opening.by.user}
    urls["another"] = opening.world.enrol(TJOERN).patient
    opening.law["agent"] = [{"who": {"reference": urls[each]}} for each in acts]
    assert opening.refused() == ["KPRO_PATIENT_NOT_OF_EPISODEOFCARE"]


@pytest.mark.parametrize("acts", ["citizen", "practitioner"])
def test_a_law_is_for_the_citizen_and_the_team_to_read_whoever_gives_it(opening, acts):
    """And whatever other course of care it says besides."""
    gateway, other = opening.world.gateway, opening.world.enrol(TJOERN)
    opening.law["agent"] = [{"who": {"reference": opening.patient if acts == "citizen" else opening.by.user}}]
    another = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": other.episode}}
    opening.law["extension"] = [another]
    found = [entry["resource"] for entry in opening.send()["entry"]]
    [episode] = [each for each in found if each["resourceType"] == "EpisodeOfCare"]
    [law] = [each for each in found if each.get("policy") == [ehealth.POLICY_SUNDHEDSLOVEN]]
    url = f"{gateway.base_url}/EpisodeOfCare/{episode['id']}"
    for reader in (opening.by.within(episode_of_care=url), opening.herself):
        assert gateway.read(f"Provenance/{law['id']}", by=reader, now=LATER)["id"] == law["id"]
    with pytest.raises(NotFound):
        gateway.read(f"Provenance/{law['id']}", by=other.self, now=LATER)


def test_the_server_says_itself_who_opened_it_and_when(opening):
    *sent, last = opening.send()["entry"]
    [episode] = [each["resource"] for each in sent if each["resource"]["resourceType"] == "EpisodeOfCare"]
    origin = last["resource"]
    assert origin["target"] == [{"reference": f"{opening.world.gateway.base_url}/EpisodeOfCare/{episode['id']}"}]
    assert datetime.fromisoformat(origin["recorded"]) == LATER
    assert origin["policy"] == [ehealth.POLICY_PATIENT_DATA, ehealth.POLICY_GDPR]
    assert origin["activity"]["coding"][0]["code"] == "CREATE"
    [agent] = origin["agent"]
    assert (agent["role"][0]["coding"][0]["code"], agent["who"]) == ("AUT", {"reference": opening.by.user})


def test_opened_by_a_system_it_is_the_responsible_organisation_that_did(opening):
    answer = opening.send(by=replace(SYSTEM, system_tags=frozenset({"kpro"})))
    [agent] = answer["entry"][-1]["resource"]["agent"]
    assert agent["who"] == opening.episode["managingOrganization"]


def test_the_diagnosis_must_be_what_the_solution_is_for(opening):
    opening.diagnosis["code"]["coding"][0]["code"] = "DC509"
    assert opening.refused() == ["KPRO_EPISODEOFCARE_TREATMENT_AREA"]


@pytest.mark.parametrize(
    ("tag", "code", "is_for_it"), [("xb", "DJ44", True), ("xb", "DE11", True), ("zz", "DJ44", False)]
)
def test_what_a_solution_is_for_is_told_by_its_tag(opening, tag, code, is_for_it):
    """Each has a value set of its own; of a tag that nobody knows, none."""
    opening.diagnosis["code"]["coding"][0]["code"] = code
    by = replace(SYSTEM, system_tags=frozenset({tag}))
    if is_for_it:
        assert opening.send(by=by)["entry"]
        return
    with pytest.raises(RuleBroken) as refused:
        opening.send(by=by)
    assert [each.coding[1] for each in refused.value.issues] == ["KPRO_EPISODEOFCARE_TREATMENT_AREA"]


def test_everything_that_is_wrong_is_told_at_once(opening):
    opening.law["policy"] = ["http://example.org/policy"]
    opening.diagnosis["code"]["coding"][0]["code"] = "DC509"
    opening.episode["status"] = "active"
    assert set(opening.refused()) == {
        NO_LAW,
        OTHER_POLICY,
        "KPRO_EPISODEOFCARE_TREATMENT_AREA",
        NOT_PLANNED,
    }


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "PUT", "url": "EpisodeOfCare/1"},
        {"method": "POST", "url": "EpisodeOfCare", "ifNoneExist": "identifier=1"},
        {"method": "POST", "url": "Condition"},
    ],
    ids=lambda each: " ".join(each.values()),
)
def test_it_only_opens(opening, request_):
    bundle = opening.bundle()
    bundle["entry"][0]["request"] = request_
    assert opening.refused(bundle=bundle) == ["KPRO_BUNDLE_CREATES"]


@pytest.mark.parametrize("request_", [{"method": "DELETE", "url": "Consent/1"}, {"method": "GET", "url": "Patient/1"}])
def test_what_holds_no_resource_is_not_passed_over(opening, request_):
    bundle = opening.bundle()
    bundle["entry"].append({"request": request_})
    assert opening.refused(bundle=bundle) == ["KPRO_BUNDLE_CREATES"]


def test_it_is_opened_whole_or_not_at_all(opening):
    assert opening.refused(bundle={**opening.bundle(), "type": "batch"}) == ["KPRO_BUNDLE_CREATES"]


def test_it_begins_without_history(opening):
    opening.episode["statusHistory"] = [{"status": "planned", "period": {"start": "2026-01-01"}}]
    assert opening.refused() == ["EPISODEOFCARE_CREATE_STATUS_HISTORY_NOT_EMPTY"]
    del opening.episode["statusHistory"]
    team = {"url": "careTeam", "valueReference": opening.episode["team"][0]}
    earlier = {"url": "period", "valuePeriod": {"start": "2026-01-01"}}
    opening.episode["extension"].append({"url": ehealth.TEAM_HISTORY, "extension": [team, earlier]})
    assert opening.refused() == ["EPISODEOFCARE_CREATE_TEAM_HISTORY_NOT_EMPTY"]


def test_the_diagnosis_is_the_citizens_own(opening):
    opening.diagnosis["subject"] = {"reference": opening.world.enrol(TJOERN).patient}
    assert opening.refused() == ["EPISODEOFCARE_CREATE_INCORRECT_CONDITION_SUBJECT"]


def test_it_is_opened_for_the_citizen_in_the_context_and_no_other(opening):
    other = opening.world.enrol(TJOERN).patient
    for chosen in (other, None):
        refused = opening.refused(by=opening.by.within(patient=chosen))
        assert refused == ["EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT"]


@NOT_CHANGED
def test_nobody_dead_gets_one(opening):
    gateway = opening.world.gateway
    patient = gateway.read(opening.patient, by=SYSTEM, now=LATER)
    gateway.update(patient | {"deceasedBoolean": True}, if_match="1", by=SYSTEM, now=LATER)
    assert opening.refused() == ["EPISODEOFCARE_CREATE_PATIENT_MUST_NOT_BE_DECEASED"]


def test_the_team_that_follows_it_and_whose_its_data_are_are_here(opening):
    """A team that is not here would never find it."""
    here = opening.world.gateway.base_url
    opening.episode["team"] = [*opening.episode["team"], {"reference": f"{here}/CareTeam/nope"}]
    opening.episode["managingOrganization"] = {"reference": f"{here}/Organization/nope"}
    assert opening.refused() == ["KPRO_CARE_TEAM_NOT_ACTIVE", "GENERAL_RESOURCE_NOT_FOUND"]


def test_without_a_team_nobody_would_see_it(opening):
    """Whoever opens it: a system sees it itself, and the citizen is followed by nobody all the same."""
    del opening.episode["team"]
    for by in (opening.by, replace(SYSTEM, system_tags=frozenset({"kpro"}))):
        assert opening.refused(by=by) == ["KPRO_EPISODEOFCARE_CREATE_TEAM"]
    opening.episode["team"] = [{"display": "Nord"}]
    assert opening.refused() == ["KPRO_CARE_TEAM_NOT_ACTIVE"]


def test_it_does_not_begin_by_what_is_another_citizens(opening):
    """Who has told of the diagnosis is not Tjørn, and what it is seen by is not his."""
    tjoern = opening.world.enrol(TJOERN)
    opening.diagnosis["asserter"] = {"reference": tjoern.patient}
    opening.diagnosis["evidence"] = [{"detail": [{"reference": tjoern.episode}]}]
    assert opening.refused() == ["GENERAL_VALIDATION_ERROR", "GENERAL_RESOURCE_NOT_FOUND"]


def test_nor_by_what_another_citizen_known_by_number_has_told(opening):
    opening.diagnosis["asserter"] = {"identifier": Cpr(TJOERN.cpr).to_fhir()}
    assert opening.refused() == ["GENERAL_VALIDATION_ERROR"]


@R4_FIRST
def test_two_courses_or_other_things_do_not_come_along(opening):
    count, type = "EPISODEOFCARE_CREATE_WRONG_EOC_COUNT", "EPISODEOFCARE_CREATE_UNSUPPORTED_RESOURCE_TYPE"
    assert opening.refused(opening.episode) == [count]
    organization = {"resourceType": "Organization"}
    assert opening.refused(organization) == [type]
    assert opening.refused(opening.episode, organization) == [count, type]
    empty = {"resourceType": "Bundle", "type": "transaction"}
    assert opening.refused(bundle=empty) == [count]
    opening.episode["status"] = "active"
    assert opening.refused(organization) == [type, NOT_PLANNED]


def test_what_the_profile_lacks_is_told_in_its_place(opening):
    del opening.episode["managingOrganization"]
    before = rows()
    with pytest.raises(RuleBroken) as refused:
        opening.send()
    assert [each.expression for each in refused.value.issues] == ["Bundle.entry[0].resource.managingOrganization"]
    assert rows() == before


def test_without_the_solutions_tag_there_is_none(opening):
    nobody = type(opening.by)(
        opening.by.user, "PRACTITIONER", privileges=opening.by.privileges, context=opening.by.context
    )
    assert "MISSING_COEXISTENCE_TAGS" in opening.refused(by=nobody)


def test_it_takes_the_privilege(opening):
    lis = opening.world.staff["lis"].principal.within(patient=opening.patient)
    with pytest.raises(Forbidden):
        opening.send(by=lis)


def test_a_word_instead_of_a_bundle_is_refused(opening):
    asked = parameters({"name": "episodeOfCareAndProvenances", "valueString": "hej"})
    with pytest.raises(BadRequest, match="episodeOfCareAndProvenances"):
        opening.world.gateway.operation("$create-episode-of-care", asked, by=opening.by, now=LATER)
