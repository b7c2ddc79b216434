"""Code systems, value sets, maps and libraries are each named once: a `url` with a version has one published content.

Else one canonical would mean two, and which of them would hang on who wrote last. So no other takes the name, nor does
it come back with other content, also when it has another now or was deleted; a draft's content may change. Plans,
activities and questionnaires are told apart by their base, and do not change once published (`lifecycle.py`).

Ours; HAPI, which FUT's terminology service is (`fut.md` §6), looks at what is there now, and FUT's guide is silent.
What was stored otherwise before may stay: the first is meant (`fhirserver/search/canonicals.py`).
"""

from collections.abc import Iterator

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.search.canonicals import is_published, published
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue

TERMINOLOGY = frozenset({"CodeSystem", "ValueSet", "ConceptMap"})

_CODE_SYSTEM = {"caseSensitive", "compositional", "concept", "filter", "hierarchyMeaning", "property"}
_VALUE_SET, _MAP = {"compose", "expansion"}, {"group", "sourceCanonical", "sourceUri", "targetCanonical", "targetUri"}
_LIBRARY = {"dataRequirement", "parameter", "relatedArtifact", "subjectCodeableConcept", "subjectReference", "type"}
_CONTENT = frozenset({"contained", "content", "supplements"} | _CODE_SYSTEM | _VALUE_SET | _MAP | _LIBRARY)
"""What codes there are and what they mean. What it is called and whether it is in use may change."""
_TAKEN = "Der er allerede en anden med samme adresse (url) og version."
_CHANGED = "Versionen er udgivet med et andet indhold. Giv ændringen en ny version."
_RENAMED = "Adressen (url) kan ikke ændres, når den er udgivet med en version."


def name_problems(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give that a name which a resource takes on is another's or had other content, and that it would lose its own."""
    type, name, before = resource["resourceType"], _name(resource), _name(previous or {})
    if before[0] not in (None, name[0]) and _was_named(resource, before[0], session):
        yield _problem(type, "a published url stays", _RENAMED)
    if previous and before == name and is_published(previous):
        if name[1] and _content(previous) != _content(resource):
            yield _problem(type, "this version is published with other content", _CHANGED, "version")
    elif name[0] is not None:
        session.take_turns(f"{type}.url={name[0]}")
        yield from _problems_of_name(resource, previous, session)


def _was_named(resource: Json, url: str | None, session: Session) -> bool:
    found = _published(resource["resourceType"], {"url": url}, session)
    return any(each["id"] == resource["id"] and "version" in each for each in found)


def _problems_of_name(resource: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    type, (url, version) = resource["resourceType"], _name(resource)
    is_new = previous is None or _name(previous) != (url, version)
    others = session.elevated().search_all(type, [("url", str(url))]) if is_new else ()
    if any(_name(each) == (url, version) and each["id"] != resource["id"] for each in others):
        yield _problem(type, "another has this url and version", _TAKEN)
    elif version and (first := next(_published(type, {"url": url, "version": version}, session), None)):
        if first["id"] != resource["id"]:
            yield _problem(type, "another has this url and version", _TAKEN)
        elif _content(first) != _content(resource):
            yield _problem(type, "this version is published with other content", _CHANGED, "version")


def _published(type: str, said: Json, session: Session) -> Iterator[Json]:
    system = session.elevated()
    system.look_for(type)
    return map(system.touched, published(type, said, system.visible))


def _problem(type: str, detail: str, text: str, element: str = "url") -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, f"{type}.{element}", text)


def _name(resource: Json) -> tuple[str | None, str | None]:
    return resource.get("url"), resource.get("version")


def _content(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name in _CONTENT}
