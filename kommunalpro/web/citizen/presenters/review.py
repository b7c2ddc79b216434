"""All answers before they are sent: by topic, in the citizen's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from kommunalpro.care.answers import AnsweredQuestion, answered_topics
from kommunalpro.care.drafts import OpenDraft
from kommunalpro.care.history import PastResponse
from kommunalpro.pro.form import Form
from kommunalpro.pro.response import AnswerIssue
from kommunalpro.web.citizen.context import language
from kommunalpro.web.citizen.forms.names import anchor, digest_of_all
from kommunalpro.web.citizen.presenters.route import Stop, route
from kommunalpro.web.citizen.presenters.topic import Fault, asked_words


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A question with its answers. `error` says what is wrong or missing; empty: nothing is."""

    question: str
    words: tuple[str, ...]
    error: str = ""
    error_address: str = ""


@dataclass(frozen=True, slots=True)
class TopicRows:
    """A topic; `change_address` leads to its page, empty where nothing can be changed any more."""

    id: str
    title: str
    rows: tuple[AnswerRow, ...]
    change_address: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`seen` marks the answers that the citizen reads: what is sent is what was read."""

    draft: str
    title: str
    topics: tuple[TopicRows, ...]
    faults: tuple[Fault, ...]
    seen: str
    count: int
    last_address: str


def review_page(opened: OpenDraft, issues: Sequence[AnswerIssue]) -> ReviewPage:
    """Give the page; `issues` are told as an error summary, each leading to its question."""
    stops = route(opened)
    faults = {issue.path: _fault(opened, stops, issue) for issue in reversed(issues)}
    topics = tuple(_topic_rows(opened, stops, faults))
    return ReviewPage(
        draft=str(opened.id),
        title=opened.title.say(language()),
        topics=topics,
        faults=tuple(faults[path] for path in dict.fromkeys(issue.path for issue in issues)),
        seen=digest_of_all(opened.answers),
        count=opened.progress.answered,
        last_address=_topic_address(opened, stops[-1]) if stops else reverse("citizen:overview"),
    )


def past_topics(response: PastResponse) -> tuple[TopicRows, ...]:
    """Give the answers of a response that is sent."""
    found = answered_topics(response.definition, response.answers, language=language())
    return tuple(
        TopicRows(
            id=f"emne-{number}",
            title=topic.title.say(language()),
            rows=tuple(
                AnswerRow(each.question.say(language()), each.words)
                for each in topic.questions
                if not _is_just_empty(response.definition.form, each)
            ),
        )
        for number, topic in enumerate(found, start=1)
    )


def _topic_rows(opened: OpenDraft, stops: tuple[Stop, ...], faults: Mapping[str, Fault]) -> list[TopicRows]:
    by_link_id = {stop.link_id: stop for stop in stops}
    found = []
    for topic in answered_topics(opened.definition, opened.answers, language=language()):
        stop = by_link_id.get(topic.link_id)
        if stop is None:
            continue
        rows = tuple(
            AnswerRow(
                question=each.question.say(language()),
                words=each.words,
                error=faults[each.path].text if each.path in faults else "",
                error_address=faults[each.path].address if each.path in faults else "",
            )
            for each in topic.questions
            if each.path in stop.paths and (each.path in faults or not _is_just_empty(opened.definition.form, each))
        )
        found.append(TopicRows(f"emne-{stop.number}", stop.title.say(language()), rows, _topic_address(opened, stop)))
    return found


def _is_just_empty(form: Form, question: AnsweredQuestion) -> bool:
    """A place for more words that was left empty says nothing, and is not read back."""
    return not question.words and form.item(question.link_id).type in ("text", "string")


def _fault(opened: OpenDraft, stops: tuple[Stop, ...], issue: AnswerIssue) -> Fault:
    form = opened.definition.form
    stop = _stop_with(form, stops, issue.path)
    address = _part_address(opened, stop, issue.path) if stop else reverse("citizen:overview")
    item = form.places[issue.path.rsplit("/", 1)[-1].split("[", 1)[0]].item
    return Fault(f"{address}#{anchor(form, issue.path)}", asked_words(item), issue.text.say(language()))


def _part_address(opened: OpenDraft, stop: Stop, path: str) -> str:
    """Lead to the question itself, also for a citizen who takes one at a time."""
    part = next((each for each in stop.parts if path in each.paths), stop.parts[0])
    where = {"draft": opened.id, "number": stop.number, "part": part.number}
    return reverse("citizen:part", kwargs=where) + "?ret=1&mangler"


def _stop_with(form: Form, stops: tuple[Stop, ...], path: str) -> Stop | None:
    """Find the topic that a question or a group stands in: the one above it at the top of the questionnaire."""
    link_id = path.split("/", 1)[0].split("[", 1)[0]
    while (parent := form.places[link_id].parent) is not None:
        link_id = parent
    return next((stop for stop in stops if stop.link_id == link_id), None)


def _topic_address(opened: OpenDraft, stop: Stop) -> str:
    return reverse("citizen:topic", kwargs={"draft": opened.id, "number": stop.number}) + "?ret=1"
