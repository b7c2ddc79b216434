from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.follow_up import NOTE_LENGTH
from kommunalpro.pro.triage import Light
from kommunalpro.web.shared.words import WordsField

LIGHT_WORDS = {
    "red": _("Kræver opmærksomhed"),
    "yellow": _("Kan kræve opmærksomhed"),
    "green": _("Ingen særlig opmærksomhed"),
}


class CompleteTask(forms.Form):
    """A note, and another light where the professional disagrees with the one of record."""

    note = WordsField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea,
        error_messages={"max_length": _("Noten er for lang. Skriv højst 4000 tegn.")},
    )
    light = forms.ChoiceField(
        label=_("Samlet vurdering"),
        required=False,
        choices=[("", _("Jeg er enig i vurderingen")), *LIGHT_WORDS.items()],
    )

    def word_agreement(self, light: str) -> None:
        """Say what it means to set no light of one's own: where nothing was assessed there is nothing to agree with."""
        field = self.fields["light"]
        if light == Light.NOT_ASSESSED.code and isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Jeg sætter ikke noget lys")), *LIGHT_WORDS.items()]

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if given.get("light") and not str(given.get("note", "")).strip():
            self.add_error("note", _("Skriv, hvorfor du ændrer vurderingen."))
        return given

    def chosen_light(self) -> Light | None:
        """Give the light that was set instead; None: agreed."""
        code = self.cleaned_data["light"]
        return next((light for light in Light if light.code == code), None)
