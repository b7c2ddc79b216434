"""What FUT's document-query service takes in a search of DocumentReferences, beside what R4 has.

The service asks the national document sharing, which withholds what a citizen has not consented to, unless it is told
to override that (*værdispring*), and why. We stand before no such thing: the documents here are withheld by nobody's
consent, and who may see them is seen without. So an override finds what a search without it finds. It is taken all the
same, as a client of that service sends it, and held to its rule: why is mandatory. Where something is found, both stand
in the log, with what else was searched for (`audit.py`); as of any search that finds nothing, nothing is logged.

Source: `fut.md` 3 and §6; the CapabilityStatement of document-query.
"""

from collections.abc import Iterator, Sequence

from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.refusing import must_be
from kommunalpro.fut.errors import issue

_OVERRIDE, _REASON = "consentOverride", "reason"

PARAMETERS = (
    SearchParameter("DocumentReference", "patient-identifier", "token", means="patient.identifier"),
    SearchParameter(
        "DocumentReference",
        _OVERRIDE,
        "token",
        documentation=(
            "true or false; true takes a reason. No consent withholds a document here, so the same is found either"
            " way. Both are logged with whose documents are found."
        ),
    ),
    SearchParameter(
        "DocumentReference",
        _REASON,
        "string",
        documentation="Mandatory with consentOverride=true: why. It is logged, and limits nothing.",
    ),
)
"""FUT's own name of a chain of R4's, and what a search says of itself."""


def search_problems(type: str, parameters: Sequence[tuple[str, str]]) -> Iterator[Issue]:
    """Give what a search says of an override that it cannot be taken by."""
    if type != "DocumentReference":
        return
    overrides = {value for name, value in parameters if name == _OVERRIDE and value}
    if overrides - {"true", "false"}:
        yield from must_be(_OVERRIDE, "true or false").issues
    if "true" in overrides and not any(name == _REASON and value.strip() for name, value in parameters):
        yield issue("KPRO_CONSENT_OVERRIDE_REASON")
