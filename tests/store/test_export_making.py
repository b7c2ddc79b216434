"""How a bulk export is made: in batches, by whoever works, through kills and full disks; and how it ends."""

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from kommunalpro.config.log import JsonFormatter
from kommunalpro.fhir.outcome import NotFound, Throttled
from kommunalpro.fhirserver.export import running
from kommunalpro.fhirserver.export.asking import cancel, open_file
from kommunalpro.fhirserver.export.jobs import UNREADABLE
from kommunalpro.fhirserver.export.manifest import progress
from kommunalpro.fhirserver.export.running import sweep
from tests.people import NANCY
from tests.store.cast import LATER, query, without
from tests.store.exports import ANALYST, organizations
from tests.store.others import others
from tests.store.test_properties import undone

HOUR = timedelta(hours=1)


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
    asked = [exports.ask(("_type", "CareTeam")) for _ in range(10)]
    with pytest.raises(Throttled):
        exports.ask(("_type", "CareTeam"))
    exports.ask(("_type", "CareTeam"), by=ANALYST)
    exports.step()
    exports.step()
    assert [bool(exports.status(each).finished_at) for each in asked].count(True) == 1
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


def test_who_has_lost_a_right_may_give_up_what_they_asked_for_and_see_nothing_of_it(exports):
    """It counts among theirs as long as it is there. In another context it is nobody's."""
    id = exports.ask(("_type", "Organization"), by=ANALYST)
    exports.finish()
    lesser = without(ANALYST, "Task.")
    with pytest.raises(NotFound, match="with rights that you have no longer"):
        exports.status(id, lesser)
    with pytest.raises(NotFound), exports.store.as_(lesser.within(care_team=None), now=LATER) as session:
        cancel(session, id)
    assert exports.place.jobs() == [id]
    with exports.store.as_(lesser, now=LATER) as session:
        cancel(session, id)
    assert exports.place.jobs() == []


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


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE fhir_export SET wanted = '{}'",
        "UPDATE fhir_export SET principal = 'null'",
        """UPDATE fhir_export SET parts = '[{"kind":"new"}]'""",
        "UPDATE fhir_export SET wanted = 'not JSON', finished_at = 7",
    ],
    ids=["order", "principal", "parts", "finished"],
)
def test_whoever_asks_after_one_that_this_version_cannot_read_is_told_that_it_ended(exports, written):
    id = exports.ask(("_type", "Organization"))
    query(written)
    job = exports.status(id)
    assert (job.finished_at > 0, job.error) == (True, UNREADABLE)
    with exports.store.as_(now=LATER) as session, pytest.raises(NotFound):
        open_file(session, id, "Organization.ndjson")
    with exports.store.as_(now=LATER) as session:
        cancel(session, id)
    with pytest.raises(NotFound):
        exports.status(id)


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
