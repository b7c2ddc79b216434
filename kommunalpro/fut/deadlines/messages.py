"""Messages that the infrastructure itself writes: to a citizen, or to a care team. They are written, not sent.

A message is a Communication that is `in-progress`, and a row of the kind `send` for who sends them. It never says
anything about health, nor who it is about. A CommunicationRequest suppresses or overrides it: of those that are active
and about the same patient and reason, the one that began last counts, and one that says no before another.

Ours, where the guide is silent: a request counts for an episode, plan or activity only where it names it; one without a
recipient counts for every recipient; of what it says in its place, words count and no files; to a citizen a message
goes by NemSMS where they have it, else by e-Boks, and so does what is longer than a NemSMS may be; the language is the
citizen's preferred one, else Danish.

Source: `fut.md` 1C (ehealth-message, ehealth-communication-request) and 4.8.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import in_zone, parse_interval
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.clockwork import to_microseconds
from kommunalpro.fhirserver.deadlines import Deadline, put
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.deadlines.asked import Asked
from kommunalpro.fut.profiles.communications import LONGEST_NEMSMS, text_of
from kommunalpro.fut.tasks import concept

SEND = "send"
_SENDER = {
    "resourceType": "Device",
    "id": "sender",
    "deviceName": [{"name": "Kommunal PRO", "type": "user-friendly-name"}],
}


def wishes(session: Session, patients: Iterable[str], reason: tuple[str, str]) -> list[Json]:
    """Read the active requests about a kind of message to, or about, some patients."""
    query = [("subject", ",".join(sorted(set(patients)))), ("status", "active"), ("reasonCode", "|".join(reason))]
    return list(session.search_all("CommunicationRequest", [*query, ("_count", "1000")]))


def wish_for(found: Sequence[Json], asked: Asked, recipient: str, base_url: str, now: datetime) -> Json | None:
    """Give the request that decides on a message to a recipient, by URL; None: nobody has asked for anything."""
    about = {asked.url, own_url(base_url, asked.care_plan), own_url(base_url, asked.episode)}
    deciding = [each for each in found if _counts(each, asked, about, recipient, now)]
    return max(deciding, key=lambda each: (_began(each), bool(each.get("doNotPerform"))), default=None)


def write(session: Session, asked: Asked, text: str, wish: Json | None, **about: Any) -> Json | None:
    """Write a message, unless a request says that it should not be; None then. `about` are its other elements."""
    if wish and wish.get("doNotPerform"):
        return None
    text = text_of(wish or {}) or text
    medium = about.pop("medium", [{"text": "Kommunal PRO"}])
    if wish and "recipient" in about:  # a care team is written to here, whatever is wished
        medium = wish.get("medium", medium)[:1]
    is_long = len(text) > LONGEST_NEMSMS
    plan = {"reference": own_url(session.server.base_url, asked.care_plan)}
    stored = session.create(
        {
            "resourceType": "Communication",
            "meta": {"profile": [ehealth.MESSAGE_PROFILE]},
            "contained": [_SENDER],
            "basedOn": [{"reference": asked.url}],
            "partOf": [plan],
            "status": "in-progress",
            "category": [concept(ehealth.MESSAGE_CATEGORY, "notification")],
            "medium": [by_eboks()] if is_long and _is_nemsms(medium) else medium,
            "subject": asked.episode["patient"],
            "sender": {"reference": "#sender"},
            "payload": [{"contentString": text}],
            **about,
            "extension": [*_extensions(session, asked), *about.get("extension", ())],
        }
    )
    put(Deadline(SEND, "Communication", stored["id"], to_microseconds(session.now)))
    return stored


def by_nemsms() -> dict[str, Any]:
    """Give the medium NemSMS."""
    return concept(ehealth.MESSAGE_MEDIUM, "nemsms")


def by_eboks() -> dict[str, Any]:
    """Give the medium e-Boks."""
    return concept(ehealth.MESSAGE_MEDIUM, "eboks")


def medium_of(patient: Json) -> dict[str, Any]:
    """Give the medium by which a citizen is written to; FUT's Patient tells it among the ways to reach them."""
    has_nemsms = any(each.get("value") == "NemSMS" for each in patient.get("telecom", ()))
    return by_nemsms() if has_nemsms else by_eboks()


def language_of(patient: Json) -> str:
    """Give the language that a citizen prefers, of the two there are."""
    languages = patient.get("communication", ())
    preferred = next((each for each in languages if each.get("preferred")), None) or {}
    codes = [str(each.get("code", "")) for each in preferred.get("language", {}).get("coding", ())]
    return "en" if any(code.split("-")[0] == "en" for code in codes) else "da"


def _extensions(session: Session, asked: Asked) -> list[dict[str, Any]]:
    episode = {"reference": own_url(session.server.base_url, asked.episode)}
    activate = {"system": ehealth.ADMINISTRATIVE_STATUS_CODES, "code": "activate"}
    return [
        {"url": ehealth.WORKFLOW_EPISODE_OF_CARE, "valueReference": episode},
        {"url": ehealth.ADMINISTRATIVE_STATUS, "valueCoding": activate},
        {
            "url": ehealth.RESTRICTION_CATEGORY,
            "valueCodeableConcept": concept(ehealth.RESTRICTION_CATEGORY_CODES, "none"),
        },
    ]


def _counts(wish: Json, asked: Asked, about: set[str], recipient: str, now: datetime) -> bool:
    if not _same(wish["subject"], {asked.episode["patient"]["reference"]}):
        return False
    episode = extension_value(wish, ehealth.WORKFLOW_EPISODE_OF_CARE)
    named = [*wish.get("basedOn", ()), *([episode] if episode else ())]
    recipients = wish.get("recipient", ())
    return (
        all(_same(each, about) for each in named)
        and (not recipients or any(_same(each, {recipient}) for each in recipients))
        and _is_now(wish, now)
    )


def _is_now(wish: Json, now: datetime) -> bool:
    """Tell whether a wish holds now; one for a moment holds that Danish day (ours: the guide does not say)."""
    if "occurrenceDateTime" in wish:
        named = parse_interval(wish["occurrenceDateTime"])
        return in_zone(named.start).date() <= in_zone(now).date() <= in_zone(named.end - timedelta.resolution).date()
    period = wish.get("occurrencePeriod", {})
    begins = "start" not in period or parse_interval(period["start"]).start <= now
    return begins and ("end" not in period or now < parse_interval(period["end"]).end)


def _began(wish: Json) -> float:
    start = wish.get("occurrenceDateTime") or wish.get("occurrencePeriod", {}).get("start")
    return parse_interval(start).start.timestamp() if start else 0.0


def _same(reference: Json, urls: set[str]) -> bool:
    parsed = Reference.parse(reference.get("reference", ""))
    return parsed is not None and parsed.url in urls


def _is_nemsms(medium: Sequence[Json]) -> bool:
    return any(coding.get("code") == "nemsms" for each in medium for coding in each.get("coding", ()))
