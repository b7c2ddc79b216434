"""What a strict server can be searched by is what FUT's CapabilityStatements declare, and we do."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import UnknownParameter
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.search.query import QueryReader
from kommunalpro.fut.rules import EHealthRules
from kommunalpro.fut.searches import declared
from kommunalpro.fut.services import OURS, SERVICES, rows_at
from tests.store.cast import make_server
from tests.unit.guide import GUIDE, needs_guide

PROJECT = Path(__file__).parents[3]
ROWS = [(row, type) for type, rows in SERVICES.items() for row in rows]
SEARCHED = sorted((row.name, type) for row, type in ROWS if "search" in row.interactions and row.name != OURS)
NOT_DONE = {
    "_content", "_filter", "_list", "_text",  # as docs/reference/search.md says
}  # fmt: skip
SERVER = make_server()


def ask(type, name, value, *, at_one_base=False, at=None):
    """Read a client's query at the service that has a type, or `at` one of them; or `at_one_base`, where all are."""
    rules = EHealthRules(is_strict=True, service=None if at_one_base else at or first(type))
    searchable = replace(SERVER, rules=rules).searchable
    queries = QueryReader(SERVER.parameters, SERVER.base_url, searchable, rules)
    return queries.read(type, [(name, value)], lambda _: Everything())


def first(type):
    return SERVICES[type][0].name


def refusal(type, name, value, **where):
    """Give what is told of a query that is refused."""
    with pytest.raises(UnknownParameter) as refused:
        ask(type, name, value, **where)
    [issue] = refused.value.issues
    assert issue.text
    return issue.diagnostics


def statement(service, type):
    """Give what FUT's statement of a service says of a type."""
    read = loads((GUIDE / f"CapabilityStatement-{service}.json").read_bytes())
    [found] = [each for each in read["rest"][0]["resource"] if each["type"] == type]
    return found


@needs_guide
@pytest.mark.parametrize(("service", "type"), SEARCHED)
def test_the_table_is_the_statements(service, type):
    searches, said = declared(service, type), statement(service, type)
    assert searches.parameters == {each["name"] for each in said["searchParam"]}
    assert searches.includes == set(said.get("searchInclude", ()))
    assert searches.reverse_includes == set(said.get("searchRevInclude", ()))


@needs_guide
def test_what_is_not_searched_here_has_no_row():
    for row, type in ROWS:
        assert (declared(row.name, type) is None) == ((row.name, type) not in SEARCHED), type


BESIDES = {"Binary": {"create"}}
"""What is declared of no service, and done here in strict mode, too."""


@needs_guide
def test_each_service_lets_clients_do_what_it_declares_and_nothing_else():
    """What is less than that, docs/reference/not-offered.md says why."""
    for row, type in ROWS:
        if row.name != OURS:
            said = {each["code"].partition("-")[0] for each in statement(row.name, type).get("interaction", ())}
            ours = {"history", *BESIDES.get(type, ())}
            assert row.interactions - ours <= said, (row.name, type)


@needs_guide
def test_what_is_said_not_to_be_offered_is_held_against_all_that_is_declared():
    """Services, types, interactions, operations and parameters: nothing is left out, nothing is made up."""
    table = loads(resources.files("kommunalpro.fut.data").joinpath("declared.json").read_bytes())
    said = {}
    for path in GUIDE.glob("CapabilityStatement-*.json"):
        rest = loads(path.read_bytes())["rest"][0]
        said[path.stem.removeprefix("CapabilityStatement-")] = {each["type"]: each for each in rest["resource"]}
    assert {service: {*types} - {""} for service, types in table.items()} == {
        service: {*types} for service, types in said.items()
    }
    for service, types in said.items():
        for type, each in types.items():
            interactions, operations, parameters = (set(one.split()) for one in table[service][type])
            assert interactions == {one["code"] for one in each.get("interaction", ())}
            assert operations == {one["name"] for one in each.get("operation", ())}
            assert parameters == {one["name"] for one in each.get("searchParam", ())}


@pytest.mark.parametrize(
    ("gap", "why"),
    [
        ("| `create` | measurement: QuestionnaireResponse |", "$submit-measurement"),
        ("| `$get-data` | measurement: Media |", "Media itself"),
        ("| the type | device: Binary, Device, ", "Equipment"),
        ("| the type | patient: CodeSystem, ValueSet |", "terminology service"),
    ],
)
def test_a_gap_says_why_it_is_there(gap, why):
    page = (PROJECT / "docs" / "reference" / "not-offered.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(gap)]
    assert why in row


def test_a_gap_that_nobody_has_given_a_reason_for_stops_the_page(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    import describe_not_offered

    page = describe_not_offered.not_offered_page()
    assert (PROJECT / "docs" / "reference" / "not-offered.md").read_text(encoding="utf-8") == page, "make docs"
    reasons = describe_not_offered.WHY
    for wrong in (reasons[1:], (*reasons, ("nowhere", "Patient", "read", "It is not there"))):
        monkeypatch.setattr(describe_not_offered, "WHY", wrong)
        with pytest.raises(SystemExit):
            describe_not_offered.not_offered_page()


@pytest.mark.parametrize(("service", "type"), SEARCHED)
def test_of_what_is_declared_only_this_is_not_done(service, type):
    asked = declared(service, type).parameters
    known = {"_id", "_lastUpdated", "_has", *SERVER.parameters[type]}
    assert asked - known <= NOT_DONE


def test_a_course_of_care_is_not_found_by_its_id():
    said = refusal("EpisodeOfCare", "_id", "7")
    assert said.startswith("Unknown or unsupported search parameter for EpisodeOfCare: _id; declared here: _tag ")
    assert refusal("EpisodeOfCare", "_id", "7", at_one_base=True) == said, "nor where all types are at one base"
    assert ask("CarePlan", "_id", "7").conditions


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("QuestionnaireResponse", "author", "x"),
        ("QuestionnaireResponse", "_id", "7"),
        ("QuestionnaireResponse", "source:missing", "true"),
        ("Consent", "date", "2026"),
        ("CarePlan", "subject:Patient", "7"),
        ("Observation", "code-value-quantity", "a$5"),
        ("Organization", "relatedTo", "7"),
        ("Media", "_lastUpdated", "2026"),
        ("Consent", "_has:Provenance:target:recorded", "2026"),
        ("Provenance", "recorded", "2026"),
    ],
)
def test_what_r4_or_we_have_and_the_service_does_not_declare_is_refused_by_name(type, name, value):
    assert SERVER.queries.read(type, [(name, value)], lambda _: Everything()).conditions, "here it can be asked"
    asked = name.partition(":")[0]
    assert refusal(type, name, value).startswith(f"Unknown or unsupported search parameter for {type}: {asked};")


@pytest.mark.parametrize("name", ["_count", "_summary", "_total", "_elements"])
def test_how_the_answer_is_wanted_is_asked_of_every_service(name):
    values = {"_count": "5", "_summary": "count", "_total": "accurate", "_elements": "status"}
    assert ask("EpisodeOfCare", name, values[name])


@pytest.mark.parametrize(
    ("type", "value"),
    [("PlanDefinition", "-_lastUpdated"), ("Task", "authored-on"), ("EpisodeOfCare", "status")],
)
def test_what_is_declared_can_be_sorted_by(type, value):
    assert ask(type, "_sort", value).sort


@pytest.mark.parametrize(("type", "value"), [("EpisodeOfCare", "-_lastUpdated"), ("Consent", "status,_id")])
def test_what_is_not_declared_cannot(type, value):
    said = refusal(type, "_sort", value)
    assert said.endswith(f"{type} is sorted by {', '.join(sorted(sortable(type)))}")


def sortable(type):
    found = SERVER.parameters[type]
    return {
        name for name in declared(first(type), type).parameters if found[name].kind not in ("composite", "phonetic")
    }


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("EpisodeOfCare", "_include", "EpisodeOfCare:condition"),
        ("EpisodeOfCare", "_revinclude", "CarePlan:episodeOfCare"),
        ("PlanDefinition", "_include", "*"),
        ("PlanDefinition", "_include:iterate", "PlanDefinition:definition"),
    ],
)
def test_what_is_declared_comes_along(type, name, value):
    assert ask(type, name, value).includes


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("EpisodeOfCare", "_include", "EpisodeOfCare:patient"),
        ("EpisodeOfCare", "_include", "*"),
        ("EpisodeOfCare", "_revinclude", "Provenance:target"),
        ("Task", "_include", "Task:owner"),
        ("Task", "_include", "Task:focus:Observation"),
        ("Consent", "_include", "Consent:data"),
        ("Basic", "_include", "Basic:viewForReference"),
        ("Task", "_include:iterate", "ClinicalImpression:problem"),
    ],
)
def test_what_is_not_declared_stays(type, name, value):
    SERVER.queries.read(type, [(name, value)], lambda _: Everything())
    said = refusal(type, name, value)
    assert said.startswith(f"{name}={value} is not offered with {type}")
    offered = {each for each in said.partition(", here ")[2].split(", ") if ":" in each}
    searches = declared(first(type), type)
    along = searches.reverse_includes if name == "_revinclude" else searches.includes
    assert offered <= (along if ":iterate" not in name else {"ClinicalImpression:previous"})


@pytest.mark.parametrize("type", ["QuestionnaireResponse", "Observation", "Media"])
def test_what_is_told_of_a_measurement_comes_along_with_it(type):
    assert ask(type, "_revinclude", "Provenance:target").includes
    assert ask(type, "_revinclude", "Provenance:target", at_one_base=True).includes


def test_what_another_service_has_does_not_come_along():
    assert "Provenance:target" not in declared("careplan", "EpisodeOfCare").reverse_includes
    assert "Observation:based-on" in refusal("ServiceRequest", "_revinclude", "Observation:based-on")


@pytest.mark.parametrize(
    ("type", "name", "value", "services"),
    [
        ("Communication", "communicationCategory", "x", {"patient"}),
        ("Communication", "senderCareTeam", "CareTeam/7", {"measurement"}),
        ("Communication", "periodStart", "2026", {"careplan"}),
        ("Provenance", "target", "Observation/7", {"careplan", "measurement", "organization"}),
        ("Provenance", "recorded", "2026", {"measurement", "organization"}),
        ("DocumentReference", "location", "https://x", {"plan"}),
    ],
)
def test_a_type_that_several_services_have_is_asked_at_each_by_what_it_declares(type, name, value, services):
    assert services <= {row.name for row in rows_at(type)}
    for row in rows_at(type):
        if row.name in services:
            assert ask(type, name, value, at=row.name).conditions
        else:
            assert name in refusal(type, name, value, at=row.name)
    assert ask(type, name, value, at_one_base=True).conditions


def test_a_chain_goes_to_what_is_declared_and_to_what_is_not_searched_at_all():
    assert ask("EpisodeOfCare", "condition.code", "DE11").conditions
    assert ask("CarePlan", "episodeOfCare.status", "active").conditions
    assert "episodeOfCare.date" in refusal("CarePlan", "episodeOfCare.date", "2026")
    assert "_id" in refusal("CarePlan", "episodeOfCare._id", "7")


def test_a_chain_goes_no_further_than_the_service():
    assert "patient.family" in refusal("CarePlan", "patient.family", "Holm")
    assert ask("CarePlan", "patient", "Patient/7").conditions
    assert ask("CarePlan", "patient:Patient", "7").conditions, "though what it names is another's"


def test_what_refers_to_a_resource_is_asked_where_it_is_declared_and_by_what_is():
    assert ask("Goal", "_has:CarePlan:goal:status", "active").conditions
    assert "_has" in refusal("Goal", "_has:CarePlan:goal:intent", "plan")
    assert "_has" in refusal("Goal", "_has:CarePlan:subject:status", "active"), "by this link nothing is found"
    assert "_has" in refusal("Goal", "_has:Task:focus:status", "ready"), "another service has it"


def test_the_audit_log_which_is_not_fut_s_is_searched_as_before():
    assert ask("AuditEvent", "outcome", "0", at_one_base=True).conditions
