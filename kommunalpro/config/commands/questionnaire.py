from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings
from django.db import transaction

from kommunalpro.care.publishing import publish_questionnaire
from kommunalpro.config import wiring
from kommunalpro.config.failure import CommandFailed
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json, loads
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.gateway import Gateway
from kommunalpro.fut.modifier_roles import owned_by
from kommunalpro.integrations.cda.qfdd import read_qfdd

LARGEST = 20_000_000
_MOST_OWNERS = "50"

File = Annotated[Path, typer.Argument(help="A FHIR R4 Questionnaire (JSON) or a Danish QFDD (CDA XML).")]
Owner = Annotated[str | None, typer.Option(help="URL of the Organization that owns it, when the file does not say.")]


Publish = Annotated[bool, typer.Option("--publish", help="Publish it with a plan, so that staff can send it.")]


def import_questionnaire(file: File, owner: Owner = None, publish: Publish = False) -> None:
    """Store a questionnaire. What cannot be represented is told item by item."""
    wiring.check_base_url()
    questionnaire, notes = read_questionnaire(file)
    if publish and (lost := [note for note in notes if note.startswith("error")]):
        raise CommandFailed("\n".join(f"{file.name}: {note}" for note in (*lost, "not published, not stored.")))
    gateway, now = wiring.gateway(), wiring.clock().now()
    completed, added = complete(questionnaire, owner or _default_owner(gateway, questionnaire))
    alike = _published_alike(gateway, completed) if publish else []
    try:
        with transaction.atomic():
            stored = gateway.create(completed, by=SYSTEM, now=now)
            published = publish_questionnaire(gateway, stored, by=SYSTEM, now=now) if publish else None
    except FhirError as wrong:
        raise CommandFailed("\n".join(f"{file.name}: {_line(each)}" for each in wrong.issues)) from None
    for note in (*notes, *added, *(f"warning: {url} is published with the same title and version" for url in alike)):
        typer.echo(f"{file.name}: {note}")
    status = stored["status"] if published is None else "published"
    typer.echo(f"Imported: {own_url(gateway.base_url, stored)} ({stored.get('title', file.stem)}, {status})")
    if published is not None:
        typer.echo(f"Plan: {published.plan}")


def _published_alike(gateway: Gateway, questionnaire: Json) -> list[str]:
    """Give the URLs of published questionnaires that staff could not tell from this one."""
    title, version = (escaped(str(questionnaire.get(name, ""))) for name in ("title", "version"))
    asked = [("title:exact", title), ("version", version), ("status", "active")]
    found = gateway.search("Questionnaire", asked, by=SYSTEM, now=wiring.clock().now()) if title else {}
    return [own_url(gateway.base_url, entry["resource"]) for entry in found.get("entry", ())]


def read_questionnaire(file: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Read a file; gives the Questionnaire and what could not be represented.

    Raises:
        CommandFailed: it is neither a Questionnaire nor a QFDD.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as wrong:
        raise CommandFailed(f"{file} cannot be read: {wrong.strerror}") from None
    if len(content) > LARGEST:
        raise CommandFailed(f"{file} is larger than {LARGEST} bytes.")
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        try:
            imported = read_qfdd(content)
        except ValueError as wrong:
            raise CommandFailed(f"{file.name}: {wrong}") from None
        return imported.questionnaire, tuple(
            f"{each.severity}: {each.where}: {each.text}" for each in imported.problems
        )
    return _read_json(file.name, content), ()


def complete(questionnaire: Json, owner: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Add what FUT's profile needs and R4 does not know; gives the Questionnaire and what was added, in words.

    Source: `fut.md` 1A, ehealth-questionnaire: version, modifierRole (an owner), type.
    """
    extensions = list(questionnaire.get("extension", ()))
    urls = {each.get("url") for each in extensions}
    completed, added = dict(questionnaire), []
    completed.pop("id", None)
    if not completed.get("version"):
        completed["version"] = "1.0"
        added.append("version 1.0 added")
    if ehealth.QUESTIONNAIRE_TYPE not in urls:
        coding = {"system": ehealth.QUESTIONNAIRE_TYPES, "code": "QR"}
        extensions.append({"url": ehealth.QUESTIONNAIRE_TYPE, "valueCodeableConcept": {"coding": [coding]}})
        added.append("type QR added")
    if ehealth.MODIFIER_ROLE not in urls and owner:
        extensions.append(owned_by(owner))
        added.append(f"owner {owner} added")
    if extensions:
        completed["extension"] = extensions
    return completed, tuple(added)


def _default_owner(gateway: Gateway, questionnaire: Json) -> str | None:
    if any(each.get("url") == ehealth.MODIFIER_ROLE for each in questionnaire.get("extension", ())):
        return None
    # A register may have come in, which is nobody's here.
    by_hand = [("source", "manual")] if settings.DEMO else []
    asked = [("_count", _MOST_OWNERS), *by_hand]
    found = gateway.search("Organization", asked, by=SYSTEM, now=wiring.clock().now())
    urls = sorted(own_url(gateway.base_url, entry["resource"]) for entry in found.get("entry", ()))
    # The demo's first organisation is its municipality; in production nobody becomes an owner by default.
    if urls and (settings.DEMO or len(urls) == 1):
        return urls[0]
    raise CommandFailed("Whose is it? Say --owner with the URL of an Organization.")


def _read_json(name: str, content: bytes) -> dict[str, Any]:
    try:
        value = loads(content)
    except ValueError as wrong:
        raise CommandFailed(f"{name} cannot be read as JSON: {wrong}") from None
    if not isinstance(value, dict) or value.get("resourceType") != "Questionnaire":
        raise CommandFailed(f"{name} is not a FHIR Questionnaire.")
    return value


def _line(issue: Any) -> str:
    place = f"{issue.expression}: " if issue.expression else ""
    return f"{place}{issue.text}" + (f" ({issue.diagnostics})" if issue.diagnostics else "")
