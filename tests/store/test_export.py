"""Bulk export: everything that one may see, as it was when it began, whoever wrote meanwhile and whatever broke."""

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from kommunalpro.config.log import JsonFormatter
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import BadRequest, Forbidden, NotFound, Throttled, UnknownParameter
from kommunalpro.fhirserver.clockwork import from_microseconds
from kommunalpro.fhirserver.export import running
from kommunalpro.fhirserver.export.asking import cancel, open_file
from kommunalpro.fhirserver.export.manifest import progress
from kommunalpro.fhirserver.export.running import sweep
from kommunalpro.fhirserver.horizon import BEFORE_IT_BEGINS
from kommunalpro.fut.contexts import SYSTEM
from tests.databases import ENGINES
from tests.people import ASTA, BO, NANCY
from tests.resources import care_team, observation, organization, practitioner, task
from tests.store.cast import LATER, NOW, citizen, query, staff
from tests.store.exports import ANALYST, may_export
from tests.store.others import holding_open, others
from tests.store.test_properties import undone

HOUR = timedelta(hours=1)


@pytest.fixture
def in_twos(monkeypatch):
    """Batches of two rows, so that a few are many batches."""
    for name in ("_ON_POSTGRESQL", "_ON_SQLITE"):
        monkeypatch.setattr(running, name, 2)


def organizations(exports, count):
    made = [exports.store.create(organization(f"Nr. {number}"))["id"] for number in range(count)]
    return sorted([*made, "kommune", "region"])


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
    for name in ("Task.ndjson", "../keys", "/etc/passwd", ""):
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


# --- How it is made
def test_it_goes_batch_by_batch_and_tells_how_far_it_is(exports, in_twos):
    all_of_them = organizations(exports, 3)
    id = exports.ask(("_type", "CareTeam,Organization"))
    assert progress(exports.status(id)) == "waiting for the worker"
    said = []
    while exports.step():
        said.append(progress(exports.status(id)))
    assert said[:3] == [
        "2 resources, 0 of 2 files finished",
        "3 resources, 1 of 2 files finished",
        "5 resources, 1 of 2 files finished",
    ]
    assert exports.ids(id)["Organization"] == all_of_them
    assert [each["count"] for each in exports.manifest(id)["output"]] == [3, 5]


def test_a_half_written_tail_is_cut_off_and_written_again(exports, in_twos):
    all_of_them = organizations(exports, 5)
    id = exports.ask(("_type", "Organization"))
    exports.step()
    with exports.place.path(id, "Organization.ndjson").open("ab") as file:
        file.write(b'{"resourceType":"Organization","id":"half')
    exports.finish()
    assert exports.ids(id)["Organization"] == all_of_them


def test_a_file_that_was_lost_is_made_again_as_it_was(exports, in_twos):
    all_of_them = organizations(exports, 5)
    id = exports.ask(("_type", "CareTeam,Organization"))
    for _ in range(3):
        exports.step()
    exports.place.remove(id)
    exports.finish()
    assert exports.ids(id) == {"CareTeam": ["hjerte", "nord", "syd"], "Organization": all_of_them}


def test_it_goes_on_where_a_killed_process_stopped(exports):
    all_of_them = organizations(exports, 40)
    id = exports.ask(("_type", "Organization"))
    with others(exports.store.url, ("export-in-twos", str(exports.place.directory))) as [worker]:
        for _ in range(3):
            worker.says()
        worker.kill()
        worker.ends()
    done = exports.status(id).count
    assert 6 <= done < 42
    exports.finish()
    assert exports.ids(id)["Organization"] == all_of_them


def test_two_workers_make_one_export_together(exports):
    all_of_them = organizations(exports, 30)
    id = exports.ask(("_type", "Organization"))
    with others(exports.store.url, *[("export-in-twos", str(exports.place.directory))] * 2) as workers:
        for each in workers:
            while each.says():
                pass
            assert each.ends() == 0
    exports.finish()
    assert exports.ids(id)["Organization"] == all_of_them


def test_a_full_disk_stops_it_and_loses_nothing(exports):
    all_of_them = organizations(exports, 5)
    id = exports.ask(("_type", "Organization"))
    path = exports.place.path(id, "Organization.ndjson")
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/full")
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            exports.step()
    assert exports.status(id).count == 0
    path.unlink()
    exports.finish()
    assert exports.ids(id)["Organization"] == all_of_them


def test_who_has_ten_waiting_waits(exports):
    first, *_ = [exports.ask(("_type", "CareTeam")) for _ in range(10)]
    with pytest.raises(Throttled):
        exports.ask(("_type", "CareTeam"))
    exports.ask(("_type", "CareTeam"), by=ANALYST)
    exports.step()
    exports.step()
    assert exports.status(first).finished_at
    exports.ask(("_type", "CareTeam"))


def test_a_filter_that_is_understood_no_more_ends_the_export_and_not_the_worker(exports):
    id = exports.ask(("_type", "Task"), ("_typeFilter", "Task?status=accepted"))
    query("UPDATE fhir_export SET wanted = replace(wanted, 'status=', 'shoe-size=')")
    exports.finish()
    assert "shoe-size" in exports.status(id).error
    assert exports.made(("_type", "CareTeam")) == {"CareTeam": ["hjerte", "nord", "syd"]}


def test_the_files_are_the_services_own(exports):
    id = exports.ask(("_type", "Patient"))
    exports.finish()
    path = exports.place.path(id, "Patient.ndjson")
    modes = [each.stat().st_mode & 0o777 for each in (path, path.parent, exports.place.directory)]
    assert modes == [0o600, 0o700, 0o700]


# --- How it ends
def test_what_is_cancelled_is_gone_with_its_files(exports, in_twos):
    organizations(exports, 5)
    id = exports.ask(("_type", "Organization"))
    exports.step()
    with exports.store.as_(now=LATER) as session:
        cancel(session, id)
    assert exports.place.jobs() == []
    assert exports.step() is False
    with pytest.raises(NotFound):
        exports.status(id)


def test_files_are_kept_for_a_day_and_what_is_nobodys_is_swept_away(exports):
    id = exports.ask(("_type", "Patient"))
    exports.finish()
    exports.place.path("nobodys", "x").parent.mkdir()
    sweep(exports.place, LATER + 23 * HOUR)
    assert exports.place.jobs() == [id]
    sweep(exports.place, LATER + 25 * HOUR)
    assert exports.place.jobs() == []
    with pytest.raises(NotFound):
        exports.status(id)


def test_what_the_database_cannot_do_ends_that_export_and_no_other(exports, monkeypatch):
    bad = exports.ask(("_type", "Organization"))
    monkeypatch.setattr(running, "batch_sql", lambda *_: ("SELECT nothing FROM nowhere", ()))
    exports.step()
    monkeypatch.undo()
    assert exports.status(bad).error
    assert exports.made(("_type", "CareTeam"))["CareTeam"] == ["hjerte", "nord", "syd"]


# --- What goes wrong with one
def failing(wrong):
    def fail(*_):
        raise wrong

    return fail


def ends(exports, id):
    """That this one ended; gives what whoever asked for it is told. Others are made."""
    assert exports.made(("_type", "CareTeam")) == {"CareTeam": ["hjerte", "nord", "syd"]}
    job = exports.status(id)
    assert job.finished_at
    assert id not in exports.place.jobs()
    return job.error


def test_what_nobody_foresaw_ends_that_export_and_no_other_and_goes_to_the_log(exports, monkeypatch, caplog):
    id = exports.ask(("_type", "Organization"))
    monkeypatch.setattr(running, "batch_sql", failing(ValueError(f"of {NANCY.cpr}")))
    exports.step()
    monkeypatch.undo()
    assert ends(exports, id) == "The server failed (ValueError); its operator finds why in the log"
    [record] = [each for each in caplog.records if id in each.message]
    line = JsonFormatter().format(record)
    assert "Traceback" in line
    assert NANCY.cpr not in line


def test_a_directory_that_cannot_be_one_ends_that_export_and_no_other(exports):
    id = exports.ask(("_type", "Organization"))
    exports.place.directory.write_text("a file")
    exports.step()
    exports.place.directory.unlink()
    assert "cannot write the files" in ends(exports, id)


def test_a_job_that_this_version_cannot_read_ends_and_no_other(exports):
    exports.ask(("_type", "Organization"))
    query("UPDATE fhir_export SET wanted = '{}'")
    assert exports.made(("_type", "CareTeam")) == {"CareTeam": ["hjerte", "nord", "syd"]}
    assert query("SELECT count(*) FROM fhir_export WHERE error <> ''") == [(1,)]


# --- Where the files lie
def test_what_is_not_of_an_export_is_left_alone(exports):
    exports.made(("_type", "Organization"))
    for place in (exports.place.directory, exports.place.own):
        (place / "regnskab").mkdir()
    sweep(exports.place, LATER + 48 * HOUR)
    left = {each.relative_to(exports.place.directory) for each in exports.place.directory.rglob("*")}
    own = exports.place.own.relative_to(exports.place.directory)
    assert left == {Path("regnskab"), own, own / "regnskab"}


def test_another_installation_in_the_same_directory_keeps_its_exports(exports):
    id = exports.ask(("_type", "Patient"))
    exports.finish()
    mine = exports.place.path(id, "Patient.ndjson")
    with another_installation():
        sweep(exports.place, LATER)
        exports.place.remove(id)
        theirs = exports.ask(("_type", "CareTeam"))
        exports.finish()
        assert exports.place.jobs() == [theirs]
        exports.place.remove_all()
    assert mine.exists()
    assert exports.place.jobs() == [id]


@contextmanager
def another_installation():
    """As a database that was made by itself: of another name, and without our exports."""
    with undone():
        query("DELETE FROM fhir_fact WHERE name = 'installation'")
        query("DELETE FROM fhir_export")
        yield
