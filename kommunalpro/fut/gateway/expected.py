"""What a request must be answered with: the one place that decides whether a success tells what was asked for.

A service that is half down, or somebody who answers for it, says 200 with an OperationOutcome, `{}` or a page. Read as
the answer it would mean that there is nothing: no answers, no tasks, no assessment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kommunalpro.fhir.json import Json


@dataclass(frozen=True, slots=True)
class Expected:
    """The types that an answer may be of, none: it may be anything; a Bundle's own type, and a resource's own id.

    `is_read`: who asks for it changes nothing.
    """

    types: tuple[str, ...] = ()
    bundle: str | None = None
    id: str | None = None
    is_read: bool = False

    def is_met_by(self, found: Json) -> bool:
        """Tell whether this is what was asked for."""
        if not self.types:
            return True
        is_of_type = found.get("resourceType") in self.types
        return is_of_type and self.bundle in (None, found.get("type")) and self.id in (None, found.get("id"))


ANYTHING = Expected()
SEARCHSET = Expected(("Bundle",), bundle="searchset", is_read=True)
TRANSACTION = Expected(("Bundle",), bundle="transaction-response")

_MADE, _FOUND = Expected(("Bundle",)), Expected(("Bundle",), is_read=True)
_TOLD = Expected(("Parameters",), is_read=True)
OPERATIONS: Mapping[str, Expected] = {
    # FUT gives the plan, or a Bundle that it is in.
    "$apply": Expected(("CarePlan", "Bundle")),
    "$create-clone": _MADE,
    "$create-episode-of-care": _MADE,
    "$createPatient": Expected(("Patient",)),
    "$evaluate": Expected(("GuidanceResponse",), is_read=True),
    "$expand": Expected(("ValueSet",), is_read=True),
    "$export": Expected(("Binary",), is_read=True),
    "$get-patient-procedures": _FOUND,
    # A package that is only looked at is told of by Parameters.
    "$import": Expected(("Bundle", "Parameters")),
    "$is-context-allowed": _TOLD,
    "$lookup": _TOLD,
    # Its definition says nothing of what it gives.
    "$persist-login": ANYTHING,
    "$search-measurements": _FOUND,
    "$search-measurements-bundle-limit": _FOUND,
    "$set-measurement-validity": Expected(("ClinicalImpression",)),
    "$submit-measurement": TRANSACTION,
    "$suggest-care-teams": SEARCHSET,
    "$update-care-teams": Expected(("CarePlan", "EpisodeOfCare")),
    "$validate-code": _TOLD,
}
"""What each operation gives (`fut.md` 4; for the terminology R4), and which of them change nothing."""
