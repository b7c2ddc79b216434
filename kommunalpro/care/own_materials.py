"""Information material that is for one citizen: whoever follows them has written it, in any application on FUT.

It is a DocumentReference of the category `patient-specific-material`, and names its citizen and one course of care; no
plan names it. It is read while it is current and its course goes on, as a plan's is while the plan does.

Not here: assignments of material (Communication), which say from when until when it may be read; nothing here reads
one, and a citizen may read none.

Source: `fut.md` 1C (documentreference); the guide's page on ehealth-documentreference.
"""

from datetime import datetime

from kommunalpro.care.bundles import all_pages, versionless
from kommunalpro.care.citizens import OVER
from kommunalpro.care.materials import Material, material_of
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import resources
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import own_url
from kommunalpro.fut.gateway import Gateway, Principal

_UNDONE = ("preliminary", "entered-in-error")


def own_materials(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> tuple[Material, ...]:
    """Give what is written for a citizen alone and can be read now, the newest first.

    `by` stands in that citizen's context: the citizen, or a professional, who gets that of their team's courses.
    """
    query = [
        ("subject", patient),
        ("category", f"{ehealth.MATERIAL_CATEGORIES}|{ehealth.PATIENT_SPECIFIC_MATERIAL}"),
        ("status", "current"),
        ("_count", "100"),
    ]
    pages = all_pages(gateway, "DocumentReference", query, by=by, now=now)
    found = [each for page in pages for each in resources(page, "DocumentReference")]
    courses = _going_on(gateway, patient, by=by, now=now) if found else frozenset()
    current = [each for each in found if each.get("docStatus") not in _UNDONE and _course(each) in courses]
    # FUT's service does not sort it.
    current.sort(key=lambda each: datetime.fromisoformat(each["meta"]["lastUpdated"]), reverse=True)
    return tuple(material for material in map(material_of, current) if material.has_address)


def _going_on(gateway: Gateway, patient: str, *, by: Principal, now: datetime) -> frozenset[str]:
    query = [("patient", patient), ("_count", "100")]
    if team := by.context.care_team:
        query.append(("team", team))
    pages = all_pages(gateway, "EpisodeOfCare", query, by=by, now=now)
    courses = (each for page in pages for each in resources(page, "EpisodeOfCare") if each["status"] not in OVER)
    return frozenset(own_url(gateway.base_url, each) for each in courses)


def _course(document: Json) -> str:
    """Give the version-less URL of the one course of care that material belongs to; empty: it names none."""
    named = [versionless(each.get("reference", "")) for each in document.get("context", {}).get("encounter", ())]
    return named[0] if len(named) == 1 else ""
