"""Where a course of care comes from: the Provenance that the server itself makes when one is opened.

The guide's server makes one of each EpisodeOfCare that `$create-episode-of-care` creates, beside the legal bases that
came with it, and gives it as the last entry of the answer; of nothing else does the guide show one. It says who opened
the course of care and when, under the general data protection regulation and a policy that the guide's own CodeSystem
lacks. What its codes are of, is written as the guide's recorded answers write it.

Source: `fut.md` 4.6; the guide's example of `POST [base]/$create-episode-of-care`.
"""

from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import to_instant
from kommunalpro.fhir.json import Json
from kommunalpro.fhirserver.session import Session

_V3 = "http://hl7.org/fhir/v3"


def origin_of(target: str, episode: Json, session: Session) -> dict[str, Any]:
    """Make the Provenance of an EpisodeOfCare; `target` is how it is referred to.

    Who acts is the token's user. A system is nobody that a Provenance can name: then it is the organisation that is
    responsible for the data.
    """
    is_system = session.principal.user_type == "SYSTEM"
    who = episode["managingOrganization"] if is_system else {"reference": session.principal.user}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": to_instant(session.now),
        "policy": [ehealth.POLICY_PATIENT_DATA, ehealth.POLICY_GDPR],
        "reason": [_concept("ActReason", "PATADMIN")],
        "activity": _concept("DataOperation", "CREATE"),
        "agent": [{"role": [_concept("ParticipationType", "AUT")], "who": who}],
    }


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{_V3}/{system}", "code": code}]}
