"""A wire to the services of the national infrastructure that answers as a test says, and keeps what was asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kommunalpro.fhir.json import dumps
from kommunalpro.fut.service_urls import ServiceUrls
from kommunalpro.fut.services import SERVICE_NAMES
from kommunalpro.identity.fetching import HttpAnswer, NoAnswer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = "https://pro.example.dk/fhir"
URLS = ServiceUrls(HERE, {name: f"https://{name}.example.dk/fhir" for name in SERVICE_NAMES})
THERE = "https://measurement.example.dk/fhir"
FOUND = {"resourceType": "Practitioner", "id": "7", "meta": {"versionId": "3"}}
BUSY, SILENT = HttpAnswer(503, {}, b""), NoAnswer("nothing came")
NOTHING = {"resourceType": "Bundle", "type": "searchset"}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}


def answered(body: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, {}, dumps(body))


def searchset(*resources: Any, total: int | None = None, following: str = "") -> HttpAnswer:
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}
    links = {"link": [{"relation": "next", "url": following}]} if following else {}
    return answered(page | links | ({} if total is None else {"total": total}))


@dataclass
class Wire:
    """Answers in turn, the last for ever; `sent` is what was asked."""

    answers: list[HttpAnswer | NoAnswer]
    sent: list[Any] = field(default_factory=list)
    refused: list[str | None] = field(default_factory=list)

    def __call__(self, request: Any, *, deadline: float, largest: int) -> HttpAnswer:
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, NoAnswer):
            raise answer
        return answer

    def token(self, by: Any, now: datetime, *, refused: str | None = None) -> str:
        self.refused.append(refused)
        return "old" if refused is None else "new"
