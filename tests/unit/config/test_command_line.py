"""The command line: wrong input is one clear line on stderr and a non-zero exit."""

import pytest

from kommunalpro.config.cli import run


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
