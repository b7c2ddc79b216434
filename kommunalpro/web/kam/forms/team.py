from collections.abc import Collection, Mapping, Sequence
from unicodedata import normalize

from django import forms
from django.utils.translation import gettext_lazy as _

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.unseen import seen
from kommunalpro.fut.treatment_area import condition_name
from kommunalpro.web.kam.forms.texts import TextField
from kommunalpro.web.kam.presenters import teams


class TeamForm(forms.Form):
    """What a team is called, and what it works with: `known` is kind → `system|code` → concept.

    Whether one more of a name that is taken is meant, is asked once: whoever sends chooses among teams by name.
    """

    name = TextField(label=_("Navn"), max_length=200, error_messages={"required": _("Skriv, hvad teamet hedder.")})
    conditions = forms.MultipleChoiceField(
        label=_("Arbejder med"),
        error_messages={
            "required": _("Vælg mindst én tilstand, som teamet arbejder med."),
            "invalid_choice": _("Vælg på listen."),
        },
    )
    is_meant = forms.BooleanField(label=_("Lad de to team have samme navn"), required=False)

    def __init__(
        self,
        *arguments: object,
        known: Mapping[str, Mapping[str, Json]],
        taken: Collection[tuple[str, str]] = (),
        organization: str = "",
        **named: object,
    ) -> None:
        """`taken`: the teams that there are, as (id of the organisation, name as `alike` has it).

        `organization`: the id of the one that runs the team, where that is known.
        """
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # Django's own signature, passed on
        self._known = {key: concept for each in known.values() for key, concept in each.items()}
        self._taken, self._organization = taken, organization
        field = self.fields["conditions"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [
                (kind, [(key, condition_name(concept)) for key, concept in each.items()])
                for kind, each in known.items()
            ]

    @property
    def is_taken(self) -> bool:
        """Whether the organisation has another team of the name that was chosen; the one it had is its own."""
        name, before = (alike(str(each or "")) for each in (self["name"].value(), self["name"].initial))
        return name != before and (self.run_by(), name) in self._taken

    def run_by(self) -> str:
        """Give the id of the organisation that runs the team."""
        return self._organization

    def clean(self) -> None:
        super().clean()
        if self.is_taken and not self.cleaned_data["is_meant"]:
            self.add_error(
                "name",
                _("Organisationen har allerede et team med det navn. Giv det et andet, eller sæt kryds nederst."),
            )

    def chosen(self) -> list[Json]:
        """Give the conditions as concepts; the form is valid."""
        return [self._known[key] for key in self.cleaned_data["conditions"]]


class NewTeamForm(TeamForm):
    """A team, and which organisation runs it."""

    organization = forms.ChoiceField(
        label=_("Organisation"), error_messages=dict.fromkeys(("required", "invalid_choice"), _("Vælg en på listen."))
    )
    is_meant = forms.BooleanField(label=_("Opret et team mere med samme navn"), required=False)

    def __init__(self, *arguments: object, organizations: Sequence[tuple[str, str]], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # as above
        field = self.fields["organization"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [*organizations]

    def run_by(self) -> str:
        """Give the id of the organisation that was chosen."""
        return str(self["organization"].value() or "")


def alike(name: str) -> str:
    """Give a name so that those which people read as the same are the same, whatever signs nobody sees are in it."""
    return " ".join(seen(normalize("NFKC", name)).split()).casefold()


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
