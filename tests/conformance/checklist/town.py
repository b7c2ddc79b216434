"""A town over HTTP: two organisations with care teams, who works in them, citizens, and their courses of care.

town = Town.founded(live, system, as_somebody)
course = town.opens(town.citizen())
asked = course.asked(town.plan())
course.submits(asked.response())

A module of the checklist shares one town; a test that would disturb the others makes a citizen of its own in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Self
from uuid import uuid4

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, resources, transaction, update_entry
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.identifier import Cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.parameters import parameters
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.principal import Context, Principal
from kommunalpro.fut.privileges import privileges_of
from kommunalpro.fut.treatment_area import TAG
from tests import resources as made
from tests.conformance.conftest import Client
from tests.live import Answer
from tests.people import ASTA, BO, KIM, LIS, Staff

JSON_PATCH = {"Content_Type": "application/json-patch+json"}
OPERATION = "episodeOfCareAndProvenances"
# Who was born in 1980 has a number that passes modulus 11: these are nobody's.
_NUMBERS = (each for serial in count(1) if not Cpr(each := f"020280{serial:04}").passes_modulus_11)


def done(answer: Answer, status: int = 200) -> Any:
    """Give what an answer says, after seeing that it went well."""
    assert answer.status == status, answer.body
    return answer.json


def told(answer: Answer, status: int = 422) -> list[str]:
    """Give FUT's codes of a refusal, after seeing its status and that each issue has Danish words."""
    assert answer.status == status, answer.body
    assert all(each["details"]["text"] for each in answer.json["issue"]), answer.body
    return [each["details"].get("coding", [{}])[0].get("code", "") for each in answer.json["issue"]]


def to(url: str) -> dict[str, str]:
    """Make a Reference."""
    return {"reference": url}


def named(name: str, url: str) -> dict[str, Any]:
    """Make a parameter that refers to something."""
    return {"name": name, "valueReference": to(url)}


def path_of(url: str) -> str:
    """Give the path below `/fhir` of something that is here."""
    parsed = Reference.parse(url)
    assert parsed, url
    return f"/{parsed.key}"


def id_of(url: str) -> str:
    """Give the id in a URL."""
    return path_of(url).rpartition("/")[2]


def now() -> datetime:
    """Give what time it is on the server too."""
    return SystemClock().now()


@dataclass(frozen=True)
class Town:
    """Asta and Lis work in `team`; Bo works in `other_team` of the same organisation; Kim in another organisation."""

    knock: Callable[[Principal], Client]
    system: Client
    base: str
    organization: str
    team: str
    other_team: str
    other_organization: str
    third_team: str
    users: Mapping[str, str]

    @classmethod
    def founded(cls, base: str, system: Client, knock: Callable[[Principal], Client]) -> Self:
        """Make it by the system, as registers and logins make it."""

        def post(resource: Json) -> str:
            stored = done(system("POST", f"/{resource['resourceType']}", resource), 201)
            return f"{base}/{resource['resourceType']}/{stored['id']}"

        def team(name: str, organization: str, *members: Staff) -> str:
            made_of = made.care_team(name, *members, organization=id_of(organization))
            for participant, each in zip(made_of["participant"], members, strict=True):
                participant["member"] = to(users[each.key])
            return post(made_of)

        users = {each.key: post(made.practitioner(each.name, each.name)) for each in (ASTA, LIS, BO, KIM)}
        organization, elsewhere = post(made.organization()), post(made.organization("Region Nord"))
        return cls(
            knock,
            system,
            base,
            organization,
            team("Nord", organization, ASTA, LIS),
            team("Syd", organization, BO),
            elsewhere,
            team("Hjerte", elsewhere, KIM),
            users,
        )

    def asta(self, *, more: frozenset[str] = frozenset(), **context: Any) -> Client:
        """Knock as the nurse of the citizens' team; `more`: privileges that her roles do not give."""
        return self._staff(ASTA, self.organization, self.team, context, privileges_of(ASTA.roles) | more)

    def lis(self) -> Client:
        """Knock as who prepares questionnaires and plans."""
        return self._staff(LIS, self.organization, self.team, {}, privileges_of(LIS.roles))

    def bo(self, **context: Any) -> Client:
        """Knock as a nurse of another team."""
        return self._staff(BO, self.organization, self.other_team, context, privileges_of(BO.roles))

    def kim(self, *, roles: tuple[str, ...] = KIM.roles, **context: Any) -> Client:
        """Knock as somebody of another organisation."""
        return self._staff(KIM, self.other_organization, self.third_team, context, privileges_of(roles))

    def _staff(
        self, who: Staff, organization: str, team: str, context: Mapping[str, Any], rights: frozenset[str]
    ) -> Client:
        chosen = Context(organization, team, **context)
        return self.knock(Principal(self.users[who.key], "PRACTITIONER", who.name, rights, chosen, frozenset({TAG})))

    def herself(self, patient: str, *, more: frozenset[str] = frozenset(), **context: Any) -> Client:
        """Knock as a citizen, about themselves."""
        rights = privileges_of(["citizen"]) | more
        chosen = Context(patient=patient, **context)
        return self.knock(Principal(patient, "PATIENT", "Nancy", rights, chosen, frozenset({TAG})))

    def citizen(self) -> str:
        """Let Asta look up somebody whom nobody has known before; gives the Patient's URL."""
        person = {"resourceType": "Patient", "name": [{"family": "Berggren", "given": ["Nancy", "Ann"]}]}
        asked = parameters({"name": "crn", "valueIdentifier": numbered()}, {"name": "patient", "resource": person})
        return f"{self.base}/Patient/{done(self.asta()('POST', '/Patient/$createPatient', asked))['id']}"

    def publishes(self, definition: Json, **changes: Any) -> str:
        """Let Lis publish a definition; gives its URL."""
        type = definition["resourceType"]
        stored = done(self.lis()("POST", f"/{type}", {**definition, "status": "active", **changes}), 201)
        return f"{self.base}/{type}/{stored['id']}"

    def questionnaire(self, **changes: Any) -> dict[str, Any]:
        """Make a questionnaire of the organisation's."""
        return made.questionnaire(id_of(self.organization), **changes)

    def activity(self, questionnaire: str, *extensions: Json, **changes: Any) -> dict[str, Any]:
        """Make an activity that asks it."""
        made_of = made.activity_definition(questionnaire, id_of(self.organization), **changes)
        made_of["extension"] += extensions
        return made_of

    def plan_of(self, *activities: str, **changes: Any) -> dict[str, Any]:
        """Make a plan of activities, or of other plans."""
        actions = [{"definitionCanonical": each} for each in activities]
        return made.plan_definition(activities[0], id_of(self.organization), action=actions, **changes)

    def plan(self, *extensions: Json, **changes: Any) -> str:
        """Publish a plan that asks one questionnaire, which `changes` change; gives its URL."""
        questionnaire = self.publishes(self.questionnaire(**changes))
        return self.publishes(self.plan_of(self.publishes(self.activity(questionnaire, *extensions))))

    def opening(self, patient: str) -> "Opening":
        """Put together what opens a course of care."""
        return Opening(self, patient)

    def opens(self, patient: str, *, begins: bool = True) -> "Course":
        """Open a course of care and let it begin; without `begins` it stays planned, and without consent."""
        [episode] = resources(done(self.opening(patient).send()), "EpisodeOfCare")
        course = Course(self, patient, f"{self.base}/EpisodeOfCare/{episode['id']}")
        if begins:
            course.agrees()
            done(course.begins())
        return course


def numbered() -> dict[str, str]:
    """Make up a CPR number that is nobody's, and another each time."""
    return {"use": "official", "system": ehealth.CPR, "value": next(_NUMBERS)}


class Opening:
    """The Bundle that opens a course of care; what is wrong with it is put in by the test."""

    def __init__(self, town: Town, patient: str):
        self.town, self.patient = town, patient
        self.urn, self.diagnosed = (f"urn:uuid:{uuid4()}" for _ in "12")
        managing = to(town.organization)
        self.episode = made.episode_of_care("x") | {
            "extension": [{"url": ehealth.CAREMANAGER_ORGANIZATION, "valueReference": managing}],
            "managingOrganization": managing,
            "team": [to(town.team)],
            "patient": to(patient),
            "diagnosis": [{"condition": to(self.diagnosed)}],
        }
        self.condition = made.condition("x", "x") | {"subject": to(patient)}
        del self.condition["extension"]
        self.law = made.provenance("x") | {"target": [to(self.urn)], "agent": [{"who": to(town.users["asta"])}]}

    def bundle(self, *more: Json) -> dict[str, Any]:
        """Put it together."""
        entries = [create_entry(self.episode, self.urn), create_entry(self.condition, self.diagnosed)]
        entries += [create_entry(each, f"urn:uuid:{uuid4()}") for each in (self.law, *more) if each]
        return transaction(entries)

    def send(self, *more: Json, by: Client | None = None) -> Answer:
        """Ask for it as Asta, unless somebody else is named."""
        asked = parameters({"name": OPERATION, "resource": self.bundle(*more)})
        return (by or self.town.asta(patient=self.patient))("POST", "/$create-episode-of-care", asked)


@dataclass(frozen=True)
class Course:
    """A course of care."""

    town: Town
    patient: str
    episode: str

    @property
    def context(self) -> dict[str, str]:
        """Of whom and of what, for a token."""
        return {"patient": self.patient, "episode_of_care": self.episode}

    @property
    def keys(self) -> tuple[str, str]:
        """The ids of the citizen and of the course of care."""
        return id_of(self.patient), id_of(self.episode)

    @property
    def asta(self) -> Client:
        """Knock as Asta, in this course of care."""
        return self.town.asta(**self.context)

    @property
    def herself(self) -> Client:
        """Knock as the citizen, in this course of care."""
        return self.town.herself(self.patient, episode_of_care=self.episode)

    def agrees(self) -> dict[str, Any]:
        """Let the citizen consent; gives the Consent."""
        return dict(done(self.asta("POST", "/Consent", made.consent(*self.keys)), 201))

    def becomes(self, status: str) -> Answer:
        """Let the course of care become active, say."""
        patch = [{"op": "replace", "path": "/status", "value": status}]
        return self.asta("PATCH", path_of(self.episode), patch, **JSON_PATCH)

    def begins(self) -> Answer:
        """Let it begin."""
        return self.becomes("active")

    def applied(self, plan: str) -> dict[str, Any]:
        """Lay a plan in it; gives the draft CarePlan."""
        return dict(
            done(self.asta("POST", f"{path_of(plan)}/$apply", parameters(named("episodeOfCare", self.episode))))
        )

    def requests_of(self, care_plan: Json) -> list[dict[str, Any]]:
        """Read what a CarePlan asks for."""
        urls = [each["reference"]["reference"] for each in care_plan["activity"]]
        return [done(self.asta("GET", path_of(url))) for url in urls]

    def activates(self, care_plan: Json, *requests: Json) -> Answer:
        """Send a transaction that makes a CarePlan and its ServiceRequests active."""
        active = [{**each, "status": "active"} for each in (care_plan, *requests)]
        return self.asta("POST", "/", transaction(update_entry(each, if_match=_version(each)) for each in active))

    def asked(self, plan: str, **occurrence: Any) -> "Asked":
        """Apply a plan and activate it; `occurrence` says when, else today until tomorrow."""
        care_plan = self.applied(plan)
        [request] = self.requests_of(care_plan)
        when = occurrence or {"occurrencePeriod": period()}
        done(self.activates(care_plan, {**request, **when}))
        return Asked(
            self, f"{self.town.base}/CarePlan/{care_plan['id']}", done(self.asta("GET", request_path(request)))
        )

    def submits(self, *measurements: Json, by: Client | None = None, bundle: Json | None = None) -> Answer:
        """Send measurements in, as the citizen unless somebody else is named."""
        sent = bundle or transaction(create_entry(each, f"urn:uuid:{uuid4()}") for each in measurements)
        asked = parameters({"name": "measurement", "resource": sent})
        return (by or self.herself)("POST", "/$submit-measurement", asked)


@dataclass(frozen=True)
class Asked:
    """What a citizen is asked: a ServiceRequest that is active."""

    course: Course
    care_plan: str
    request: dict[str, Any]

    @property
    def url(self) -> str:
        """The ServiceRequest's URL."""
        return f"{self.course.town.base}{request_path(self.request)}"

    @property
    def questionnaire(self) -> str:
        """The URL of the Questionnaire that is asked, as the activity says it."""
        activity = done(self.course.herself("GET", path_of(self.request["instantiatesCanonical"][0])))
        return str(activity["relatedArtifact"][0]["resource"])

    def timing(self, type: str = "Adhoc", version: str | None = None, **ends: str) -> dict[str, Any]:
        """Say for which time it was asked for."""
        return {
            "url": ehealth.RESOLVED_TIMING,
            "extension": [
                {"url": "serviceRequestVersionId", "valueId": version or _version(self.request)},
                *({"url": name, "valueDateTime": at} for name, at in ends.items()),
                {"url": "type", "valueCodeableConcept": coded(ehealth.RESOLVED_TIMING_TYPE, type)},
            ],
        }

    def response(self, *items: Json, **changes: Any) -> dict[str, Any]:
        """Answer; without `items`: that one does not sleep well."""
        whose = {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": to(self.course.episode)}
        answered = {
            "resourceType": "QuestionnaireResponse",
            "extension": [whose, self.timing()],
            "basedOn": [to(self.url)],
            "questionnaire": changes.pop("questionnaire", None) or self.questionnaire,
            "status": "completed",
            "subject": to(self.course.patient),
            "authored": to_datetime(now()),
            "source": to(self.course.patient),
            "item": list(items) or [answer("soevn", valueBoolean=False)],
        }
        return answered | changes

    def submitted(self, *items: Json, **changes: Any) -> str:
        """Answer and send it in; gives the response's URL."""
        [entry] = done(self.course.submits(self.response(*items, **changes)))["entry"]
        return str(entry["fullUrl"])


def answer(link_id: str, **value: Any) -> dict[str, Any]:
    """Answer a question."""
    return {"linkId": link_id, "answer": [value]}


def coded(system: str, code: str) -> dict[str, Any]:
    """Make a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def period(*, begun: timedelta = timedelta(hours=1), left: timedelta = timedelta(days=1)) -> dict[str, str]:
    """Make a Period about now."""
    return {"start": to_datetime(now() - begun), "end": to_datetime(now() + left)}


def request_path(request: Json) -> str:
    """Give the path of a resource."""
    return f"/{request['resourceType']}/{request['id']}"


def _version(resource: Json) -> str:
    return str(resource["meta"]["versionId"])
