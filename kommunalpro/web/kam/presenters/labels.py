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
    """Give the name of a care-team role, in Danish FUT's own; the code itself when it is none of FUT's."""
    return roles()[code].words if code in roles() else code


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


@dataclass(frozen=True, slots=True)
class Role:
    """A care-team role: what it is called, and what somebody with it may do."""

    words: str
    may: str


def roles() -> Mapping[str, Role]:
    """Give FUT's care-team roles by their codes, those first that have to do with citizens.

    Source: CodeSystem careteam-participant-role, whose Danish names these are; `fut.md` 5.3.
    """
    return {
        "citizenEnroller": Role(
            _("Borgeropretter"), _("Opretter borgere i forløb og tildeler foruddefinerede planer.")
        ),
        "clinicalViewer": Role(_("Klinisk se adgang"), _("Ser måledata, også svar på spørgeskemaer.")),
        "monitoringAssistor": Role(
            _("Monitoreringsmedhjælper"), _("Håndterer måledata og kommunikation til og fra borgeren.")
        ),
        "monitoring_adjuster": Role(
            _("Monitoreringstilretter"), _("Ændrer måleregime, grænseværdier, forløb og pakker.")
        ),
        "careteamAdministrator": Role(_("Care Team Administrator"), _("Håndterer team: medlemmer, roller, tilstande.")),
        "clinicalAdministrator": Role(
            _("Pakke- og forløbsbygger"),
            _("Vælger spørgeskemaer og målinger, sammensætter pakker og forløb og sætter generelle grænser."),
        ),
        "questionnaireEditor": Role(_("Spørgeskemaeditor"), _("Udarbejder, ændrer og tester spørgeskemaer.")),
        "clinicalSupporter": Role(_("Klinisk supporter"), _("Undersøger hændelser ud fra borger, bruger og dato.")),
        "reportUser": Role(_("Nøgletalsmedarbejder"), _("Laver datatræk, rapporter og statistik.")),
        "loginAssistor": Role(_("Loginmedhjælper"), _("Hjælper borgere uden MitID med at logge ind.")),
        "terminologyAdministrator": Role(_("Terminologiadministrator"), _("Vedligeholder kodesystemer og værdisæt.")),
        "dataScientist": Role(_("Data Scientist"), _("Analyserer data på tværs.")),
        "orderPlacer": Role(_("Bestiller af udstyr"), _("Bestiller udstyr til borgere.")),
        "serviceAndLogistics": Role(_("Service og logistik samarbejdspartner"), _("Leverer og henter udstyr.")),
        "incidentReporter": Role(_("Fejlmelder"), _("Melder fejl på udstyr.")),
        "incidentManager": Role(_("Support samarbejdspartner"), _("Behandler meldte fejl.")),
        "catalogueResponsible": Role(
            _("Service og logistik katalogansvarlig"), _("Har ansvar for kataloget over udstyr.")
        ),
        "catalogueAnnotator": Role(
            _("Service og logistik katalogopmærker"), _("Skriver noter i kataloget over udstyr.")
        ),
        "contractResponsible": Role(
            _("Service og logistik kontraktansvarlig"), _("Har ansvar for kontrakter om udstyr.")
        ),
    }
