"""Whether a submission is there already: it is looked up before it is sent, for FUT would take it in once more.

Two are the same that answer the same activity in the same slot, were authored at the same moment by the same person,
and say the same.
Ours are a function of the draft alone (`care/measurement.py`), so a second try is equal to the first, whoever tries.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.json import Json, canonical
from kommunalpro.fhir.outcome import BadRequest, NotFound, Unprocessable
from kommunalpro.fhir.parameters import value
from kommunalpro.fhir.reference import own_url, versioned_url
from kommunalpro.fut.gateway.protocol import Gateway, Principal
from kommunalpro.fut.search_context import dimensions

_SAME = ("basedOn", "source", "item")


def found_again(gateway: Gateway, parameters: Json, *, by: Principal, now: datetime) -> dict[str, Any] | None:
    """Give what the submission was answered with; None: it is not there, or holds more than answers, or is refused.

    Raises:
        FhirError: nobody can tell now, or not to who asks.
    """
    measurement = value(parameters, "measurement")
    sent = list(resources(measurement)) if isinstance(measurement, dict) else []
    try:
        found = [each for response in sent if (each := _stored(gateway, response, by, now)) is not None]
    except (BadRequest, NotFound, Unprocessable):
        # Whatever is wrong with it is told by the submission itself.
        return None
    if not sent or len(found) < len(sent):
        return None
    entries = [_entry(gateway.base_url, each) for each in found]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _stored(gateway: Gateway, sent: Json, by: Principal, now: datetime) -> Json | None:
    based_on = sent.get("basedOn") or [{}]
    request = based_on[0].get("reference")
    if sent.get("resourceType") != "QuestionnaireResponse" or not request or "authored" not in sent:
        return None
    query = [
        ("based-on", request),
        ("authored", sent["authored"]),
        *((names[0], chosen) for names, chosen in dimensions("QuestionnaireResponse", by)),
    ]
    there = resources(gateway.search("QuestionnaireResponse", query, by=by, now=now), "QuestionnaireResponse")
    return next((each for each in there if _is_same(each, sent)), None)


def _is_same(one: Json, other: Json) -> bool:
    moments = {parse_datetime(each["authored"], UTC) for each in (one, other)}
    return len(moments) == 1 and canonical(list(_said(one))) == canonical(list(_said(other)))


def _said(response: Json) -> Iterator[Any]:
    yield from (response.get(each) for each in _SAME)
    yield extension(response, ehealth.RESOLVED_TIMING)


def _entry(base_url: str, response: Json) -> Json:
    answer = {
        "status": "201",
        "location": versioned_url(base_url, response),
        "etag": f'W/"{response["meta"]["versionId"]}"',
    }
    return {"fullUrl": own_url(base_url, response), "response": answer}
