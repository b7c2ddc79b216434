"""A piece of information material: a page on the web, or a document that is uploaded."""

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.materials import Document
from kommunalpro.web.kam.forms.texts import LinkField, TextField

_KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""How a file of each kind begins: what its name says is not to be relied on."""


def most_bytes() -> int:
    """Give how large a document may be: as text in a resource it is a third larger, and must go through any door."""
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) * 7 // 10


class MaterialForm(forms.Form):
    title = TextField(label=_("Titel"), max_length=200, error_messages={"required": _("Skriv en titel.")})
    link = LinkField(
        label=_("Link"),
        max_length=2000,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Skriv en adresse, der begynder med https://.")},
    )
    file = forms.FileField(
        label=_("Dokument"), required=False, error_messages={"empty": _("Dokumentet er tomt. Vælg et andet.")}
    )

    def clean_link(self) -> str:
        link = str(self.cleaned_data["link"])
        if link and not link.startswith("https://"):
            raise forms.ValidationError(_("Skriv en adresse, der begynder med https://."))
        return link

    def clean_file(self) -> Document | None:
        """Give the file as what it is by its first bytes."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is None:
            return None
        if (file.size or 0) > most_bytes():
            raise forms.ValidationError(
                _("Dokumentet fylder mere end %(most)s. Ligger det på en hjemmeside, så skriv linket i stedet."),
                params={"most": filesizeformat(most_bytes())},
            )
        content = file.read()
        kind = next((kind for begins, kind in _KINDS.items() if content.startswith(begins)), None)
        if kind is None:
            raise forms.ValidationError(_("Dokumentet skal være en PDF eller et billede (PNG eller JPEG)."))
        return Document(file.name or "", kind, content)

    def clean(self) -> dict[str, object]:
        given = super().clean() or {}
        if not self.errors.keys() & {"link", "file"}:
            if given.get("link") and given.get("file"):
                self.add_error("link", _("Vælg enten et link eller et dokument."))
            elif not given.get("link") and not given.get("file"):
                self.add_error("link", _("Skriv et link, eller vælg et dokument."))
        return given
