"""Who opens a course of care brings its diagnosis along, and nothing of another course or of another citizen.

Source: `fut.md` 4.6 and 5.2 rule 8; OperationDefinition -s-create-episode-of-care.
"""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.checklist.town import numbered
from tests.conformance.test_course_of_care import clinic, done, episode, nancy
from tests.people import LIS

__all__ = ["clinic", "episode", "nancy"]

CARE, COPD, LAW = (f"urn:uuid:6e2f0a35-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
DIAGNOSIS = "KPRO_EPISODEOFCARE_CREATE_DIAGNOSIS"
PATCH = {"Content_Type": "application/json-patch+json"}


@pytest.fixture
def opening(clinic, nancy, system):
    return Opening(clinic, nancy, system)


class Opening:
    """What is sent to open a course of care for Nancy; what is wrong with it is put in by the test."""

    def __init__(self, clinic, patient, system):
        self.system, self.by = system, clinic.asta(patient=patient)
        responsible = {"reference": clinic.organization}
        self.care = made.episode_of_care("x") | {
            "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": responsible}],
            "managingOrganization": responsible,
            "team": [{"reference": clinic.team}],
            "patient": {"reference": patient},
            "diagnosis": [{"condition": {"reference": COPD}}],
        }
        self.copd = made.condition("x", "x") | {"subject": {"reference": patient}}
        del self.copd["extension"]
        self.law = made.provenance(CARE, agent=[{"who": {"reference": clinic.nurse}}])

    def send(self, *more):
        named = ((self.law, LAW), (self.care, CARE), (self.copd, COPD), *more)
        bundle = transaction(create_entry(resource, url) for resource, url in named if resource)
        asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle})
        return self.by("POST", "/$create-episode-of-care", asked)

    def refused(self, *more):
        """Give the codes of the refusal, after seeing that nothing was stored."""
        before = self.courses()
        answer = self.send(*more)
        assert answer.status == 422, answer.body
        assert self.courses() == before
        return [each["details"]["coding"][0]["code"] for each in answer.json["issue"]]

    def courses(self):
        query = f"/EpisodeOfCare?patient={quote(self.care['patient']['reference'])}&_summary=count"
        return done(self.system("GET", query))["total"]


def diagnosed(url):
    return [{"condition": {"reference": url}}]


def newcomer(clinic):
    """Make a citizen whom nobody follows; gives the URL."""
    name = {"resourceType": "Patient", "name": [{"family": "Nabo"}]}
    asked = parameters({"name": "crn", "valueIdentifier": numbered()}, {"name": "patient", "resource": name})
    return f"{clinic.base}/Patient/{done(clinic.asta()('POST', '/Patient/$createPatient', asked))['id']}"


def test_who_is_to_open_a_citizen_s_first_course_of_care_sees_who_it_is(clinic, system):
    """As FUT's clinician client asks, by id, in the context of the team (fut.md 7.3)."""
    patient, other = newcomer(clinic), newcomer(clinic)
    id, another = Reference.parse(patient).id, Reference.parse(other).id
    asta, about = clinic.asta(), clinic.asta(patient=patient)
    [found] = resources(done(asta("GET", f"/Patient?_id={id}&_count=200")))
    assert (found["id"], found["name"][0]["family"]) == (id, "Nabo")
    assert done(about("GET", f"/Patient/{id}"))["id"] == id
    assert [about("GET", f"/Patient/{another}").status, asta("GET", f"/Patient/{id}").status] == [403, 404]
    no_id = [
        f"/Patient?{each}&_count=1000" for each in ("_id=", "_id=,", "_id", "_id=%20", "_id=&name=Nabo", "_id:not=x")
    ]
    for listed in ("/Patient?_count=1000", "/Patient?name=Nabo", f"/Patient?identifier={ehealth.CPR}|", *no_id):
        seen = asta("GET", listed)
        assert {id, another}.isdisjoint(each["id"] for each in resources(seen.json)), "who has no id finds nobody"
    rights = privileges_of(["clinicalViewer"])
    for context in (Context(clinic.organization, clinic.team), Context(clinic.organization, clinic.team, patient)):
        viewer = clinic.as_somebody(Principal(clinic.nurse, "PRACTITIONER", "Asta", rights, context))
        assert not [*resources(viewer("GET", f"/Patient?_id={id}").json)]
    team = made.care_team("Syd", LIS)
    team["participant"][0]["member"] = {"reference": clinic.editor}
    syd = f"{clinic.base}/CareTeam/{done(system('POST', '/CareTeam', team), 201)['id']}"
    rights = privileges_of(["citizenEnroller"])
    lis = clinic.as_somebody(Principal(clinic.editor, "PRACTITIONER", "Lis", rights, Context(clinic.organization, syd)))
    assert [*resources(lis("GET", f"/Patient?_id={id}").json)], "nobody follows them yet"
    home = [{"op": "add", "path": "/address", "value": [{"use": "home", "line": ["Skovvej 1"]}]}]
    done(system("PATCH", f"/Patient/{another}", home, **PATCH))
    assert not [*resources(lis("GET", f"/Patient?_id={another}").json)], "where somebody lives is more than who it is"
    done(Opening(clinic, patient, system).send())
    assert not [*resources(lis("GET", f"/Patient?_id={id}").json)], "another team does"


@pytest.fixture
def theirs(clinic, system):
    """The URL of another citizen's diagnosis, whom the same team follows."""
    patient = newcomer(clinic)
    [found] = resources(done(Opening(clinic, patient, system).send()), "Condition")
    return f"{clinic.base}/Condition/{found['id']}"


def test_a_diagnosis_of_another_citizen_or_of_nobody_is_refused(opening, clinic, theirs):
    for wrong in (theirs, f"{clinic.base}/Condition/nowhere", f"Condition/{Reference.parse(theirs).id}"):
        opening.care["diagnosis"] = diagnosed(COPD) + diagnosed(wrong)
        assert opening.refused() == [DIAGNOSIS]


def test_a_diagnosis_that_is_here_already_is_not_used_again(opening, clinic, episode):
    [known] = done(opening.system("GET", f"/{Reference.parse(episode).key}"))["diagnosis"]
    opening.care["diagnosis"], opening.copd = [known], None
    assert opening.refused() == [DIAGNOSIS]


def test_a_diagnosis_that_the_course_of_care_does_not_name_is_refused(opening):
    another = opening.copd | {"code": {"coding": [{"system": ehealth.SKS_DIAGNOSES, "code": "DE11"}]}}
    assert opening.refused((another, "urn:uuid:6e2f0a35-0000-4000-8000-000000000004")) == [DIAGNOSIS]


def test_a_diagnosis_of_another_course_of_care_is_refused(opening, episode):
    named = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": episode}}
    opening.copd["extension"] = [named]
    assert opening.refused() == [DIAGNOSIS]


def test_all_that_is_wrong_is_told_at_once(opening, clinic):
    opening.care["diagnosis"] = diagnosed(f"{clinic.base}/Condition/nowhere")
    opening.copd["code"]["coding"][0]["code"] = "DC509"
    opening.law["policy"] = ["http://example.org/policy"]
    opening.care["meta"] = {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": "xa"}]}
    assert sorted(opening.refused()) == [
        "EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES",
        DIAGNOSIS,
        DIAGNOSIS,
        "KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS",
        "KPRO_EPISODEOFCARE_TREATMENT_AREA",
        "SYSTEM_TAG_UNEXPECTED_TAG",
    ]


def test_who_opened_it_reads_the_diagnosis_and_finds_it_by_the_course_of_care(opening, clinic, nancy):
    """As FUT's reference client sends it: the Condition does not say which course of care it is of."""
    stored = list(resources(done(opening.send())))
    [care], [copd] = (
        [each for each in stored if each["resourceType"] == type] for type in ("EpisodeOfCare", "Condition")
    )
    url = f"{clinic.base}/EpisodeOfCare/{care['id']}"
    assert extension(copd, ehealth.WORKFLOW_EPISODE_OF_CARE)["valueReference"] == {"reference": url}
    asta = clinic.asta(patient=nancy, episode_of_care=url)
    assert done(asta("GET", f"/Condition/{copd['id']}"))["id"] == copd["id"]
    team = clinic.asta(patient=nancy)
    query = f"/EpisodeOfCare?patient={quote(nancy)}&team={quote(clinic.team)}"
    found = done(team("GET", f"{query}&condition.code=DJ44&_include=EpisodeOfCare:condition"))
    assert {each["id"] for each in resources(found)} == {care["id"], copd["id"]}
    assert done(team("GET", f"{query}&condition.code=DE11"))["total"] == 0


def test_a_diagnosis_that_is_added_later_is_of_the_course_of_care_too(opening, clinic, nancy, episode, theirs):
    asta, path = clinic.asta(patient=nancy, episode_of_care=episode), f"/{Reference.parse(episode).key}"

    def add(url):
        return asta("PATCH", path, [{"op": "add", "path": "/diagnosis/-", "value": diagnosed(url)[0]}], **PATCH)

    for wrong in (theirs, f"{clinic.base}/Condition/nowhere"):
        refused = add(wrong)
        assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (
            422,
            "KPRO_PATIENT_NOT_OF_EPISODEOFCARE",
        )
    # The citizen's own, in a course of care that another team follows: that it is there is not told either.
    opened = next(each for each in resources(done(opening.send())) if each["resourceType"] == "Condition")
    assert add(f"{clinic.base}/Condition/{opened['id']}").issue == refused.issue
    more = made.condition(Reference.parse(nancy).id, Reference.parse(episode).id, "DE11")
    added = add(f"{clinic.base}/Condition/{done(asta('POST', '/Condition', more), 201)['id']}")
    assert len(done(added)["diagnosis"]) == 2


@pytest.mark.parametrize("first", ["kpro", "xa"])
def test_no_tag_of_another_system_comes_in_beside_the_own(opening, clinic, nancy, episode, first):
    """Whichever of them stands first."""
    tags = [
        {"system": ehealth.EHEALTH_SYSTEM, "code": code} for code in sorted(("kpro", "xa"), key=lambda it: it != first)
    ]
    opening.copd["meta"] = {"tag": tags}
    assert opening.refused() == ["SYSTEM_TAG_UNEXPECTED_TAG"]

    asta = clinic.asta(patient=nancy, episode_of_care=episode)
    task = made.task(Reference.parse(nancy).id, Reference.parse(episode).id, team=Reference.parse(clinic.team).id)
    assert told(asta("POST", "/Task", task | {"meta": {"tag": tags}})) == "SYSTEM_TAG_UNEXPECTED_TAG"
    kept = done(asta("POST", "/Task", task | {"meta": {"tag": [each for each in tags if each["code"] == "kpro"]}}), 201)
    assert [each["code"] for each in kept["meta"]["tag"]] == ["kpro"]


def test_what_is_of_no_course_of_care_bears_no_tag_but_those_of_the_token(clinic, nancy, episode):
    asta, patient = clinic.asta(patient=nancy), Reference.parse(nancy).id
    own, other = ({"system": ehealth.EHEALTH_SYSTEM, "code": code} for code in ("kpro", "xa"))
    relative = made.related_person(patient)
    for tags in ([own, other], [other]):
        assert told(asta("POST", "/RelatedPerson", relative | {"meta": {"tag": tags}})) == "SYSTEM_TAG_UNEXPECTED_TAG"
    stored = done(asta("POST", "/RelatedPerson", relative | {"meta": {"tag": [own]}}), 201)
    changed = stored | {"meta": {"tag": [own, other]}}
    assert told(asta("PUT", f"/RelatedPerson/{stored['id']}", changed)) == "SYSTEM_TAG_UNEXPECTED_TAG"


def test_a_course_of_care_bears_the_tags_of_its_token_that_it_says(opening):
    opening.care["meta"] = {"tag": [{"system": ehealth.EHEALTH_SYSTEM, "code": "kpro"}]}
    tags = [[tag["code"] for tag in each["meta"]["tag"]] for each in resources(done(opening.send()))]
    assert tags == [["kpro"]] * 4
    opening.care["meta"]["tag"][0].pop("code")
    assert opening.refused() == ["SYSTEM_TAG_UNEXPECTED_TAG", "KPRO_EPISODEOFCARE_TREATMENT_AREA"]


def told(answer):
    assert answer.status == 422, answer.body
    [code] = {each["details"]["coding"][0]["code"] for each in answer.json["issue"]}
    return code
