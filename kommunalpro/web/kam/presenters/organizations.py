"""Organisations as clinical administrators read them: as a tree with their teams, and where sources disagree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.care.organizations import Difference, above
from kommunalpro.care.teams import managing
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import DENMARK
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fut.organizations.settling import keeps_its_own, upon_following
from kommunalpro.web.kam.presenters import labels
from kommunalpro.web.kam.presenters.teams import TeamRow, team_rows


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


def tree(
    organizations: Mapping[str, Json],
    teams: Iterable[Json],
    differences: Mapping[str, tuple[Difference, ...]],
    now: datetime,
) -> tuple[OrganizationNode, ...]:
    """Give the organisations as a tree; one whose parent is unknown stands at the top. Mapped by version-less URL."""
    today, rows = now.astimezone(DENMARK).date(), dict[str, list[Json]]()
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
            teams=team_rows(rows.get(url, ()), organizations, now),
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


def field_label(field: str) -> str:
    """Say what sources disagree on; of what is not known here, its own name."""
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
    return fields.get(field, field)


def disagreements(differences: Iterable[Difference]) -> tuple[Disagreement, ...]:
    """Say where sources disagree."""
    return tuple(
        Disagreement(
            field_label(each.field),
            _said(each.here),
            _said(each.there),
            _("Ændret her") if each.source == "manual" else labels.source_of(each.source).words,
        )
        for each in differences
    )


def following_words(organization: Json) -> str:
    """Say what it means to use the register's: what that replaces, and when."""
    if not keeps_its_own(organization):
        return _("Bruger I registerets, fjernes jeres herfra.")
    at_once, later = (", ".join(map(field_label, fields)) for fields in upon_following(organization))
    said = [_("Bruger I registerets, følger organisationen registeret igen.")]
    if at_once:
        said.append(_("Erstattes med det samme: %(fields)s.") % {"fields": at_once})
    if later:
        said.append(_("Erstattes senest ved næste indlæsning: %(fields)s.") % {"fields": later})
    return " ".join(said)


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
