"""Tokens for the demo's persons, as those who program against `/fhir` ask for them."""

import pytest

from tests.live import LiveServer


@pytest.mark.parametrize(("option", "given"), [("--patient", "hest"), ("--episode", "nope")])
def test_no_token_is_issued_for_what_is_not_there(filled: LiveServer, option: str, given: str):
    done = filled.command("token", "--as", "asta", option, given, check=False)
    assert done.returncode == 2
    assert "there is no such" in done.stderr
    assert given not in done.stderr  # it may be a CPR number
    assert done.stdout == ""


def test_a_nurse_gets_a_token_in_her_first_team(filled: LiveServer):
    assert filled.command("token", "--as", "asta").stdout.count(".") == 2
