"""The reference of what FUT declares and is not offered here, and why: its CapabilityStatements against our tables.

A gap that nobody has given a reason for stops the page from being made, and so does a reason that fits no gap.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from importlib import resources
from json import loads
from typing import Any

HEAD = """# What FUT declares and is not offered here
<!-- Written by `make docs` from FUT's CapabilityStatements and the code; change it there. -->

FUT's services, as the CapabilityStatements of its implementation guide 8.0.0 declare them
(`kommunalpro/fut/data/declared.json`), held against what the embedded server offers at each of them
(`kommunalpro/fut/services.py`) in strict mode, and else at its one base: services, types, interactions, operations and
search parameters. What stands in no row is offered. *Where* is a service alone, or some of its types. What an operation
that is offered does not do, is said at the operation ([operations](operations.md)); what may come along with a search,
in [search](search.md). More is offered than is declared, unless the server is strict (`KOMMUNALPRO_STRICT`):
conditional writes and R4's `_history` are in [FHIR](fhir.md).

Asked for all the same, a type or an address that is not here is 404, an interaction 405, an operation 501, and a
parameter 400, each by its name.

"""

WHY: tuple[tuple[str, str, str, str], ...] = (
    # service, type, what → why. The first that fits; `*` is anything.
    ("reporting", "*", "*", "Reports are made of what `$export` gives ([how](../how-to/export.md))"),
    ("device", "*", "*", "Equipment and its logistics are no part of patient-reported outcomes"),
    ("document-query", "*", "*", "Not yet: no connection to the national document sharing (NSP)"),
    ("document-transformation", "*", "*", "Not yet: the codec is in `integrations/cda`, without a door"),
    ("*", "OperationDefinition", "*", "They are FUT's, and stand at FUT; `metadata` names their addresses"),
    ("*", "StructureDefinition", "*", "Profiles are built in; there is no bank of single questions"),
    ("*", "SearchParameter", "*", "Parameters are built in ([search](search.md))"),
    ("patient", "Appointment", "*", "Not yet: nothing here asks for appointments"),
    ("patient", "Person", "*", "Not yet: no connection to the CPR register"),
    (
        "*",
        "Binary",
        "*",
        "Read at the questionnaire service; what is exported is fetched by the address that is told",
    ),
    ("patient", "CodeSystem", "*", "Terminology is asked for at the terminology service"),
    ("patient", "ValueSet", "*", "Terminology is asked for at the terminology service"),
    ("terminology", "Group", "*", "A type of the HAPI server; nothing of FUT's uses it"),
    ("terminology", "Practitioner", "*", "Staff are the organization service's; this is the software's"),
    ("terminology", "NamingSystem", "*", "Systems of identifiers are built in (`kommunalpro/fhir/ehealth.py`)"),
    ("*", "*", "reindex*", "A command of ours: `kommunalpro reindex`"),
    ("patient", "", "mark-all-resources-for-reindexing", "A command of ours: `kommunalpro reindex`"),
    ("*", "*", "migrate", "A command of ours: `kommunalpro migrate`"),
    ("*", "*", "expunge", "Nothing is removed for good by FHIR: versions and the log are kept"),
    ("*", "*", "get-resource-counts", "`GET /fhir/{type}?_summary=count` tells how many, of what the caller may see"),
    ("*", "*", "meta-*", "Tags and labels are changed with their resource"),
    ("*", "*", "process-message", "Declared by the software, described nowhere"),
    ("*", "", "import", "Terminology comes in resource by resource (`create`, `update`)"),
    ("organization", "", "import-organizations", "By `kommunalpro import-sor` and `import-fk-organisation`"),
    ("measurement", "Media", "get-data", "Content stands in the Media itself, which is read as any other"),
    ("organization", "Organization", "get-general-practitioner-info", "Not yet: no connection to Yderregisteret"),
    ("organization", "Organization", "traverse-to-sor", "Not yet"),
    ("patient", "Patient", "updatePatientWithSKRSData", "Not yet: no connection to the CPR register"),
    ("terminology", "CodeSystem", "subsumes", "Not yet"),
    ("terminology", "CodeSystem", "upload-external-code-system", "Code systems come in by `create` and `update`"),
    ("terminology", "CodeSystem", "apply-codesystem-delta-*", "Code systems come in whole, by `create` and `update`"),
    ("terminology", "ConceptMap", "translate", "Not yet: the maps that the server goes by are built in"),
    ("terminology", "ValueSet", "invalidate-expansion", "Nothing to forget: each is expanded when asked for"),
    ("measurement", "QuestionnaireResponse", "create", "By `$submit-measurement`, which checks it against its plan"),
    ("*", "*", "?_content", "Narrative and content are not searched as text"),
    ("*", "*", "?_text", "Narrative and content are not searched as text"),
    ("*", "*", "?_filter", "What it says is said by parameters"),
    ("*", "*", "?_list", "There are no Lists here"),
)
"""Why each gap is there."""

_OFFERED_AS = {"search-type": "search", "history-instance": "history", "history-type": "history"}
_OF_ALL = {"_id", "_lastUpdated", "_has"}


def not_offered_page() -> str:
    """Put it together.

    Raises:
        SystemExit: a gap without a reason, or a reason without a gap.
    """
    gaps = list(_gaps())
    if unexplained := [gap for gap in gaps if not any(_fits(row, gap) for row in WHY)]:
        raise SystemExit(f"Nobody has said why these are not offered: {unexplained}")
    if unused := [row for row in WHY if not any(_fits(row, gap) for gap in gaps)]:
        raise SystemExit(f"Reasons that fit no gap: {unused}")
    by_place: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps:
        service, type, what = gap
        by_place.setdefault((service, type, _reason(gap)), []).append(what)
    rows: dict[tuple[tuple[str, ...], str], list[tuple[str, str]]] = {}
    for (service, type, why), whats in by_place.items():
        rows.setdefault((tuple(whats), why), []).append((service, type))
    lines = ["| not offered | where | why |", "|---|---|---|"]
    for (whats, why), places in rows.items():
        lines.append(f"| {', '.join(map(_told, whats))} | {_places(places)} | {why} |")
    return HEAD + "\n".join(lines) + "\n"


def _places(places: list[tuple[str, str]]) -> str:
    """Give each service with its types; alone: the service itself."""
    by_service: dict[str, list[str]] = {}
    for service, type in places:
        by_service.setdefault(service, []).extend([type] if type else [])
    return "; ".join(f"{service}: {', '.join(types)}" if types else service for service, types in by_service.items())


def _gaps() -> Iterator[tuple[str, str, str]]:
    """Give each gap: the service, the type (empty: the service itself), and what is missing."""
    from kommunalpro.fhirserver.http.routes import ROUTES
    from kommunalpro.fhirserver.search.parameters import by_type
    from kommunalpro.fut.operations import OPERATIONS
    from kommunalpro.fut.rules import EHealthRules
    from kommunalpro.fut.services import rows_at

    rules = EHealthRules()
    parameters = by_type(rules.types, rules.search_parameters)
    everywhere = {
        each.pattern.rpartition("/")[2].removeprefix("$") for each in ROUTES if each.definition and "$" in each.pattern
    }
    of_type = {(each.type or "", name.removeprefix("$")) for name, many in OPERATIONS.items() for each in many}
    for service, types in _declared().items():
        for type, (interactions, operations, searched) in types.items():
            rows = rows_at(type, service)
            if type and not rows:
                yield service, type, "the type"
                continue
            offered = {each for row in rows for each in row.interactions | row.in_transaction} or {"transaction"}
            missing = {each for each in interactions.split() if _OFFERED_AS.get(each, each) not in offered}
            done = everywhere | {name for of, name in of_type if of == type}
            missing |= {f"${each}" for each in operations.split() if each not in done}
            known = _OF_ALL | set(parameters.get(type, ()))
            missing |= {f"?{each}" for each in searched.split() if each not in known}
            yield from ((service, type, each) for each in sorted(missing))


def _declared() -> Mapping[str, Mapping[str, Any]]:
    table: Mapping[str, Mapping[str, Any]] = loads(
        resources.files("kommunalpro.fut.data").joinpath("declared.json").read_bytes()
    )
    return table


def _fits(row: tuple[str, str, str, str], gap: tuple[str, str, str]) -> bool:
    service, type, what = gap
    return (
        fnmatchcase(service, row[0])
        and fnmatchcase(type, row[1])
        and fnmatchcase(what.removeprefix("$"), row[2].replace("?", "[?]"))
    )


def _reason(gap: tuple[str, str, str]) -> str:
    return next(row[3] for row in WHY if _fits(row, gap))


def _told(what: str) -> str:
    return what if what == "the type" else f"`{what}`"
