"""What is said over HTTP, in few words: answers that are looked at, references, answers to questions, times."""

from datetime import datetime, timedelta
from typing import Any

from kommunalpro.config.clock import SystemClock
from kommunalpro.fhir.datetime import to_datetime
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from tests.live import Answer

JSON_PATCH = {"Content_Type": "application/json-patch+json"}


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


def path_of(something: str | Json) -> str:
    """Give the path below `/fhir` of a resource, or of what a URL names, in whatever version."""
    if not isinstance(something, str):
        return f"/{something['resourceType']}/{something['id']}"
    parsed = Reference.parse(something)
    assert parsed, something
    return f"/{parsed.key}"


def id_of(url: str) -> str:
    """Give the id in a URL."""
    return path_of(url).rpartition("/")[2]


def now() -> datetime:
    """Give what time it is on the server too."""
    return SystemClock().now()


def answer(link_id: str, **value: Any) -> dict[str, Any]:
    """Answer a question."""
    return {"linkId": link_id, "answer": [value]}


def coded(system: str, code: str) -> dict[str, Any]:
    """Make a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def period(*, begun: timedelta = timedelta(hours=1), left: timedelta = timedelta(days=1)) -> dict[str, str]:
    """Make a Period about now."""
    return {"start": to_datetime(now() - begun), "end": to_datetime(now() + left)}
