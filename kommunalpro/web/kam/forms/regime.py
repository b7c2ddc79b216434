from datetime import time

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.regime import WEEKDAYS, Length, Regime, may_never_open, overlaps
from kommunalpro.web.shared.words import forget_unasked

MOST = 366
UNITS = (("d", _("dage")), ("wk", _("uger")), ("mo", _("måneder")), ("a", _("år")))
HOURS = (("h", _("timer")), *UNITS[:2])
_DAYS = tuple(
    zip(
        WEEKDAYS,
        (_("Mandag"), _("Tirsdag"), _("Onsdag"), _("Torsdag"), _("Fredag"), _("Lørdag"), _("Søndag")),
        strict=True,
    )
)
NUMBER = dict.fromkeys(("invalid", "min_value", "max_value"), _("Skriv et tal mellem 1 og 366."))
_TIMES = _("Skriv klokkeslæt som 8.00, og sæt komma mellem flere.")


KEPT = "kept"


class RegimeForm(forms.Form):
    """When an activity takes place. `has_regime` empty: it is decided elsewhere, and the rest says nothing.

    `KEPT`: as it is, which these fields cannot say; it is offered where it is so.
    """

    has_regime = forms.ChoiceField(
        label=_("Hvornår?"), choices=(("", ""), ("yes", _("Med faste mellemrum"))), required=False
    )
    every = forms.IntegerField(
        label=_("Hver"), min_value=1, max_value=MOST, initial=1, required=False, error_messages=NUMBER
    )
    unit = forms.ChoiceField(label=_("Enhed"), choices=UNITS, initial="wk", required=False)
    days = forms.MultipleChoiceField(label=_("Ugedage"), choices=_DAYS, required=False)
    times = forms.CharField(label=_("Klokkeslæt"), required=False, max_length=100)
    open_for = forms.IntegerField(
        label=_("Kan besvares i"), min_value=1, max_value=MOST, initial=7, required=False, error_messages=NUMBER
    )
    open_unit = forms.ChoiceField(label=_("Enhed"), choices=HOURS, initial="d", required=False)
    lasts = forms.IntegerField(
        label=_("Fortsætter i"), min_value=1, max_value=MOST, required=False, error_messages=NUMBER
    )
    lasts_unit = forms.ChoiceField(label=_("Enhed"), choices=UNITS, initial="wk", required=False)

    def __init__(self, *arguments: object, elsewhere: str, kept: str = "", **named: object) -> None:
        """`elsewhere`: what it means to have no regime here. `kept`: the words of one that these fields cannot say."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        field = self.fields["has_regime"]
        if isinstance(field, forms.ChoiceField):
            as_it_is = [(KEPT, _("Som nu: %(words)s") % {"words": kept})] if kept else []
            field.choices = [*as_it_is, ("", elsewhere), ("yes", _("Med faste mellemrum"))]

    @property
    def is_kept(self) -> bool:
        """Whether what stands there is to be left alone; the form is valid."""
        return bool(self.cleaned_data["has_regime"] == KEPT)

    def clean_times(self) -> tuple[str, ...]:
        """Give times of day as FHIR writes them, earliest first."""
        words = self.cleaned_data["times"].replace(" og ", ",").split(",")
        return tuple(sorted({_time(word.strip()) for word in words if word.strip()}))

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("has_regime") != "yes":
            forget_unasked(self, RegimeForm.base_fields.keys() - {"has_regime"})
            return given
        for name, missing in (("every", _("Skriv, hvor tit.")), ("open_for", _("Skriv, hvor længe der kan svares."))):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, missing)
        every = (given.get("every"), given.get("unit"))
        if given.get("days") and every[1] != "wk" and every != (1, "d"):
            self.add_error("days", _("Ugedage kan vælges, når det er hver uge eller hver anden, tredje … uge."))
        if RegimeForm.base_fields.keys().isdisjoint(self.errors):
            # Whatever else is wrong on the page, a title that lacks, is told beside it.
            self._check_slots()
        return given

    def _check_slots(self) -> None:
        regime = self.regime()
        if regime and overlaps(regime):
            self.add_error("open_for", _("Der kan svares så længe, at den næste gang begynder imens. Gør det kortere."))
        if regime and may_never_open(regime):
            self.add_error("lasts", _("Så kort tid, at det måske aldrig åbner. Gør det længere."))

    def regime(self) -> Regime | None:
        """Give what was chosen; the form is valid."""
        given = self.cleaned_data
        if given["has_regime"] != "yes":
            return None
        return Regime(
            every=Length(given["every"], given["unit"]),
            days=tuple(given["days"]),
            times=given["times"],
            answer_within=Length(given["open_for"], given["open_unit"]),
            lasts=Length(given["lasts"], given["lasts_unit"]) if given["lasts"] else None,
        )


def initial(regime: Regime | None, kept: str) -> dict[str, object]:
    """Give what the form begins with. `kept`: the words of a regime that it cannot say; empty: there is none."""
    if regime is None:
        return {"has_regime": KEPT if kept else ""}
    return {
        "has_regime": "yes",
        "every": regime.every.value,
        "unit": regime.every.unit,
        "days": list(regime.days),
        "times": ", ".join(f"{int(each[:2])}.{each[3:5]}" for each in regime.times),
        **_initial("open_for", "open_unit", regime.answer_within),
        **_initial("lasts", "lasts_unit", regime.lasts),
    }


def _initial(name: str, unit: str, length: Length | None) -> dict[str, object]:
    return {name: length.value, unit: length.unit} if length else {name: None}


def _time(word: str) -> str:
    hour, _dot, minute = word.removeprefix("kl.").strip().replace(":", ".").partition(".")
    try:
        return time(int(hour), int(minute or 0)).isoformat()
    except ValueError:
        raise forms.ValidationError(_TIMES) from None
