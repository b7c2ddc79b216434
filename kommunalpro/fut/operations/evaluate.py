"""`Library/$evaluate`: refused.

Supported: nothing. FUT's libraries hold rules in Drools, which are not run here: our triage is the questionnaire's
`answerSignificance` and the scores of its View, at `$submit-measurement`. A Library can be stored and read.
The CapabilityStatement does not name the operation.

Source: `fut.md` 1C (ehealth-library); OperationDefinition Library-it-evaluate.
"""

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import NotImplementedHere
from kommunalpro.fhirserver.session import Session


def evaluate(session: Session, parameters: Json, target: str | None) -> Json:
    """Say that it is not done here, and what is.

    Raises:
        NotImplementedHere: always.
    """
    raise NotImplementedHere(
        "Regler i et Library køres ikke her. Trafiklys findes ud fra spørgeskemaet og dets visning, når der svares.",
        diagnostics="Library/$evaluate: rules in Drools are not run here. Triage is answerSignificance and the scores "
        "of a View, evaluated by $submit-measurement",
    )
