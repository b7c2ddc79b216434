"""A goal of a plan, in plain words, and the number to reach where it is one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.goals import Aim, Measure
from kommunalpro.care.regime import Length
from kommunalpro.web.kam.forms.criteria import NumberField
from kommunalpro.web.kam.forms.regime import KEPT, MOST, NUMBER, UNITS
from kommunalpro.web.kam.forms.texts import TextField
from kommunalpro.web.shared.plan_words import comparators, number, units
from kommunalpro.web.shared.words import forget_unasked


class GoalForm(forms.Form):
    """`has_number` empty: the goal is told in words alone. `KEPT`: as it is, which these fields cannot say."""

    description = TextField(label=_("Målet"), max_length=400, error_messages={"required": _("Skriv målet.")})
    has_number = forms.ChoiceField(label=_("Kan målet tælles eller måles?"), required=False)
    what = TextField(label=_("Hvad tælles eller måles?"), max_length=200, required=False)
    comparator = forms.ChoiceField(label=_("Skal være"), choices=lambda: [*comparators().items()], required=False)
    value = NumberField(label=_("Tal"), required=False)
    unit = forms.ChoiceField(label=_("Enhed"), choices=lambda: [*units().items()], required=False)
    within = forms.IntegerField(
        label=_("Inden for"), min_value=1, max_value=MOST, required=False, error_messages=NUMBER
    )
    within_unit = forms.ChoiceField(label=_("Enhed"), choices=UNITS, initial="wk", required=False)

    def __init__(self, *arguments: object, kept: str = "", **named: object) -> None:
        """`kept`: the words of a target that these fields cannot say; empty: they can."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        field = self.fields["has_number"]
        if isinstance(field, forms.ChoiceField):
            as_it_is = [(KEPT, _("Som nu: %(words)s") % {"words": kept})] if kept else []
            field.choices = [*as_it_is, ("", _("Nej")), ("yes", _("Ja, målet er et tal"))]

    @property
    def is_kept(self) -> bool:
        """Whether the target that stands there is to be left alone; the form is valid."""
        return bool(self.cleaned_data["has_number"] == KEPT)

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("has_number") == "yes":
            if not given.get("what") and "what" not in self.errors:
                self.add_error("what", _("Skriv, hvad der tælles eller måles."))
            if given.get("value") is None and "value" not in self.errors:
                self.add_error("value", _("Skriv et tal, fx 30 eller 7,5."))
        else:
            forget_unasked(self, ("what", "comparator", "value", "unit"))
        if given.get("has_number") == KEPT and given.get("within"):
            self.add_error("within", _("Tiden kan kun ændres sammen med tallet. Vælg ”Nej” eller ”Ja” ovenfor."))
        return given

    def aim(self) -> Aim:
        """Give what was written; the form is valid."""
        given = self.cleaned_data
        measure = None
        if given["has_number"] == "yes":
            unit = given["unit"] or "1"
            words = "" if unit == "1" else units()[unit]
            measure = Measure(given["what"], given["comparator"], given["value"], unit, words)
        within = Length(given["within"], given["within_unit"]) if given["within"] else None
        return Aim(given["description"], measure, within)


def begun(aim: Aim | None, description: str) -> dict[str, object]:
    """Give what the form begins with. `aim` None: a target that it cannot say."""
    if aim is None:
        return {"description": description, "has_number": KEPT}
    within = {"within": aim.within.value, "within_unit": aim.within.unit} if aim.within else {}
    if aim.measure is None:
        return {"description": description, "has_number": "", "comparator": ">=", "unit": "1", **within}
    return {
        "description": description,
        "has_number": "yes",
        "what": aim.measure.what,
        "comparator": aim.measure.comparator,
        "value": number(aim.measure.value),
        "unit": aim.measure.unit,
        **within,
    }
