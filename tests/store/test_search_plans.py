"""How the databases go about a search: from the few rows that have the value, not through all rows of the type."""

from datetime import timedelta

import pytest

from kommunalpro.fhir.bundle import link
from kommunalpro.fhirserver import history, seeing
from kommunalpro.fhirserver.database import change, is_postgresql
from kommunalpro.fhirserver.pages import query_of
from kommunalpro.fhirserver.search import moved, run
from tests.people import ASTA
from tests.resources import organization, questionnaire_response
from tests.store.cast import NOW, staff
from tests.store.plans import plan


@pytest.fixture
def searching(clinic, monkeypatch):
    """Search, and give the plan of how the page is found; its texts (`p`) are read then."""
    made, rows = [], run.rows

    def spy(sql, parameters=()):
        made.append((sql, parameters))
        return rows(sql, parameters)

    monkeypatch.setattr(run, "rows", spy)

    def explained(type, *parameters, by_index=False):
        made.clear()
        clinic.search(type, *parameters)
        steps = plan(*next(each for each in made if "so_far" in each[0]), by_index=by_index)
        return steps.partition(" p ")[0]

    return explained


def depends_on_the_row(steps):
    """Whether something is looked up anew for every row of the type; not of the few that were just written."""
    return (
        "SubPlan" in steps.rpartition("fhir_resource r ")[2]
        if is_postgresql()
        else "CORRELATED" in steps.partition("SCALAR SUBQUERY")[0]
    )


@pytest.mark.parametrize(
    ("type", "name", "value"),
    [
        ("Patient", "identifier", "urn:oid:1.2.208.176.1.2|2512489996"),
        ("CarePlan", "activity-reference", "ServiceRequest/1"),
        ("EpisodeOfCare", "patient", "Patient/nancy"),
        ("Questionnaire", "base", "urn:uuid:1"),
    ],
)
def test_what_few_rows_share_is_looked_up_once(searching, type, name, value):
    assert not depends_on_the_row(searching(type, (name, value)))


@pytest.mark.parametrize("prefix", ["ge", "gt", "eb"])
def test_a_time_by_its_end_is_looked_up_in_the_index_of_ends(searching, prefix):
    assert "fhir_index_end" in searching("EpisodeOfCare", ("date", f"{prefix}2026-11"), by_index=True)


def test_what_else_is_asked_is_looked_for_row_by_row_before_a_resource_is_fetched(searching):
    steps = searching("EpisodeOfCare", ("patient", "Patient/nancy"), ("status", "active"))
    if is_postgresql():
        assert steps.rindex("SubPlan") < steps.rindex("fhir_resource r ")
    else:
        assert steps.index("SEARCH i USING") < steps.index("SEARCH r USING")


def test_whether_a_team_may_see_a_row_is_looked_up_for_the_row_and_not_in_all_that_the_team_sees(clinic, monkeypatch):
    """A team's episodes are tens of thousands in ten years, and each read and write of its members asks."""
    made, rows = [], seeing.rows_by_key
    monkeypatch.setattr(seeing, "rows_by_key", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    clinic.read("EpisodeOfCare", "nancys", by=staff(ASTA, patient="nancy", episode_of_care="nancys"))
    [(sql, values)] = made
    steps = plan(sql, values)
    assert not [word for word in ("hashed", "LIST SUBQUERY") if word in steps]


@pytest.mark.parametrize("place", [None, (1795428800000000, "Organization", "a")], ids=["first", "next"])
def test_a_page_of_history_is_read_from_the_index_in_its_order(clinic, monkeypatch, place):
    made, rows = [], history.rows
    monkeypatch.setattr(history, "rows", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    after = [("_page", clinic.server.pages.write(query_of("Organization/_history", ()), place))] if place else []
    clinic.history("Organization", None, ("_count", "5"), *after)
    [(sql, values)] = made
    assert "fhir_version_newest" in plan(sql, values, by_index=True)


@pytest.mark.parametrize("kept", [2, 25_000], ids=["one by one", "kept at hand"])
@pytest.mark.parametrize("day", ["ge2026-11-03", "2026-11-02", "lt2026-11-02", "ge2027"])
def test_what_seldom_meets_is_found_and_counted_alike_however_it_is_looked_for(clinic, monkeypatch, kept, day):
    for number in range(1, 6):
        clinic.create(questionnaire_response("nancy", "nancys", authored=f"2026-11-0{number}T08:00:00Z"))
    asked = ("questionnaire", "https://fhir.example/fhir/Questionnaire/1"), ("authored", day), ("_total", "accurate")
    plainly = clinic.search("QuestionnaireResponse", *asked)
    for name, value in (("LEADS", (1, 1)), ("SELDOM", 0), ("KEPT", kept)):
        monkeypatch.setattr(run, name, value)
    rows, made = run.rows, []
    monkeypatch.setattr(run, "rows", lambda sql, values=(): made.append(sql) or rows(sql, values))
    found = clinic.search("QuestionnaireResponse", *asked)
    assert [each["resource"]["id"] for each in found.get("entry", ())] == [
        each["resource"]["id"] for each in plainly.get("entry", ())
    ]
    assert found["total"] == plainly["total"]
    is_too_much = kept == 2 and day == "ge2026-11-03"  # three responses
    assert ("WITH kept" in made[-1]) == (not is_too_much) or day == "ge2027"


def test_of_several_conditions_what_the_fewest_meet_is_kept_at_hand(clinic, monkeypatch):
    for number in range(1, 6):
        clinic.create(questionnaire_response("nancy", "nancys", authored=f"2026-11-0{number}T08:00:00Z"))
    for name, value in (("LEADS", (1, 1)), ("SELDOM", 0)):
        monkeypatch.setattr(run, name, value)
    rows, made = run.rows, []
    monkeypatch.setattr(run, "rows", lambda sql, values=(): made.append((sql, values)) or rows(sql, values))
    questionnaire = "https://fhir.example/fhir/Questionnaire/1"
    found = clinic.search(
        "QuestionnaireResponse",
        ("questionnaire", questionnaire),
        ("authored", "ge2026-11-01"),
        ("authored", "ge2026-11-05"),
    )
    assert len(found["entry"]) == 1
    sql, values = made[-1]
    assert sql.startswith("WITH kept")
    assert values[2] > "2026-11-04"


def test_the_same_condition_twice_is_one(clinic, monkeypatch):
    clinic.create(questionnaire_response("nancy", "nancys"))
    for name, value in (("LEADS", (1, 1)), ("SELDOM", 0)):
        monkeypatch.setattr(run, name, value)
    for parameter in (("subject", "nancy"), ("status", "completed")):
        assert len(clinic.search("QuestionnaireResponse", parameter, parameter)["entry"]) == 1


def test_a_later_page_is_read_from_its_place_and_not_from_the_first_row(searching, clinic):
    for number in range(1, 4):
        clinic.create(questionnaire_response("nancy", "nancys"), now=NOW + timedelta(minutes=number))
    asked = ("questionnaire", "https://fhir.example/fhir/Questionnaire/1"), ("_count", "1")
    cursor = (link(clinic.search("QuestionnaireResponse", *asked), "next") or "").partition("_page=")[2]
    steps = searching("QuestionnaireResponse", *asked, ("_page", cursor), by_index=True)
    [bounds] = [line for line in steps.splitlines() if "Index Cond" in line and "questionnaire" in line] or [
        line for line in steps.splitlines() if "fhir_index_value" in line
    ]
    assert "last_updated<" in bounds.replace(" ", "")


@pytest.mark.parametrize("order", ["-_lastUpdated", "_lastUpdated"])
@pytest.mark.parametrize("seldom", [0, 1_000_000], ids=["kept at hand", "one by one"])
def test_pages_of_what_two_conditions_share_hold_every_row_once_wherever_it_stands(clinic, monkeypatch, order, seldom):
    """Few stand among the first rows, and several were written at the same time."""
    for number in range(24):
        changes = {} if number % 5 else {"authored": "2026-11-05T08:00:00Z"}
        clinic.create(questionnaire_response("nancy", "nancys", **changes), now=NOW + timedelta(minutes=number // 4))
    asked = (
        ("questionnaire", "https://fhir.example/fhir/Questionnaire/1"), ("authored", "2026-11-05"), ("_sort", order),
    )  # fmt: skip
    plainly = [each["resource"]["id"] for each in clinic.search("QuestionnaireResponse", *asked)["entry"]]
    for name, value in (("LEADS", (1, 1)), ("NEWEST", 3), ("SELDOM", seldom)):
        monkeypatch.setattr(run, name, value)
    found, cursor = [], ""
    for _ in range(9):
        after = [("_page", cursor)] if cursor else []
        page = clinic.search("QuestionnaireResponse", *asked, ("_count", "1"), *after)
        found += [each["resource"]["id"] for each in page["entry"]]
        cursor = (link(page, "next") or "").partition("_page=")[2]
        if not cursor:
            break
    assert found == plainly
    assert len(found) == 5


def test_of_what_moved_the_version_of_then_is_looked_up_by_its_key(store, monkeypatch):
    """And not among the versions of all that is of its type, by their time."""
    made = []
    for name in ("rows", "rows_by_key"):
        given = getattr(moved, name)
        monkeypatch.setattr(moved, name, lambda *asked, given=given: made.append(asked) or given(*asked))
    for number in range(300):
        store.create(organization("C"), id=f"other{number}", now=NOW - timedelta(hours=2))
    change("ANALYZE fhir_version")
    for number in range(4):
        store.create(organization("B"), id=f"o{number}", now=NOW - timedelta(hours=1))
    asked = ("_sort", "name"), ("_count", "1")
    cursor = link(store.search("Organization", *asked), "next").partition("_page=")[2]
    for number in range(1, 4):
        store.update({**organization("A"), "id": f"o{number}"}, now=NOW + timedelta(seconds=1))
    store.search("Organization", *asked, ("_page", cursor), now=NOW + timedelta(minutes=1))
    assert len(made) == 3, "which moved, what they were called, and the texts of those on the page"
    for sql, values in made[:1] if is_postgresql() else made:  # several keys it finds by a bitmap of each
        assert "fhir_version_newest" not in plan(sql, values)
