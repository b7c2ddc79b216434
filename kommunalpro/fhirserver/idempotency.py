"""The same again gives the first result: what a client submits under an identity of its own is taken in once.

Kept with the submission, in its transaction or its one statement: (key, digest of the content, result).
"""

from collections.abc import Callable
from hashlib import sha256

from kommunalpro.fhir.json import Json, canonical, dumps, loads
from kommunalpro.fhir.outcome import Conflict, FhirError
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhirserver.database import Row, change, rows_by_key
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.writer import Submission


def once(session: Session, key: str, content: Json, run: Callable[[], Json]) -> Json:
    """Run a submission, unless it has been run: then give its first result.

    Two at the same time: the second waits for the first and then gets its result, for the claim is a row.

    Raises:
        Conflict: the key was used for other content.
    """
    episode = Reference.parse(session.principal.context.episode_of_care or "")
    name = sha256(f"{episode.key if episode else ''}|{key}".encode()).hexdigest()
    # Without the base of our own references: what was sent before a rename is the same after it.
    bare = canonical(content).replace(f'"{session.server.base_url}/'.encode(), b'"')
    digest = sha256(bare).hexdigest()
    if session.only_creates:
        return _looked_for(session, name, digest, run)
    claim = "INSERT INTO fhir_submission (key, digest, result) VALUES (%s, %s, '') ON CONFLICT (key) DO NOTHING"
    if change(claim, (name, digest)) == 0:
        return _first(digest, _found(name))
    answer = run()
    change("UPDATE fhir_submission SET result = %s WHERE key = %s", (dumps(answer).decode(), name))
    return answer


def _looked_for(session: Session, name: str, digest: str, run: Callable[[], Json]) -> Json:
    """Look for it instead of claiming it, which is to wait, and only if it cannot be run.

    Who was first is met when it is written, and then waited for. What was submitted once need not be right any more:
    what it answers may have ended since.
    """
    try:
        with session.savepoint():
            answer = run()
    except FhirError:
        if found := _found(name):
            return _first(digest, found)
        raise
    session.left.submissions.append(Submission(name, digest, dumps(answer).decode()))
    return answer


def _found(name: str) -> list[Row]:
    return rows_by_key("SELECT digest, result FROM fhir_submission WHERE key = %s", (name,))


def _first(digest: str, found: list[Row]) -> Json:
    ((first, result),) = found
    if first != digest:
        raise Conflict("Det er allerede sendt med et andet indhold.", diagnostics="Same fullUrl, other content")
    stored: Json = loads(result)
    return stored
