"""Who may know of what: the filter stands inside the SQL, so what is hidden is in no read, list, count or include.

Nancy's course of care is with nord (Asta). Bo is of the same municipality in another team, Kim of another organisation.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import FhirError, Forbidden, NotFound
from kommunalpro.fut import rules
from tests.people import ASTA, BO, KIM, NANCY, OUTSIDERS, TJOERN
from tests.refusals import refusal_codes
from tests.resources import (
    care_plan,
    care_team,
    clinical_impression,
    communication,
    communication_request,
    consent,
    document_reference,
    episode_of_care,
    goal,
    media,
    message,
    observation,
    owned_by,
    patient,
    related_person,
    task,
    to,
    triage_consent,
)
from tests.store.cast import BASE, LATER, citizen, ids, staff, without

ABOUT_NANCY = {"patient": "nancy", "episode_of_care": "nancys"}
PERSONAL = {
    "Patient": "nancy",
    "EpisodeOfCare": "nancys",
    "Condition": "nancys-kol",
    "CarePlan": "plan",
    "Task": "opgave",
    "ClinicalImpression": "vurdering",
    "Consent": "samtykke",
    "Observation": "maaling",
    "Media": "billede",
    "Communication": "notat",
    "CommunicationRequest": "besked",
    "DocumentReference": "materiale",
    "Goal": "maal",
    "RelatedPerson": "paaroerende",
}
"""A row of Nancy's of each type that is kept about a person."""

outsiders = pytest.mark.parametrize("outsider", OUTSIDERS, ids=lambda person: person.key)


@pytest.fixture
def nancys(clinic):
    clinic.create(care_plan("nancy", "nancys", "nord"), id="plan")
    clinic.create(clinical_impression("nancy", "nancys"), id="vurdering")
    clinic.create(task("nancy", "nancys", focus=to("ClinicalImpression/vurdering")), id="opgave")
    clinic.create(consent("nancy", "nancys"), id="samtykke")
    clinic.create(observation("nancy", "nancys"), id="maaling")
    clinic.create(media("nancy", "nancys"), id="billede")
    clinic.create(communication("nancy", "nancys"), id="notat")
    clinic.create(communication_request("nancy", "nancys"), id="besked")
    clinic.create(document_reference("nancy", "nancys"), id="materiale")
    clinic.create(goal("nancy"), id="maal")
    clinic.create(related_person("nancy"), id="paaroerende")
    return clinic


def team_of(person):
    return f"{BASE}/CareTeam/{person.team}"


def lists(store, person):
    """Everything that somebody of a team can list without a citizen in the context."""
    by, team = staff(person), team_of(person)
    return {
        "Patient": store.search("Patient", by=by),
        "EpisodeOfCare": store.search("EpisodeOfCare", ("team", team), by=by),
        "CarePlan": store.search("CarePlan", ("care-team", team), by=by),
        "Task": store.search("Task", ("responsible", team), by=by),
        "ClinicalImpression": store.search("ClinicalImpression", by=by),
        "Consent": store.search("Consent", by=by),
        **{
            type: store.search(type, by=by)
            for type in ("Observation", "Media", "Communication", "CommunicationRequest")
        },
        **{type: store.search(type, by=by) for type in ("DocumentReference", "Goal", "RelatedPerson")},
    }


def test_the_citizens_own_team_reads_everything_about_them(nancys):
    for type, id in PERSONAL.items():
        assert nancys.read(type, id, by=staff(ASTA, **ABOUT_NANCY))["id"] == id
        assert nancys.vread(type, id, "1", by=staff(ASTA, **ABOUT_NANCY))["id"] == id


@outsiders
def test_for_another_team_it_is_as_if_it_were_not_there(nancys, outsider):
    by = staff(outsider, **ABOUT_NANCY)
    for type, id in PERSONAL.items():
        with pytest.raises(NotFound) as hidden:
            nancys.read(type, id, by=by)
        with pytest.raises(NotFound):
            nancys.vread(type, id, "1", by=by)
        with pytest.raises(NotFound) as absent:
            nancys.read(type, "nobody", by=staff(outsider, patient="nobody", episode_of_care="nobody"))
        assert hidden.value.to_fhir() == absent.value.to_fhir()


def test_the_own_team_lists_and_counts_its_citizens(nancys):
    for type, answer in lists(nancys, ASTA).items():
        assert ids(answer) == [PERSONAL[type]]
        assert answer["total"] == 1


@outsiders
def test_another_team_lists_and_counts_nothing_of_them(nancys, outsider):
    for type, answer in lists(nancys, outsider).items():
        assert PERSONAL[type] not in ids(answer)
        assert answer["total"] == (1 if outsider is BO and type in ("Patient", "EpisodeOfCare") else 0)


@outsiders
def test_another_teams_name_in_the_search_is_refused_whether_it_exists_or_not(nancys, outsider):
    for team in ("nord", "nowhere"):
        with pytest.raises(Forbidden):
            nancys.search("EpisodeOfCare", ("team", f"{BASE}/CareTeam/{team}"), by=staff(outsider))


@outsiders
def test_nothing_hidden_comes_along_with_what_may_be_seen(nancys, outsider):
    """A Task for their team refers to what the team may not see, as one may that is from before this was asked."""
    nancys.create(episode_of_care("tjoern", outsider.team), id="theirs")
    theirs = task(
        "tjoern", "theirs", team=outsider.team, focus=to("ClinicalImpression/vurdering"), basedOn=[to("CarePlan/plan")]
    )
    with nancys.as_() as session:
        session.elevated().create(theirs, id="theirs")
    wanted = [("_include", f"Task:{name}") for name in ("focus", "based-on", "patient")]
    answer = nancys.search("Task", ("responsible", team_of(outsider)), *wanted, by=staff(outsider))
    assert ids(answer) == ["theirs"]
    assert ids(answer, "include") == ["tjoern"]


@outsiders
def test_a_chain_finds_nothing_through_what_is_hidden(nancys, outsider):
    nancys.create(episode_of_care("tjoern", outsider.team, condition="nancys-kol"), id="theirs")
    team = ("team", team_of(outsider))
    assert nancys.search("EpisodeOfCare", team, ("condition.code", "DJ44"), by=staff(outsider))["total"] == (
        outsider is BO
    )
    assert "theirs" in ids(nancys.search("EpisodeOfCare", ("condition.code", "DJ44")))


@outsiders
def test_another_team_can_neither_change_nor_delete(nancys, outsider):
    by = staff(outsider, **ABOUT_NANCY)
    before = nancys.read("CarePlan", "plan")
    with pytest.raises(NotFound):
        nancys.update(before | {"title": "Anden"}, if_match="1", by=by)
    with pytest.raises(NotFound), nancys.as_(by) as session:
        session.patch(
            "EpisodeOfCare", "nancys", [{"op": "replace", "path": "/status", "value": "cancelled"}], if_match=None
        )
    assert nancys.read("CarePlan", "plan") == before


@outsiders
def test_to_another_team_a_deletion_is_no_more_than_what_was_deleted(nancys, outsider):
    """Deleting what is deleted is done; but only to who could see it is it known that it was there."""
    for _ in range(2):
        with pytest.raises(NotFound):
            nancys.delete("CommunicationRequest", "besked", by=staff(outsider, **ABOUT_NANCY))
        nancys.delete("CommunicationRequest", "besked", by=staff(ASTA, **ABOUT_NANCY))
    versions = nancys.history("CommunicationRequest", "besked")["entry"]
    assert [each["request"]["method"] for each in versions] == ["DELETE", "POST"]


@outsiders
@pytest.mark.parametrize("context", [{}, ABOUT_NANCY, {"patient": "nancy"}], ids=["none", "nancy", "patient"])
def test_another_team_can_write_nothing_into_her_course_of_care(nancys, outsider, context):
    for episode in ("nancys", "nowhere"):
        with pytest.raises(Forbidden):
            nancys.create(task("nancy", episode, team=outsider.team), by=staff(outsider, **context))
    assert nancys.search("Task")["total"] == 1


def test_nothing_moves_into_a_course_of_care_that_the_writer_does_not_see(nancys):
    by = staff(BO)
    mine = nancys.create(task("tjoern", "tjoerns", team="syd"), by=by)
    change = [
        {"op": "replace", "path": "/extension/0/valueReference/reference", "value": f"{BASE}/EpisodeOfCare/nancys"},
        {"op": "replace", "path": "/for/reference", "value": f"{BASE}/Patient/nancy"},
    ]
    with pytest.raises(Forbidden), nancys.as_(by) as session:
        session.patch("Task", mine["id"], change, if_match="1")


def test_who_leaves_the_team_sees_nothing_from_that_moment(nancys):
    team = nancys.read("CareTeam", "nord")
    nancys.update(care_team("Nord", BO) | {"id": "nord", "meta": team["meta"]})
    with pytest.raises(NotFound):
        nancys.read("Task", "opgave", by=staff(ASTA, **ABOUT_NANCY))
    assert nancys.read("Task", "opgave", by=BO.at(BASE, team="nord"))["id"] == "opgave"


def test_a_membership_that_has_an_end_ends(nancys):
    team = care_team("Nord", ASTA)
    team["participant"][0]["period"] = {"end": LATER.isoformat()}
    nancys.update(team | {"id": "nord"})
    by = staff(ASTA)
    assert nancys.read("Task", "opgave", by=by, now=LATER)["id"] == "opgave"
    with pytest.raises(NotFound):
        nancys.read("Task", "opgave", by=by, now=LATER + timedelta(seconds=1))


def test_a_team_that_is_no_longer_active_opens_nothing(nancys):
    nancys.update(care_team("Nord", ASTA) | {"id": "nord", "status": "inactive"})
    with pytest.raises(NotFound):
        nancys.read("Task", "opgave", by=staff(ASTA))


def test_a_team_on_one_of_her_plans_sees_her(nancys):
    nancys.create(care_plan("nancy", "nancys", "hjerte"))
    assert nancys.read("Patient", "nancy", by=staff(KIM))["id"] == "nancy"
    assert nancys.read("Task", "opgave", by=staff(KIM))["id"] == "opgave"


def test_the_context_narrows_to_one_citizen_and_one_course_of_care(nancys):
    nancys.create(patient(TJOERN), id="tjoern-nord")
    nancys.create(episode_of_care("tjoern-nord", "nord"), id="andet")
    nancys.create(task("tjoern-nord", "andet"), id="anden")
    team = ("responsible", f"{BASE}/CareTeam/nord")
    assert set(ids(nancys.search("Task", team, by=staff(ASTA)))) == {"opgave", "anden"}
    about = ("patient", f"{BASE}/Patient/nancy")
    assert ids(nancys.search("Task", team, about, by=staff(ASTA, patient="nancy"))) == ["opgave"]
    with pytest.raises(NotFound):
        nancys.read("Task", "anden", by=staff(ASTA, **ABOUT_NANCY))


def test_a_category_of_tasks_takes_its_own_privilege(nancys):
    nancys.create(task("nancy", "nancys", restriction="measuring-support"), id="skjult")
    viewer = without(staff(ASTA), "RestrictionCategory$measuring-support")
    assert ids(nancys.search("Task", ("responsible", f"{BASE}/CareTeam/nord"), by=viewer)) == ["opgave"]
    with pytest.raises(NotFound):
        nancys.read("Task", "skjult", by=viewer)


def test_a_category_of_communication_takes_its_own_privilege_and_none_is_no_category(nancys):
    nancys.create(communication("nancy", "nancys", "measuring-support"), id="skjult")
    viewer = without(staff(ASTA), "RestrictionCategory$measuring-support")
    assert ids(nancys.search("Communication", by=viewer)) == ["notat"]
    assert set(ids(nancys.search("Communication", by=staff(ASTA)))) == {"notat", "skjult"}


def test_a_citizen_reads_of_communication_about_them_what_is_in_a_category_of_theirs(nancys):
    """What professionals write to one another of a measurement is about the citizen, and not to them."""
    nancys.create(communication("nancy", "nancys", "measurement-monitoring"), id="skjult")
    nancys.create(message("nancy"), id="til-nancy")
    nancy = citizen(NANCY)
    reader = replace(nancy, privileges=nancy.privileges | {"Communication.read", "Communication.search"})
    mine = ("subject", nancy.user)
    assert set(ids(nancys.search("Communication", mine, by=reader))) == {"notat", "til-nancy"}
    with pytest.raises(NotFound):
        nancys.read("Communication", "skjult", by=reader)
    monitoring = replace(reader, privileges=reader.privileges | {"RestrictionCategory$measurement-monitoring"})
    assert nancys.read("Communication", "skjult", by=monitoring)["id"] == "skjult"


@pytest.mark.parametrize("open_one", ["none", "None"])
def test_what_is_open_in_one_category_and_closed_in_another_is_closed(nancys, monkeypatch, open_one):
    """As it was stored before it was refused: no row opens by what else it says."""
    monkeypatch.setitem(rules._CHECKS, "Communication", lambda *_: iter(()))
    mixed = message("nancy", "nancys")
    for code in (open_one, "measuring-support"):
        category = {"coding": [{"system": ehealth.RESTRICTION_CATEGORY_CODES, "code": code}]}
        mixed["extension"].append({"url": ehealth.RESTRICTION_CATEGORY, "valueCodeableConcept": category})
    nancys.create(mixed, id="blandet")
    for closed in ("RestrictionCategory$measuring-support", "RestrictionCategory$none"):
        with pytest.raises(NotFound):
            nancys.read("Communication", "blandet", by=without(staff(ASTA), closed))
    assert nancys.read("Communication", "blandet", by=staff(ASTA))["id"] == "blandet"


def test_who_holds_no_category_sees_nothing_that_has_or_could_have_one(nancys):
    viewer = without(staff(ASTA), "RestrictionCategory$")
    for type, id in (("Task", "opgave"), ("Communication", "notat")):
        with pytest.raises(NotFound):
            nancys.read(type, id, by=viewer)


@outsiders
def test_what_belongs_to_no_course_of_care_goes_by_the_citizen(nancys, outsider):
    nancys.create(message("nancy"), id="besked-om-nancy")
    nancys.create(document_reference("nancy"), id="foto")
    for type, id in (("Communication", "besked-om-nancy"), ("DocumentReference", "foto")):
        assert nancys.read(type, id, by=staff(ASTA))["id"] == id
        with pytest.raises(NotFound):
            nancys.read(type, id, by=staff(outsider))


def test_material_that_is_about_nobody_is_for_everybody(nancys):
    nancys.create(document_reference(), id="sov-godt")
    asked = ("_id", "sov-godt,materiale")
    for person in (staff(KIM), citizen(TJOERN)):
        assert ids(nancys.search("DocumentReference", asked, by=person)) == ["sov-godt"]
    assert set(ids(nancys.search("DocumentReference", asked, by=staff(ASTA)))) == {"sov-godt", "materiale"}


def test_a_citizens_own_material_is_hidden_from_who_may_not_see_citizens(nancys):
    """The clinical administrator is of the team, and has the privilege that is for material of both kinds."""
    nancys.create(document_reference(), id="sov-godt")
    lis = without(staff(ASTA, **ABOUT_NANCY), "Patient.read")
    assert ids(nancys.search("DocumentReference", ("_id", "sov-godt,materiale"), by=lis)) == ["sov-godt"]
    with pytest.raises(NotFound):
        nancys.read("DocumentReference", "materiale", by=lis)
    with pytest.raises(Forbidden, match=r"Patient\.read"):
        nancys.create(document_reference("nancy", "nancys"), by=lis)


def test_the_team_corrects_and_withdraws_what_it_wrote_for_a_citizen(nancys):
    asta = staff(ASTA, **ABOUT_NANCY)
    made = nancys.create(document_reference("nancy", "nancys"), by=asta)
    withdrawn = nancys.update(made | {"description": "Dine øvelser", "status": "superseded"}, by=asta)
    assert withdrawn["status"] == "superseded"


SPECIFIC = {"system": ehealth.MATERIAL_CATEGORIES, "code": ehealth.PATIENT_SPECIFIC_MATERIAL}


def test_material_for_all_is_made_and_changed_by_who_does_so_with_plans(nancys):
    """Else a nurse could give everybody what she could not take back."""
    made = nancys.create(document_reference(extension=[owned_by("kommune")]), id="sov-godt")
    asta = staff(ASTA, **ABOUT_NANCY)
    assert {"DocumentReference.create", "DocumentReference.update"} <= asta.privileges
    for by in (asta, staff(ASTA)):
        with pytest.raises(Forbidden, match=r"PlanDefinition\.create"):
            nancys.create(document_reference(), by=by)
    forgotten = document_reference(category=[{"coding": [SPECIFIC]}])
    assert "DOCUMENTREFERENCE_SUBJECT_MANDATORY" in refusal_codes(lambda: nancys.create(forgotten, by=asta))
    with pytest.raises(Forbidden, match=r"PlanDefinition\.update"):
        nancys.update(made | {"status": "entered-in-error"}, by=asta)
    for privilege in ("PlanDefinition.create", "PlanDefinition.write"):
        lis = replace(asta, privileges=asta.privileges | {privilege})
        assert nancys.create(document_reference(), by=lis)["id"]
    for privilege in ("PlanDefinition.update", "PlanDefinition.write"):
        lis = replace(asta, privileges=asta.privileges | {privilege})
        made = nancys.update(made | {"description": f"Sov bedre ({privilege})"}, by=lis)


def test_a_citizen_reads_their_own_and_nobody_elses(nancys):
    nancy, tjoern = citizen(NANCY), citizen(TJOERN)
    for type in ("Patient", "EpisodeOfCare", "CarePlan", "Consent", "Observation", "Media", "DocumentReference"):
        assert nancys.read(type, PERSONAL[type], by=nancy)["id"] == PERSONAL[type]
        with pytest.raises((NotFound, Forbidden)):
            nancys.read(type, PERSONAL[type], by=tjoern)
    own = nancys.search("EpisodeOfCare", ("patient", nancy.user), by=nancy)
    assert ids(own) == ["nancys"]


def test_a_citizen_sees_only_tasks_that_are_theirs_in_person(nancys):
    """And in a category of theirs: what is about watching over them is for those who do."""
    for category in ("none", "measurement-monitoring", "measuring-support"):
        theirs = task("nancy", "nancys", owner=to("Patient/nancy"), restriction=category)
        nancys.create(theirs, id=f"hendes-{category}")
    mine = (("episodeOfCare", f"{BASE}/EpisodeOfCare/nancys"), ("owner", f"{BASE}/Patient/nancy"))
    nancy = citizen(NANCY)
    assert ids(nancys.search("Task", *mine, by=nancy)) == ["hendes-none"]
    for hidden in ("opgave", "hendes-measurement-monitoring", "hendes-measuring-support"):
        with pytest.raises(NotFound):
            nancys.read("Task", hidden, by=nancy)
        with pytest.raises(NotFound):
            nancys.history("Task", hidden, by=nancy)
    with pytest.raises(NotFound):
        nancys.read("Task", "hendes-none", by=without(nancy, "RestrictionCategory$"))


def test_a_citizen_sees_the_light_only_by_consent_and_by_no_detour(nancys):
    nancy = citizen(NANCY)
    nancys.create(
        task(
            "nancy",
            "nancys",
            owner=to("Patient/nancy"),
            focus=to("ClinicalImpression/vurdering"),
            restriction="none",
        ),
        id="hendes",
    )
    mine = (("episodeOfCare", f"{BASE}/EpisodeOfCare/nancys"), ("owner", nancy.user))

    def seen():
        chained = nancys.search("Task", *mine, ("focus:ClinicalImpression.finding-code", "red"), by=nancy)["total"]
        along = ids(nancys.search("Task", *mine, ("_include", "Task:focus"), by=nancy), "include")
        return nancys.search("ClinicalImpression", ("subject", nancy.user), by=nancy)["total"], chained, along

    assert seen() == (0, 0, [])
    given = nancys.create(triage_consent("nancy", "nancys"))
    assert seen() == (1, 1, ["vurdering"])
    for over in (
        {"status": "inactive"},
        {"provision": given["provision"] | {"type": "deny"}},
        {"provision": given["provision"] | {"period": {"start": "2026-11-01", "end": "2026-11-20"}}},
        {"provision": given["provision"] | {"period": {"start": "2099-01-01"}}},
    ):
        changed = nancys.update({**given, **over})
        assert seen() == (0, 0, [])
        given = nancys.update({**changed, **{name: given[name] for name in over}})
        assert seen() == (1, 1, ["vurdering"])


def test_a_consent_that_denies_the_light_holds_against_one_that_permits_it(nancys):
    """In whatever order they came; while it is in force."""
    nancy = citizen(NANCY)

    def seen():
        return nancys.search("ClinicalImpression", ("subject", nancy.user), by=nancy)["total"]

    permit = triage_consent("nancy", "nancys")
    deny = permit | {"provision": permit["provision"] | {"type": "deny"}}
    nancys.create(permit)
    denied = nancys.create(deny)
    assert seen() == 0
    nancys.create(permit)
    assert seen() == 0
    over = denied["provision"] | {"period": {"start": "2026-11-01", "end": "2026-11-20"}}
    denied = nancys.update(denied | {"provision": over})
    assert seen() == 1
    nancys.update(denied | {"provision": deny["provision"], "status": "inactive"})
    assert seen() == 1


@pytest.mark.parametrize(
    "but", [set(), {"ClinicalImpression.patch", "ClinicalImpression.write"}], ids=["none", "write"]
)
def test_a_type_that_one_may_not_read_is_told_by_no_detour(nancys, but):
    """To change one that is known by its id is another matter than to look through them all."""
    asta = staff(ASTA)
    bare = replace(asta, privileges=without(asta, "ClinicalImpression").privileges | but)
    team, along = ("responsible", f"{BASE}/CareTeam/nord"), ("_include", "Task:focus")
    chain = ("focus:ClinicalImpression.status", "completed")
    assert ids(nancys.search("Task", team, along, by=asta), "include") == ["vurdering"]
    assert ids(nancys.search("Task", team, chain, by=asta)) == ["opgave"]
    assert ids(nancys.search("Task", team, along, by=bare), "include") == []
    assert ids(nancys.search("Task", team, chain, by=bare)) == []
    everything = replace(bare, privileges=bare.privileges | {"FHIR.read"})
    told = nancys.history(None, None, ("_count", "500"), by=everything)["entry"]
    assert {"Task", "ClinicalImpression"} & {each["resource"]["resourceType"] for each in told} == {"Task"}


def test_without_a_team_or_in_somebody_elses_nobody_is_seen(nancys):
    for by in (ASTA.at(BASE).within(care_team=None), BO.at(BASE, team="nord")):
        with pytest.raises(NotFound):
            nancys.read("Patient", "nancy", by=by)
        assert nancys.search("Patient", by=by)["total"] == 0


@outsiders
def test_definitions_are_nobodys_and_open_to_all(nancys, outsider):
    assert nancys.read("CareTeam", "nord", by=staff(outsider))["name"] == "Nord"
    assert nancys.search("Organization", by=staff(outsider))["total"] == 2


@pytest.mark.parametrize("whom", ["Group/1", "#somebody", "urn:uuid:0199f2c4-7a31-7c55-b6d1-0242ac120002", None])
@pytest.mark.parametrize("make", [goal, message, related_person], ids=lambda make: make.__name__)
def test_what_is_about_a_citizen_names_one_who_is_here(nancys, make, whom):
    """Else it would be stored, and nobody could ever read it."""
    resource = make("nancy")
    element = "patient" if "patient" in resource else "subject"
    resource[element] = {"reference": whom} if whom else {"display": "Nancy"}
    with pytest.raises(FhirError):
        nancys.create(resource, by=staff(ASTA))
