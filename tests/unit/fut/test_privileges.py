"""Roles give privileges, and a request takes one of them."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhirserver.access import Request
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.operations import OPERATIONS
from kommunalpro.fut.privileges import _table, accepted, privileges_of, shows
from kommunalpro.fut.profiles.requirements import is_code
from kommunalpro.fut.services import SERVICES

VERBS = {"read", "search", "create", "update", "patch", "delete", "write"}


@pytest.mark.parametrize(
    ("request_", "taken"),
    [
        (Request("read", "CarePlan", "7"), {"CarePlan.read"}),
        (Request("vread", "CarePlan", "7"), {"CarePlan.read"}),
        (Request("search", "CarePlan"), {"CarePlan.search"}),
        (
            Request("create", "Consent"),
            {"Consent.create", "Consent.write", "AccessConsent.create", "AccessConsent.write"},
        ),
        (Request("search", "Consent"), {"Consent.search", "AccessConsent.search", "AccessConsent.read"}),
        (Request("patch", "Task", "7"), {"Task.patch", "Task.update", "Task.write"}),
        (Request("read", "ServiceRequest", "7"), {"CarePlan.read", "ProcedureRequest.read"}),
        (
            Request("update", "ServiceRequest", "7"),
            {"CarePlan.update", "CarePlan.write", "ProcedureRequest.update", "ProcedureRequest.write"},
        ),
        (Request("read", "Goal", "7"), {"CarePlan.read"}),
        (Request("search", "Basic"), {"View.search", "View.read", "ActionGuidance.search", "ActionGuidance.read"}),
        (Request("create", "Basic"), {"View.create", "View.write", "ActionGuidance.create", "ActionGuidance.write"}),
        (Request("transaction"), {"FHIR.transaction"}),
        (Request("operation", "PlanDefinition", "7", name="$apply"), {"PlanDefinition$apply"}),
        (Request("operation", name="$submit-measurement"), {"$submit-measurement"}),
        (Request("operation", name="$get-patient-procedures"), {"CarePlan.search"}),
        (Request("operation", name="$create-episode-of-care"), {"EpisodeOfCare$create-episode-of-care"}),
        (Request("operation", name="$export"), {"$bulk-export"}),
        (Request("operation", "Patient", name="$export"), {"$bulk-export"}),
        (Request("operation", "PlanDefinition", "7", name="$export"), {"PlanDefinition$export"}),
    ],
    ids=lambda value: str(value) if isinstance(value, Request) else "",
)
def test_a_request_takes_one_of_these(request_, taken):
    assert accepted(request_) == taken


def test_every_operation_is_somebodys():
    given = set().union(*map(privileges_of, ([role] for role in _table()["roles"])))
    for definitions in OPERATIONS.values():
        for each in definitions:
            id = "7" if each.level == "instance" else None
            assert accepted(Request("operation", each.type, id, name=each.name)) & given


def test_the_installation_itself_may_do_whatever_is_offered():
    rows = [(type, row) for type, many in SERVICES.items() for row in many]
    asked = [Request(each, type) for type, row in rows for each in row.interactions | row.in_transaction]
    asked += [Request("operation", each.type, name=each.name) for many in OPERATIONS.values() for each in many]
    asked += [Request("transaction"), Request("history"), Request("operation", name="$export")]
    assert [each for each in asked if not accepted(each) & SYSTEM.privileges] == []


def test_every_role_is_one_of_the_guides():
    assert all(role == "citizen" or is_code(ehealth.CARETEAM_PARTICIPANT_ROLE, role) for role in _table()["roles"])


def test_every_privilege_of_the_table_is_one_that_something_asks_for():
    served = {*SERVICES, "View", "ActionGuidance", "AccessConsent"}
    for privilege in privileges_of(_table()["roles"]):
        name, dot, verb = privilege.partition(".")
        type, _, rest = privilege.partition("$")
        assert (
            (dot and name in served and verb in VERBS)
            or privilege in ("FHIR.transaction", "$bulk-export")
            or f"${rest}" in OPERATIONS
            or (type == "RestrictionCategory" and is_code(ehealth.RESTRICTION_CATEGORY_CODES, rest))
        ), privilege


def test_a_citizen_may_change_nothing_but_by_answering_and_how_far_a_task_has_come():
    """That it is their own Task, and nothing else of it: test_access.py."""
    changing = tuple(f".{verb}" for verb in ("create", "update", "patch", "delete", "write"))
    assert [each for each in privileges_of(["citizen"]) if each.endswith(changing)] == ["Task.patch"]


def test_guidance_is_read_by_who_sees_to_answers_and_by_who_writes_or_moves_it_and_by_no_citizen():
    readers = {role for role in _table()["roles"] if "ActionGuidance.read" in privileges_of([role])}
    assert readers == {"clinicalViewer", "monitoringAssistor", "questionnaireEditor", "clinicalAdministrator"}


def test_an_unknown_role_is_as_good_as_none():
    assert privileges_of(["king"]) == privileges_of([])


@pytest.mark.parametrize(
    ("type", "privileges", "to_read", "to_write"),
    [
        ("Task", {"Task.read"}, True, True),
        ("Task", {"Task.search"}, True, True),
        ("Task", {"Task.patch"}, False, True),
        ("Task", {"TaskList.read"}, False, False),
        ("ServiceRequest", {"CarePlan.read"}, True, True),
        ("Basic", {"ActionGuidance.read"}, True, True),
        ("Patient", {"Patient$createPatient"}, False, False),
        ("Patient", set(), False, False),
    ],
)
def test_a_type_is_shown_to_who_may_read_it_and_is_closed_where_no_privilege_names_it(
    type, privileges, to_read, to_write
):
    assert shows(type, frozenset(privileges), to_write=False) is to_read
    assert shows(type, frozenset(privileges), to_write=True) is to_write
