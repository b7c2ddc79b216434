"""Organisations as clinical administrators look at them: which of a whole country's, and where sources disagree.

A register brings tens of thousands. Shown are those that have to do with somebody here, and what those stand below;
others are searched for by name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from kommunalpro.care.bundles import batch, escaped
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.bundle import link, resources
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fut.gateway import Gateway, Parameters, Principal
from kommunalpro.fut.organizations.disagreement import between_registers, disagreements, related_url
from kommunalpro.fut.organizations.owned import texts
from kommunalpro.fut.organizations.settling import following, keeping

Side = Literal["ours", "register"]
"""Who is right where an organisation and its register disagree."""

MOST = 200
"""Organisations that are shown at once without anybody having asked for them."""
_DEEPEST = 20
_AT_ONCE = 50
_VERSIONS_BACK = 50
"""Versions that are looked through for what somebody here, or the register, wrote."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Organisations by version-less URL; `is_all`: there are no others."""

    organizations: Mapping[str, Json]
    is_all: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """`source` (manual, SOR, STS-ORG) says `there` of a field of which `here` stands. A parent is named."""

    field: str
    here: str
    there: str
    source: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Where organisations differ, by URL. `is_all` False: FK Organisation may say more of those from SOR."""

    by_url: Mapping[str, tuple[Difference, ...]]
    is_all: bool


def selected(gateway: Gateway, managing: Iterable[str], *, by: Principal, now: datetime) -> Selection:
    """Give all organisations while they are few; else those made by hand and those of teams (`managing`)."""
    first, is_all = _page(gateway, [("_count", str(MOST))], by=by, now=now)
    if is_all:
        return Selection(first, is_all=True)
    by_hand, _ = _page(gateway, [("source", "manual"), ("_count", str(MOST))], by=by, now=now)
    wanted = [url for url in managing if url not in by_hand]
    found = by_hand | batch(gateway, "Organization", wanted, by=by, now=now)
    return Selection(with_those_above(gateway, found, by=by, now=now), is_all=False)


def named(gateway: Gateway, name: str, *, by: Principal, now: datetime) -> Selection:
    """Give organisations whose name has these words in it, with those they stand below; `is_all`: no more match."""
    found, is_all = _page(gateway, [("name:contains", escaped(name)), ("_count", "100")], by=by, now=now)
    return Selection(with_those_above(gateway, found, by=by, now=now), is_all=is_all)


def below(gateway: Gateway, url: str, *, by: Principal, now: datetime) -> Selection:
    """Give the organisations right below one."""
    found, is_all = _page(gateway, [("partof", url), ("_count", "100")], by=by, now=now)
    return Selection(found, is_all=is_all)


def with_those_above(
    gateway: Gateway, organizations: Mapping[str, Json], *, by: Principal, now: datetime
) -> dict[str, Json]:
    """Give organisations with everything that they stand below."""
    found = dict(organizations)
    for _ in range(_DEEPEST):
        missing = {url for each in found.values() if (url := above(each)) and url not in found}
        read = batch(gateway, "Organization", missing, by=by, now=now) if missing else {}
        if not read:
            break
        found |= read
    return found


def above(organization: Json) -> str | None:
    """Give the version-less URL of the organisation right above; None means that it is at the top."""
    parsed = Reference.parse(organization.get("partOf", {}).get("reference", ""))
    return parsed.url if parsed else None


def differences(gateway: Gateway, organizations: Mapping[str, Json], *, by: Principal, now: datetime) -> Differences:
    """Give where organisations differ: from what another source says, and from the other register's view."""
    in_sor, in_fk = _in_sor(gateway, organizations, by=by, now=now), _in_fk(gateway, organizations, by=by, now=now)
    known = dict(organizations) | in_sor | (in_fk or {})
    second = [each for each in known.values() if related_url(each)]
    known |= batch(gateway, "Organization", {url for each in second if (url := above(each))}, by=by, now=now)
    raw = [*_kept(organizations), *_between(gateway, known, second)]
    parents = {text for _, each in raw if each.field == "parent" for text in (each.here, each.there) if text}
    known |= batch(gateway, "Organization", parents - set(known), by=by, now=now)
    found: dict[str, tuple[Difference, ...]] = {}
    for url, each in raw:
        if url in organizations:
            found[url] = (*found.get(url, ()), _with_names(each, known))
    return Differences(found, is_all=in_fk is not None)


def is_below(url: str | None, top: str | None, known: Mapping[str, Json]) -> bool:
    """Tell whether an organisation is the one at the top, or stands below it; `known` are by URL."""
    seen = set[str]()
    while url and url not in seen:
        if url == top:
            return True
        seen.add(url)
        url = above(known.get(url, {}))
    return False


def settle(
    gateway: Gateway, organization: Json, wanted: Side, version: str, *, by: Principal, now: datetime
) -> dict[str, Any]:
    """Let an organisation keep what somebody here wrote, or have what its register says.

    Raises:
        PreconditionFailed: it has another version than the one that was looked at.
        Forbidden: it is another's, or the privilege is missing.
    """
    earlier = _earlier(gateway, organization, by=by, now=now)
    changed = keeping(organization, earlier) if wanted == "ours" else following(organization, earlier)
    url, operations = own_url(gateway.base_url, organization), list(_operations(organization, changed))
    return gateway.patch(url, operations, if_match=version, by=by, now=now)


def _earlier(gateway: Gateway, organization: Json, *, by: Principal, now: datetime) -> Iterator[Json]:
    url, newest = own_url(gateway.base_url, organization), int(organization["meta"]["versionId"])
    for version in range(newest - 1, max(0, newest - 1 - _VERSIONS_BACK), -1):
        try:
            yield gateway.read(f"{url}/_history/{version}", by=by, now=now)
        except NotFound:
            continue


def _operations(before: Json, after: Json) -> Iterator[Json]:
    """Give the JSON Patch that makes the one of the other, element by element."""
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield {"op": "remove", "path": f"/{name}"}
        elif before.get(name) != after[name]:
            yield {"op": "add", "path": f"/{name}", "value": after[name]}


def _page(gateway: Gateway, parameters: Parameters, *, by: Principal, now: datetime) -> tuple[dict[str, Json], bool]:
    bundle = gateway.search("Organization", parameters, by=by, now=now)
    found = {own_url(gateway.base_url, each): each for each in resources(bundle, "Organization")}
    return found, link(bundle, "next") is None


def _in_sor(gateway: Gateway, organizations: Mapping[str, Json], *, by: Principal, now: datetime) -> dict[str, Json]:
    """Give what those from FK Organisation are as well in SOR."""
    wanted = {url for each in organizations.values() if (url := related_url(each))} - set(organizations)
    return batch(gateway, "Organization", wanted, by=by, now=now)


def _in_fk(
    gateway: Gateway, organizations: Mapping[str, Json], *, by: Principal, now: datetime
) -> dict[str, Json] | None:
    """Give what those from SOR are as well in FK Organisation; None: it cannot be asked for.

    FUT declares no parameter for it, and reads an unknown one as any other fault of a query.
    """
    found: dict[str, Json] = {}
    of_sor = [url for url, each in organizations.items() if _source(each) == "SOR"]
    try:
        for start in range(0, len(of_sor), _AT_ONCE):
            asked = [("relatedTo", ",".join(of_sor[start : start + _AT_ONCE])), ("_count", "200")]
            found |= _page(gateway, asked, by=by, now=now)[0]
    except BadRequest:
        return None
    return found


def _kept(organizations: Mapping[str, Json]) -> Iterator[tuple[str, Difference]]:
    for url, each in organizations.items():
        here = texts({**each, **{extension["url"]: extension for extension in each.get("extension", ())}})
        for kept in disagreements(each):
            yield url, Difference(kept.field, here.get(kept.field, ""), kept.value, kept.source)


def _between(gateway: Gateway, known: Mapping[str, Json], second: Iterable[Json]) -> Iterator[tuple[str, Difference]]:
    for one in second:
        url = related_url(one) or ""
        if url in known:
            for field, here, there in between_registers(one, known[url], known.get(above(one) or "")):
                if field == "parent":
                    # Its own unit above, as the page has it: that may have another name in SOR.
                    here = above(one) or here
                yield own_url(gateway.base_url, one), Difference(field, here, there, "SOR")
                yield url, Difference(field, there, here, "STS-ORG")


def _with_names(difference: Difference, known: Mapping[str, Json]) -> Difference:
    if difference.field != "parent":
        return difference
    here, there = (str(known.get(url, {}).get("name", url)) for url in (difference.here, difference.there))
    return Difference("parent", here, there, difference.source)


def _source(organization: Json) -> str:
    value = extension_value(organization, ehealth.ORGANIZATION_SOURCE) or {}
    return next((str(coding.get("code", "")) for coding in value.get("coding", ())), "")
