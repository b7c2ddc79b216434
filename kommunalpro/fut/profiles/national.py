"""Whose national content may be: Views and ActionGuidance of level `national` hold in every organisation, as codes do.

FUT has no such level, and names nobody who may give one: both are ours. Who may is said in one place from outside
(KOMMUNALPRO_NATIONAL_OWNERS), and unless it is said, nobody may. A draft holds nowhere: it may come in with the package
of a plan, or be prepared for the organisation that will own it; what is asked is asked of whoever brings it into force,
or changes it there. What is national already stays in force, whoever wrote it, and its editors may retire it: lights do
not change because a setting does.

So with the guide's code systems, value sets and maps, and the others that come with the software: what is stored goes
before those in every answer, and would change it for all. A system may write them, as it brings in a later release.

Source: ARCHITECTURE §5 (View and ActionGuidance content).
"""

from collections.abc import Iterator

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import shipped
from kommunalpro.fut.content import is_national, status_of
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import owners_of
from kommunalpro.fut.reading import read_if_there
from kommunalpro.fut.terminology import OF_FUT

Owners = frozenset[tuple[str, str]]
"""Identifiers (system, value) of the organisations that may own national content; a CVR number is all of a company."""


def national_problems(basic: Json, previous: Json | None, owners: Owners, session: Session) -> Iterator[Issue]:
    """Tell where national content is another's, or is written by another than its owners and whom they let edit."""
    if status_of(basic) != "active" or not is_national(basic):
        return
    by = session.principal
    writer = () if by.user_type == "SYSTEM" or _may_own(previous, owners, session) else (by.context.organization,)
    if not (_may_own(basic, owners, session) and all(_is_one(each, owners, session) for each in writer)):
        yield issue("KPRO_NATIONAL_OWNER", "level national", "Basic.extension")


def terminology_problems(resource: Json, previous: Json | None, owners: Owners, session: Session) -> Iterator[Issue]:
    """Tell where a code system, value set or map would go in the place of a national one, or is one, by another."""
    urls = [each["url"] for each in (resource, previous) if each and "url" in each]
    if any(_is_of_guide(resource["resourceType"], each) for each in urls):
        by = session.principal
        if by.user_type != "SYSTEM" and not _is_one(by.context.organization, owners, session):
            text = "Adressen (url) er national. Giv din egen en anden."
            yield issue("KPRO_NATIONAL_OWNER", "national url", f"{resource['resourceType']}.url", text)


def _is_of_guide(type: str, url: str) -> bool:
    return url.startswith(OF_FUT) or shipped(type, url) is not None


def _may_own(basic: Json | None, owners: Owners, session: Session) -> bool:
    """Tell whether a View or ActionGuidance is owned by those who may own national content, and by nobody else."""
    found = owners_of(basic) if basic else ()
    return bool(found) and all(_is_one(each, owners, session) for each in found)


def _is_one(organization: str | None, owners: Owners, session: Session) -> bool:
    found = read_if_there(session, organization) if organization and owners else None
    if found is None or found["resourceType"] != "Organization":
        return False
    numbers = {(each.get("system"), each.get("value")) for each in found.get("identifier", ())}
    company = (ehealth.CVR, extension_value(found, ehealth.ORGANIZATION_CVR_NUMBER))
    return bool(owners & {*numbers, company})
