"""A course of care over HTTP, as FUT's two reference clients go through it: from a number to a measurement, and on.

One story, for each step stands on the one before. Source: `fut.md` 7.3, 7.4 and §9.
"""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction, update_entry
from kommunalpro.fhir.datetime import DENMARK, to_datetime
from kommunalpro.fhir.extension import extension, extension_value, extensions
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.fut.treatment_area import TAG
from tests import resources as made
from tests.gateway.measuring import RED, WEIGHT, concept, limits
from tests.gateway.test_reuse import COPY, QUOTATION, criteria
from tests.people import ASTA, BO, LIS, NANCY

BY_COUNT = "/$search-measurements-bundle-limit"


@dataclass
class Clinic:
    """An organisation with a team, and who knocks for whom."""

    as_somebody: Any
    base: str
    organization: str
    team: str
    nurse: str
    editor: str

    def asta(self, **context):
        chosen = Context(self.organization, self.team, **context)
        roles = privileges_of(ASTA.roles)
        return self.as_somebody(Principal(self.nurse, "PRACTITIONER", ASTA.name, roles, chosen, frozenset({TAG})))

    def lis(self):
        roles, chosen = privileges_of(LIS.roles), Context(self.organization, self.team)
        return self.as_somebody(Principal(self.editor, "PRACTITIONER", LIS.name, roles, chosen))

    def nancy(self, patient, **context):
        return self.as_somebody(
            Principal(patient, "PATIENT", NANCY.name, privileges_of(["citizen"]), Context(patient=patient, **context))
        )


def done(answer, status=200):
    assert answer.status == status, answer.body
    return answer.json


def reference(name, url):
    return {"name": name, "valueReference": {"reference": url}}


@pytest.fixture
def clinic(live, system, as_somebody):
    """Made by the system, as an import makes it."""

    def post(resource):
        stored = done(system("POST", f"/{resource['resourceType']}", resource), 201)
        return f"{live.base_url}/{resource['resourceType']}/{stored['id']}"

    organization, nurse, editor = post(made.organization()), post(made.practitioner()), post(made.practitioner())
    team = made.care_team("Nord", ASTA, LIS)
    for participant, member in zip(team["participant"], (nurse, editor), strict=True):
        participant["member"] = {"reference": member}
    team["managingOrganization"] = [{"reference": organization}]
    return Clinic(as_somebody, live.base_url, organization, post(team), nurse, editor)


@pytest.fixture
def publish(clinic):
    """Publish a definition as Lis does; gives its URL."""

    def post(resource):
        stored = done(clinic.lis()("POST", f"/{resource['resourceType']}", {**resource, "status": "active"}), 201)
        return f"{clinic.base}/{resource['resourceType']}/{stored['id']}"

    return post


@pytest.fixture
def plan(clinic, publish):
    """A published plan that asks one questionnaire."""
    owner = Reference.parse(clinic.organization).id
    asking = made.activity_definition(publish(made.questionnaire(owner)), owner)
    return publish(made.plan_definition(publish(asking), owner))


@pytest.fixture
def nancy(clinic):
    """Give Nancy's Patient, found by her number."""
    name = {"resourceType": "Patient", "name": [{"family": NANCY.family, "given": NANCY.given.split()}]}
    number = {"use": "official", "system": ehealth.CPR, "value": NANCY.cpr}
    asked = parameters({"name": "crn", "valueIdentifier": number}, {"name": "patient", "resource": name})
    return f"{clinic.base}/Patient/{done(clinic.asta()('POST', '/Patient/$createPatient', asked))['id']}"


@pytest.fixture
def episode(clinic, nancy):
    """Open a course of care: diagnosis, legal basis, consent, and it begins."""
    condition, care = "urn:uuid:6e2f0a35-0000-4000-8000-000000000001", "urn:uuid:6e2f0a35-0000-4000-8000-000000000002"
    about = {"subject": {"reference": nancy}}
    kol = {name: each for name, each in made.condition("x", "x").items() if name != "extension"} | about
    responsible = {"reference": clinic.organization}
    begun = made.episode_of_care("x", condition="x") | {
        "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": responsible}],
        "managingOrganization": responsible,
        "team": [{"reference": clinic.team}],
        "patient": {"reference": nancy},
        "diagnosis": [{"condition": {"reference": condition}}],
    }
    basis = made.provenance(care, agent=[{"who": {"reference": clinic.nurse}}])
    bundle = transaction(
        [
            create_entry(basis, "urn:uuid:6e2f0a35-0000-4000-8000-000000000003"),
            create_entry(begun, care),
            create_entry(kol, condition),
        ]
    )
    asked = parameters({"name": "episodeOfCareAndProvenances", "resource": bundle})
    answer = done(clinic.asta(patient=nancy)("POST", "/$create-episode-of-care", asked))
    [opened] = resources(answer, "EpisodeOfCare")
    url = f"{clinic.base}/EpisodeOfCare/{opened['id']}"
    asta = clinic.asta(patient=nancy, episode_of_care=url)
    agreed = made.consent(Reference.parse(nancy).id, opened["id"])
    done(asta("POST", "/Consent", agreed), 201)
    begin = [{"op": "replace", "path": "/status", "value": "active"}]
    done(asta("PATCH", f"/EpisodeOfCare/{opened['id']}", begin, Content_Type="application/json-patch+json"))
    return url


@pytest.fixture
def asks(clinic, nancy, episode, plan):
    """Apply the plan and activate it, for a time from now on; gives the ServiceRequest."""
    asta = clinic.asta(patient=nancy, episode_of_care=episode)

    def apply(end, plan=plan):
        applied = parameters(reference("episodeOfCare", episode))
        care_plan = done(asta("POST", f"/{Reference.parse(plan).key}/$apply", applied))
        request = done(asta("GET", f"/{Reference.parse(care_plan['activity'][0]['reference']['reference']).key}"))
        period = {"start": to_datetime(SystemClock().now() - timedelta(hours=1)), "end": to_datetime(end)}
        active = [{**care_plan, "status": "active"}, {**request, "status": "active", "occurrencePeriod": period}]
        done(asta("POST", "/", transaction(update_entry(each, if_match="1") for each in active)))
        return f"{clinic.base}/ServiceRequest/{request['id']}"

    return apply


@pytest.fixture
def asked(asks):
    """What she is asked for, until tomorrow."""
    return asks(SystemClock().now() + timedelta(days=1))


def answer_of(client, nancy, episode, request, period=None):
    """Answer as another application does: what is asked stands in the activity that the request names.

    `period`: the slot that it is an answer in; None is ad hoc.
    """
    activity = done(client("GET", f"/{Reference.parse(request['instantiatesCanonical'][0]).key}"))
    kind = {"coding": [{"system": ehealth.RESOLVED_TIMING_TYPE, "code": "Resolved" if period else "Adhoc"}]}
    timing = [
        {"url": "serviceRequestVersionId", "valueId": request["meta"]["versionId"]},
        *({"url": name, "valueDateTime": at} for name, at in (period or {}).items()),
        {"url": "type", "valueCodeableConcept": kind},
    ]
    response = {
        "resourceType": "QuestionnaireResponse",
        "extension": [
            {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": episode}},
            {"url": ehealth.RESOLVED_TIMING, "extension": timing},
        ],
        "basedOn": [{"reference": f"{episode.partition('/EpisodeOfCare')[0]}/ServiceRequest/{request['id']}"}],
        "questionnaire": activity["relatedArtifact"][0]["resource"],
        "status": "completed",
        "subject": {"reference": nancy},
        "authored": to_datetime(SystemClock().now()),
        "source": {"reference": nancy},
        "item": [{"linkId": "soevn", "answer": [{"valueBoolean": False}]}],
    }
    bundle = transaction([create_entry(response, f"urn:uuid:6e2f0a35-0000-4000-8000-{request['id'][-12:]}")])
    return done(client("POST", "/$submit-measurement", parameters({"name": "measurement", "resource": bundle})))


def test_from_a_number_to_a_measurement_and_on(clinic, nancy, episode, asked):
    asta, herself = clinic.asta(patient=nancy, episode_of_care=episode), clinic.nancy(nancy, episode_of_care=episode)

    # Both may choose the course of care; by what, is told.
    allowed = f"/{Reference.parse(episode).key}/$is-context-allowed"
    told = done(clinic.asta()("POST", allowed, parameters(reference("careTeam", clinic.team))))
    assert {each["name"] for each in told["parameter"]} == {"CareTeam", "EpisodeOfCare"}
    told = done(clinic.nancy(nancy)("POST", allowed, parameters(reference("patient", nancy))))
    assert told["parameter"] == [reference("Patient", nancy)]
    somebody = clinic.nancy(f"{clinic.base}/Patient/somebody")
    refused = somebody("POST", allowed, parameters(reference("patient", nancy)))
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (
        422,
        "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND",
    )

    # She answers, and both find what she sent in.
    request = done(herself("GET", f"/{Reference.parse(asked).key}"))
    [sent] = [entry["fullUrl"] for entry in answer_of(herself, nancy, episode, request)["entry"]]
    since = {"name": "start", "valueDateTime": "2016-01-01T00:00:00Z"}
    limited = parameters(reference("episodeOfCare", episode), since, {"name": "count", "valueInteger": 100})
    for client in (asta, herself):
        [found] = resources(done(client("POST", BY_COUNT, limited)), "Bundle")
        [response] = resources(found, "QuestionnaireResponse")
        assert sent.endswith(response["id"])
        assert len(list(resources(found, "Provenance"))) == 1
    period = {"name": "period", "valuePeriod": {"start": "2016-01-01"}}
    [found] = resources(
        done(asta("POST", "/$search-measurements", parameters(reference("patient", nancy), period))), "Bundle"
    )
    assert [each["resourceType"] for each in resources(found)] == [
        "QuestionnaireResponse",
        "Questionnaire",
        "Provenance",
    ]
    for wrong in (101, 0):
        assert (
            asta(
                "POST", BY_COUNT, parameters(*limited["parameter"][:2], {"name": "count", "valueInteger": wrong})
            ).status
            == 400
        )
    assert clinic.asta(patient=nancy)("POST", BY_COUNT, parameters(since)).status == 400

    # It was wrong: it is kept, and no longer counts; and it is taken back.
    for finding, decision, version, status in (
        ("measurement-invalidated", "invalidated-is-not-fulfillment", "1", "entered-in-error"),
        ("measurement-invalidation-retracted", None, "2", "completed"),
    ):
        said = validity(nancy, episode, sent, finding, decision, version)
        assert asta("POST", "/ClinicalImpression", said).status == 422
        stored = done(asta("POST", "/ClinicalImpression/$set-measurement-validity", said))
        assert stored["assessor"] == {"reference": clinic.nurse}
        organization = extension_value(stored, ehealth.CLINICALIMPRESSION_ASSESSOR_ORGANIZATION)
        assert organization == {"reference": clinic.organization}
        assert done(asta("GET", f"/{Reference.parse(sent).key}"))["status"] == status


def test_a_number_comes_in_and_is_used_again_where_that_is_allowed(clinic, publish, nancy, episode, asks):
    owner, tomorrow = Reference.parse(clinic.organization).id, SystemClock().now() + timedelta(days=1)
    weighing = made.activity_definition("x", owner) | {"code": concept(WEIGHT)}
    del weighing["relatedArtifact"]
    once = asks(tomorrow, publish(made.plan_definition(publish(weighing), owner)))
    weighing["extension"] += [criteria(), limits(60, 90, RED)]
    again = asks(tomorrow, publish(made.plan_definition(publish(weighing), owner)))
    herself = clinic.nancy(nancy, episode_of_care=episode)
    adhoc = {"coding": [{"system": ehealth.RESOLVED_TIMING_TYPE, "code": "Adhoc"}]}
    parts = [{"url": "serviceRequestVersionId", "valueId": "2"}, {"url": "type", "valueCodeableConcept": adhoc}]
    person, care = (Reference.parse(each).id for each in (nancy, episode))
    weight = made.observation(person, care, code=concept(WEIGHT), effectiveDateTime=to_datetime(SystemClock().now()))
    weight["extension"][1] = {"url": ehealth.RESOLVED_TIMING, "extension": parts}

    def submit(request, *provenances, name):
        sent = [{**weight, "basedOn": [{"reference": request}]}, *provenances]
        bundle = transaction(create_entry(each, f"{COPY[:-1]}{name + at}") for at, each in enumerate(sent))
        return herself("POST", "/$submit-measurement", parameters({"name": "measurement", "resource": bundle}))

    [entry] = done(submit(once, name=0))["entry"]
    quoted = {"role": "quotation", "what": {"reference": entry["fullUrl"]}}
    reused = made.provenance(f"{COPY[:-1]}1", entity=[quoted], agent=[{"who": {"reference": nancy}}])
    reused |= {"policy": [ehealth.POLICY_REUSE_CHOSEN_BY_CITIZEN], "activity": concept(QUOTATION)}
    refused = submit(once, reused, name=1)
    code = "MEASUREMENT_SUBMITMEASUREMENT_REUSE_NOT_ALLOWED"
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, code)
    copied, _ = done(submit(again, reused, name=1))["entry"]
    [kept] = done(herself("GET", f"/{Reference.parse(copied['fullUrl']).key}"))["referenceRange"]
    assert (kept["low"]["value"], kept["high"]["value"]) == (60, 90)


def validity(nancy, episode, measurement, finding, decision, version):
    def coded(name, code):
        return {"coding": [{"system": f"{ehealth.CS}clinicalimpression-{name}", "code": code}]}

    decided = {"url": ehealth.CLINICALIMPRESSION_DECISION, "valueCodeableConcept": coded("decision-codes", decision)}
    items = [{"reference": f"{measurement}/_history/{version}"}, {"reference": measurement}]
    return {
        "resourceType": "ClinicalImpression",
        "extension": [
            {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": {"reference": episode}},
            *([decided] if decision else []),
        ],
        "status": "completed",
        "code": coded("codes", "MeasurementValidityUpdate"),
        "subject": {"reference": nancy},
        "investigation": [{"code": coded("investigation-item-codes", "item-for-investigation"), "item": items}],
        "finding": [{"itemCodeableConcept": coded("finding-codes", finding)}],
    }


def works_at(live, moment):
    """Let a worker do a round whose clock, and nobody else's, has been moved."""
    clock = live.directory / "clock-of-the-worker"
    clock.write_text(moment.isoformat(), encoding="ascii")
    replace(live, environment=live.environment | {"KOMMUNALPRO_CLOCK_FILE": str(clock)}).command("worker", "--once")


@pytest.mark.checklist(27)
def test_another_team_is_put_on_a_plan_and_taken_off_again(system, clinic, nancy, episode, asked):
    """Who could see to a plan, who does since when; who is taken off sees the citizen no more."""
    asta = clinic.asta(patient=nancy, episode_of_care=episode)
    bo = f"{clinic.base}/Practitioner/{done(system('POST', '/Practitioner', made.practitioner()), 201)['id']}"
    place = {"url": ehealth.ORGANIZATION_MUNICIPALITY_CODE, "valueString": "0851"}
    municipality = made.organization() | {"extension": [*made.organization()["extension"], place]}
    managing = f"{clinic.base}/Organization/{done(system('POST', '/Organization', municipality), 201)['id']}"
    south = {**made.care_team("Syd", BO), "managingOrganization": [{"reference": managing}]}
    south["participant"][0]["member"] = {"reference": bo}
    team = f"{clinic.base}/CareTeam/{done(system('POST', '/CareTeam', south), 201)['id']}"
    chosen = Context(managing, team, nancy, episode)
    colleague = clinic.as_somebody(Principal(bo, "PRACTITIONER", BO.name, privileges_of(BO.roles), chosen))
    query = f"/CarePlan?episodeOfCare={quote(episode)}&care-team={quote(clinic.team)}"
    [plan] = resources(done(asta("GET", query)), "CarePlan")
    path = f"/CarePlan/{plan['id']}"
    operation = f"{path}/$update-care-teams"
    coming, going = parameters(reference("addCareTeams", team)), parameters(reference("removeCareteams", team))

    wanted = parameters({"name": "municipalityCode", "valueString": "0851"})
    suggested = done(asta("POST", f"{path}/$suggest-care-teams", wanted))
    assert [entry["search"]["mode"] for entry in suggested["entry"] if entry["fullUrl"] in (team, managing)] == [
        "match",
        "include",
    ]
    for refused in (colleague("POST", f"{path}/$suggest-care-teams", wanted), colleague("POST", operation, coming)):
        told = refused.issue["details"]["coding"][0]["code"]
        assert (refused.status, told) == (403, "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND")
    assert clinic.nancy(nancy, episode_of_care=episode)("POST", operation, coming).status == 403
    changed = done(asta("POST", operation, coming))
    assert [each["reference"] for each in changed["careTeam"]] == [clinic.team, team]
    assert done(colleague("GET", path)) == changed
    changed = done(asta("POST", operation, going))
    *_, gone = extensions(changed, ehealth.TEAM_HISTORY)
    period = extension_value(gone, "period")
    assert extension_value(gone, "careTeam") == {"reference": team}
    assert period["start"] <= period["end"]
    assert [colleague("GET", each).status for each in (path, f"/{Reference.parse(nancy).key}")] == [403, 403]

    last = parameters(reference("removeCareTeams", clinic.team))
    done(asta("POST", operation, last))  # her team is on the course of care still, and sees to the plan
    refused = asta("POST", f"/{Reference.parse(episode).key}/$update-care-teams", last)
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, "KPRO_CARE_TEAM_LAST")
    nobody = parameters(reference("addCareTeams", f"{clinic.base}/CareTeam/nobody"))
    refused = asta("POST", operation, nobody)
    assert (refused.status, refused.issue["details"]["coding"][0]["code"]) == (422, "KPRO_CARE_TEAM_NOT_ACTIVE")


@pytest.mark.checklist(22)
def test_what_does_not_come_is_told_and_what_comes_late_ends_it(live, system, clinic, nancy, episode, asks):
    """A clock that is moved on, a Task, a late answer; a reminder, and one that is not wanted."""
    asta, herself = clinic.asta(patient=nancy, episode_of_care=episode), clinic.nancy(nancy, episode_of_care=episode)
    ends, now = SystemClock().now() + timedelta(seconds=3), SystemClock().now()
    short, silent, loud = asks(ends), asks(now + timedelta(days=5)), asks(now + timedelta(days=5))
    reason = {"system": ehealth.MESSAGE_REASON_CODES, "code": "ReminderSubmitMeasurement"}
    no = {
        "resourceType": "CommunicationRequest",
        "status": "active",
        "doNotPerform": True,
        "subject": {"reference": nancy},
        "basedOn": [{"reference": silent}],
        "category": [{"coding": [{"system": ehealth.MESSAGE_CATEGORY, "code": "notification"}]}],
        "reasonCode": [{"coding": [reason]}],
    }
    done(system("POST", "/CommunicationRequest", no), 201)
    works_at(live, now + timedelta(days=4, hours=20))

    def told():
        query = f"/Task?episodeOfCare={quote(episode)}&focus={quote(short)}&category=MissingMeasurementResolving"
        return list(resources(done(asta("GET", query)), "Task"))

    [task] = told()
    assert (task["status"], task["priority"]) == ("requested", "routine")
    request = done(herself("GET", f"/{Reference.parse(short).key}"))
    timing = {part["url"]: part for part in extension(task, ehealth.RESOLVED_TIMING)["extension"]}
    assert timing["type"]["valueCodeableConcept"]["coding"][0]["code"] == "Resolved"
    assert timing["end"]["valueDateTime"][:16] == to_datetime(ends.astimezone(DENMARK))[:16]
    [message] = resources(done(system("GET", f"/Communication?recipient={quote(nancy)}")), "Communication")
    assert message["basedOn"] == [{"reference": loud}]
    assert (message["reasonCode"][0]["coding"][0], message["status"]) == (reason, "in-progress")

    time.sleep(max(0.0, (ends - SystemClock().now()).total_seconds()))
    answer_of(herself, nancy, episode, request, request["occurrencePeriod"])
    assert [each["status"] for each in told()] == ["completed"]
