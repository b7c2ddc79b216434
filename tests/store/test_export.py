"""Bulk export: everything that one may see, as it was when it began, whoever wrote meanwhile and whatever broke."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, UnknownParameter
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.export.asking import open_file
from kommunalpro.fhirserver.horizon import BEFORE_IT_BEGINS
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES
from tests.people import ASTA, BO, NANCY
from tests.resources import care_team, observation, organization, practitioner, task
from tests.store.cast import LATER, NOW, citizen, query, staff
from tests.store.exports import ANALYST, may_export, organizations
from tests.store.others import holding_open

HOUR = timedelta(hours=1)


# --- What it holds
def test_the_system_gets_every_resource_as_it_is_stored(exports):
    exports.store.forget_audit()
    made = exports.made()
    stored = query("SELECT type, id FROM fhir_resource WHERE type <> 'AuditEvent' ORDER BY type, id")
    assert sorted((type, id) for type, ids in made.items() for id in ids if type != "AuditEvent") == sorted(stored)


def test_a_line_is_the_resource_to_the_digit(exports):
    text = dumps(exports.store.read("Organization", "kommune"))
    id = exports.ask(("_type", "Organization"))
    exports.finish()
    with exports.store.as_() as session, open_file(session, id, "Organization.ndjson") as file:
        assert file.readline() == text + b"\n"


def test_odd_signs_arrive_as_they_are(exports):
    odd = 'Æblehaven \\ "7" \\n % \\x02 , ; \U0001f34f'
    made = exports.store.create(organization(odd))
    id = exports.ask(("_type", "Organization"))
    exports.finish()
    [found] = [each for each in exports.read(id, "Organization.ndjson") if each["id"] == made["id"]]
    assert found == made


def test_only_the_types_that_were_asked_for(exports):
    made = exports.made(("_type", "Patient,CareTeam"), ("_type", "Organization"))
    assert made == {
        "CareTeam": ["hjerte", "nord", "syd"],
        "Organization": ["kommune", "region"],
        "Patient": ["nancy", "tjoern"],
    }


def test_of_patients_is_what_belongs_to_patients(exports):
    made = exports.made(("_type", "Patient,EpisodeOfCare,Organization,Practitioner"), patients_only=True)
    assert made == {"EpisodeOfCare": ["nancys", "tjoerns"], "Patient": ["nancy", "tjoern"]}


def test_a_filter_is_a_search_and_several_are_either(exports):
    of_nord = ("_typeFilter", "EpisodeOfCare?team=CareTeam/nord")
    assert exports.made(("_type", "EpisodeOfCare"), of_nord) == {"EpisodeOfCare": ["nancys"]}
    both = ("_typeFilter", "EpisodeOfCare?team=CareTeam/nord,EpisodeOfCare?team=CareTeam/syd")
    assert exports.made(("_type", "EpisodeOfCare,CareTeam"), both) == {
        "CareTeam": ["hjerte", "nord", "syd"],
        "EpisodeOfCare": ["nancys", "tjoerns"],
    }


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        (("_outputFormat", "text/csv"), "text/csv"),
        (("_type", "Spaceship"), "Spaceship"),
        (("_typePostFetchFilterUrl", "Task?status=x"), "_typePostFetchFilterUrl"),
        (("patient", "Patient/nancy"), "patient"),
        (("_since", "yesterday"), "_since"),
        (("_typeFilter", "Task"), "_typeFilter"),
        (("_typeFilter", "Task?status=%00"), "_typeFilter"),
        (("_typeFilter", "Task?_sort=status"), "_typeFilter"),
        (("_typeFilter", "Task?_count=7"), "_typeFilter"),
        (("_typeFilter", "Spaceship?status=x"), "Spaceship"),
    ],
    ids=str,
)
def test_what_is_not_offered_is_refused_by_name(exports, pair, named):
    with pytest.raises(BadRequest, match=named.replace("$", r"\$")):
        exports.ask(pair)


def test_an_unknown_parameter_in_a_filter_is_refused_by_name(exports):
    with pytest.raises(UnknownParameter, match="shoe-size"):
        exports.ask(("_typeFilter", "Task?shoe-size=42"))


@pytest.mark.parametrize(
    "format", ["application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"]
)
def test_every_name_of_the_format_is_taken(exports, format):
    assert exports.made(("_outputFormat", format), ("_type", "CareTeam")) == {"CareTeam": ["hjerte", "nord", "syd"]}


# --- Whose it is
def test_what_may_not_be_seen_is_absent(exports):
    made = exports.made(("_type", "Patient,EpisodeOfCare,AuditEvent,Organization"), by=ANALYST)
    assert made == {"EpisodeOfCare": ["nancys"], "Organization": ["kommune", "region"], "Patient": ["nancy"]}


def test_what_may_be_written_and_not_read_is_absent(exports):
    writer = replace(ANALYST, privileges=frozenset({"$bulk-export", "Patient.patch", "Organization.read"}))
    assert exports.made(("_type", "Patient,Organization"), by=writer) == {"Organization": ["kommune", "region"]}


def test_a_filter_does_not_tell_what_may_not_be_seen(exports):
    of_tjoern = ("_typeFilter", "EpisodeOfCare?patient=Patient/tjoern")
    assert exports.made(("_type", "EpisodeOfCare"), of_tjoern, by=ANALYST) == {}


def test_without_the_privilege_it_is_refused(exports):
    for somebody in (staff(ASTA), citizen(NANCY)):
        with pytest.raises(Forbidden):
            exports.ask(by=somebody)


def test_who_leaves_the_team_gets_nothing_more(exports, in_twos):
    for _ in range(5):
        exports.store.create(task("nancy", "nancys"))
    id = exports.ask(("_type", "Task"), by=ANALYST)
    exports.step()
    assert len(exports.status(id, ANALYST).parts) == 1
    team = exports.store.read("CareTeam", "nord")
    exports.store.update({**care_team("Nord", BO), "id": "nord", "meta": team["meta"]})
    exports.finish()
    assert len(exports.ids(id, ANALYST)["Task"]) == 2


@pytest.fixture
def put_right(exports, in_twos):
    """Measurements of Nancy's and one of Tjørn's; while an export is made, that one is put right to be Nancy's too."""

    def export(by):
        for id in ("a", "b"):
            exports.store.create(observation("nancy", "nancys"), id=id)
        exports.store.create(observation("tjoern", "tjoerns"), id="c")
        exports.store.create(observation("nancy", "nancys"), id="d")
        id = exports.ask(("_type", "Observation"), by=by)
        exports.step()
        for each in ("c", "d"):
            exports.store.update({**observation("nancy", "nancys", status="amended"), "id": each}, now=LATER + HOUR)
        exports.finish(LATER + HOUR)
        found = exports.read(id, "Observation.ndjson", by)
        return [(each["id"], each["subject"]["reference"].rpartition("/")[2], each["status"]) for each in found]

    return export


def test_what_was_about_somebody_else_when_it_began_is_not_shown_to_who_may_see_it_now(put_right):
    assert put_right(ANALYST) == [(id, "nancy", "final") for id in ("a", "b", "d")]


def test_who_may_see_everything_is_shown_whose_it_was_when_it_began(put_right):
    whose = {"a": "nancy", "b": "nancy", "c": "tjoern", "d": "nancy"}
    assert put_right(SYSTEM) == [(id, patient, "final") for id, patient in whose.items()]


@pytest.mark.parametrize(
    "call", [lambda e, job, by: e.status(job, by), lambda e, job, by: e.read(job, "Patient.ndjson", by)]
)
def test_somebody_elses_export_is_not_there(exports, call):
    id = exports.ask(("_type", "Patient"), by=ANALYST)
    exports.finish()
    assert exports.ids(id, ANALYST) == {"Patient": ["nancy"]}
    for somebody in (may_export(staff(BO)), SYSTEM):
        with pytest.raises(NotFound):
            call(exports, id, somebody)


def test_a_name_that_is_no_file_of_the_export_is_not_there(exports):
    id = exports.ask(("_type", "Patient"))
    exports.finish()
    for name in ("Task.ndjson", "../keys", "/etc/passwd"):
        with pytest.raises(NotFound):
            exports.read(id, name)


# --- At what time it was
def test_it_shows_everything_as_it_was_when_it_began(exports, in_twos):
    before = organizations(exports, 7)
    id = exports.ask(("_type", "Organization"))
    exports.step()
    meanwhile = LATER + HOUR
    for each in before[:8]:
        exports.store.update(exports.store.read("Organization", each) | {"name": "Ny"}, now=meanwhile)
    exports.store.delete("Organization", before[8], now=meanwhile)
    exports.store.create(organization("Ny"), now=meanwhile)
    exports.finish(meanwhile)
    found = exports.read(id, "Organization.ndjson")
    assert sorted(each["id"] for each in found) == before
    assert {each["meta"]["versionId"] for each in found} == {"1"}


def test_what_was_deleted_before_is_absent_and_deleted_again_is_said_since(exports):
    gone = exports.store.create(practitioner())["id"]
    exports.store.delete("Practitioner", gone, now=NOW + HOUR / 2)
    assert gone not in exports.made(("_type", "Practitioner"))["Practitioner"]
    since = ("_since", (NOW + HOUR / 4).isoformat())
    assert exports.made(("_type", "Practitioner"), since) == {"Practitioner-deleted": [f"Practitioner/{gone}"]}


def test_since_takes_what_was_changed_at_that_moment_or_later(exports):
    later = exports.store.create(practitioner(), now=NOW + HOUR / 2)["id"]
    assert exports.made(("_type", "Practitioner"), ("_since", (NOW + HOUR / 2).isoformat())) == {
        "Practitioner": [later]
    }
    assert exports.made(("_type", "Practitioner"), ("_since", (NOW + HOUR).isoformat())) == {}


def test_since_the_last_export_nothing_is_missed_that_was_under_way(exports):
    """A writer whose clock was read before the export began, and who commits after it."""
    id = exports.ask(("_type", "Practitioner"))
    exports.finish()
    late = exports.store.create(practitioner(), now=LATER - timedelta(minutes=4))["id"]
    assert late not in exports.ids(id)["Practitioner"]
    since = exports.manifest(id)["transactionTime"]
    assert late in exports.made(("_type", "Practitioner"), ("_since", since))["Practitioner"]


@pytest.mark.parametrize("template", [each for each in ENGINES if each == "postgresql"], indirect=True)
def test_it_stops_below_the_oldest_open_transaction(exports):
    """SQLite has one writer at a time: there no transaction can be open."""
    with holding_open(lambda: exports.store.create(practitioner())):
        query("SELECT pg_sleep(0.2)")
        id = exports.ask(("_type", "Organization"))
        exports.finish()
    reaches = LATER - from_microseconds(exports.status(id).complete_to)
    assert reaches >= BEFORE_IT_BEGINS + timedelta(seconds=0.2)
    without = exports.ask(("_type", "Organization"))
    exports.finish()
    assert LATER - from_microseconds(exports.status(without).complete_to) < reaches
