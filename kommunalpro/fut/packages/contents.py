"""What belongs in the package of a plan: all that it refers to, and what belongs to its questionnaires."""

from collections.abc import Collection, Iterator
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, Gone, Issue, NotFound
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import is_national
from kommunalpro.fut.errors import issue, refuse
from kommunalpro.fut.packages.archive import MATCHED, MOST_FILES
from kommunalpro.fut.packages.links import edits, is_about_somebody, links
from kommunalpro.fut.profiles.identities import VERSIONED

_QFDD = "http://loinc.org|74468-0"


def contents(session: Session, plan: str, excluded: Collection[str]) -> list[dict[str, Any]]:
    """Read what belongs in the package of a plan (`PlanDefinition/id`), as the user may see it.

    What is excluded (`Type/id`) stays out, with all that only it refers to.

    Raises:
        BadRequest: something is excluded that nothing refers to.
        RuleBroken: something that is referred to is not there any more, or is a citizen's; names all of it.
    """
    found: dict[str, dict[str, Any]] = {}
    problems: list[Issue] = []
    waiting, seen = [plan], {plan}
    for key in waiting:
        try:
            found[key] = session.read(*key.split("/"))
        except (NotFound, Gone):
            if key == plan:
                raise
            problems.append(_missing(key))
            continue
        if is_about_somebody(found[key]):
            problems.append(issue("KPRO_PACKAGE_ABOUT_SOMEBODY", key))
        if len(found) > MOST_FILES:
            break  # who packs them refuses them
        following = [each for each in _following(session, found[key]) if each not in seen]
        seen.update(following)
        waiting += [each for each in dict.fromkeys(following) if each not in excluded]
    refuse(problems)
    if unused := sorted(set(excluded) - seen):
        raise BadRequest(
            "Noget, der skulle holdes ude, hører ikke til planen.",
            diagnostics=f"exclude: nothing in the plan refers to {', '.join(unused)}",
        )
    return list(found.values())


def _missing(key: str) -> Issue:
    text = f"{key} findes ikke mere, men planen eller noget i den henviser til det."
    return issue("KPRO_PACKAGE_REFERENCE", key, text=text)


def _following(session: Session, resource: Json) -> Iterator[str]:
    """Give what a resource brings along: of what others match it needs nothing, of a View it is enough whose it is."""
    type, base = resource["resourceType"], session.server.base_url
    if type in MATCHED:
        return
    for link in links(resource):
        if link.base in (None, base) and (type in VERSIONED or link.type == "Organization"):
            yield link.key
    if type == "Questionnaire":
        yield from _beside(session, resource)


def _beside(session: Session, questionnaire: Json) -> Iterator[str]:
    """Give the Views and ActionGuidance in use, national ones and one's own, and its QFDD documents.

    Of a draft, which has none in use, its drafts.
    """
    url, status = own_url(session.server.base_url, questionnaire), questionnaire["status"]
    for parameter in ("viewForReference", "actionGuidanceForReference"):
        asked = [(parameter, url), ("status", "draft" if status == "draft" else "active"), ("_sort", "-_lastUpdated")]
        for basic in session.search_all("Basic", asked):
            if is_national(basic) or edits(session, basic):
                yield f"Basic/{basic['id']}"
    for identifier in questionnaire.get("identifier", ()):
        if identifier.get("system", "").startswith("urn:oid:") and "value" in identifier:
            token = f"{escaped(identifier['system'])}|{escaped(identifier['value'])}"
            for document in session.search_all("DocumentReference", [("identifier", token), ("type", _QFDD)]):
                if not is_about_somebody(document):
                    yield f"DocumentReference/{document['id']}"
