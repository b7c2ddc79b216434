"""What a new activity can be: a questionnaire that is asked, or something that is measured."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kommunalpro.fhir.json import Json
from kommunalpro.fut.observation_codes import observables
from kommunalpro.web.kam.presenters.plans import choices
from kommunalpro.web.shared.measured import names


def asked_choices(questionnaires: Mapping[str, Json]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give what can be chosen, in groups, each by title: a questionnaire by its id, a measurement by `system|code`."""
    measured = [(key, names().get(each["code"], each["display"])) for key, each in measurable().items()]
    groups = (
        (_("Svare på et spørgeskema"), choices(questionnaires, {})),
        (_("Måle"), sorted(measured, key=lambda each: each[1].casefold())),
    )
    return [(name, offered) for name, offered in groups if offered]


def measurable() -> dict[str, Json]:
    """Give what can be measured, as codings by `system|code`."""
    return {f"{each['system']}|{each['code']}": each for each in observables()}
