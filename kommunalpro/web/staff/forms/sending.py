from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.sending import DAYS_TO_ANSWER, AsPlanned, EveryWeeks, Now, OnDate, Sendable, When
from kommunalpro.web.shared.words import forget_unasked

MODES = (("now", _("Nu")), ("date", _("På en dato")), ("weeks", _("Med faste mellemrum")))
AS_PLANNED = ("plan", _("Som planen siger"))
_ASKED = {"now": (), "date": ("day",), "plan": ("day",), "weeks": ("weeks", "first", "until")}
"""What is asked about the time, by how it is chosen."""
_PAST = _("Vælg en dag, der ikke er gået.")
_FAR = _("Vælg en dag inden for det næste år.")
_FARTHEST = timedelta(days=366)
"""A date further ahead is a slip of the hand."""
_NO_PLAN = dict.fromkeys(("required", "invalid_choice"), _("Vælg et spørgeskema."))
_NO_DAY = {"invalid": _("Vælg en dag, der findes.")}


class SendQuestionnaire(forms.Form):
    """Which plan, and when. `today` decides which days lie ahead.

    That it follows the plan's own times can be chosen where a plan has some, and must be where it has several.
    """

    plan = forms.ChoiceField(label=_("Spørgeskema"), error_messages=_NO_PLAN)
    mode = forms.ChoiceField(
        label=_("Hvornår?"),
        choices=MODES,
        initial="now",
        error_messages={"required": _("Vælg, hvornår spørgeskemaet skal sendes.")},
    )
    day = forms.DateField(label=_("Dato"), required=False, error_messages=_NO_DAY)
    weeks = forms.IntegerField(
        label=_("Antal uger mellem"),
        min_value=1,
        max_value=52,
        required=False,
        initial=4,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Vælg mellem 1 og 52 uger.")),
    )
    first = forms.DateField(label=_("Første gang"), required=False, error_messages=_NO_DAY)
    until = forms.DateField(label=_("Sidste gang senest"), required=False, error_messages=_NO_DAY)
    days = forms.IntegerField(
        label=_("Dage til at svare"),
        min_value=1,
        max_value=60,
        initial=DAYS_TO_ANSWER,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Giv mellem 1 og 60 dage til at svare.")
        ),
    )

    def __init__(
        self, *arguments: object, plans: Mapping[str, Sendable], words: Sequence[str], today: date, **named: object
    ) -> None:
        """`plans` are by their ids, and `words` what they are called, in the same order."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        self._today, self._plans = today, plans
        plan, mode = self.fields["plan"], self.fields["mode"]
        if isinstance(plan, forms.ChoiceField):
            plan.choices = [*zip(plans, words, strict=True)]
        if isinstance(mode, forms.ChoiceField) and any(each.times or each.activities > 1 for each in plans.values()):
            mode.choices = [*MODES, AS_PLANNED]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        mode, plan = given.get("mode"), self._plans.get(str(given.get("plan")))
        if mode in _ASKED:
            forget_unasked(self, {name for each in _ASKED.values() for name in each} - {*_ASKED[mode]})
        if plan and mode and plan.activities > 1 and mode != "plan":
            self.add_error("mode", _("Planen har flere spørgeskemaer. Vælg ”Som planen siger”."))
        if mode in ("date", "plan"):
            self._check_day("day", _("Vælg den dag, spørgeskemaet skal åbne."))
        if mode == "weeks":
            self._check_day("first", _("Vælg den første dag."))
            self._check_until()
            if not given.get("weeks") and "weeks" not in self.errors:
                self.add_error("weeks", _("Vælg mellem 1 og 52 uger."))
            self._check_days(given.get("weeks"), given.get("days"))
        return given

    def when(self) -> When:
        """Give the time that was chosen; the form is valid."""
        given = self.cleaned_data
        match given["mode"]:
            case "date":
                return OnDate(given["day"], given["days"])
            case "plan":
                return AsPlanned(given["day"], given["days"])
            case "weeks":
                return EveryWeeks(given["weeks"], given["first"], given["until"], given["days"])
            case _:
                return Now(given["days"])

    def _check_day(self, name: str, missing: object) -> None:
        chosen = self.cleaned_data.get(name)
        if name in self.errors:
            return
        if chosen is None:
            self.add_error(name, str(missing))
        elif chosen < self._today:
            self.add_error(name, str(_PAST))
        elif chosen > self._today + _FARTHEST:
            self.add_error(name, str(_FAR))

    def _check_days(self, weeks: int | None, days: int | None) -> None:
        if weeks and days and days > 7 * weeks:
            told = _("Giv højst %(most)d dage til at svare: så begynder den næste gang.") % {"most": 7 * weeks}
            self.add_error("days", told)

    def _check_until(self) -> None:
        first, until = self.cleaned_data.get("first"), self.cleaned_data.get("until")
        if until is None and "until" not in self.errors:
            self.add_error("until", _("Vælg, hvornår det skal slutte."))
        elif first and until and until < first:
            self.add_error("until", _("Sidste gang ligger før første gang."))
        elif first and until and until > first + timedelta(days=3 * 366):
            self.add_error("until", _("Vælg højst tre år frem."))
