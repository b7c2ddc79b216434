"""Rules of information material, a DocumentReference: one address, whom it is about, and who may change it.

What says that it is material is checked so, and every type and category; the documents of the national sharing are
not, which say by their profile that they are such: their types are others' to list.
Ours, where the guide is silent: a page on the web needs no size, for nobody knows it; and a document that names no
patient, material or not, is about nobody in any other way, for it is shown to everybody: nor does it say a CPR number
in anything that people read of it (`for_all.py`), in its text or in its address. A file that is no text (a PDF) is not
read; other identifiers than a citizen's are let be, for documents have numbers. What is for all and has no owner, as
FUT lets instructions be, is changed by a system alone: else anybody could make themselves its owner.

Source: `fut.md` 1C (documentreference) and §0.11; the guide's page on ehealth-documentreference.
"""

import re
from base64 import b64decode
from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.cpr_in_text import reading_names_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import Reference
from kommunalpro.fhir.structure.uris import elements_of
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.claimed import claimed
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import named_in
from kommunalpro.fut.owners import patient_reference
from kommunalpro.fut.profiles.bindings import coding_problems
from kommunalpro.fut.profiles.for_all import numbers
from kommunalpro.fut.profiles.modifiers import role_problems
from kommunalpro.fut.reach import SHARED
from kommunalpro.fut.reading import read_if_there

_NO_SUCH = "it names no such DocumentReference"
_NATIONAL = ehealth.profile("transformation-documentreference")
_INTO = re.compile(r"[.\[]")
_OF_NOBODY = SHARED | {"DocumentReference", "Device", "Location", "HealthcareService", "Endpoint", "Medication"}
"""Types of what may be named, or brought along, and is about no citizen; a document where it is about none itself. A
person's are all the others, also those that are not known here: what is kept out by mistake is told of, what is let out
is not got back."""


def is_material(document: Json) -> bool:
    """Tell whether a DocumentReference says that it is material."""
    codings = document.get("type", {}).get("coding", ())
    return any((each.get("system"), each.get("code")) == (ehealth.DOCUMENT_TYPES, "material") for each in codings)


def is_about_nobody(document: Json) -> bool:
    """Tell whether a DocumentReference is for all: it names no patient, and is not of the kind that has to."""
    return patient_reference(document) is None and ehealth.PATIENT_SPECIFIC_MATERIAL not in _categories(document)


def form_problems(document: Json) -> Iterator[Issue]:
    """Give what a document does not keep by itself: type and category are FUT's, and category goes with subject."""
    if _NATIONAL not in claimed(document):
        types = f"{ehealth.VS}ehealth-document-reference-type"
        yield from coding_problems(document.get("type"), types, "DocumentReference.type")
        for each in document.get("category", ()):
            yield from coding_problems(each, f"{ehealth.VS}document-category", "DocumentReference.category")
        if len(document.get("category", ())) > 1:
            yield _category_issue("category only once", "Oplysningen må kun stå der én gang.")
    yield from subject_problems(document)


def subject_problems(document: Json) -> Iterator[Issue]:
    """Patient-specific material names its patient and its course of care; all other material, neither of them."""
    names_patient = patient_reference(document) is not None
    categories = _categories(document)
    if ehealth.PATIENT_SPECIFIC_MATERIAL in categories:
        if not names_patient:
            yield issue("DOCUMENTREFERENCE_SUBJECT_MANDATORY", "", "DocumentReference.subject")
        if not _names_one_course(document):
            yield issue("DOCUMENTREFERENCE_ENCOUNTER_MANDATORY", "", "DocumentReference.context.encounter")
    elif categories or is_material(document) or not names_patient:
        yield from about_somebody(document)


def _categories(document: Json) -> set[str]:
    codings = (coding for each in document.get("category", ()) for coding in each.get("coding", ()))
    return {each.get("code", "") for each in codings if each.get("system") == ehealth.MATERIAL_CATEGORIES}


def _names_one_course(document: Json) -> bool:
    found = [Reference.parse(each.get("reference", "")) for each in document.get("context", {}).get("encounter", ())]
    return [each.type for each in found if each] == ["EpisodeOfCare"] and len(found) == 1


def about_somebody(document: Json) -> Iterator[Issue]:
    """Give every way in which a document is about a citizen: what all can see, or take with them, is about none."""
    context, told = document.get("context", {}), set()
    names_patient = patient_reference(document) is not None
    of_subject = "DOCUMENTREFERENCE_SUBJECT_REFER_TO_PATIENT" if names_patient else "KPRO_DOCUMENTREFERENCE_SUBJECT"
    for name, path, value in (
        (of_subject, "subject", document.get("subject")),
        ("DOCUMENTREFERENCE_EPISODEOFCARE_CONTEXT_ENCOUNTER", "context.encounter", context.get("encounter")),
        ("KPRO_DOCUMENTREFERENCE_SUBJECT", "context.sourcePatientInfo", context.get("sourcePatientInfo")),
    ):
        if value:
            told.add(f"DocumentReference.{path}")
            yield issue(name, "", f"DocumentReference.{path}")
    for path in _other_places(document):
        if told.isdisjoint(_around(path)):
            told.add(path)
            yield issue("KPRO_DOCUMENTREFERENCE_SUBJECT", "", path)


def _around(path: str) -> Iterator[str]:
    """Give a place, and each that it is in."""
    yield path
    yield from (path[: each.start()] for each in _INTO.finditer(path))


def _other_places(document: Json) -> Iterator[str]:
    """Give where else a document names a citizen, or brings along one or what is theirs."""
    for number, each in enumerate(document.get("contained", ())):
        if each.get("resourceType") not in _OF_NOBODY:
            yield f"DocumentReference.contained[{number}]"
    for path, reference in elements_of(document, "Reference"):
        if not _types_named(reference) <= _OF_NOBODY:
            yield path
    yield from (path for path, _ in numbers(document))
    for number, each in enumerate(document.get("content", ())):
        attachment = each.get("attachment", {})
        is_text = attachment.get("contentType", "").startswith("text/")
        if is_text and reading_names_cpr(_decoded(attachment.get("data", ""))):
            yield f"DocumentReference.content[{number}].attachment.data"


def _decoded(data: str) -> str:
    """Give Base64 as text, of which the digits are right: what is none is told elsewhere.

    In every encoding that text comes in they are ASCII's, in UTF-16 and UTF-32 with zeros between them.
    """
    try:
        return b64decode(data).replace(b"\0", b"").decode(errors="replace")
    except ValueError:
        return ""


def _documents_of_somebody(document: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give where a document that all can see names another that is a citizen's, or that is not known here.

    Not one that it named before, for all to see: what it replaced may be deleted since. Which of the two it is, is not
    told: whoever writes it may not know of a citizen's.
    """
    was_for_all = previous and patient_reference(previous) is None
    named_before = [each for _, each in elements_of(previous or {}, "Reference")] if was_for_all else []
    for path, reference in elements_of(document, "Reference"):
        if "DocumentReference" in _types_named(reference) and reference not in named_before:
            named = Reference.parse(reference.get("reference", ""))
            is_ours = named and named.base in (None, session.server.base_url)
            found = read_if_there(session, f"{session.server.base_url}/{named.key}") if named and is_ours else None
            if found is None or patient_reference(found) is not None:
                # Of two that name each other, nobody knows yet of whom the second is when the first is looked at.
                is_coming = named is not None and is_ours and session.is_coming(named)
                text = "Materiale til alle kan kun henvise til dokumenter, der findes her og er til alle."
                detail = "it is written after this one: let it be named by an update" if is_coming else _NO_SUCH
                yield issue("KPRO_DOCUMENTREFERENCE_SUBJECT", detail, path, text=text)


def _types_named(reference: Json) -> set[str]:
    """Give the types that a reference is to: by its address, and by what it says itself, as a name or as a URL."""
    literal = Reference.parse(reference.get("reference", ""))
    by_address = {literal.type} if literal else set()
    return by_address | ({reference["type"].rpartition("/")[2]} if "type" in reference else set())


def material_problems(document: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with a piece of material, and with who changes it."""
    type = document["resourceType"]
    if _must_be_owned(document, previous):
        yield from role_problems(document, previous, session)
    elif previous and is_about_nobody(previous) and session.principal.user_type != "SYSTEM":
        yield issue("KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT", type, f"{type}.extension")
    if patient_reference(document) is None:
        yield from _documents_of_somebody(document, previous, session)
    if previous and _categories(previous) != _categories(document):
        yield _category_issue("it does not change", "Materialets kategori kan ikke ændres.")
    if not is_material(document):
        return
    if len(document.get("content", ())) != 1:
        yield issue("DOCUMENT_REFERENCE_CONTENT_MANDATORY", "", f"{type}.content")
    elif not _has_address(document):
        yield issue("KPRO_MATERIAL_ADDRESS", "", f"{type}.content")


def _must_be_owned(document: Json, previous: Json | None) -> bool:
    """Tell whether it has a category, or anybody has a role in it: what is owned stays so."""
    has_category = is_material(document) and "category" in document
    return has_category or any(named_in(each) for each in (document, previous) if each)


def documentation_problems(plan: Json, session: Session) -> Iterator[Issue]:
    """Give the material of a plan that is one citizen's, and of an active one what nobody could read.

    That is not here, or has no address.
    """
    for number, artifact in enumerate(plan.get("relatedArtifact", ())):
        reference = Reference.parse(artifact.get("resource", ""))
        is_ours = reference and reference.type == "DocumentReference" and reference.base == session.server.base_url
        if is_ours and artifact.get("type") == "documentation":
            document = read_if_there(session, artifact["resource"])
            place = f"PlanDefinition.relatedArtifact[{number}].resource"
            if document and patient_reference(document):
                text = "Materiale i en plan er til alle, og dette er til én borger."
                yield issue("KPRO_DOCUMENTREFERENCE_SUBJECT", "", place, text=text)
            elif plan.get("status") == "active" and not (document and _has_address(document)):
                yield issue("KPRO_MATERIAL_ADDRESS", "", place)


def _category_issue(detail: str, text: str) -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, "DocumentReference.category", text=text)


def _has_address(document: Json) -> bool:
    attachments = [each.get("attachment", {}) for each in document.get("content", ())]
    return any(
        len({"data", "url"} & each.keys()) == 1 and each.get("url", "https://").startswith(("https://", "http://"))
        for each in attachments
    )
