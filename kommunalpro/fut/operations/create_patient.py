"""`Patient/$createPatient`: the citizen with this CPR number, found or created.

Supported: `crn` (Identifier with a CPR number, with or without hyphen; it is stored without) → the Patient; the same
number twice gives the same Patient. Of one that is here already only who it is is given: id, number, name, sex and
birth date, for whoever knows the number may ask. Until somebody follows them, who may open a course of care reads the
citizen too, by id: as `Patient?_id=`, or with the citizen in the token; not where it is known where they live.
Not supported: whatever needs a look into the CPR register, for no such service is connected. A new citizen's name and
sex come from the optional `patient` resource that this server takes beside `crn`, and nothing of one who is here is
made newer. Who has got a new number is another Patient here, where the guide's server finds the one there is. A number
that is unknown here and comes without a name is 404, as FUT answers for one that is not in CPR; one that no CPR number
can be is 400. The header `x-address-validation-strategy` is let be: no address is taken, so there is none to validate.

Source: `fut.md` 1B, 5.2, 7.3; OperationDefinition ehealth-patient-create.
"""

from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.identifier import Cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.operations.arguments import element


def create_patient(session: Session, parameters: Json, target: str | None) -> Json:
    """Find or create the citizen; gives the Patient with id, name and identifier only."""
    cpr = _cpr(element(parameters, "crn"))
    system = session.elevated()
    session.take_turns(f"Patient|{cpr.digits}")
    found = system.search("Patient", [("identifier", f"{ehealth.CPR}|{cpr.digits}")])
    if found.get("entry"):
        return _summary(found["entry"][0]["resource"])
    given = element(parameters, "patient")
    if not given:
        raise NotFound(
            "Vi kender ikke nummeret. Skriv borgerens navn for at oprette.", diagnostics="crn not found, no name given"
        )
    return _summary(system.create(_new_patient(cpr, given)))


def _cpr(identifier: Json | None) -> Cpr:
    if not identifier or identifier.get("system") != ehealth.CPR:
        raise BadRequest("Skriv borgerens CPR-nummer.", diagnostics="crn must be an Identifier with the CPR system")
    try:
        return Cpr.parse(str(identifier.get("value", "")))
    except ValueError:
        raise BadRequest(
            "CPR-nummeret skal være en dato og fire cifre: ddmmåå-xxxx.", diagnostics="crn is not a CPR number"
        ) from None


def _new_patient(cpr: Cpr, given: Json) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"use": "official", "system": ehealth.CPR, "value": cpr.digits}],
        "active": True,
        "name": [{**name, "use": "official"} for name in given.get("name", ())][:1],
        "gender": given.get("gender", "unknown"),
        "birthDate": cpr.birth_date.isoformat(),
    }


def _summary(patient: Json) -> dict[str, Any]:
    """Give what somebody may see who knows the number: who it is, nothing more."""
    kept = ("resourceType", "id", "meta", "identifier", "name", "gender", "birthDate")
    return {name: patient[name] for name in kept if name in patient}
