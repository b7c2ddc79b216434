from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.fhir.json import Json
from kommunalpro.fut.treatment_area import condition_name
from kommunalpro.web.kam.presenters import teams

_TOO_LONG = {"max_length": _("Skriv det kortere.")}


class TeamForm(forms.Form):
    """What a team is called, and what it works with: `known` is kind → `system|code` → concept."""

    name = forms.CharField(
        label=_("Navn"), max_length=200, error_messages={"required": _("Skriv, hvad teamet hedder."), **_TOO_LONG}
    )
    conditions = forms.MultipleChoiceField(
        label=_("Arbejder med"),
        error_messages={
            "required": _("Vælg mindst én tilstand, som teamet arbejder med."),
            "invalid_choice": _("Vælg på listen."),
        },
    )

    def __init__(self, *arguments: object, known: Mapping[str, Mapping[str, Json]], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        self._known = {key: concept for each in known.values() for key, concept in each.items()}
        field = self.fields["conditions"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (kind, [(key, condition_name(concept)) for key, concept in each.items()])
                for kind, each in known.items()
            ]

    def chosen(self) -> list[Json]:
        """Give the conditions as concepts; the form is valid."""
        return [self._known[key] for key in self.cleaned_data["conditions"]]


class NewTeamForm(TeamForm):
    """A team, and which organisation runs it."""

    organization = forms.ChoiceField(
        label=_("Organisation"), error_messages=dict.fromkeys(("required", "invalid_choice"), _("Vælg en på listen."))
    )

    def __init__(self, *arguments: object, organizations: Sequence[tuple[str, str]], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # as above
        field = self.fields["organization"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*organizations]


class RolesForm(forms.Form):
    """What somebody may do in a team."""

    roles = forms.MultipleChoiceField(
        label=_("Roller"),
        choices=teams.role_choices,
        error_messages={"required": _("Vælg mindst én rolle."), "invalid_choice": _("Vælg på listen.")},
    )


class MemberForm(RolesForm):
    """Who is to be a member, of those who were found, and as what."""

    person = forms.ChoiceField(
        label=_("Hvem"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Find og vælg den, der skal være medlem.")),
    )
    field_order = ("person", "roles")

    def __init__(self, *arguments: object, people: Sequence[tuple[str, str]], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # as above
        field = self.fields["person"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*people]
