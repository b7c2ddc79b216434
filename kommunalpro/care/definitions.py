"""Questionnaires as care uses them: the resource, the compiled form, and the paths its answers may have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, versioned_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.form import Form, Item, compile_form

_INSTANCE = re.compile(r"\[\d{1,3}\]/")
_SECONDS_PER_QUESTION = 15


@dataclass(frozen=True, slots=True)
class Definition:
    """One exact version of a Questionnaire. `url` ends in `/_history/n`."""

    url: str
    questionnaire: Json
    form: Form
    topics: Mapping[str, str]
    """linkId of each question → linkId of the top-level item it stands under: what the citizen calls a topic."""
    shapes: Mapping[str, Item]
    """The paths that answers may have, with `[]` for the instance of a repeating group → the question there."""

    @property
    def minutes(self) -> int:
        """Whole minutes that answering takes, at a quarter of a minute a question."""
        return max(1, round(len(self.topics) * _SECONDS_PER_QUESTION / 60))

    def has_path(self, path: str) -> bool:
        """Tell whether a question can be answered at this path."""
        return self.question_at(path) is not None

    def question_at(self, path: str) -> Item | None:
        """Give the question at a path; None: there is none."""
        return self.shapes.get(_INSTANCE.sub("[]/", path))

    def topic_of(self, path: str) -> str | None:
        """Give the linkId of the top-level item that a path belongs to."""
        return self.topics.get(path.rsplit("/", 1)[-1])


def read_definition(gateway: Gateway, url: str, *, by: Principal, now: datetime) -> Definition:
    """Read a Questionnaire by the URL that a plan or a response names, in exactly that version when it names one.

    A version never changes, so it is compiled once per process.
    """
    reference = Reference.parse(url)
    if reference is not None and reference.version and (known := _compiled.get(url)):
        return known
    questionnaire = gateway.read(url, by=by, now=now)
    exact = versioned_url(gateway.base_url, questionnaire)
    return _compiled.get(exact) or compile_definition(exact, questionnaire)


class _Recent(dict[str, Definition]):
    """The latest few hundred compiled versions."""

    limit = 300

    def __setitem__(self, key: str, value: Definition) -> None:
        while len(self) >= self.limit:
            self.pop(next(iter(self)))
        super().__setitem__(key, value)


_compiled = _Recent()


def compile_definition(url: str, questionnaire: Json) -> Definition:
    """Compile a version of a Questionnaire, which stays at hand for who reads it next."""
    form = compile_form(questionnaire)
    places = tuple(_places(form))
    definition = Definition(
        url=url,
        questionnaire=questionnaire,
        form=form,
        topics={item.link_id: topic for item, topic, _ in places},
        shapes={shape: item for item, _, shape in places},
    )
    _compiled[url] = definition
    return definition


def _places(form: Form) -> Iterator[tuple[Item, str, str]]:
    """Give every question with its topic and its path's shape."""

    def walk(items: tuple[Item, ...], topic: str | None, prefix: str) -> Iterator[tuple[Item, str, str]]:
        for item in items:
            here = topic or item.link_id
            if item.is_question:
                yield item, here, prefix + item.link_id
            inner = f"{prefix}{item.link_id}[]/" if item.has_instances else prefix
            yield from walk(item.items, here, inner)

    yield from walk(form.items, None, "")
