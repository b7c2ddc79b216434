"""What a finished export answers: which files there are, and what they hold. Source: HL7 Bulk Data Access."""

from typing import Any
from urllib.parse import urlencode

from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.export.asking import FILE
from kommunalpro.fhirserver.export.jobs import Job, Part


def manifest(job: Job, base_url: str) -> dict[str, Any]:
    """Give the manifest of a finished job; a type of which nothing was found has no file."""
    made = [part for part in job.parts if part.count]
    return {
        "transactionTime": to_instant(from_microseconds(job.complete_to)),
        "request": job.request,
        "requiresAccessToken": True,
        "output": [_file(job, part, base_url) for part in made if not part.is_deletions],
        "deleted": [_file(job, part, base_url) for part in made if part.is_deletions],
        "error": [],
    }


def progress(job: Job) -> str:
    """Say how far a job has come, in the hundred signs that X-Progress may have."""
    if not job.until:
        return "waiting for the worker"
    done = sum(part.is_done for part in job.parts)
    return f"{job.count} resources, {done} of {len(job.parts)} files finished"


def _file(job: Job, part: Part, base_url: str) -> dict[str, Any]:
    url = f"{base_url}/{FILE}?{urlencode({'_jobId': job.id, '_file': part.name})}"
    return {"type": "Bundle" if part.is_deletions else part.type, "url": url, "count": part.count}
