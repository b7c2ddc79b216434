"""Views and ActionGuidance come into use and go out of it, and what that changes is known before it is done.

FUT lets several be in use in the same place, and of those the newest decides (`fut.interpretation`). So what comes into
use decides at once, and only then is what it takes the place of retired: on FUT no transaction holds the two together,
and whatever breaks in between, one View decides, and never none. Both are then said to be in use (`Change.kept`).
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.care.bundles import versionless
from kommunalpro.care.interpretation import Kind, in_use
from kommunalpro.care.planning import with_extensions
from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError, PreconditionFailed
from kommunalpro.fut.content import is_national, is_view, status_of
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.fut.modifier_roles import is_owner, may_edit, owners_of


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for a questionnaire where a View or ActionGuidance holds: at its owner, or in the whole country.

    `before` and `after` decide there; None: nothing does. A national View decides where there is no local one; national
    guidance is not in the place of local guidance, which is added to it. `retired` goes out of use with the change.
    `kept` holds in the same place and stays in use: it is not ours to retire, or is for other questionnaires too.
    """

    before: Json | None
    after: Json | None
    retired: tuple[Json, ...]
    kept: tuple[Json, ...]

    @property
    def seen(self) -> str:
        """Name exactly what the change was foreseen from, so that it can be told whether it still is so."""
        sides = [each for each in (self.before, self.after) if each is not None]
        return " ".join(sorted({_stamp(each) for each in (*sides, *self.retired, *self.kept)}))


def coming(gateway: Gateway, draft: Json, *, by: Principal, now: datetime) -> Change:
    """Foresee what changes when a stored draft comes into use."""
    same, behind = _in_use(gateway, draft, by=by, now=now)
    retired = tuple(each for each in same if _takes_the_place_of(each, draft, by))
    kept = tuple(each for each in same if each not in retired)
    return Change(next(iter((*same, *behind)), None), draft, retired, kept)


def going(gateway: Gateway, active: Json, *, by: Principal, now: datetime) -> Change:
    """Foresee what changes when what is in use goes out of it."""
    same, behind = _in_use(gateway, active, by=by, now=now)
    kept = tuple(each for each in same if each["id"] != active["id"])
    return Change(next(iter(same), None), next(iter((*kept, *behind)), None), (active,), kept)


def take_in(gateway: Gateway, draft: Json, seen: str, *, by: Principal, now: datetime) -> None:
    """Take a draft into use, if it is in the version, and the change is the one, that was `seen` (`Change.seen`).

    What stays in use though its place is taken, as its own page says too, is the older, and decides nothing.

    Raises:
        PreconditionFailed: somebody has changed it since, or what it takes the place of; nothing is done.
        RuleBroken: all that keeps it from being used; nothing is done.
    """
    change = coming(gateway, draft, by=by, now=now)
    _expect(draft, "draft", change, seen)
    _update(gateway, draft, "active", by=by, now=now)
    for each in change.retired:
        # It is done: that somebody else has just changed the older one, or a service is away, does not undo it.
        with suppress(FhirError):
            _update(gateway, each, "retired", by=by, now=now)


def take_out(gateway: Gateway, active: Json, seen: str, *, by: Principal, now: datetime) -> None:
    """Take what is in use out of it, as `take_in` takes it into use. It cannot come back."""
    _expect(active, "active", going(gateway, active, by=by, now=now), seen)
    _update(gateway, active, "retired", by=by, now=now)


def _in_use(
    gateway: Gateway, basic: Json, *, by: Principal, now: datetime
) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    """Give what is in use for the same questionnaires, the newest first: in the same place, and behind it."""
    kind: Kind = "view" if is_view(basic) else "actionguidance"
    found: dict[str, Json] = {}
    for questionnaire in _questionnaires(basic):
        found |= {each["id"]: each for each, _ in in_use(gateway, kind, questionnaire, by=by, now=now)}
    same = tuple(each for each in found.values() if _holds_where(each, basic))
    has_behind = is_view(basic) and not is_national(basic)
    return same, tuple(each for each in found.values() if has_behind and is_national(each))


def _holds_where(one: Json, other: Json) -> bool:
    if is_national(one) or is_national(other):
        return is_national(one) and is_national(other)
    return any(is_owner(one, owner) for owner in owners_of(other))


def _takes_the_place_of(older: Json, draft: Json, by: Principal) -> bool:
    is_ours = may_edit(older, by.context.organization)
    return is_ours and set(_questionnaires(older)) <= set(_questionnaires(draft))


def _questionnaires(basic: Json) -> tuple[str, ...]:
    """Give the questionnaires that a View or ActionGuidance is for, by version-less URL."""
    targets = extensions(basic, ehealth.VIEW_FOR if is_view(basic) else ehealth.ACTIONGUIDANCE_FOR)
    references = (extension_value(each, "forReference") or {} for each in targets)
    return tuple(versionless(each["reference"]) for each in references if "reference" in each)


def _expect(basic: Json, status: str, change: Change, seen: str) -> None:
    if status_of(basic) != status or change.seen != seen:
        raise PreconditionFailed("En anden har ændret det imens.", diagnostics=f"It is not {status}, or others differ")


def _update(gateway: Gateway, basic: Json, status: str, *, by: Principal, now: datetime) -> None:
    coding = {**extension_value(basic, ehealth.STATUS), "code": status}
    changed = with_extensions(basic, ehealth.STATUS, {"url": ehealth.STATUS, "valueCoding": coding})
    gateway.update(changed, if_match=basic["meta"]["versionId"], by=by, now=now)


def _stamp(basic: Json) -> str:
    return f"{basic['id']}/{basic['meta']['versionId']}"
