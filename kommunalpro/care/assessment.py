"""The interpreted answer: one response with everything a professional needs to talk about it.

The light of record decides, and is never changed by a later rule; what the rule in force now would give stands beside
it when it differs. Where the infrastructure kept no record, the lights are computed here and marked as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kommunalpro.care.answers import AnsweredTopic, answered_topics, in_words
from kommunalpro.care.bundles import batch
from kommunalpro.care.history import PastResponse, assessed, counting, responses_of, with_computed
from kommunalpro.care.interpretation import GuidancePair, StoredView, active_guidance, active_view, read_stored_view
from kommunalpro.care.respondents import Respondent, respondent_of
from kommunalpro.care.teams import Members
from kommunalpro.care.worklist import CATEGORIES
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.human_name import full_name
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotFound
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.task_codes import OPEN
from kommunalpro.pro.enablement import enabled_answers
from kommunalpro.pro.guidance import Advice, advise
from kommunalpro.pro.light import Light, worst
from kommunalpro.pro.text import Text
from kommunalpro.pro.triage import Assessment


@dataclass(frozen=True, slots=True)
class OpenTask:
    """The open task about a response; `owner` None: nobody has taken it; `has_left`: they are in the team no more."""

    url: str
    version: str
    owner: str | None
    owner_name: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class Interpreted:
    """One response, interpreted.

    `assessment` is the light of record when `is_record`, else computed now; its overall light is then never a better
    one than what the infrastructure kept. `now_would` None: the rule in force now
    gives the same, or is the same. `past` holds all responses to the same questionnaire that count, oldest first.
    `task` None: followed up, or never asked for. `names` gives the names of professionals by URL. Of a response that
    was invalidated there is no advice, and no comparison with anything.
    """

    response: PastResponse
    respondent: Respondent
    patient: Json
    episode: Json
    organization: str
    view: StoredView | None
    assessment: Assessment
    is_record: bool
    now_would: Assessment | None
    wants_to_talk_about: tuple[Text, ...]
    guidance: GuidancePair
    advice: tuple[Advice, ...]
    answers: tuple[AnsweredTopic, ...]
    past: tuple[PastResponse, ...]
    task: OpenTask | None
    names: Mapping[str, str]


def read_interpreted(
    gateway: Gateway, response: str, *, by: Principal, now: datetime, language: str = "da"
) -> Interpreted:
    """Read one response, interpreted. `by` stands in the citizen's context.

    Raises:
        NotFound: no such response with this citizen, or none that the team may see.
    """
    patient_url = by.context.patient or ""
    responses = responses_of(gateway, patient_url, by=by, now=now)
    chosen = next((each for each in responses if each.url == response), None)
    if chosen is None:
        raise NotFound("Vi kan ikke finde svaret.", diagnostics="No such response in this patient context.")
    within = by.within(episode_of_care=chosen.episode_of_care)
    episode = gateway.read(chosen.episode_of_care, by=within, now=now)
    organization = str(extension_value(episode, ehealth.CAREMANAGER_ORGANIZATION)["reference"])
    in_force = active_view(gateway, chosen.definition.url, organization, by=by, now=now)
    used = _used_view(gateway, chosen, in_force, by=by, now=now)
    assessment = chosen.record or _no_better(assessed(chosen, used), chosen.kept)
    guidance = active_guidance(gateway, chosen.definition.url, organization, by=by, now=now)
    task = _open_task(gateway, chosen, by=within, now=now)
    # What came another way may hold answers to what was not asked: they count for advice no more than for lights.
    counted = enabled_answers(chosen.definition.form, chosen.answers)
    advice = advise(guidance.national, guidance.local, assessment, counted, today=now.astimezone(DENMARK).date())
    counts = chosen.invalidated is None
    past = [each for each in counting(responses) if each.base == chosen.base] if counts else []
    return Interpreted(
        response=chosen,
        respondent=respondent_of(gateway, chosen.source, by=within, now=now),
        patient=gateway.read(patient_url, by=by.within(episode_of_care=None), now=now),
        episode=episode,
        organization=organization,
        view=used,
        assessment=assessment,
        is_record=chosen.record is not None,
        now_would=_now_would(chosen, assessment, in_force) if counts else None,
        wants_to_talk_about=_priorities(chosen, used),
        guidance=guidance,
        advice=advice if counts else (),
        answers=answered_topics(chosen.definition, chosen.answers, language=language),
        past=with_computed(gateway, past, by=by, now=now),
        task=task,
        names=_names(gateway, chosen, by=by, now=now),
    )


def _no_better(computed: Assessment, kept: Light | None) -> Assessment:
    """Give an assessment with the more pressing of its own overall light and the one that the infrastructure kept."""
    return computed if kept is None else replace(computed, light=worst((computed.light, kept)))


def _used_view(
    gateway: Gateway, response: PastResponse, in_force: StoredView | None, *, by: Principal, now: datetime
) -> StoredView | None:
    """The View that made the record; the one in force where there is no record."""
    if response.view is None or (in_force is not None and in_force.url == response.view):
        return in_force
    return read_stored_view(gateway, response.view, by=by.within(patient=None, episode_of_care=None), now=now)


def _now_would(response: PastResponse, record: Assessment, in_force: StoredView | None) -> Assessment | None:
    if response.record is None or in_force is None or in_force.url == response.view:
        return None
    today = assessed(response, in_force)
    same = today.light is record.light and _topic_lights(today) == _topic_lights(record)
    return None if same else today


def _topic_lights(assessment: Assessment) -> dict[str, object]:
    return {topic.id: topic.light for topic in assessment.topics}


def _priorities(response: PastResponse, view: StoredView | None) -> tuple[Text, ...]:
    """What the citizen wants to talk about, in the order they chose it, in the words they chose."""
    if view is None or view.view.priorities is None:
        return ()
    item = response.definition.form.item(view.view.priorities)
    answers = response.answers.get(view.view.priorities, ())
    return tuple(Text(in_words(item, answer, "da"), in_words(item, answer, "en")) for answer in answers)


def _open_task(gateway: Gateway, response: PastResponse, *, by: Principal, now: datetime) -> OpenTask | None:
    """Find it by what it may be about: a light, though it was taken back since, or the response that got none."""
    query = [
        ("episodeOfCare", response.episode_of_care),
        ("focus", ",".join((*response.lights, response.url))),
        ("status", OPEN),
        ("category", CATEGORIES),
        ("_include", "Task:owner"),
    ]
    bundle = gateway.search("Task", query, by=by, now=now)
    task = next(resources(bundle, "Task"), None)
    if task is None:
        return None
    names = {own_url(gateway.base_url, each): full_name(each) for each in resources(bundle, "Practitioner")}
    owner = task.get("owner", {}).get("reference")
    return OpenTask(
        url=own_url(gateway.base_url, task),
        version=task["meta"]["versionId"],
        owner=owner,
        owner_name=names.get(owner or "", ""),
        has_left=Members(gateway, by, now).has_left(owner),
    )


def _names(gateway: Gateway, response: PastResponse, *, by: Principal, now: datetime) -> dict[str, str]:
    said = [judgement.author for judgement in response.judgements]
    said += [response.invalidated.author] if response.invalidated else []
    authors = {author for author in said if "/Practitioner/" in author}
    if not authors:
        return {}
    found = batch(gateway, "Practitioner", authors, by=by.within(patient=None, episode_of_care=None), now=now)
    return {url: full_name(practitioner) for url, practitioner in found.items()}
