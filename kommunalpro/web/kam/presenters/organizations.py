"""Care teams and organisations as clinical administrators read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.organizations import Difference, above
from kommunalpro.care.people import full_name
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.reference import Reference
from kommunalpro.web.kam.presenters import labels


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One care team in the list."""

    id: str
    name: str
    organization: str
    status: labels.Status
    conditions: tuple[str, ...]
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a team, with everything they may do in it."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What two sources say differently: what stands here, and what somebody else (`source`) says."""

    field: str
    here: str
    there: str
    source: str


@dataclass(frozen=True, slots=True)
class OrganizationNode:
    """An organisation in the tree, with what is under it and its own teams. `closed` is empty while it is open."""

    id: str
    name: str
    source: labels.Status
    synchronization: labels.Status
    closed: str
    disagreements: tuple[Disagreement, ...]
    teams: tuple[TeamRow, ...]
    children: tuple["OrganizationNode", ...]


def team_rows(teams: Iterable[Json], organizations: Mapping[str, Json]) -> tuple[TeamRow, ...]:
    """Give the teams by name. `organizations` are by version-less URL."""
    rows = (
        TeamRow(
            id=team["id"],
            name=str(team.get("name", "")),
            organization=str(organizations.get(managing(team) or "", {}).get("name", "")),
            status=labels.team_status(team),
            conditions=conditions(team),
            members=len({_member_url(each) for each in team.get("participant", ())}),
        )
        for team in teams
    )
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def conditions(team: Json) -> tuple[str, ...]:
    """Give the conditions that a team works with, in words."""
    return tuple(labels.concept(each) for each in team.get("reasonCode", ()))


def managing(team: Json) -> str | None:
    """Give the version-less URL of the organisation that runs a team; None means none is named."""
    reference = next((each.get("reference", "") for each in team.get("managingOrganization", ())), "")
    parsed = Reference.parse(reference)
    return parsed.url if parsed else None


def member_urls(team: Json) -> tuple[str, ...]:
    """Give the URLs of the practitioners in a team."""
    urls = dict.fromkeys(_member_url(each) for each in team.get("participant", ()))
    return tuple(url for url in urls if "/Practitioner/" in url)


def members(team: Json, practitioners: Mapping[str, Json]) -> tuple[Member, ...]:
    """Give the members by name, one row a person. `practitioners` are by version-less URL."""
    roles: dict[str, list[str]] = {}
    for participant in team.get("participant", ()):
        codes = [coding.get("code", "") for role in participant.get("role", ()) for coding in role.get("coding", ())]
        roles.setdefault(_member_url(participant), []).extend(labels.role(code) for code in codes)
    named = (Member(_name(url, practitioners), tuple(dict.fromkeys(names))) for url, names in roles.items())
    return tuple(sorted(named, key=lambda member: member.name.casefold()))


def _member_url(participant: Json) -> str:
    reference = participant.get("member", {}).get("reference", "")
    parsed = Reference.parse(reference)
    return parsed.url if parsed else str(reference)


def _name(url: str, practitioners: Mapping[str, Json]) -> str:
    return full_name(practitioners.get(url, {})) or "–"


def tree(
    organizations: Mapping[str, Json],
    teams: Iterable[Json],
    differences: Mapping[str, tuple[Difference, ...]],
    today: date,
) -> tuple[OrganizationNode, ...]:
    """Give the organisations as a tree; one whose parent is unknown stands at the top. Mapped by version-less URL."""
    rows: dict[str, list[Json]] = {}
    for team in teams:
        rows.setdefault(managing(team) or "", []).append(team)
    below: dict[str | None, list[str]] = {}
    for url, each in organizations.items():
        parent = above(each)
        below.setdefault(parent if parent in organizations else None, []).append(url)

    def node(url: str) -> OrganizationNode:
        each = organizations[url]
        return OrganizationNode(
            id=each["id"],
            name=str(each.get("name", "")),
            source=labels.source(each),
            synchronization=labels.synchronization_status(each),
            closed=closed(each, today),
            disagreements=disagreements(differences.get(url, ())),
            teams=team_rows(rows.get(url, ()), organizations),
            children=_ordered(node(child) for child in below.get(url, ())),
        )

    return _ordered(node(url) for url in below.get(None, ()))


def _ordered(nodes: Iterable[OrganizationNode]) -> tuple[OrganizationNode, ...]:
    return tuple(sorted(nodes, key=lambda node: node.name.casefold()))


def closed(organization: Json, today: date) -> str:
    """Say that an organisation is not open: closed, or with a first day that is yet to come; empty: it is open."""
    if organization.get("active") is not False:
        return ""
    opens = _first_day(organization)
    if opens is None or opens <= today:
        return _("Lukket")
    language = get_language() or "da"
    day = format_date(opens, "d. MMMM y" if language == "da" else "d MMMM y", language)
    return _("Åbner %(day)s") % {"day": day}


def _first_day(organization: Json) -> date | None:
    start = str((extension_value(organization, ehealth.ORGANIZATION_PERIOD) or {}).get("start", ""))
    try:
        return date.fromisoformat(start)
    except ValueError:
        # An import writes whole days; what somebody else has written need not be one.
        return None


def disagreements(differences: Iterable[Difference]) -> tuple[Disagreement, ...]:
    """Say where sources disagree."""
    fields = {
        "name": _("Navn"),
        "parent": _("Hører under"),
        "active": _("Åben"),
        "type": _("Slags"),
        "address": _("Adresse"),
        "cvr": _("CVR"),
        "region": _("Region"),
        "municipality": _("Kommunekode"),
    }
    return tuple(
        Disagreement(
            fields.get(each.field, each.field),
            _said(each.here),
            _said(each.there),
            _("Ændret her") if each.source == "manual" else labels.source_of(each.source).words,
        )
        for each in differences
    )


def _said(text: str) -> str:
    return {"true": _("Ja"), "false": _("Nej"), "": _("Ingenting")}.get(text, text)


def identifiers(organization: Json) -> tuple[tuple[str, str], ...]:
    """Give the numbers an organisation is known by, as (what, number)."""
    names = {ehealth.SOR: "SOR", ehealth.CVR: "CVR", ehealth.STS_ORG: "FK Organisation"}
    known = [
        (names[each["system"]], str(each.get("value", "")))
        for each in organization.get("identifier", ())
        if each.get("system") in names
    ]
    cvr = extension_value(organization, ehealth.ORGANIZATION_CVR_NUMBER)
    if cvr and ("CVR", cvr) not in known:
        known.append(("CVR", str(cvr)))
    return tuple(known)
