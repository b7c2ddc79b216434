"""Information material of a plan: a link, or a document that was uploaded.

The material is a DocumentReference that is about nobody, owned by who made it; the plan names it as documentation
(`relatedArtifact`). A plan in use never changes, so neither does its material: another one is put in its place.
What is one citizen's own goes with no plan, though one should name it: `own_materials.py`.

Source: `fut.md` 1A (plandefinition), 1C (documentreference).
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from kommunalpro.care.bundles import batch, versionless
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import Json
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import owned_by

NO_ARTIFACT: Json = MappingProxyType({})
_MATERIAL = {"coding": [{"system": ehealth.DOCUMENT_TYPES, "code": "material"}]}


@dataclass(frozen=True, slots=True)
class Document:
    """A file: what it is called, its media type, and its bytes."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Material:
    """What can be read. `id`: of its DocumentReference; `link`: its page on the web; None: not one.

    `size`: of the document in bytes, if it lies here, else 0. Neither: it has no address, and cannot be read.
    """

    id: str
    title: str
    link: str | None
    size: int

    @property
    def has_address(self) -> bool:
        """Whether there is anything to read."""
        return self.size > 0 or self.link is not None


def linked(title: str, link: str, organization: str) -> dict[str, Any]:
    """Give material that is a page on the web, owned by an organisation."""
    return _material(title, {"url": link}, organization)


def uploaded(title: str, document: Document, organization: str) -> dict[str, Any]:
    """Give material that is a file, owned by an organisation."""
    data = {"data": b64encode(document.content).decode(), "size": len(document.content)}
    return _material(title, {"contentType": document.content_type, **data}, organization)


def _material(title: str, attachment: Json, organization: str) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "extension": [owned_by(organization)],
        "status": "current",
        "type": _MATERIAL,
        "description": title,
        "content": [{"attachment": {**attachment, "title": title}}],
    }


def with_material(plan: Json, title: str, url: str) -> dict[str, Any]:
    """Give a plan one more piece of material, the last. `url`: of its DocumentReference."""
    artifact = {"type": "documentation", "display": title, "resource": url}
    return {**plan, "relatedArtifact": [*plan.get("relatedArtifact", ()), artifact]}


def without_material(plan: Json, number: int) -> dict[str, Any]:
    """Take a piece of material out of a plan, numbered from 0 as they stand in it."""
    gone = documentation(plan)[number]
    kept = [each for each in plan["relatedArtifact"] if each is not gone]
    others = {name: each for name, each in plan.items() if name != "relatedArtifact"}
    return {**others, "relatedArtifact": kept} if kept else others


def documentation(plan: Json) -> tuple[Json, ...]:
    """Give what a plan names as material, in its order."""
    return tuple(each for each in plan.get("relatedArtifact", ()) if each.get("type") == "documentation")


def read_documents(gateway: Gateway, plans: Iterable[Json], *, by: Principal, now: datetime) -> dict[str, Json]:
    """Read the DocumentReferences that plans name, by version-less URL.

    Those that are not here are left out, and those that are about a citizen: a plan is read by others, too.
    """
    named = (each.get("resource", "") for plan in plans for each in documentation(plan))
    urls = {versionless(url) for url in named if "/DocumentReference/" in url}
    found = batch(gateway, "DocumentReference", urls, by=by, now=now)
    return {url: each for url, each in found.items() if is_for_all(each)}


def is_for_all(document: Json) -> bool:
    """Tell whether a DocumentReference is about nobody: it has no subject, and is not of the kind that has one."""
    codings = (coding for each in document.get("category", ()) for coding in each.get("coding", ()))
    return "subject" not in document and all(each.get("code") != ehealth.PATIENT_SPECIFIC_MATERIAL for each in codings)


def materials_of(plan: Json, documents: Mapping[str, Json]) -> tuple[Material, ...]:
    """Give the material of a plan in its order. `documents` are by version-less URL."""
    found = ((each, documents.get(versionless(each.get("resource", "")), {})) for each in documentation(plan))
    return tuple(material_of(document, artifact) for artifact, document in found)


def material_of(document: Json, artifact: Json = NO_ARTIFACT) -> Material:
    """Give the material of a DocumentReference. `artifact`: by what a plan names it, whose title and link count too."""
    attachment = _attachment(document)
    link = attachment.get("url") or artifact.get("url") or artifact.get("document", {}).get("url")
    is_valid = document.get("status") != "entered-in-error"
    title = artifact.get("display") or document.get("description") or attachment.get("title") or link or ""
    return Material(
        id=document.get("id", ""),
        title=str(title),
        link=link if link and _is_page(link) and is_valid else None,
        size=len(attachment.get("data", "").rstrip("=")) * 3 // 4 if is_valid else 0,
    )


def document_of(reference: Json) -> Document | None:
    """Give the file of a DocumentReference; None: it holds none."""
    attachment = _attachment(reference)
    if "data" not in attachment:
        return None
    name = attachment.get("title") or reference.get("description") or "materiale"
    return Document(str(name), attachment.get("contentType", ""), b64decode(attachment["data"]))


def _attachment(document: Json) -> Json:
    contents = document.get("content", ())
    found: Json = contents[0].get("attachment", {}) if contents else {}
    return found


def _is_page(link: str) -> bool:
    """Tell whether a link leads to a page on the web: whoever may write material must not run a script by it."""
    parts = urlsplit(link)
    return parts.scheme in ("https", "http") and bool(parts.netloc)
