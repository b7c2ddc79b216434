"""A new version does not lose its lights unseen: it has a View of its own, or somebody signs that it has none.

Without a View the topics of a questionnaire are not assessed, and never green. That a version does what the one before
it did not is easily overlooked, so it is asked of whoever publishes it. What was national must be so again: a local
View gives lights in the organisations that own it only. Of a questionnaire that several own, each that had lights has
them again.

Source: ARCHITECTURE §5 (View and ActionGuidance content). The extension is ours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_datetime
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.search.matching import escaped
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.content import active_views, retired_views, status_of
from kommunalpro.fut.descent import identifier_in
from kommunalpro.fut.errors import issue
from kommunalpro.fut.modifier_roles import owners_of
from kommunalpro.fut.moments import is_moment
from kommunalpro.fut.reading import earlier_versions
from kommunalpro.pro.view import View

FASTEST_CLOCK = timedelta(minutes=5)
"""By how much the clock of who signs, or says when something came, may be ahead of ours."""
_HERE = "Questionnaire.extension"


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where the lights of a questionnaire are seen: by a national View everywhere, by local ones at these owners."""

    everywhere: bool = False
    owners: frozenset[str] = frozenset()

    def __or__(self, other: "_Reach") -> "_Reach":
        return _Reach(self.everywhere or other.everywhere, self.owners | other.owners)


def problems(questionnaire: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give what is wrong with the signature that is new, and that one is missing where a version is published."""
    signed = list(extensions(questionnaire, ehealth.WITHOUT_LIGHTS))
    if signed and signed != list(extensions(previous or {}, ehealth.WITHOUT_LIGHTS)):
        yield from _signature_problems(signed, session)
    is_published = status_of(questionnaire) == "active" and (previous is None or status_of(previous) == "draft")
    if is_published and not signed and _loses_its_lights(questionnaire, session):
        yield issue("KPRO_LIGHTS_MISSING", "", _HERE)


def _signature_problems(signed: list[Json], session: Session) -> Iterator[Issue]:
    """Nobody signs for another, nor for later; the system, which is nobody, may pass on who did."""
    parts = signed[0].get("extension", ())
    who, when = extension_value(signed[0], "who"), extension_value(signed[0], "when")
    if len(signed) > 1 or sorted(each["url"] for each in parts) != ["when", "who"]:
        yield issue("KPRO_WITHOUT_LIGHTS_SIGNATURE", "one extension with one who and one when", _HERE)
        return
    reference, user = who.get("reference") if isinstance(who, dict) else None, session.principal.user
    if not reference or (session.principal.user_type != "SYSTEM" and reference != user):
        yield issue("KPRO_WITHOUT_LIGHTS_SIGNATURE", "who is not the writer", _HERE)
    if not _has_been(when, session.now):
        yield issue("KPRO_WITHOUT_LIGHTS_SIGNATURE", "when is no moment, or is in the future", _HERE)


def _has_been(when: Any, now: datetime) -> bool:
    try:
        return is_moment(when) and parse_datetime(when) <= now + FASTEST_CLOCK
    except ValueError:  # a text
        return False


def _loses_its_lights(questionnaire: Json, session: Session) -> bool:
    """Tell whether lights were seen of the version before where none are seen of this one."""
    before = _reach_before(questionnaire, session)
    now = _reach(active_views(session, own_url(session.server.base_url, questionnaire)), questionnaire)
    if now.everywhere or before.everywhere:
        return not now.everywhere
    owners = frozenset(owners_of(questionnaire))
    # Whoever took it over from all that had lights is to have them in their place.
    expected = before.owners & owners or (owners if before.owners else frozenset())
    return not expected <= now.owners


def _reach_before(questionnaire: Json, session: Session) -> _Reach:
    """Tell where the version before had lights; a draft that was given up is passed over, to what was before it."""
    seen, before, reach = {questionnaire["id"]}, _predecessor(questionnaire, session), _Reach()
    while before is not None and before["id"] not in seen:
        reach |= _reach(_views_in_force(before, session), before)
        if "approvalDate" in before:
            break
        seen.add(before["id"])
        before = _predecessor(before, session)
    return reach


def _reach(views: Iterable[tuple[Json, View]], questionnaire: Json) -> _Reach:
    """Tell where lights are seen: a local View of others is theirs, and neither helps nor binds the owners."""
    owners, reach = frozenset(owners_of(questionnaire)), _Reach()
    for basic, view in views:
        reach |= _Reach(view.level == "national", owners.intersection(owners_of(basic)))
    return reach


def _predecessor(questionnaire: Json, session: Session) -> Json | None:
    """Give what a version was made from; without its name, what was published last of the same base.

    None means that there is none, or that it is on another server: whether it had lights, nobody here knows.
    """
    named = identifier_in(questionnaire, ehealth.PREDECESSOR)
    if named is not None:
        return next(_found(session, "identifier", named), None)
    base = identifier_in(questionnaire, ehealth.BASE)
    versions = () if base is None else _found(session, "base", base)
    published = [each for each in versions if "approvalDate" in each and each["id"] != questionnaire["id"]]
    return max(published, key=lambda each: (each["approvalDate"], each["meta"]["lastUpdated"]), default=None)


def _found(session: Session, parameter: str, identifier: Json) -> Iterator[dict[str, Any]]:
    token = f"{escaped(identifier.get('system', ''))}|{escaped(identifier.get('value', ''))}"
    query = [(parameter, token), ("_sort", "-_lastUpdated"), ("_count", "1000")]
    yield from (each["resource"] for each in session.elevated().search("Questionnaire", query).get("entry", ()))


def _views_in_force(questionnaire: Json, session: Session) -> Iterator[tuple[Json, View]]:
    """Give the Views that decide lights of it, or did before they were retired; a draft that was given up never did."""
    url = own_url(session.server.base_url, questionnaire)
    yield from active_views(session, url)
    yield from (each for each in retired_views(session, url) if _was_active(each[0], session))


def _was_active(basic: Json, session: Session) -> bool:
    statuses = (status_of(each) for each in earlier_versions(session, basic))
    return next((each for each in statuses if each != "retired"), None) == "active"
