"""A step of a plan: what it is called, when it takes place, and what it waits for."""

from collections.abc import Sequence

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.regime import UCUM
from kommunalpro.fhir.json import Json
from kommunalpro.fut.triggers import Condition, Trigger
from kommunalpro.web.kam.forms.regime import HOURS, MOST, NUMBER, UNITS, RegimeForm
from kommunalpro.web.kam.forms.texts import TextField
from kommunalpro.web.shared.words import forget_unasked

_MOST_ANSWERS = 99
_COUNT = "count-"
_ANSWERS = dict.fromkeys(
    ("invalid", "min_value", "max_value"), _("Skriv et tal mellem 1 og 99, eller lad feltet stå tomt.")
)


class TitleForm(forms.Form):
    """What a step is called: all that is to be said of one that is a plan, or has steps of its own."""

    title = TextField(label=_("Titel"), max_length=200, error_messages={"required": _("Skriv en titel.")})


class WaitingForm(forms.Form):
    """What a step waits for: so many answers to others, told by a number at each. `waits` empty: it does not wait."""

    waits = forms.ChoiceField(
        label=_("Begynder"),
        choices=(("", _("Sammen med planen")), ("yes", _("Når andet i planen er besvaret"))),
        required=False,
    )
    needs = forms.ChoiceField(
        label=_("Hvis der er skrevet flere"),
        choices=(("all", _("Alle skal være besvaret")), ("one-or-more", _("Én af dem er nok"))),
        initial="all",
        required=False,
    )
    offset = forms.IntegerField(
        label=_("Hvor længe efter?"), min_value=1, max_value=MOST, required=False, error_messages=NUMBER
    )
    offset_unit = forms.ChoiceField(
        label=_("Enhed"),
        choices=(("min", _("minutter")), *HOURS, *UNITS[2:]),
        initial="d",
        required=False,
    )

    def __init__(self, *arguments: object, others: Sequence[tuple[str, str]], **named: object) -> None:
        """`others`: the activities that can be waited for, as (id, title); none: it cannot wait."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        for id, title in others:
            self.fields[_COUNT + id] = forms.IntegerField(
                label=title, min_value=1, max_value=_MOST_ANSWERS, required=False, error_messages=_ANSWERS
            )

    @property
    def counts(self) -> list[BoundField]:
        """The fields that say how many answers to each activity."""
        return [self[name] for name in self.fields if name.startswith(_COUNT)]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("waits") != "yes":
            forget_unasked(self, ("needs", "offset", "offset_unit", *(each.name for each in self.counts)))
        is_silent = not any(each.errors or given.get(each.name) for each in self.counts)
        if given.get("waits") == "yes" and is_silent:
            self.add_error("waits", _("Skriv ved mindst én aktivitet, hvor mange gange den skal være besvaret."))
        return given

    def trigger(self) -> Trigger | None:
        """Give what was chosen; the form is valid."""
        given = self.cleaned_data
        if given["waits"] != "yes":
            return None
        counted = ((name.removeprefix(_COUNT), given[name]) for name in self.fields if name.startswith(_COUNT))
        offset = {"value": given["offset"], "system": UCUM, "code": given["offset_unit"]} if given["offset"] else None
        conditions = tuple(Condition(id, count) for id, count in counted if count)
        return Trigger(conditions, given["needs"] != "one-or-more", offset)


class StepForm(TitleForm, WaitingForm, RegimeForm):
    """All that can be said of a step that is an activity, in the order in which it is asked."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        counts = (each.name for each in self.counts)
        self.order_fields(["title", "waits", *counts, "needs", "offset", "offset_unit", *RegimeForm.base_fields])


def begun(trigger: Trigger | None) -> dict[str, object]:
    """Give what the fields of waiting begin with."""
    if trigger is None:
        return {"waits": ""}
    offset: Json = trigger.offset or {}
    return {
        "waits": "yes",
        "needs": "all" if trigger.needs_all else "one-or-more",
        "offset": offset.get("value") or None,
        "offset_unit": offset.get("code", "d"),
        **{_COUNT + each.action: each.count for each in trigger.conditions},
    }
