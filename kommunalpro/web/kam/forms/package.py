from base64 import b64decode, b64encode

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_CHOOSE = gettext_lazy("Vælg den fil, du vil indlæse.")


class UploadForm(forms.Form):
    """A package that somebody comes with."""

    file = forms.FileField(
        label=gettext_lazy("Pakke"), error_messages=dict.fromkeys(("required", "invalid", "missing", "empty"), _CHOOSE)
    )

    def clean_file(self) -> bytes:
        """Give its bytes, if the next page can carry them on in a request (base64: four for three)."""
        file = self.cleaned_data["file"]
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE * 7 // 10
        if file.size > most:
            size = number_format(most / 1_000_000, 1)
            raise forms.ValidationError(_("Filen fylder for meget: højst %(size)s MB.") % {"size": size})
        content: bytes = file.read()
        return content


class CarriedForm(forms.Form):
    """The package again, as the page that showed what is in it carried it on: the server keeps nothing meanwhile."""

    carried = forms.CharField(strip=False)

    def clean_carried(self) -> bytes:
        """Give its bytes."""
        try:
            return b64decode(self.cleaned_data["carried"], validate=True)
        except ValueError:
            raise forms.ValidationError(str(_CHOOSE)) from None


def carried(package: bytes) -> str:
    """Give a package as a field of a form carries it on."""
    return b64encode(package).decode()
