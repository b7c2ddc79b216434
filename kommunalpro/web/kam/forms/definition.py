from collections.abc import Sequence
from typing import TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.care.planning import Sharing, Titles
from kommunalpro.web.kam.forms.criteria import LimitsForm, ReuseForm
from kommunalpro.web.kam.forms.regime import RegimeForm
from kommunalpro.web.kam.forms.texts import TextField
from kommunalpro.web.kam.presenters import labels

Choice: TypeAlias = tuple[str, str]
Group: TypeAlias = tuple[str, Sequence[Choice]]


class TitlesForm(forms.Form):
    """What it is called, and what it is for."""

    citizen = TextField(
        label=_("Titel for borgeren"),
        max_length=200,
        error_messages={"required": _("Skriv den titel, borgeren skal læse.")},
    )
    staff = TextField(label=_("Titel for medarbejdere"), max_length=200, required=False)
    description = TextField(label=_("Beskrivelse"), max_length=4000, required=False, widget=forms.Textarea)

    def titles(self) -> Titles:
        """Give what was written; the form is valid."""
        given = self.cleaned_data
        return Titles(given["citizen"], given["staff"], given["description"])


class ChoosingForm(TitlesForm):
    """Titles, and one thing that is chosen: a first activity, a questionnaire, or what is measured."""

    chosen = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), _("Vælg en på listen.")))

    def __init__(self, *arguments: object, choices: Sequence[Choice | Group], label: str, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        field = self.fields["chosen"]
        field.label = label
        if isinstance(field, forms.ChoiceField):
            field.choices = [*choices]


class ActivityForm(ChoosingForm, RegimeForm, ReuseForm, LimitsForm):
    """What an activity is called, what it asks, when, what may be used again, its limits, and where answers may go."""

    policy = forms.ChoiceField(label=_("Deling"), choices=lambda: [*labels.sharing_policies().items()])
    approval = forms.ChoiceField(label=_("Når svar kan deles"), choices=lambda: [*labels.sharing_approvals().items()])

    def __init__(self, *arguments: object, is_measuring: bool, **named: object) -> None:
        """`is_measuring`: it asks for a number or a picture, and no questionnaire."""
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        if is_measuring:
            del self.fields["chosen"]
        last = ("policy", "approval")
        asked = (name for name in self.fields if name not in last)
        self.order_fields([*ChoosingForm.base_fields, *RegimeForm.base_fields, *asked, *last])

    def sharing(self) -> Sharing:
        """Give what was chosen; the form is valid."""
        return Sharing(self.cleaned_data["policy"], self.cleaned_data["approval"])
