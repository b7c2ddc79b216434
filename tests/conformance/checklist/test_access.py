"""Who may ask for what: the context of a token, and its privileges (items 20 and 21)."""

from urllib.parse import quote

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from tests import resources as made
from tests.conformance.checklist.saying import JSON_PATCH, done, id_of, named, path_of, to, told
from tests.people import ASTA

NOT_CARRIED = "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT"
NO_ACCESS = "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND"
NO_PRIVILEGE = "SECURITY_TOKEN_INSUFFICIENT_PERMISSION"


def not_carried(answer):
    """Tell whether a search was refused for its context, in FUT's words too."""
    found = zip(told(answer, 403), (each["diagnostics"] for each in answer.json["issue"]), strict=True)
    words = "Search parameters not matching security token context"
    return any(code == NOT_CARRIED and said.startswith(words) for code, said in found)


# --- The context of a token


@pytest.mark.checklist(20)
@pytest.mark.parametrize("carried", [(), ("episodeOfCare",), ("care-team",), ("episodeOfCare", "care-team")])
def test_a_search_for_plans_carries_the_course_of_care_and_the_team(town, course, carried):
    values = {"episodeOfCare": course.episode, "care-team": town.team}
    answer = course.asta("GET", "/CarePlan?" + "&".join(f"{name}={quote(values[name])}" for name in carried))
    if set(carried) == set(values):
        assert done(answer)["resourceType"] == "Bundle"
    else:
        assert not_carried(answer)


@pytest.mark.checklist(20)
@pytest.mark.parametrize(
    "type",
    [
        "QuestionnaireResponse",
        "Observation",
        "Media",
        "Task",
        "Communication",
        "CommunicationRequest",
        "ClinicalImpression",
    ],
)
def test_a_search_for_what_is_the_citizens_carries_the_course_of_care(course, type):
    other = quote(f"{course.town.base}/EpisodeOfCare/another")
    about = "patient" if type in ("Task", "Observation", "ClinicalImpression") else "subject"
    for query in ("", f"?{about}={quote(course.patient)}", f"?episodeOfCare={other}"):
        answer = course.asta("GET", f"/{type}{query}")
        assert not_carried(answer)
    assert done(course.asta("GET", f"/{type}?episodeOfCare={quote(course.episode)}"))["resourceType"] == "Bundle"


@pytest.mark.checklist(20)
def test_a_search_carries_the_citizen_where_no_course_of_care_is_chosen(town, course):
    asta, theirs = town.asta(patient=course.patient), quote(town.citizen())
    for query in ("", f"?patient={theirs}", f"?patient={theirs}&team={quote(town.team)}"):
        answer = asta("GET", f"/EpisodeOfCare{query}")
        assert not_carried(answer)
    found = done(asta("GET", f"/EpisodeOfCare?patient={quote(course.patient)}&team={quote(town.team)}"))
    assert [entry["fullUrl"] for entry in found["entry"]] == [course.episode]


@pytest.mark.checklist(20)
def test_a_citizen_searches_for_their_own_tasks_alone(town, course):
    herself = course.herself
    asked = f"/Task?episodeOfCare={quote(course.episode)}"
    for query in ("", f"&owner={quote(town.users['asta'])}"):
        answer = herself("GET", f"{asked}{query}")
        assert not_carried(answer)
    for role in ("owner", "requester", "responsible"):
        assert done(herself("GET", f"{asked}&{role}={quote(course.patient)}"))["resourceType"] == "Bundle"


@pytest.mark.checklist(20)
def test_a_search_carries_the_course_of_care_alone(town, course):
    both = f"{town.base}/EpisodeOfCare/another,{course.episode}"
    answer = course.asta("GET", f"/QuestionnaireResponse?episodeOfCare={quote(both)}")
    assert not_carried(answer)


@pytest.mark.checklist(20)
def test_a_citizen_searches_for_tasks_in_a_course_of_care(town, course):
    answer = town.herself(course.patient)("GET", f"/Task?owner={quote(course.patient)}")
    assert all(each.startswith("SECURITY_SEARCH_PARAM") for each in told(answer, 403))


@pytest.mark.checklist(20)
def test_what_belongs_to_a_course_of_care_is_read_in_it_alone(town, course):
    care_plan = course.applied(town.plan())
    [request] = course.requests_of(care_plan)
    diagnosis = done(course.asta("POST", "/Condition", made.condition(*course.keys)), 201)
    paths = [path_of(course.episode), *map(path_of, (care_plan, request, diagnosis))]
    outside = town.asta(patient=course.patient)
    for path in paths:
        assert done(course.asta("GET", path))
        answer = outside("GET", path)
        assert told(answer, 403) == ["SECURITY_TOKEN_CONTEXT_MISSING"]
        assert answer.issue["diagnostics"].startswith("Security token context missing for user type: EpisodeOfCare")


@pytest.mark.checklist(20)
def test_the_diagnosis_that_a_course_was_opened_with_is_read_in_it(course):
    """It need not say of which course of care it is; the course of care names it."""
    [diagnosis] = done(course.asta("GET", path_of(course.episode)))["diagnosis"]
    assert done(course.asta("GET", path_of(diagnosis["condition"]["reference"])))["subject"] == to(course.patient)


@pytest.mark.checklist(20)
def test_the_course_of_care_of_somebody_else_is_not_read(town, course):
    other = town.opens(town.citizen())
    for client in (course.asta, course.herself):
        assert client("GET", path_of(other.episode)).status in (403, 404)
    assert told(course.asta("GET", path_of(other.episode)), 403) == ["SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT"]
    for outsider in (town.bo(**other.context), town.kim(**other.context)):
        assert told(outsider("GET", path_of(other.episode)), 403) == [NO_ACCESS]
    mixed = town.asta(patient=course.patient, episode_of_care=other.episode)
    assert told(mixed("GET", path_of(other.episode)), 403) == [NO_ACCESS]


@pytest.mark.checklist(20)
def test_whether_a_course_of_care_may_be_chosen_is_told_and_by_what(town, course):
    path = f"{path_of(course.episode)}/$is-context-allowed"
    told_of = done(town.asta()("POST", path, parameters(named("careTeam", town.team))))
    assert told_of["parameter"] == [named("CareTeam", town.team), named("EpisodeOfCare", course.episode)]
    told_of = done(town.herself(course.patient)("POST", path, parameters(named("patient", course.patient))))
    assert told_of["parameter"] == [named("Patient", course.patient)]

    stranger = town.citizen()
    for client, asked in (
        (town.bo(), named("careTeam", town.other_team)),
        (town.kim(), named("careTeam", town.third_team)),
        (town.bo(), named("careTeam", town.team)),
        (town.herself(stranger), named("patient", stranger)),
        (town.herself(stranger), named("patient", course.patient)),
    ):
        assert told(client("POST", path, parameters(asked))) == [NO_ACCESS]


# --- Its privileges

VERBS = {
    "read": "read",
    "vread": "read",
    "history-instance": "read",
    "history-type": "read",
    "search-type": "search",
    "create": "create",
    "update": "update",
    "patch": "patch",
    "delete": "delete",
}
GOVERNED_BY = {"ServiceRequest": "CarePlan", "Goal": "CarePlan", "Basic": "View"}
"""What is called otherwise in a privilege than its type is (5.1); a View is one of the kinds of Basic."""


@pytest.fixture(scope="module")
def offered(live):
    """What the server says that it offers: (type, interaction), and (type, operation)."""
    [rest] = done(live.request("GET", "/fhir/metadata"))["rest"]
    return rest


def with_privileges(town, course, *privileges):
    chosen = Context(town.organization, town.team, course.patient, course.episode)
    return town.knock(Principal(town.users["asta"], "PRACTITIONER", "Asta", frozenset(privileges), chosen))


def asks(client, type, interaction, course):
    """Ask for an interaction with what is not there: whether one may is told before that.

    But with the course of care of the context: another is not asked for at all.
    """
    one = path_of(course.episode) if type == "EpisodeOfCare" else f"/{type}/nobody"
    body = {"resourceType": type, "id": one.rpartition("/")[2]}
    return {
        "read": lambda: client("GET", one),
        "vread": lambda: client("GET", f"{one}/_history/1"),
        "history-instance": lambda: client("GET", f"{one}/_history"),
        "history-type": lambda: client("GET", f"/{type}/_history"),
        "search-type": lambda: client("GET", f"/{type}"),
        "create": lambda: client("POST", f"/{type}", {"resourceType": type}),
        "update": lambda: client("PUT", one, body),
        "patch": lambda: client("PATCH", one, [{"op": "replace", "path": "/status", "value": "x"}], **JSON_PATCH),
        "delete": lambda: client("DELETE", one),
    }[interaction]()


def codes(answer):
    if answer.status not in (400, 403, 404, 422):
        return []
    return [each["details"].get("coding", [{}])[0].get("code") for each in answer.json["issue"]]


@pytest.mark.checklist(21)
def test_each_interaction_takes_the_privilege_that_is_called_after_it_and_no_other_of_its_type_does(
    town, course, offered
):
    """All of them, as the server's own statement names them."""
    found = [(each["type"], one["code"]) for each in offered["resource"] for one in each["interaction"]]
    assert len(found) > 100
    for type, interaction in found:
        name, verb = GOVERNED_BY.get(type, type), VERBS[interaction]
        wanted = f"{name}.{verb}"
        others = {f"{name}.{each}" for each in VERBS.values()} - _enough(wanted)
        answer = asks(with_privileges(town, course, *others), type, interaction, course)
        assert (answer.status, codes(answer)) == (403, [NO_PRIVILEGE]), (type, interaction)
        assert NO_PRIVILEGE not in codes(asks(with_privileges(town, course, wanted), type, interaction, course))


def _enough(wanted):
    """What also does: who may update may patch, and who may read a View or an ActionGuidance finds it."""
    name, _, verb = wanted.partition(".")
    more = {"patch": {f"{name}.update"}, "search": {"View.read"} if name == "View" else set()}
    return {wanted} | more.get(verb, set())


@pytest.mark.checklist(21)
def test_each_operation_takes_a_privilege(town, course, offered):
    """Wherever it is offered: of the whole system, of a type, or of one resource. What else is wrong is not told."""
    nobody, whole = with_privileges(town, course), {"POST": parameters(), "GET": None}
    types = [
        ("", offered["operation"]),
        *((f"/{each['type']}", each.get("operation", ())) for each in offered["resource"]),
    ]
    for place, operation in ((place, one["name"]) for place, many in types for one in many):
        paths = [f"{place}/${operation}", *([f"{place}/nobody/${operation}"] if place else [])]
        answers = [nobody(how, path, whole[how]) for path in paths for how in whole]
        assert 403 in {answer.status for answer in answers} <= {403, 405}, (place, operation)
        refused = [answer for answer in answers if answer.status == 403]
        assert {code for answer in refused for code in told(answer, 403)} == {NO_PRIVILEGE}, (place, operation)


@pytest.mark.checklist(21)
def test_what_a_privilege_lets_one_do_is_done_without_all_others(town, course):
    for privilege, path in (
        ("Patient.read", path_of(course.patient)),
        ("EpisodeOfCare.read", path_of(course.episode)),
        ("Task.search", f"/Task?episodeOfCare={quote(course.episode)}"),
        ("Questionnaire.search", "/Questionnaire?_count=1"),
    ):
        done(with_privileges(town, course, privilege, "RestrictionCategory$none")("GET", path))


@pytest.mark.checklist(21)
def test_a_citizen_reads_views_but_guidance_is_the_professionals(town, course):
    """To the citizen it is not there; who may read neither kind is refused as such."""
    guidance, view = (written(town, kind) for kind in ("actionguidance", "view"))
    both = f"/Basic?_id={guidance['id']},{view['id']}"
    for herself in (course.herself, town.herself(course.patient)):
        assert [herself("GET", f"{path_of(guidance)}{part}").status for part in ("", "/_history/1")] == [404, 404]
        assert [each["id"] for each in resources(done(herself("GET", both)), "Basic")] == [view["id"]]
    assert told(with_privileges(town, course)("GET", path_of(guidance)), 403) == [NO_PRIVILEGE]
    for reader in (course.asta, town.lis()):
        assert done(reader("GET", path_of(guidance)))["id"] == guidance["id"]
        assert done(reader("GET", both))["total"] == 2


def written(town, kind):
    """Let Lis write a View or an ActionGuidance, in a format that another application reads."""
    draft = made.basic({}, kind, id_of(town.organization))
    draft["contained"][0] |= {"contentType": "application/xml", "data": "PHZpZXcvPg=="}
    return done(town.lis()("POST", "/Basic", draft), 201)


@pytest.mark.checklist(21)
def test_a_task_is_seen_by_who_may_see_its_category(town):
    course = town.opens(town.citizen())
    categories = ("measurement-monitoring", "measuring-support", "none")
    kept = {
        each: done(town.system("POST", "/Task", made.task(*course.keys, team=id_of(town.team), restriction=each)), 201)
        for each in categories
    }
    rights = privileges_of(ASTA.roles)
    for closed in categories:
        client = with_privileges(town, course, *(rights - {f"RestrictionCategory${closed}"}))
        found = list(resources(done(client("GET", f"/Task?episodeOfCare={quote(course.episode)}")), "Task"))
        seen = {
            each["valueCodeableConcept"]["coding"][0]["code"]
            for task in found
            for each in extensions(task, ehealth.RESTRICTION_CATEGORY)
        }
        assert seen == set(categories) - {closed}
        assert client("GET", path_of(kept[closed])).status == 404
        patch = [{"op": "replace", "path": "/status", "value": "accepted"}]
        patched = client("PATCH", path_of(kept[closed]), patch, **JSON_PATCH)
        assert patched.status in (403, 404)
        another = made.task(*course.keys, team=id_of(town.team), restriction=closed)
        code = "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT"
        assert code in codes(client("POST", "/Task", another))
