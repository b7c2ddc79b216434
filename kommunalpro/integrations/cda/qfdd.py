"""A QFDD document → a draft Questionnaire, in FUT's mapping: section → group → organizer → question.

Takes documents as they circulate (`danish-domain.md` 1.6): sections without title, `<p>` in narrative, `sdtc:` or plain
preconditions with a bare criterion, the LOINC typo 744467-2, entries COMP or DRIV, numbers and ids of any generation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.integrations.cda import templates
from kommunalpro.integrations.cda.conditions import Question, Questions, enable_when, has_condition
from kommunalpro.integrations.cda.document import (
    CdaError,
    Element,
    attribute,
    child,
    children,
    parse,
    template_ids,
    words,
)
from kommunalpro.integrations.cda.narrative import is_plain, xhtml
from kommunalpro.integrations.cda.problems import Problem, Report
from kommunalpro.integrations.cda.questions import associated_texts, external_identifier, option_system, read_question

_QFDD = "74468-0"
_PROFILE = "1.2.208.184.12.1"


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft Questionnaire without owner (the importer adds it), and everything that could not be represented."""

    questionnaire: dict[str, Any]
    problems: tuple[Problem, ...]


def read_qfdd(text: bytes) -> Imported:
    """Read a QFDD document.

    Raises:
        CdaError: it cannot be read at all: not XML, not CDA, not a QFDD, or without a single section.
    """
    document = parse(text)
    if attribute(document, "code", "code") != _QFDD and _PROFILE not in template_ids(document):
        raise CdaError("Dokumentet er ikke et spørgeskema (QFDD).")
    reader = _Reader()
    sections = list(children(document, "component", "structuredBody", "component", "section"))
    if not sections:
        raise CdaError("Dokumentet har ingen afsnit.")
    items = [item for number, section in enumerate(sections, start=1) for item in reader.section(section, f"s{number}")]
    reader.set_conditions()
    questionnaire = {**_header(document, reader.report), "item": items}
    if reader.pictures:
        questionnaire["contained"] = reader.pictures
    return Imported(questionnaire, tuple(reader.report.problems))


class _Reader:
    """Walks the sections; remembers where conditions stood until every question is known."""

    def __init__(self) -> None:
        self.report = Report()
        self.pictures: list[dict[str, Any]] = []
        self._questions = Questions()
        self._waiting: list[tuple[Element, dict[str, Any]]] = []
        self._link_ids: set[str] = set()

    def section(self, section: Element, link_id: str) -> Iterator[dict[str, Any]]:
        """Give the root group of a section; nothing for an empty one."""
        title = words(child(section, "title"))
        group: dict[str, Any] = {"linkId": self._unique(link_id), "type": "group", **({"text": title} if title else {})}
        if templates.COPYRIGHT_SECTION in template_ids(section):
            group = {**group, "extension": [_copyright()], "item": list(self._copyright_items(section, link_id))}
        elif child(section, "entry") is None:
            group["item"] = list(self._narrative(section, link_id))
        else:
            organizers = list(children(section, "entry", "organizer"))
            numbered = enumerate(organizers, start=1)
            asked = [self._organizer(each, f"{link_id}.{number}") for number, each in numbered]
            group["item"] = [*self._introduction(section, link_id, title, asked), *asked]
        if group["item"]:
            yield group
        else:
            self.report.warning(title or link_id, "Afsnittet er tomt og er udeladt.")

    def _introduction(
        self, section: Element, link_id: str, title: str, asked: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """Give what is read before a section's questions: KCCQ-12 asks there, and its questions are only the endings.

        A text may also be the questions once more, as a table for a reader without the form; then it is left out.
        """
        text = words(child(section, "text"))
        if text in ("", title):
            return
        questions = list(_wordings(asked))
        if questions and all(question in text for question in questions):
            self.report.information(
                title or link_id, "Afsnittets løbende tekst gentager spørgsmålene og er ikke taget med."
            )
        else:
            yield from self._narrative(section, link_id)

    def set_conditions(self) -> None:
        """Set the conditions, now that every question is known."""
        for element, item in self._waiting:
            where = attribute(element, "code", "code") or item["linkId"]
            found = enable_when(element, self._questions, where, self.report)
            extensions = [*item.get("extension", ()), *found.pop("extension", ())]
            item.update(found, **({"extension": extensions} if extensions else {}))

    def _organizer(self, organizer: Element, link_id: str) -> dict[str, Any]:
        group: dict[str, Any] = {"linkId": self._unique(link_id), "type": "group"}
        if extensions := external_identifier(organizer):
            group["extension"] = extensions
        text = words(child(organizer, "code", "originalText")) or attribute(organizer, "code", "displayName")
        if text:
            group["text"] = text
        self._wait(organizer, group)
        observations = sorted(children(organizer, "component"), key=_sequence)
        group["item"] = [item for each in observations for item in self._question(child(each, "observation"), link_id)]
        return group

    def _question(self, observation: Element | None, prefix: str) -> Iterator[dict[str, Any]]:
        if observation is None:
            return
        code = attribute(observation, "code", "code")
        if code is None:
            self.report.warning(prefix, "Et spørgsmål har ingen kode og har fået et nummer i stedet.")
        item = read_question(observation, self._unique(code or f"{prefix}.q"), self.pictures, self.report)
        question = Question(item["linkId"], item["type"], option_system(observation))
        self._questions.add(code or item["linkId"], attribute(observation, "code", "codeSystem"), question)
        self._wait(observation, item)
        yield item
        for text in associated_texts(observation):
            yield from self._question(text, item["linkId"])

    def _wait(self, element: Element, item: dict[str, Any]) -> None:
        if has_condition(element):
            self._waiting.append((element, item))

    def _narrative(self, section: Element, link_id: str) -> Iterator[dict[str, Any]]:
        text = child(section, "text")
        if text is not None and words(text):
            yield _display(text, self._unique(f"{link_id}.tekst"))

    def _copyright_items(self, section: Element, link_id: str) -> Iterator[dict[str, Any]]:
        yield from self._narrative(section, link_id)
        for number, observation in enumerate(children(section, "entry", "observation"), start=1):
            value = child(observation, "value")
            if value is not None and words(value):
                yield {**_display(value, self._unique(f"{link_id}.c{number}")), "extension": [_copyright()]}

    def _unique(self, link_id: str) -> str:
        """The same code may stand twice in a document; linkIds may not."""
        candidate, number = link_id, 2
        while candidate in self._link_ids:
            candidate, number = f"{link_id}-{number}", number + 1
        self._link_ids.add(candidate)
        return candidate


def _wordings(items: list[dict[str, Any]]) -> Iterator[str]:
    """Give the words of every question among these items and in them."""
    for item in items:
        if item["type"] not in ("group", "display") and item.get("text"):
            yield item["text"]
        yield from _wordings(item.get("item", []))


def _display(text: Element, link_id: str) -> dict[str, Any]:
    item: dict[str, Any] = {"linkId": link_id, "type": "display", "text": words(text)}
    if not is_plain(text):
        item["_text"] = {"extension": [{"url": ehealth.RENDERING_XHTML, "valueString": xhtml(text)}]}
    return item


def _copyright() -> dict[str, Any]:
    return {"url": ehealth.ITEM_IS_COPYRIGHT, "valueBoolean": True}


def _sequence(component: Element) -> int:
    number = attribute(component, "sequenceNumber", "value") or ""
    return int(number) if number.isdigit() else 0


def _header(document: Element, report: Report) -> dict[str, Any]:
    root, extension = attribute(document, "id", "root"), attribute(document, "id", "extension")
    header: dict[str, Any] = {"resourceType": "Questionnaire", "language": "da"}
    if root and extension:
        header["identifier"] = [{"system": f"urn:oid:{root}", "value": extension}]
    else:
        report.warning("dokumentet", "Dokumentet har intet id; svar kan ikke kobles til det nationale skema.")
    header["version"] = attribute(document, "versionNumber", "value") or "1"
    header["title"] = words(child(document, "title")) or "Importeret spørgeskema"
    header["status"] = "draft"
    header["subjectType"] = ["Patient"]
    date = attribute(document, "effectiveTime", "value") or ""
    if len(date) >= 8 and date[:8].isdigit():
        header["date"] = f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    author = words(child(document, "author", "assignedAuthor", "representedOrganization", "name"))
    if author:
        header["publisher"] = author
    return header
