"""The command line: wrong input is one clear line on stderr and a non-zero exit."""

import pytest
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.cli import run
from kommunalpro.fhirserver import facts
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.identity.demo import Person, save_demo_persons
from tests.live import free_port
from tests.resources import organization
from tests.store.cast import NOW


@pytest.fixture
def said(database, capsys):
    """Run a command that must refuse; gives what it said, by line."""

    def refused(*arguments):
        assert run(list(arguments)) != 0
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err.strip().splitlines()

    return refused


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("serve", "--port", "0"),
        ("serve", "--port", "http"),
        ("serve", "--workers", "-1"),
        ("serve", "--host", "0.0.0.0"),  # noqa: S104  (it must be refused)
        ("import-questionnaire",),
        ("import-questionnaire", "no-such-file.json"),
        ("import-questionnaire", "."),
        ("token",),
        ("token", "--as", "nobody"),
        ("rebase", "http://a.dk/fhir"),
        ("rebase", "http://not.this.dk/fhir", "http://b.dk/fhir"),
        ("rebase", "here", "there"),
        ("verify-audit", "--head", "rubbish"),
        ("verify-audit", "--head", "7:" + "0" * 64),
        ("migrate", "--now"),
    ],
)
def test_wrong_input_is_one_line_and_a_non_zero_exit(said, arguments):
    assert len(said(*arguments)) == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--as", "nobody"), "--as: there is no demo person 'nobody'. There are: asta, nancy"),
        (("--as", "nancy", "--patient", "x"), "--patient: a citizen is in no care team and is their own patient."),
        (("--as", "asta", "--care-team", "x"), "--care-team: Asta is not in the care team 'x'. They are in: none"),
        (("--as", "asta", "--patient", "x"), "--patient: there is no such Patient."),
        (
            ("--as", "asta", "--episode", "http://x.dk/fhir/EpisodeOfCare/1"),
            "--episode: that is no EpisodeOfCare of this installation",
        ),
    ],
)
def test_an_argument_of_a_token_that_is_wrong_is_named_and_is_exit_code_two(database, capsys, arguments, named):
    base = settings.FHIR_BASE_URL
    facts.record_base_url(base)
    asta = Person("asta", "Asta", "PRACTITIONER", f"{base}/Practitioner/asta")
    save_demo_persons([asta, Person("nancy", "Nancy", "PATIENT", f"{base}/Patient/nancy")])
    assert run(["token", *arguments]) == 2
    assert named in capsys.readouterr().err


def test_a_token_before_the_demo_is_made_is_no_wrong_argument(database, capsys):
    facts.record_base_url(settings.FHIR_BASE_URL)
    assert run(["token", "--as", "asta"]) == 1
    assert "kommunalpro demo" in capsys.readouterr().err


@pytest.mark.parametrize("command", [("serve", "--port", "PORT"), ("worker", "--once")], ids=["serve", "worker"])
def test_a_place_for_exports_that_cannot_be_written_to_is_told_at_the_start(said, monkeypatch, tmp_path, command):
    facts.record_base_url(settings.FHIR_BASE_URL)
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "EXPORTS_DIRECTORY", tmp_path / "file" / "exports")
    (line,) = said(*(str(free_port()) if each == "PORT" else each for each in command))
    assert line.startswith(f"KOMMUNALPRO_EXPORTS: {tmp_path}/file/exports cannot be written to: Not a directory")


def test_whoever_rebuilds_the_index_is_told_once_that_others_hold_it(database, capsys, monkeypatch):
    facts.record_base_url(settings.FHIR_BASE_URL)
    with wiring.server().session(SYSTEM, now=NOW, trace_id="") as session:
        session.create(organization("Nord"))
    held, put = [None, None], facts._put
    monkeypatch.setattr(facts, "_PAUSE", 0)
    monkeypatch.setattr(facts, "_put", lambda *given: held.pop() if held else put(*given))
    assert run(["reindex"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err.count("Others hold the index")) == ("Indexed: 2 resources.\n", 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"{",
        b"[]",
        b'{"resourceType":"Patient"}',
        b"<?xml version='1.0'?><a",
        b"<html/>",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;</x>',
        b"\x00\x01\xff",
        b"[" * 100_000,
    ],
    ids=range(10),
)
def test_a_file_that_is_no_questionnaire_is_refused(said, tmp_path, content):
    path = tmp_path / "questionnaire"
    path.write_bytes(content)
    assert len(said("import-questionnaire", str(path), "--owner", "x")) == 1
