import operator
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.answers import number
from kommunalpro.care.criteria import Part, Reuse, Span
from kommunalpro.care.readings import Limits
from kommunalpro.care.regime import Length
from kommunalpro.fut.measurements import QUALITIES, Quality
from kommunalpro.fut.observation_codes import LIMIT_TYPES
from kommunalpro.web.kam.forms.regime import KEPT, MOST, UNITS
from kommunalpro.web.kam.presenters import criteria as words
from kommunalpro.web.shared.words import forget_unasked

_NUMBER = dict.fromkeys(("invalid", "min_value", "max_value"), _("Skriv et tal mellem 1 og 366."))
_WRITTEN = re.compile(r"-?[0-9]{1,7}([.,]([0-9]{1,2}|[0-9]{4,6}))?")


class ReuseForm(forms.Form):
    """Whether an earlier measurement may be used again. `reuse` empty: no; `KEPT`: as it is, which is not sayable."""

    reuse = forms.ChoiceField(label=_("Må et tidligere svar bruges igen?"), required=False)
    age = forms.IntegerField(min_value=1, max_value=MOST, initial=7, required=False, error_messages=_NUMBER)
    age_unit = forms.ChoiceField(choices=(("h", _("timer")), *UNITS), initial="d", required=False)

    def __init__(
        self, *arguments: object, kept_reuse: str = "", qualities: Mapping[Quality, str] | None = None, **named: object
    ) -> None:
        """`kept_reuse`: the words of what these fields cannot say. `qualities`: those asked now; None: none can be."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        field = self.fields["reuse"]
        if isinstance(field, forms.ChoiceField):
            as_it_is = [(KEPT, _("Som nu: %(words)s") % {"words": kept_reuse})] if kept_reuse else []
            yes = ("yes", _("Ja, hvis det er nyt nok"))
            field.choices = [*as_it_is, ("", _("Nej, der skal svares på ny")), yes]
        for part in QUALITIES if qualities is not None else ():
            now = (qualities or {}).get(part, "")
            self.fields[part] = forms.ChoiceField(
                label=words.quality_labels()[part],
                choices=words.quality_choices(part, now),
                required=False,
                initial=now,
            )

    @property
    def quality_fields(self) -> list[forms.BoundField]:
        """The fields that say how good a measurement must be; none for answers."""
        return [self[part] for part in QUALITIES if part in self.fields]

    def clean_age(self) -> int | None:
        age: int | None = self.cleaned_data["age"]
        if age is None and self.cleaned_data.get("reuse") == "yes":
            raise forms.ValidationError(_("Skriv, hvor gammelt det højst må være."))
        return age

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("reuse") != "yes":
            forget_unasked(self, ("age", "age_unit", *QUALITIES))
        return given

    @property
    def keeps_reuse(self) -> bool:
        """Whether what is said of it is to be left alone; the form is valid."""
        return bool(self.cleaned_data["reuse"] == KEPT)

    def reusing(self) -> Reuse | None:
        """Give what was chosen; the form is valid."""
        given = self.cleaned_data
        if given["reuse"] != "yes":
            return None
        qualities = {part: given[part] for part in QUALITIES if given.get(part)}
        return Reuse(Length(given["age"], given["age_unit"]), qualities)


class NumberField(forms.Field):
    """A number, written in Danish or English; 10.000 and 10,000 are neither ten nor ten thousand for certain."""

    def to_python(self, value: object) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        if not _WRITTEN.fullmatch(text):
            raise forms.ValidationError(_("Skriv et tal uden punktum mellem tusinder, fx 82,5 eller 10000."))
        return Decimal(text.replace(",", "."))

    def prepare_value(self, value: object) -> object:
        return number(value, get_language() or "da") if isinstance(value, Decimal) else value


_WITHIN = (
    ("low", "low", operator.ge, _("De gule grænser ligger inden for de røde: skriv mindst %(limit)s som nedre.")),
    ("high", "high", operator.le, _("De gule grænser ligger inden for de røde: skriv højst %(limit)s som øvre.")),
    ("low", "high", operator.lt, _("De gule grænser ligger inden for de røde: skriv mindre end %(limit)s som nedre.")),
    ("high", "low", operator.gt, _("De gule grænser ligger inden for de røde: skriv mere end %(limit)s som øvre.")),
)
"""An end of yellow, an end of red, how the one is to the other, and what to do where it is not."""


class LimitsForm(forms.Form):
    """Between which numbers each part of a measurement lies, for a red alarm and, within those, for a yellow one.

    That yellow lies within red is ours, so that a slip of the pen is found: the guide does not say how limits are read.
    """

    def __init__(self, *arguments: object, parts: Sequence[Part] = (), **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        self.parts = parts
        for at, part in enumerate(parts):
            for level in LIMIT_TYPES:
                for end, label in (("low", _("nedre")), ("high", _("øvre"))):
                    self.fields[f"{level}_{end}_{at}"] = NumberField(
                        label=f"{words.limits_label(level, part)}: {label}", required=False
                    )

    @property
    def limit_fields(self) -> list[tuple[str, str, forms.BoundField, forms.BoundField]]:
        """What each pair of fields is of, its unit, and the two."""
        return [
            (
                words.limits_label(level, part),
                words.unit(part.unit),
                self[f"{level}_low_{at}"],
                self[f"{level}_high_{at}"],
            )
            for at, part in enumerate(self.parts)
            for level in LIMIT_TYPES
        ]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        for at in range(len(self.parts)):
            # Of limits between which nothing lies it cannot be said what lies within them.
            is_red_whole = self._is_in_order("red", at)
            self._is_in_order("yellow", at)
            if is_red_whole:
                self._check_within(at)
        return given

    def _is_in_order(self, level: str, at: int) -> bool:
        low, high = (self.cleaned_data.get(f"{level}_{end}_{at}") for end in ("low", "high"))
        is_wrong = low is not None and high is not None and low >= high
        if is_wrong:
            self.add_error(f"{level}_low_{at}", _("Den nedre grænse skal være mindre end den øvre."))
        return not is_wrong

    def _check_within(self, at: int) -> None:
        given = self.cleaned_data
        for end, of_red, is_within, told in _WITHIN:
            name, limit = f"yellow_{end}_{at}", given.get(f"red_{of_red}_{at}")
            if limit is not None and given.get(name) is not None and not is_within(given[name], limit):
                shown = number(limit, get_language() or "da")
                self.add_error(name, forms.ValidationError(told, params={"limit": shown}))

    def spans(self) -> tuple[Span, ...]:
        """Give what was written; the form is valid."""
        found = []
        for at, part in enumerate(self.parts):
            for level in LIMIT_TYPES:
                low, high = (self.cleaned_data[f"{level}_{end}_{at}"] for end in ("low", "high"))
                if low is not None or high is not None:
                    found.append(Span(part, Limits(level, low, high, part.unit)))
        return tuple(found)


def initial(reuse: Reuse | None, kept_reuse: str, spans: Sequence[Span], parts: Sequence[Part]) -> dict[str, object]:
    """Give what the forms begin with."""
    begun: dict[str, object] = {"reuse": KEPT if kept_reuse else "yes" if reuse else ""}
    if reuse:
        begun |= {"age": reuse.age.value, "age_unit": reuse.age.unit}
        begun |= {str(part): code for part, code in reuse.qualities.items()}
    for span in spans:
        for end, value in (("low", span.limits.low), ("high", span.limits.high)):
            begun[f"{span.limits.level}_{end}_{parts.index(span.part)}"] = value
    return begun
