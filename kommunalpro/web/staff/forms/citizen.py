from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.citizens import LEGAL_BASES, read_cpr
from kommunalpro.web.shared.words import WordsField

LEGAL_BASIS_WORDS = {
    "sundhedsloven": _("Sundhedsloven"),
    "serviceloven": _("Serviceloven"),
    "aeldreloven": _("Ældreloven"),
}


class FindCitizen(forms.Form):
    """A CPR number; with the names where the citizen is not known yet."""

    cpr = forms.CharField(label=_("CPR-nummer"), max_length=12, error_messages={"required": _("Skriv et CPR-nummer.")})
    given = WordsField(label=_("Fornavn og mellemnavn"), max_length=100, required=False)
    family = WordsField(label=_("Efternavn"), max_length=100, required=False)

    def clean_cpr(self) -> str:
        typed: str = self.cleaned_data["cpr"]
        if read_cpr(typed) is None:
            raise forms.ValidationError(_("Skriv CPR-nummeret med ti cifre, for eksempel 251248-9996."))
        return typed

    def miss_names(self) -> None:
        """Nobody has this number, so the citizen is to be created: say which of the names that were asked for lacks."""
        for name, missing in (("given", _("Skriv borgerens fornavn.")), ("family", _("Skriv borgerens efternavn."))):
            if name in self.data and not self.cleaned_data.get(name):
                self.add_error(name, missing)


class BeginEpisode(forms.Form):
    """What a course of care takes before it begins."""

    consent = forms.BooleanField(
        label=_("Borgeren er informeret og har sagt ja til forløbet"),
        error_messages={"required": _("Sæt kryds, når borgeren har sagt ja til forløbet.")},
    )


class OpenEpisode(BeginEpisode):
    """What a new course of care is about and rests on; the choices of `condition` are the team's own."""

    field_order = ("condition", "legal_basis", "consent")

    condition = forms.ChoiceField(label=_("Hvad handler forløbet om?"))
    legal_basis = forms.ChoiceField(
        label=_("Lovgrundlag"), choices=[(word, LEGAL_BASIS_WORDS[word]) for word in LEGAL_BASES]
    )

    def offer(self, conditions: list[tuple[str, str]]) -> "OpenEpisode":
        """Offer these conditions (code, words) to choose from."""
        field = self.fields["condition"]
        if isinstance(field, forms.ChoiceField):
            field.choices = conditions
        return self
