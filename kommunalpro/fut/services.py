"""FUT's services in one table: which services serve a type, and what each lets clients do with it.

The embedded server serves the union at one base; in strict mode each service what its rows say. The remote gateway
picks the URL from the same table. Interactions are those FUT's CapabilityStatements declare (`fut.md` §6), less those
that we do not offer, each with its reason.

Where several services have a type, each has resources of its own: what is of another kind than the first row's is told
by a search parameter, which a resource is indexed by and a search asks for (`service_rows.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from kommunalpro.fhir.ehealth import CS, MESSAGE_CATEGORY
from kommunalpro.fhirserver.access import Interaction

_LETTERS: dict[str, Interaction] = {
    "c": "create",
    "r": "read",
    "v": "vread",
    "u": "update",
    "p": "patch",
    "d": "delete",
    "s": "search",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One row: the service, and what clients may do with the type directly and in a transaction.

    `told_by`: the parameter, and how a value of it `begins`, by which a resource is this service's. Without it the
    service has what no other row has.
    """

    name: str
    interactions: frozenset[Interaction]
    in_transaction: frozenset[Interaction] = frozenset()
    told_by: str = ""
    begins: tuple[str, ...] = ()


def _row(name: str, letters: str, in_transaction: str = "", *, told_by: str = "", begins: str = "") -> Service:
    return Service(name, _interactions(letters), _interactions(in_transaction), told_by, tuple(begins.split()))


def _interactions(letters: str) -> frozenset[Interaction]:
    """What a version may be read of, has a history too: of FUT's services only the terminology's declares one."""
    found = frozenset(_LETTERS[letter] for letter in letters)
    return found | {"history"} if "vread" in found else found


SERVICES: Mapping[str, tuple[Service, ...]] = {
    # $create-episode-of-care makes an EpisodeOfCare; $apply or a transaction a CarePlan with its ServiceRequests.
    "EpisodeOfCare": (_row("careplan", "svrp", "rps"),),
    "CarePlan": (_row("careplan", "usvr", "crus"),),
    "ServiceRequest": (_row("careplan", "uvr", "cru"),),
    "Condition": (_row("careplan", "vrpc", "crp"),),
    "Consent": (_row("careplan", "usvrc", "crus"),),
    # Of what is measured; GUESS: of who works where, and of who has logged in, at the organization service.
    "Provenance": (
        _row("careplan", "svr", "rs"),
        _row("measurement", "svr", told_by="target", begins="QuestionnaireResponse/ Observation/ Media/"),
        _row(
            "organization",
            "svr",
            told_by="target",
            begins="Organization/ CareTeam/ Practitioner/ PractitionerRole/ Patient/",
        ),
    ),
    "CommunicationRequest": (_row("careplan", "usvrdc", "crus"),),
    "Goal": (_row("careplan", "usvrc", "crus"),),
    # Material of plans; what is given to one citizen is the careplan service's. GUESS: so are documents of the national
    # sharing, where they are here at all: those come by operations.
    "DocumentReference": (_row("plan", "usvrc"), _row("careplan", "usvrc", told_by="subject", begins="Patient/")),
    # Annotations of measurements, messages, and assignments of material.
    "Communication": (
        _row("measurement", "svrpc"),
        _row("patient", "cpsdvr", told_by="category", begins=f"{MESSAGE_CATEGORY}|"),
        _row("careplan", "usrc", told_by="category", begins=f"{CS}material-communication-category|"),
    ),
    # FUT also declares create: here a response comes in by $submit-measurement alone, which checks it against its
    # Questionnaire, its plan and its timing.
    "QuestionnaireResponse": (_row("measurement", "usvrp"),),
    # These come in by $submit-measurement, as responses do.
    "Observation": (_row("measurement", "svrp"),),
    "Media": (_row("measurement", "usvrp"),),
    "PlanDefinition": (_row("plan", "usvrc"),),
    "ActivityDefinition": (_row("plan", "usvrc"),),
    "Questionnaire": (_row("questionnaire", "usvrdc"),),
    "Basic": (_row("questionnaire", "usvrc"),),
    "Binary": (_row("questionnaire", "rvc"),),
    "Task": (_row("task", "svrpc"),),
    "ClinicalImpression": (_row("task", "svrpc"),),
    "CareTeam": (_row("organization", "usvrdc"),),
    "Organization": (_row("organization", "usvrpc"),),
    "Practitioner": (_row("organization", "usvrdc"),),
    "PractitionerRole": (_row("organization", "usvrdc"),),
    "Patient": (_row("patient", "psvr"),),
    "RelatedPerson": (_row("patient", "cupdsvr"),),
    "Library": (_row("library", "usvrc"),),
    "CodeSystem": (_row("terminology", "usvrpdc"),),
    "ValueSet": (_row("terminology", "usvrpdc"),),
    "ConceptMap": (_row("terminology", "usvrpdc"),),
    # FUT's audit log is not a FHIR service; ours can be read by who has the privilege.
    "AuditEvent": (_row("audit", "svr"),),
}

OURS = "audit"
"""What is no service of FUT's."""

SERVICE_NAMES = tuple(sorted({row.name for rows in SERVICES.values() for row in rows} - {OURS}))
"""FUT's services as far as anything here is asked of them; each has a base URL of its own."""

TRANSACTIONS = "careplan"
"""The one service that takes transactions."""

OPERATIONS_OF_SERVICES: Mapping[str, str] = {
    "$apply": "careplan",
    "$create-episode-of-care": "careplan",
    "$get-patient-procedures": "careplan",
    "$submit-measurement": "measurement",
    "$search-measurements": "measurement",
    "$search-measurements-bundle-limit": "measurement",
    "$persist-login": "organization",
}
"""Operations of a service itself → which; the others belong to a type, and are where it is (`fut.md` §6)."""


def rows_at(type: str, service: str | None = None) -> tuple[Service, ...]:
    """Give the row of a type at a service, if it has one; without a service all of them."""
    return tuple(row for row in SERVICES.get(type, ()) if service in (None, row.name))
