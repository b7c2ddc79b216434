"""A course of care over HTTP: the citizen agrees, it begins, plans are laid in it, and what is asked is answered."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import create_entry, transaction, update_entry
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.parameters import parameters
from tests import resources as made
from tests.conformance.checklist.saying import JSON_PATCH, answer, coded, done, id_of, named, now, path_of, period, to
from tests.conformance.conftest import Client
from tests.live import Answer

if TYPE_CHECKING:
    from tests.conformance.checklist.town import Town


@dataclass(frozen=True)
class Course:
    """A course of care."""

    town: "Town"
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

    def begins(self) -> Answer:
        """Let it begin."""
        patch = [{"op": "replace", "path": "/status", "value": "active"}]
        return self.asta("PATCH", path_of(self.episode), patch, **JSON_PATCH)

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
        return Asked(self, f"{self.town.base}/CarePlan/{care_plan['id']}", done(self.asta("GET", path_of(request))))

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
        return f"{self.course.town.base}{path_of(self.request)}"

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


def _version(resource: Json) -> str:
    return str(resource["meta"]["versionId"])
