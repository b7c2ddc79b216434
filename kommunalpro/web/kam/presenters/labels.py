"""What plans, activities, teams and organisations are called, and in which state they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension_value
from kommunalpro.fhir.json import Json


@dataclass(frozen=True, slots=True)
class Status:
    """A status: FHIR's or FUT's `code`, and what the page calls it."""

    code: str
    words: str


def publication_status(definition: Json) -> Status:
    """Give the publication status of a plan or an activity."""
    return _status(
        definition.get("status", "unknown"),
        {"draft": _("Kladde"), "active": _("I brug"), "retired": _("Udgået"), "unknown": _("Ukendt")},
    )


def team_status(team: Json) -> Status:
    """Give the status of a care team."""
    names = {
        "proposed": _("Foreslået"),
        "active": _("Aktivt"),
        "suspended": _("Sat på pause"),
        "inactive": _("Nedlagt"),
        "entered-in-error": _("Oprettet ved en fejl"),
    }
    return _status(team.get("status", "unknown"), names)


def synchronization_status(organization: Json) -> Status:
    """Say whether an organisation follows its source."""
    names = {
        "NotSynchronized": _("Synkroniseres ikke"),
        "EligibleForSynchronization": _("Følger kilden"),
        "NoLongerSynchronized": _("Følger ikke længere kilden"),
    }
    return _status(_extension_code(organization, ehealth.ORGANIZATION_SYNCHRONIZATION_STATUS), names)


def source(organization: Json) -> Status:
    """Say where an organisation comes from."""
    return source_of(_extension_code(organization, ehealth.ORGANIZATION_SOURCE))


def source_of(code: str) -> Status:
    """Say what a source is called."""
    names = {
        "SOR": _("SOR, sundhedsvæsenets organisationsregister"),
        "STS-ORG": _("FK Organisation"),
        "manual": _("Oprettet manuelt"),
    }
    return _status(code, names)


def sharing_policies() -> Mapping[str, str]:
    """Give what FUT's sharing policies mean, by their codes."""
    return {
        "noSharing": _("Svar deles ikke uden for platformen"),
        "sharingAllowedDestinationNationalHealthData": _("Svar kan deles nationalt som sundhedsdata"),
        "sharingAllowedDestinationNationalServiceActData": _("Svar kan deles nationalt som data efter serviceloven"),
        "sharingAllowedDestinationMunicipalData": _("Svar kan deles med kommunen"),
    }


def sharing_approvals() -> Mapping[str, str]:
    """Give what FUT's approval policies mean, by their codes."""
    return {"manual": _("En medarbejder godkender hver gang"), "automatic": _("Svar deles automatisk")}


def role(code: str) -> str:
    """Give the Danish name of a care-team role; the code itself when it is none of FUT's."""
    return _roles().get(code, code)


def title(definition: Json) -> str:
    """Give what staff call a plan or an activity."""
    employee = extension_value(definition, ehealth.EMPLOYEE_TITLE)
    return str(employee or definition.get("title") or definition.get("name") or definition.get("id", ""))


def concept(codeable: Json) -> str:
    """Give a CodeableConcept in words: its text, else the first display, else the first code."""
    codings = codeable.get("coding", ())
    displays = [coding["display"] for coding in codings if coding.get("display")]
    codes = [coding["code"] for coding in codings if coding.get("code")]
    return str(codeable.get("text") or next(iter([*displays, *codes]), ""))


def _status(code: str, names: Mapping[str, str]) -> Status:
    return Status(code, names.get(code, _("Ukendt")))


def _extension_code(resource: Json, url: str) -> str:
    value = extension_value(resource, url)
    return next((str(coding.get("code", "")) for coding in (value or {}).get("coding", ())), "")


def _roles() -> Mapping[str, str]:
    return {
        "citizenEnroller": _("Opretter borgere"),
        "clinicalViewer": _("Ser svar"),
        "monitoringAssistor": _("Følger op på svar"),
        "monitoring_adjuster": _("Tilpasser planer"),
        "reportUser": _("Ser rapporter"),
        "questionnaireEditor": _("Redigerer spørgeskemaer"),
        "clinicalAdministrator": _("Klinisk administrator"),
        "clinicalSupporter": _("Klinisk supporter"),
        "careteamAdministrator": _("Administrerer team"),
        "orderPlacer": _("Bestiller udstyr"),
        "serviceAndLogistics": _("Service og logistik"),
        "incidentReporter": _("Melder hændelser"),
        "incidentManager": _("Behandler hændelser"),
        "catalogueResponsible": _("Ansvarlig for katalog"),
        "catalogueAnnotator": _("Noter i katalog"),
        "contractResponsible": _("Kontraktansvarlig"),
        "terminologyAdministrator": _("Administrerer koder"),
        "dataScientist": _("Dataanalyse"),
        "loginAssistor": _("Hjælper borgere med at logge ind"),
    }
