"""A citizen's responses so far, each with the assessment it got: two searches, however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from kommunalpro.care.bundles import all_pages, versionless
from kommunalpro.care.called import title_of
from kommunalpro.care.definitions import Definition, read_definition
from kommunalpro.care.impressions import code_of, finding_of, light_of, record_of, response_of, view_of
from kommunalpro.care.interpretation import StoredView, read_stored_view
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Gone, NotFound
from kommunalpro.fhir.reference import own_url, versioned_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.answers import Answers, read_response
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment, Light, assess

_LIGHTS = {light.code: light for light in Light}
VALIDITY, _INVALIDATED = "MeasurementValidityUpdate", "measurement-invalidated"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a professional said about a response. `light` None: agrees with the light of record. Newest counts."""

    author: str
    at: datetime
    note: str
    light: Light | None


@dataclass(frozen=True, slots=True)
class Invalidation:
    """That a response was marked as an error. `author` empty, `at` None: nobody has said who did it, or when."""

    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastResponse:
    """One submitted response. URLs are absolute; `exact` names the version.

    `record` None: the infrastructure kept no record of how it was assessed; `kept` is the overall light that it kept
    then, None where it kept none, and `computed` what the View that it names would have given (`with_computed`).
    `lights`: all that the infrastructure has assessed it by, also what was taken back since. `invalidated` None: it
    counts. `own_title`: what the activity was called, where it was not as its questionnaire.
    """

    url: str
    exact: str
    episode_of_care: str
    authored: datetime
    source: str
    definition: Definition
    answers: Answers
    lights: tuple[str, ...]
    view: str | None
    record: Assessment | None
    judgements: tuple[Judgement, ...]
    invalidated: Invalidation | None = None
    kept: Light | None = None
    computed: Assessment | None = None
    own_title: str = ""

    @property
    def title(self) -> Text:
        """What the citizen read that it is called."""
        return title_of(self.own_title, self.definition.form)

    @property
    def assessment(self) -> Assessment | None:
        """How it was assessed then, as far as that can be told; None: nobody can tell."""
        return self.record or self.computed

    @property
    def light(self) -> Light:
        """The overall light that it got then: of the record, else the one that was kept, else *not assessed*."""
        if self.record is not None:
            return self.record.light
        return self.kept or Light.NOT_ASSESSED

    @property
    def judged(self) -> Light | None:
        """The light that a professional last set beside the one of record; None: nobody did."""
        return next((each.light for each in reversed(self.judgements) if each.light is not None), None)

    @property
    def base(self) -> str:
        """What all versions of the questionnaire have in common."""
        identifier = extension_value(self.definition.questionnaire, ehealth.BASE) or {}
        return str(identifier.get("value") or versionless(self.definition.url))


def responses_of(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[PastResponse, ...]:
    """Give a citizen's responses that the acting user may see, oldest first; those that were invalidated too.

    These can be read, and count in nothing: `counting` leaves them out.
    """
    about = by.within(patient=patient, episode_of_care=None)
    query = [("subject", patient), ("status", "completed,amended,entered-in-error"), ("_count", "100")]
    found = [
        response
        for bundle in all_pages(gateway, "QuestionnaireResponse", query, by=about, now=now)
        for response in resources(bundle, "QuestionnaireResponse")
    ]
    impressions = _impressions(gateway, patient, by=about, now=now)
    # Each is long, and many responses are to the same.
    asked = dict.fromkeys(response["questionnaire"] for response in found)
    definitions = {url: read_definition(gateway, url, by=about, now=now) for url in asked}
    past = [_past(gateway.base_url, each, definitions[each["questionnaire"]], impressions) for each in found]
    return tuple(sorted(past, key=lambda response: response.authored))


def with_computed(
    gateway: Gateway, past: Sequence[PastResponse], *, by: Principal, now: datetime
) -> tuple[PastResponse, ...]:
    """Work out, for those of which no record was kept, what the View that they were assessed by gives: one read each.

    Where that is not there any more, it stays unknown.
    """
    views: dict[str, StoredView] = {}
    for url in {each.view for each in past if each.record is None and each.view}:
        with suppress(NotFound, Gone):
            about_nobody = by.within(patient=None, episode_of_care=None)
            views[url] = read_stored_view(gateway, url, by=about_nobody, now=now)
    return tuple(
        replace(each, computed=assessed(each, views[each.view])) if each.record is None and each.view in views else each
        for each in past
    )


def assessed(response: PastResponse, view: StoredView | None) -> Assessment:
    """Assess a response by a View, as the infrastructure would have."""
    return assess(
        response.definition.form,
        view.view if view else None,
        response.answers,
        questionnaire=response.definition.url,
        view_reference=view.url if view else None,
    )


def counting(responses: Iterable[PastResponse]) -> tuple[PastResponse, ...]:
    """Give the responses that were not invalidated."""
    return tuple(each for each in responses if each.invalidated is None)


def _impressions(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> Mapping[str, Sequence[Json]]:
    """Give all assessments by the response they are about, oldest first; those that were taken back too."""
    by_response: dict[str, list[Json]] = defaultdict(list)
    query = [("subject", patient), ("_count", "100")]
    for bundle in all_pages(gateway, "ClinicalImpression", query, by=by, now=now):
        for impression in resources(bundle, "ClinicalImpression"):
            by_response[response_of(impression) or ""].append(impression)
    return {url: sorted(found, key=_moment) for url, found in by_response.items()}


def _moment(impression: Json) -> str:
    return str(impression.get("date") or impression["meta"]["lastUpdated"])


def _past(
    base_url: str, response: Json, definition: Definition, impressions: Mapping[str, Sequence[Json]]
) -> PastResponse:
    url = own_url(base_url, response)
    lights = [each for each in impressions.get(url, ()) if code_of(each) == "TriagingResult"]
    about = [each for each in impressions.get(url, ()) if each["status"] == "completed"]
    triage = next((each for each in reversed(lights) if each in about), None)
    # What was put right since is not what was assessed: neither its topics nor its colour can be told by that.
    found = triage if response["status"] != "amended" else None
    record = record_of(found) if found is not None else None
    return PastResponse(
        url=url,
        exact=versioned_url(base_url, response),
        episode_of_care=extension_value(response, ehealth.WORKFLOW_EPISODE_OF_CARE)["reference"],
        authored=parse_datetime(response["authored"]),
        source=response["source"]["reference"],
        definition=definition,
        answers=read_response(definition.form, response),
        lights=tuple(own_url(base_url, each) for each in lights),
        view=view_of(triage) if triage is not None else None,
        record=record,
        judgements=tuple(_judgement(each) for each in about if code_of(each) == "MeasurementAssessment"),
        invalidated=_invalidation(about) if response["status"] == "entered-in-error" else None,
        kept=light_of(found) if found is not None and record is None else None,
        own_title=next((each.get("display", "") for each in response.get("basedOn", ())), ""),
    )


def _invalidation(about: Sequence[Json]) -> Invalidation:
    """Give who invalidated it and when: a citizen is named apart from professionals, another server may say nothing."""
    said = (each for each in reversed(about) if code_of(each) == VALIDITY and finding_of(each) == _INVALIDATED)
    impression = next(said, None)
    if impression is None:
        return Invalidation()
    other = extension_value(impression, ehealth.CLINICALIMPRESSION_ASSESSOR_OTHER) or {}
    author = impression.get("assessor", other).get("reference", "")
    return Invalidation(author, parse_datetime(_moment(impression)))


def _judgement(impression: Json) -> Judgement:
    findings = (
        coding.get("code")
        for finding in impression.get("finding", ())
        for coding in finding.get("itemCodeableConcept", {}).get("coding", ())
    )
    return Judgement(
        author=impression.get("assessor", {}).get("reference", ""),
        at=parse_datetime(_moment(impression)),
        note="\n\n".join(note["text"] for note in impression.get("note", ())),
        light=next((_LIGHTS[code] for code in findings if code in _LIGHTS), None),
    )
