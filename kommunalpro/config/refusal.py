"""What is answered to a request that neither the FHIR server nor the pages get to see."""

from dataclasses import dataclass

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import FhirError

FHIR = "/fhir"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; a `body` that is a text is the path of a file that is sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | str


def is_fhir(path: str) -> bool:
    """Say whether a path is the FHIR server's."""
    return path == FHIR or path.startswith(FHIR + "/")


def refusal(wrong: FhirError, path: str, trace_id: str) -> Answer:
    """Give an OperationOutcome to who speaks FHIR, and a sentence to everybody else."""
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("X-Request-Id", trace_id)]
    if wrong.retry_after:
        headers.append(("Retry-After", str(wrong.retry_after)))
    if is_fhir(path):
        return Answer(
            wrong.status, [*headers, ("Content-Type", "application/fhir+json; charset=utf-8")], dumps(wrong.to_fhir())
        )
    text = "\n".join(issue.text for issue in wrong.issues)
    return Answer(wrong.status, [*headers, ("Content-Type", "text/plain; charset=utf-8")], f"{text}\n".encode())
