"""The command line as processes: what is wrong around it is one clear line and a non-zero exit, never a traceback."""

import os
import re
import socket
import subprocess

import pytest

from kommunalpro.fhir.json import dumps
from kommunalpro.identity.keys import AUDIT_KEY
from tests.live import COMMAND, PROJECT, LiveServer, free_port


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """A migrated installation that does not serve."""
    return LiveServer.prepared(tmp_path_factory.mktemp("installation"))


def clean_environment():
    """What the machine has, without what is ours: the tests' own variable would be refused as one too many."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KOMMUNALPRO_") and name != "DJANGO_SETTINGS_MODULE"
    }


def serve():
    """The command, on a port where nobody answers: somebody's installation may be running on the usual one."""
    return "serve", "--port", str(free_port())


def refusal(done):
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert lines
    return lines


def test_all_that_is_wrong_with_the_environment_is_told_at_once(installation):
    wrong = {"KOMMUNALPRO_DEMO": "maybe", "KOMMUNALPRO_SECRET": "x"}
    done = subprocess.run(  # noqa: S603  (our own command)
        [*COMMAND, "migrate"], env=clean_environment() | wrong, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    lines = refusal(done)
    assert [line.split(":")[0] for line in lines] == ["KOMMUNALPRO_SECRET", "KOMMUNALPRO_DEMO"]


def test_a_start_with_another_base_url_is_refused(installation):
    installation.environment["KOMMUNALPRO_FHIR_BASE_URL"], own = "http://renamed.dk/fhir", installation.base_url
    try:
        on_own_data = serve(), ("worker", "--once"), ("token", "--as", "asta"), ("import-questionnaire", "any.json")
        for command in (("migrate",), *on_own_data):
            (line,) = refusal(installation.command(*command, check=False))
            assert "rebase" in line
    finally:
        installation.environment["KOMMUNALPRO_FHIR_BASE_URL"] = own


def test_a_clock_that_says_no_time_is_told(installation):
    (installation.directory / "clock").write_text("in the morning", encoding="ascii")
    try:
        (line,) = refusal(installation.command(*serve(), check=False))
        assert line.startswith("KOMMUNALPRO_CLOCK_FILE")
    finally:
        (installation.directory / "clock").unlink()


def test_a_rename_from_what_the_database_is_not_named_by_says_what_it_is(installation):
    (line,) = refusal(installation.command("rebase", "http://mistyped.dk/fhir", "http://new.dk/fhir", check=False))
    assert installation.base_url in line
    (line,) = refusal(installation.command("rebase", installation.base_url, installation.base_url, check=False))
    assert "the same" in line


def test_a_database_that_does_not_answer_is_told_with_its_place_and_without_the_password(installation):
    port = free_port()
    environment = installation.environment | {
        "KOMMUNALPRO_DATABASE_URL": f"postgresql://kommunal:hemmeligt@127.0.0.1:{port}/pro"
    }
    done = subprocess.run(  # noqa: S603  (our own command)
        [*COMMAND, *serve()], env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    (line,) = refusal(done)
    assert str(port) in line
    assert "hemmeligt" not in line


def test_a_port_that_is_taken_is_told(installation):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (line,) = refusal(installation.command("serve", "--port", str(taken.getsockname()[1]), check=False))
    assert "--port" in line


def test_a_database_that_was_never_migrated_is_told(tmp_path, installation):
    bare = LiveServer(
        tmp_path, free_port(), installation.environment | {"KOMMUNALPRO_DATABASE_URL": f"sqlite:///{tmp_path}/x"}
    )
    for command in (serve(), ("worker", "--once"), ("verify-audit",), ("reindex",)):
        (line,) = refusal(bare.command(*command, check=False))
        assert "kommunalpro migrate" in line


def test_missing_keys_are_told(tmp_path, installation):
    bare = LiveServer(tmp_path, free_port(), installation.environment | {"KOMMUNALPRO_KEYS": str(tmp_path / "none")})
    for command in (serve(), ("worker", "--once"), ("verify-audit",)):
        (line,) = refusal(bare.command(*command, check=False))
        assert AUDIT_KEY in line


def test_production_has_no_demo_and_no_tokens(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("q8Z-4nT_kWm1xV7rB2pL9dJ6sH3gF5aC0yU-eRtYiOpQwErTzU")
    production = {
        "KOMMUNALPRO_DEMO": "False",
        "KOMMUNALPRO_DATABASE_URL": f"sqlite:///{tmp_path}/pro.sqlite3",
        "KOMMUNALPRO_FHIR_BASE_URL": "https://pro.example.dk/fhir",
        "KOMMUNALPRO_KEYS": str(tmp_path / "keys"),
        "KOMMUNALPRO_SECRET_KEY_FILE": str(secret),
        "KOMMUNALPRO_ALLOWED_HOSTS": "pro.example.dk",
    }
    live = LiveServer(tmp_path, free_port(), clean_environment() | production)
    for command in (("demo",), ("token", "--as", "asta")):
        assert len(refusal(live.command(*command, check=False))) == 1


def test_migrate_again_changes_nothing(installation):
    keys = {path.name: path.read_bytes() for path in (installation.directory / "keys").iterdir()}
    installation.command("migrate")
    assert keys == {path.name: path.read_bytes() for path in (installation.directory / "keys").iterdir()}


def test_the_worker_seals_and_verification_follows_its_head(installation):
    installation.command("worker", "--once")
    said = installation.command("verify-audit").stdout
    head = said.split("Head: ")[1].strip()
    assert "whole" in installation.command("verify-audit", "--head", head).stdout


def test_verification_says_plainly_that_nothing_is_sealed_yet(tmp_path):
    fresh = LiveServer.prepared(tmp_path)
    fresh.command("worker", "--once")  # It has nothing to do, and leaves no trace.
    assert "whole. Sealed: 0, not sealed yet: 0" in fresh.command("verify-audit").stdout
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "title": "Kort"}
    questionnaire["item"] = [{"linkId": "1", "text": "Søvn?", "type": "boolean"}]
    (tmp_path / "q.json").write_bytes(dumps(questionnaire))
    owner = f"{fresh.base_url}/Organization/birkelund"
    fresh.command("import-questionnaire", str(tmp_path / "q.json"), "--owner", owner)
    said = fresh.command("verify-audit").stdout
    assert re.fullmatch(
        r"Nothing is sealed yet: [1-9]\d* events could be changed unseen. Run: kommunalpro worker\n", said
    )


def test_a_rename_goes_all_the_way_and_leaves_the_sealed_log_whole(tmp_path):
    old, new = LiveServer.prepared(tmp_path), "https://ny.example.dk/fhir"
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "title": "Kort"}
    questionnaire["item"] = [{"linkId": "1", "text": "Søvn?", "type": "boolean"}]
    (tmp_path / "q.json").write_bytes(dumps(questionnaire))
    owner = f"{old.base_url}/Organization/birkelund"
    old.command("import-questionnaire", str(tmp_path / "q.json"), "--owner", owner)
    old.command("worker", "--once")
    assert "Renamed: " in old.command("rebase", old.base_url, new).stdout
    renamed = LiveServer(tmp_path, old.port, old.environment | {"KOMMUNALPRO_FHIR_BASE_URL": new})
    assert "Indexed: " in renamed.command("reindex").stdout
    assert "whole" in renamed.command("verify-audit").stdout


def test_an_r4_questionnaire_is_imported_and_what_fut_needs_is_added(installation, tmp_path):
    path = tmp_path / "q.json"
    path.write_text(
        '{"resourceType":"Questionnaire","status":"draft","title":"Kort","item":[{"linkId":"1","text":"Søvn?","type":"boolean"}]}'
    )
    owner = f"{installation.base_url}/Organization/birkelund"
    done = installation.command("import-questionnaire", str(path), "--owner", owner)
    assert f"Imported: {installation.base_url}/Questionnaire/" in done.stdout
    assert "version 1.0 added" in done.stdout


def test_who_publishes_the_same_title_and_version_again_is_told_of_the_first(installation, tmp_path):
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "title": "Søvn, kort", "version": "1.0"}
    questionnaire["item"] = [{"linkId": "1", "text": "Søvn?", "type": "boolean"}]
    (tmp_path / "q.json").write_bytes(dumps(questionnaire))
    owner = f"{installation.base_url}/Organization/birkelund"
    asked = ("import-questionnaire", str(tmp_path / "q.json"), "--owner", owner, "--publish")
    first, again = (installation.command(*asked).stdout for _ in range(2))
    [url] = re.findall(r"Imported: (\S+)", first)
    assert "warning" not in first
    assert f"warning: {url} is published with the same title and version" in again


def test_a_questionnaire_with_a_lost_condition_is_not_published(installation, tmp_path):
    path = tmp_path / "q.json"
    path.write_text(
        '{"resourceType":"Questionnaire","status":"draft","title":"Kort","item":[{"linkId":"1","text":"Søvn?","type":'
        '"boolean","enableWhen":[{"question":"2","operator":"exists","answerBoolean":true}]}]}'
    )
    owner = f"{installation.base_url}/Organization/birkelund"
    done = installation.command("import-questionnaire", str(path), "--owner", owner, "--publish", check=False)
    assert done.returncode == 1
    assert "Betingelsen spørger til 2, som ikke findes" in done.stderr
    assert "Traceback" not in done.stderr
