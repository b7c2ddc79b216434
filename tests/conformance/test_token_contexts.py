"""A token that names a context which its user may not have: 403 with the code, whatever is asked.

Source: `fut.md` 5.2.
"""

import pytest

from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import every_privilege, privileges_of
from tests import resources as made
from tests.conformance.test_course_of_care import clinic, done, episode, nancy
from tests.people import ASTA, BO, TJOERN

__all__ = ["clinic", "episode", "nancy"]

NOT_ALLOWED, NO_ACCESS = "SECURITY_TOKEN_CONTEXT_NOT_ALLOWED", "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND"


@pytest.fixture
def post(system, live):
    def post(resource):
        stored = done(system("POST", f"/{resource['resourceType']}", resource), 201)
        return f"{live.base_url}/{resource['resourceType']}/{stored['id']}"

    return post


@pytest.fixture
def south(post):
    """Another organisation with a team, in which Bo is."""
    organization, bo = post(made.organization("Syd")), post(made.practitioner("B", "Bo"))
    team = made.care_team("Syd", BO) | {"managingOrganization": [{"reference": organization}]}
    team["participant"][0]["member"] = {"reference": bo}
    return {"organization": organization, "user": bo, "care_team": post(team)}


@pytest.fixture
def tjoern(clinic):
    """Tjørn, whom nobody follows."""
    name = {"resourceType": "Patient", "name": [{"family": TJOERN.family, "given": TJOERN.given.split()}]}
    number = {"use": "official", "system": "urn:oid:1.2.208.176.1.2", "value": TJOERN.cpr}
    asked = parameters({"name": "crn", "valueIdentifier": number}, {"name": "patient", "resource": name})
    return f"{clinic.base}/Patient/{done(clinic.asta()('POST', '/Patient/$createPatient', asked))['id']}"


@pytest.fixture
def who(clinic):
    """Knock as a practitioner in a context."""

    def client(user, roles=ASTA.roles, **context):
        principal = Principal(user, "PRACTITIONER", "Somebody", privileges_of(roles), Context(**context))
        return clinic.as_somebody(principal)

    return client


def refusals(answer):
    assert answer.status == 403, answer.body
    return [each["details"]["coding"][0]["code"] for each in answer.json["issue"]]


def asks(client):
    """Ask for what everybody may see: that nothing of it is anybody's does not help."""
    return client("GET", "/Organization?_count=1")


@pytest.mark.parametrize("has_course", [False, True])
def test_a_team_is_that_of_its_current_members_while_it_is_active(who, clinic, south, system, episode, has_course):
    mine = {"organization": clinic.organization, "care_team": clinic.team}
    mine |= {"episode_of_care": episode} if has_course else {}
    assert asks(who(clinic.nurse, **mine)).status == 200
    assert refusals(asks(who(south["user"], care_team=clinic.team))) == [NOT_ALLOWED]
    assert refusals(asks(who(clinic.nurse, care_team=f"{clinic.base}/CareTeam/nobody"))) == [NOT_ALLOWED]

    path = f"/{Reference.parse(clinic.team).key}"
    team = done(system("GET", path))
    left, *others = team["participant"]
    team = done(system("PUT", path, {**team, "participant": others}))
    assert [each["member"] for each in team["participant"]] == [each["member"] for each in (*others, left)]
    assert refusals(asks(who(clinic.nurse, **mine))) == [NOT_ALLOWED, NOT_ALLOWED]
    assert asks(who(clinic.editor, **mine)).status == 200
    done(system("PUT", path, {**team, "status": "inactive"}))
    assert refusals(asks(who(clinic.editor, **mine))) == [NOT_ALLOWED, NOT_ALLOWED]


def test_who_has_the_same_id_on_another_server_is_somebody_else(who, clinic):
    elsewhere = f"https://other.example/fhir/{Reference.parse(clinic.nurse).key}"
    for context in ({}, {"organization": clinic.organization, "care_team": clinic.team}):
        assert asks(who(clinic.nurse, **context)).status == 200
        assert refusals(asks(who(elsewhere, **context))) == ["SECURITY_USER_NOT_ALLOWED"]
    answer = asks(who(elsewhere))
    assert "of another server" in answer.json["issue"][0]["diagnostics"]
    citizen = Principal("https://other.example/fhir/Patient/1", "PATIENT", "", privileges_of(("citizen",)))
    assert refusals(clinic.as_somebody(citizen)("GET", "/Patient/1")) == ["SECURITY_USER_NOT_ALLOWED"]


def test_a_practitioner_who_is_a_patient_here_is_told_that_the_two_do_not_go_together(who, clinic):
    """Whoever set up the identity provider reads what is wrong, and does not look for another server."""
    answer = asks(who(f"{clinic.base}/Patient/1"))
    assert refusals(answer) == ["SECURITY_USER_NOT_ALLOWED"]
    [issue] = answer.json["issue"]
    assert "user_type PRACTITIONER goes with a user_id that is a Practitioner" in issue["diagnostics"]
    assert issue["details"]["text"] == "Dit login siger to ting om, hvem du er."


PATHS = {
    "read": ("GET", "/{}/x"),
    "vread": ("GET", "/{}/x/_history/1"),
    "search-type": ("GET", "/{}"),
    "history-instance": ("GET", "/{}/x/_history"),
    "history-type": ("GET", "/{}/_history"),
    "create": ("POST", "/{}"),
    "update": ("PUT", "/{}/x"),
    "patch": ("PATCH", "/{}/x"),
    "delete": ("DELETE", "/{}/x"),
}


def everything_offered(metadata):
    """Give method, path and body of each thing that the CapabilityStatement says can be asked."""
    (rest,) = metadata["rest"]
    yield "GET", "/_history", None
    operations = [("", each["name"]) for each in rest.get("operation", ())]
    for of_type in rest["resource"]:
        type = of_type["type"]
        operations += [(f"/{type}", each["name"]) for each in of_type.get("operation", ())]
        for interaction in of_type["interaction"]:
            method, path = PATHS[interaction["code"]]
            body = [] if method == "PATCH" else {"resourceType": type, "id": "x"} if method in ("POST", "PUT") else None
            yield method, path.format(type), body
    for base, name in operations:
        for at in (base, f"{base}/x" if base else base):
            yield "GET", f"{at}/${name.lstrip('$')}", None
            yield "POST", f"{at}/${name.lstrip('$')}", parameters()


def test_nothing_that_is_offered_is_given_to_somebody_of_another_server(system, clinic):
    """With every privilege there is, and the team's own context."""
    chosen = Context(organization=clinic.organization, care_team=clinic.team)
    elsewhere = f"https://other.example/fhir/{Reference.parse(clinic.nurse).key}"
    foreign = clinic.as_somebody(Principal(elsewhere, "PRACTITIONER", "Somebody", every_privilege(), chosen))
    asked = list(everything_offered(done(system("GET", "/metadata"))))
    answers = {(method, path): foreign(method, path, body, Prefer="respond-async") for method, path, body in asked}
    assert {key: each.status for key, each in answers.items() if each.status < 400 or each.status == 500} == {}
    assert answers["GET", "/$export"].status == answers["GET", "/$meta"].status == 403
    looked_for = {
        key: each.status for key, each in answers.items() if key[0] in ("GET", "DELETE") and "$" not in key[1]
    }
    assert {key for key, status in looked_for.items() if status != 403} == set()
    assert sum(each.status == 403 for each in answers.values()) > 200


def test_a_system_from_outside_writes_of_somebody_who_is_here_alone(system, clinic, nancy):
    """Nobody would ever see it again, and what somebody wrote as an id may be a number."""
    for patient, status in (
        (nancy, 201),
        (f"{clinic.base}/Patient/nobody", 403),
        (f"{clinic.base}/Patient/{TJOERN.cpr}", 403),
    ):
        theirs = {"resourceType": "RelatedPerson", "patient": {"reference": patient}, "name": [{"family": "Sand"}]}
        assert system("POST", "/RelatedPerson", theirs).status == status
    assert TJOERN.cpr not in str(system("GET", "/AuditEvent?_count=20&_sort=-_lastUpdated").body)


def test_who_asks_what_is_in_use_in_anothers_context_is_told_that_it_is_not_theirs(who, clinic, south):
    intruder = who(south["user"], care_team=clinic.team)
    assert refusals(intruder("GET", "/$meta")) == refusals(intruder("GET", "/Patient/$meta")) == [NOT_ALLOWED]


def test_who_has_chosen_no_team_yet_is_told_so_with_what_they_may_not(who, clinic):
    refused = who(clinic.nurse, roles=())("GET", "/EpisodeOfCare")
    assert refused.issue["diagnostics"].endswith("EpisodeOfCare.search; no context is chosen yet")


def test_a_citizen_who_names_another_is_refused_however_often_they_ask(clinic, nancy, episode, tjoern):
    rights = privileges_of(("citizen",))
    for _ in range(2):
        theirs = Principal(nancy, "PATIENT", "Nancy", rights, Context(patient=tjoern, episode_of_care=episode))
        assert refusals(asks(clinic.as_somebody(theirs))) == [NOT_ALLOWED]
    own = Principal(nancy, "PATIENT", "Nancy", rights, Context(patient=nancy, episode_of_care=episode))
    assert [asks(clinic.as_somebody(own)).status for _ in range(2)] == [200, 200]


def test_who_has_left_the_team_since_is_told_that_alone_and_reads_nothing(who, clinic, system, episode):
    nurse = who(clinic.nurse, organization=clinic.organization, care_team=clinic.team, episode_of_care=episode)
    care, nothing = f"/{Reference.parse(episode).key}", "/EpisodeOfCare/nothing"
    assert nurse("GET", care).status == nurse("GET", f"{care}/_history").status == 200
    assert nurse("GET", "/Organization/nothing").status == 404
    path = f"/{Reference.parse(clinic.team).key}"
    team = done(system("GET", path))
    done(system("PUT", path, {**team, "participant": team["participant"][1:]}))
    for asked in (care, f"{care}/_history", f"{care}/_history/1", "/Organization/nothing", "/Organization?_count=1"):
        assert refusals(nurse("GET", asked)) == [NOT_ALLOWED, NOT_ALLOWED], asked
    done(system("PUT", path, {**done(system("GET", path)), "participant": team["participant"]}))
    assert nurse("GET", care).status == 200
    assert refusals(nurse("GET", nothing)) == ["SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT"]


@pytest.mark.parametrize("has_course", [False, True])
def test_an_organisation_is_that_of_the_team_or_where_one_has_a_role(who, clinic, south, post, episode, has_course):
    both = {"organization": south["organization"], "care_team": clinic.team}
    both |= {"episode_of_care": episode} if has_course else {}
    assert refusals(asks(who(clinic.nurse, **both))) == [NOT_ALLOWED]
    assert refusals(asks(who(clinic.nurse, organization=south["organization"]))) == [NOT_ALLOWED]
    assert asks(who(clinic.nurse, organization=clinic.organization)).status == 200
    post(made.practitioner_role(Reference.parse(clinic.nurse).id, Reference.parse(south["organization"]).id))
    assert asks(who(clinic.nurse, **both)).status == 200
    assert asks(who(clinic.nurse, organization=south["organization"])).status == 200


def test_a_course_of_care_is_chosen_from_a_team_that_it_names_and_is_its_citizens(who, clinic, south, episode, tjoern):
    mine = {"organization": clinic.organization, "care_team": clinic.team}
    theirs = {"organization": south["organization"], "care_team": south["care_team"]}
    assert asks(who(clinic.nurse, **mine, episode_of_care=episode)).status == 200
    assert refusals(asks(who(south["user"], **theirs, episode_of_care=episode))) == [NO_ACCESS]
    assert refusals(asks(who(clinic.nurse, **mine, patient=tjoern, episode_of_care=episode))) == [NO_ACCESS]
    assert refusals(asks(who(clinic.nurse, **mine, episode_of_care=f"{clinic.base}/EpisodeOfCare/x"))) == [NO_ACCESS]
    assert refusals(asks(who(clinic.nurse, episode_of_care=episode))) == [NOT_ALLOWED]
    # In a team that is not theirs, that alone is told.
    assert refusals(asks(who(south["user"], care_team=clinic.team, episode_of_care=episode))) == [NOT_ALLOWED]


def test_a_team_of_another_server_is_another_team_whatever_its_id(who, system, south, episode):
    """None such is put on a course of care, nor is the one here that has the same id."""
    elsewhere = {"reference": f"https://elsewhere.example/fhir/{Reference.parse(south['care_team']).key}"}
    path, patch = f"/{Reference.parse(episode).key}", [{"op": "add", "path": "/team/-", "value": elsewhere}]
    refused = system("PATCH", path, patch, Content_Type="application/json-patch+json")
    assert refused.json["issue"][0]["details"]["coding"][0]["code"] == "KPRO_CARE_TEAM_NOT_ACTIVE"
    theirs = {"organization": south["organization"], "care_team": south["care_team"]}
    assert refusals(asks(who(south["user"], **theirs, episode_of_care=episode))) == [NO_ACCESS]


def test_a_citizen_is_chosen_by_a_team_that_follows_them_or_who_may_enrol(who, clinic, nancy, episode, tjoern):
    mine = {"organization": clinic.organization, "care_team": clinic.team}
    viewer = ("clinicalViewer",)
    assert asks(who(clinic.nurse, viewer, **mine, patient=nancy)).status == 200
    assert refusals(asks(who(clinic.nurse, viewer, **mine, patient=tjoern))) == [NOT_ALLOWED]
    assert asks(who(clinic.nurse, **mine, patient=tjoern)).status == 200
    assert refusals(asks(who(clinic.nurse, **mine, patient=f"{clinic.base}/Patient/x"))) == [NOT_ALLOWED]


def test_what_is_no_address_of_this_installation_is_nobodys_context(who, clinic, nancy):
    wrong = {
        "care_team": [
            clinic.team.replace("http://", "https://"),
            "x",
            clinic.organization,
            f"{clinic.team}/_history/1",
        ],
        "organization": ["https://other.example/fhir/Organization/1", clinic.team],
        "patient": [clinic.team, "nancy"],
    }
    for name, urls in wrong.items():
        for url in urls:
            told = refusals(asks(who(clinic.nurse, **{"care_team": clinic.team, name: url})))
            assert told == [NOT_ALLOWED], url


def test_a_citizen_is_about_themselves_and_in_no_team(clinic, nancy, episode, tjoern):
    themselves = clinic.nancy(nancy, episode_of_care=episode)
    assert asks(themselves).status == 200
    assert refusals(asks(clinic.nancy(tjoern, episode_of_care=episode))) == [NO_ACCESS]
    for context in (Context(patient=tjoern), Context(care_team=clinic.team), Context(organization=clinic.organization)):
        principal = Principal(nancy, "PATIENT", "Nancy", privileges_of(["citizen"]), context)
        assert refusals(asks(clinic.as_somebody(principal))) == [NOT_ALLOWED]


def test_whatever_is_asked_is_refused_and_nothing_is_stored(who, clinic, south, system, nancy, episode):
    bo = who(south["user"], organization=south["organization"], care_team=clinic.team, patient=nancy)
    before = done(system("GET", "/AuditEvent?outcome=4&_summary=count"))["total"]
    wished = parameters({"name": "careTeam", "valueReference": {"reference": clinic.team}})
    path = f"/{Reference.parse(episode).key}"
    asked = [
        bo("GET", f"/{Reference.parse(nancy).key}"),
        bo("GET", f"/Practitioner/{Reference.parse(clinic.nurse).id}"),
        bo("POST", "/DocumentReference", {"resourceType": "DocumentReference"}),
        bo("POST", f"{path}/$is-context-allowed", wished),
        bo("POST", "/", {"resourceType": "Bundle", "type": "transaction", "entry": []}),
    ]
    assert [refusals(each) for each in asked] == [[NOT_ALLOWED]] * len(asked)
    assert done(system("GET", "/AuditEvent?outcome=4&_summary=count"))["total"] == before + len(asked)


def test_who_has_one_context_is_not_taken_to_have_another(who, clinic, south, system, episode):
    """What is known of the token's own context says nothing of one that is asked about in the same request."""
    nurse = who(clinic.nurse, organization=clinic.organization, care_team=clinic.team, episode_of_care=episode)
    path = f"/{Reference.parse(episode).key}"
    coming = parameters({"name": "addCareTeams", "valueReference": {"reference": south["care_team"]}})
    done(nurse("POST", f"{path}/$update-care-teams", coming))
    for team, status in ((clinic.team, 200), (south["care_team"], 422)):
        asked = parameters({"name": "careTeam", "valueReference": {"reference": team}})
        assert nurse("POST", f"{path}/$is-context-allowed", asked).status == status


def test_who_hands_a_course_of_care_over_is_outside_from_then_on(who, clinic, south, episode, nancy):
    mine = {"organization": clinic.organization, "care_team": clinic.team, "patient": nancy, "episode_of_care": episode}
    nurse = who(clinic.nurse, **mine)
    path = f"/{Reference.parse(episode).key}"
    there = {"reference": south["care_team"]}
    over = [{"op": "replace", "path": "/team", "value": [there]}]
    handed = nurse("PATCH", path, over, Content_Type="application/json-patch+json")
    assert done(handed)["team"] == [there]
    assert refusals(nurse("GET", path)) == [NO_ACCESS]
