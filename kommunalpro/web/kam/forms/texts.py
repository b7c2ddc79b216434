"""Fields for what everybody may read, so that it names nobody."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.fhir.cpr_in_text import address_names_cpr, file_names_cpr, reading_names_cpr
from kommunalpro.web.shared.words import WordsField

_TOO_LONG = _("Skriv det kortere.")
_NUMBER = _("Der står et CPR-nummer i ”%(field)s”. Fjern det, for alle kan læse, hvad der står her.")


class TextField(WordsField):
    """Words in which there is no CPR number, as the server will have it of every definition and all material."""

    default_error_messages = {"max_length": _TOO_LONG}

    def validate(self, value: str) -> None:
        """Refuse a CPR number, also one that only a browser would show as such."""
        super().validate(value)
        _refuse(self, reading_names_cpr(value))


class LinkField(forms.URLField):
    """An address in which no CPR number stands; ten digits are rather the id of a page."""

    default_error_messages = {"max_length": _TOO_LONG}

    def validate(self, value: str) -> None:
        """Refuse a CPR number that is set apart in the address."""
        super().validate(value)
        _refuse(self, address_names_cpr(value) or file_names_cpr(value))


def _refuse(field: forms.Field, has_number: bool) -> None:
    if has_number:
        raise forms.ValidationError(_NUMBER, code="cpr", params={"field": field.label})
