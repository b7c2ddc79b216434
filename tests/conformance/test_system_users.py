"""A token of user type SYSTEM: no citizen and no employee, but an application. It may do what its privileges say.

Source: `fut.md` 5.1 and 5.2.
"""

import pytest

from kommunalpro.fhir.reference import Reference
from tests import resources as made
from tests.conformance.conftest import Client
from tests.conformance.test_course_of_care import clinic, done, episode, nancy
from tests.store.entries import patch, post

__all__ = ["clinic", "episode", "nancy"]

JSON_PATCH = {"Content_Type": "application/json-patch+json"}
MISSING = "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"
WHOSE = ("Patient.read", "EpisodeOfCare.read")
"""Nobody writes about what they may not know of."""


@pytest.fixture
def application(live, issuer):
    """Knock as an application whose token a foreign issuer has signed, with these privileges."""

    def client(*privileges):
        said = {"user_type": "SYSTEM", "user_id": "an-application", "realm_access": {"roles": list(privileges)}}
        return Client(live, issuer.sign(**said))

    return client


def missing(answer):
    assert (answer.status, answer.issue["details"]["coding"][0]["code"]) == (403, MISSING), answer.body
    return answer.issue["diagnostics"].rpartition(": ")[2]


def test_without_a_privilege_a_system_does_nothing(application, nancy, episode):
    nobody = application()
    patient, care = (f"/{Reference.parse(each).key}" for each in (nancy, episode))
    assert missing(nobody("GET", patient)) == "Patient.read"
    assert missing(nobody("GET", care)) == "EpisodeOfCare.read"
    assert missing(nobody("GET", "/Task")) == "Task.search"
    assert missing(nobody("GET", "/_history")) == "FHIR.read"
    assert missing(nobody("POST", "/Organization", made.organization())) == "Organization.create, Organization.write"
    assert missing(nobody("POST", "/$submit-measurement", {"resourceType": "Parameters"})) == "$submit-measurement"
    assert missing(nobody("GET", "/$export", Prefer="respond-async")) == "$bulk-export"


def test_with_a_privilege_it_does_that_for_everybody_and_no_more(application, nancy, episode):
    """It acts for no team, so no context narrows what it sees."""
    reader = application("EpisodeOfCare.read", "EpisodeOfCare.search")
    assert done(reader("GET", f"/{Reference.parse(episode).key}"))["patient"] == {"reference": nancy}
    assert done(reader("GET", "/EpisodeOfCare?_summary=count"))["total"] > 0
    along = done(reader("GET", f"/EpisodeOfCare?patient={nancy}&_include=EpisodeOfCare:condition&_include=*"))
    assert {each["resource"]["resourceType"] for each in along["entry"]} == {"EpisodeOfCare"}
    begin = [{"op": "replace", "path": "/status", "value": "onhold"}]
    changed = reader("PATCH", f"/{Reference.parse(episode).key}", begin, Content_Type="application/json-patch+json")
    assert missing(changed) == "EpisodeOfCare.patch, EpisodeOfCare.update, EpisodeOfCare.write"


def test_who_may_change_what_they_may_not_read_is_not_told_what_stands_there(application, system):
    """A patch of nothing would read it."""
    made_first = done(system("POST", "/Organization", made.organization("Skjult Kommune")), 201)
    path, writer = f"/Organization/{made_first['id']}", application("Organization.write", "FHIR.transaction")
    assert writer("PATCH", path, [], **JSON_PATCH).status == 200
    hidden = writer("PUT", path, made_first | {"name": "Stadig skjult"})
    assert (hidden.status, hidden.body, hidden.headers["etag"]) == (200, b"", 'W/"3"')
    entries = [patch(path[1:]), post(made.organization("Egen"))]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    shut, own = done(writer("POST", "", bundle))["entry"]
    assert (shut.keys(), shut["response"]["status"]) == ({"response"}, "200")
    assert own["resource"]["name"] == "Egen"
    assert done(writer("POST", "/Organization", made.organization("Min")), 201)["name"] == "Min"
    told = writer("PATCH", path, [], Prefer="return=OperationOutcome", **JSON_PATCH)
    assert (told.status, told.json["resourceType"]) == (200, "OperationOutcome")
    for reads in ("Organization.read", "Organization.search"):
        seen = application("Organization.write", reads)("PATCH", path, [], **JSON_PATCH)
        assert done(seen)["name"] == "Stadig skjult"


def test_a_category_of_tasks_takes_its_own_privilege_of_a_system_too(application, system, clinic, nancy, episode):
    task = made.task(Reference.parse(nancy).id, Reference.parse(episode).id, team=Reference.parse(clinic.team).id)
    path = f"/Task/{done(system('POST', '/Task', task), 201)['id']}"
    able = (*WHOSE, "Task.read", "Task.create", "RestrictionCategory$none")
    assert application(*able)("GET", path).status == 404
    refused = application(*able)("POST", "/Task", task)
    code = "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT"
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, code)
    monitoring = application(*able, "RestrictionCategory$measurement-monitoring")
    assert monitoring("GET", path).status == 200
    done(monitoring("POST", "/Task", task), 201)


def test_a_kind_of_consent_takes_its_own_privilege_of_a_system_too(application, system, clinic, nancy, episode):
    patient, care = (Reference.parse(each).id for each in (nancy, episode))
    writer = application(*WHOSE, "Consent.create", "Consent.read")
    done(writer("POST", "/Consent", made.triage_consent(patient, care)), 201)
    assert (
        missing(writer("POST", "/Consent", made.access_consent(patient))) == "AccessConsent.create, AccessConsent.write"
    )
    by = Reference.parse(clinic.nurse).id
    theirs = done(system("POST", "/Consent", made.access_consent(patient, by)), 201)
    assert writer("GET", f"/Consent/{theirs['id']}").status == 404


def test_a_right_to_one_kind_of_consent_opens_nothing_of_the_other(application, system, clinic, nancy, episode):
    """Both are Consents; to read the one and to search for the other is to read that one, and to search for both."""
    [consent, *_] = done(system("GET", f"/Consent?data={episode}"))["entry"]
    told_by = Reference.parse(clinic.nurse).id
    login = done(system("POST", "/Consent", made.access_consent(Reference.parse(nancy).id, told_by)), 201)
    of_care, of_login = consent["resource"]["id"], login["id"]

    def seen(*privileges):
        asked = application(*privileges)
        read = {id for id in (of_care, of_login) if asked("GET", f"/Consent/{id}").status == 200}
        found = asked("GET", f"/Consent?patient={nancy}&_count=100")
        listed = {each["resource"]["id"] for each in found.json.get("entry", ())} if found.status == 200 else set()
        return read, listed & {of_care, of_login}

    assert seen("AccessConsent.read", "Consent.search") == ({of_login}, {of_care, of_login})
    assert seen("AccessConsent.read", "Consent.read") == ({of_care, of_login}, {of_login})
    assert seen("Consent.read", "Consent.search") == ({of_care}, {of_care})
    assert seen("Consent.search") == (set(), {of_care})
    writer = application(*WHOSE, "Consent.update")
    written = writer("PUT", f"/Consent/{of_care}", consent["resource"])
    assert (written.status, written.body) == (200, b""), "whoever may only write it reads nothing of it"
    absent = writer("PUT", "/Consent/nowhere", {**login, "id": "nowhere"})
    assert writer("PUT", f"/Consent/{of_login}", login).json == absent.json, "as of what is not there"
