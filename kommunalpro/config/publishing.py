"""Publishing a folder of definitions/: questionnaire, activity, one-activity plan, view and guidance, as their editor.

The placeholders of the files (`urn:organization:owner`, `urn:definition:…`) become the URLs of what is stored.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json, dumps, loads
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import owned_by

DEFINITIONS = Path(__file__).resolve().parents[2] / "definitions"


@dataclass(frozen=True, slots=True)
class Published:
    """Where a folder of definitions was stored, by absolute URL."""

    questionnaire: str
    activity: str
    plan: str


def publish(
    gateway: Gateway,
    folder: str,
    *,
    national: Principal,
    local: Mapping[str, Principal],
    now: datetime,
    today: datetime | None = None,
) -> Published:
    """Store a folder's definitions: the shared ones as `national`, additions as each organisation of `local`.

    `local` maps the folder's file stem (`guidance-local`) to who publishes it. `today` is the day that offers start
    from, where it is another than that of publishing.
    """
    path = DEFINITIONS / folder
    urls = {"urn:organization:owner": str(national.context.organization)}

    def store(name: str) -> str:
        resource = _filled(loads((path / f"{name}.json").read_bytes()), urls)
        return own_url(gateway.base_url, gateway.create(resource, by=national, now=now))

    questionnaire = urls["urn:definition:questionnaire"] = store("questionnaire")
    activity = urls["urn:definition:activity"] = store("activity")
    plan = store("plan")
    view = loads((path / "view.json").read_bytes())
    guidance = loads((path / "guidance.json").read_bytes())
    for basic in (view_resource(view, questionnaire, national), guidance_resource(guidance, questionnaire, national)):
        gateway.create(basic, by=national, now=now)
    for stem, editor in local.items():
        content = _with_offers(path, loads((path / f"{stem}.json").read_bytes()), today or now)
        gateway.create(guidance_resource(content, questionnaire, editor), by=editor, now=now)
    return Published(questionnaire, activity, plan)


def view_resource(content: Json, questionnaire: str, editor: Principal) -> dict[str, Any]:
    """Make the active View of a questionnaire from its content."""
    kind = {"url": ehealth.VIEW_TYPE, "valueCoding": {"system": ehealth.VIEW_TYPES, "code": "interpretedview"}}
    return _basic("view", content, (kind, _for(ehealth.VIEW_FOR, questionnaire)), editor)


def guidance_resource(content: Json, questionnaire: str, editor: Principal) -> dict[str, Any]:
    """Make the active ActionGuidance of a questionnaire from its content."""
    coding = {"system": ehealth.ACTION_GUIDANCE_TYPES, "code": "actionguidance"}
    kind = {"url": ehealth.ACTIONGUIDANCE_TYPE, "valueCoding": coding}
    return _basic("guidance", content, (kind, _for(ehealth.ACTIONGUIDANCE_FOR, questionnaire)), editor)


def _basic(kind: str, content: Json, extensions: tuple[Json, ...], editor: Principal) -> dict[str, Any]:
    code = "view" if kind == "view" else "actionguidance"
    binary = {
        "resourceType": "Binary",
        "id": "content",
        "contentType": f"application/vnd.kommunalpro.{kind}+json",
        "data": b64encode(dumps(content)).decode(),
    }
    return {
        "resourceType": "Basic",
        "contained": [binary],
        "extension": [
            {
                "url": ehealth.STATUS,
                "valueCoding": {"system": "http://hl7.org/fhir/publication-status", "code": "active"},
            },
            {"url": ehealth.CONTENT, "valueReference": {"reference": "#content"}},
            *extensions,
            owned_by(str(editor.context.organization)),
            {"url": ehealth.BASIC_TITLE, "valueString": content["title"]["da"]},
            {"url": ehealth.VERSION, "valueString": str(content["version"])},
        ],
        "identifier": [{"system": "http://kommunalpro.dk/id/definition", "value": content["identifier"]}],
        "code": {"coding": [{"system": ehealth.BASIC_RESOURCE_TYPE, "code": code}]},
    }


def _for(url: str, questionnaire: str) -> dict[str, Any]:
    coding = {"system": "http://hl7.org/fhir/resource-types", "code": "Questionnaire"}
    parts = [
        {"url": "forType", "valueCoding": coding},
        {"url": "forReference", "valueReference": {"reference": questionnaire}},
    ]
    return {"url": url, "extension": parts}


def _with_offers(path: Path, content: Json, now: datetime) -> dict[str, Any]:
    offers = loads((path / "offers.json").read_bytes())["offers"] if (path / "offers.json").exists() else []
    return {**content, "offers": [*content.get("offers", ()), *_dated(offers, now)]}


def _dated(offers: list[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """Offers start some days from now: a demo in a year's time still has courses ahead."""
    for offer in offers:
        days = offer.get("startsInDays")
        kept = {name: value for name, value in offer.items() if name != "startsInDays"}
        yield kept if days is None else {**kept, "starts": (now + timedelta(days=int(days))).date().isoformat()}


def _filled(value: Any, urls: Mapping[str, str]) -> Any:
    """Replace placeholders, wherever they stand."""
    if isinstance(value, dict):
        return {name: _filled(each, urls) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, urls) for each in value]
    return urls.get(value, value) if isinstance(value, str) else value
