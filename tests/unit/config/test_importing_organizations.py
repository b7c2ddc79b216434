"""Registers' files from the command line: what is told, what is written to the report, and what refuses a file."""

import pytest
from django.conf import settings

from kommunalpro.config import wiring
from kommunalpro.config.cli import run
from kommunalpro.config.commands import organizations, questionnaire
from kommunalpro.fhir.identifier import passes_verhoeff
from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.reference import own_url
from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.contexts import SYSTEM
from kommunalpro.fut.organizations.importing import Event
from tests.resources import organization
from tests.unit.integrations.fk_organisation import files as fk
from tests.unit.integrations.sor import files as sor


@pytest.fixture
def says(database, capsys):
    """Run a command; gives its exit code, what it printed and what it said was wrong, by line."""
    record_base_url(settings.FHIR_BASE_URL)

    def ran(*arguments):
        code = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out.splitlines(), captured.err.splitlines()

    return ran


def test_it_says_what_became_of_the_units_and_of_faulty_lines_why(says, tmp_path):
    file = sor.write(tmp_path, sor.unit(sor.REGION, "Region"), sor.unit(sor.TOWN, "", parent=sor.REGION))
    code, lines, _ = says("import-sor", file)
    assert (code, lines) == (3, [f"fault: {sor.TOWN}: line 3: it has no name", "Imported: 1 new, 1 fault."])
    assert says("import-sor", file)[1][-1] == "Imported: 1 unchanged, 1 fault."


def test_a_kind_of_unit_that_nobody_knows_is_a_remark_and_no_line_is_faulty_for_it(says, tmp_path):
    file = sor.write(tmp_path, sor.unit(sor.REGION, kind="ZZ"), sor.unit(sor.TOWN, kind="ZZ"))
    code, lines, _ = says("import-sor", file)
    assert (code, lines[-1]) == (0, "Imported: 2 new, 1 remark.")
    assert "SorType 'ZZ' is none of HI, IE, IO, OE, SI: 2 units have it" in lines[0]


def test_of_very_many_faults_the_first_are_told_and_the_report_has_them_all(says, tmp_path, monkeypatch):
    monkeypatch.setattr(organizations, "MOST_TOLD", 2)
    file = sor.write(tmp_path, sor.unit(sor.REGION, "Region"), *[sor.unit("17")] * 5)
    assert says("import-sor", file)[1][2:] == [
        "… and 3 more faults: --report FILE has them all.",
        "Imported: 1 new, 5 faults.",
    ]
    monkeypatch.setattr(organizations, "MOST_TOLD", 4)
    assert says("import-sor", file)[1][-2] == "… and 1 more fault: --report FILE has them all."
    monkeypatch.setattr(organizations, "MOST_TOLD", 2)
    assert says("import-sor", file, "--report", tmp_path / "report.csv")[1][2:] == ["Imported: 1 unchanged, 5 faults."]
    rows = (tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "kind;number;name;detail"
    assert [row.split(";")[0] for row in rows[1:]] == ["fault"] * 5 + ["unchanged"]


@pytest.mark.parametrize(("command", "files"), [("import-sor", sor), ("import-fk-organisation", fk)])
def test_a_nightly_job_sees_by_the_exit_code_that_lines_were_faulty_and_by_0_that_none_were(
    says, tmp_path, command, files
):
    good = files.unit(sor.REGION if files is sor else fk.TOWN)
    assert says(command, files.write(tmp_path, good))[0] == 0
    assert says(command, files.write(tmp_path, good, files.unit("17")))[0] == 3


@pytest.mark.parametrize(("command", "files"), [("import-sor", sor), ("import-fk-organisation", fk)])
def test_a_file_of_a_header_alone_is_refused_and_closes_nobody(says, tmp_path, command, files):
    good = files.unit(sor.REGION if files is sor else fk.TOWN)
    says(command, files.write(tmp_path, good))
    many = ["--close-many"] if files is sor else []
    code, lines, [wrong] = says(command, files.write(tmp_path), *many)
    assert (code, lines) == (1, [])
    assert "it has no units" in wrong
    assert says(command, files.write(tmp_path, good))[1] == ["Imported: 1 unchanged."]


def test_a_file_that_broke_off_closes_nobody_and_a_nightly_job_sees_it(says, tmp_path):
    numbers = [each for each in map(str, range(100_000, 101_000)) if passes_verhoeff(each)][:12]
    units = [sor.unit(number, f"Enhed {number}") for number in numbers]
    assert says("import-sor", sor.write(tmp_path, *units))[:2] == (0, ["Imported: 12 new."])
    broken = sor.write(tmp_path, units[0])
    code, lines, _ = says("import-sor", broken)
    assert (code, lines[-1]) == (3, "Imported: 1 unchanged, 1 fault.")
    assert lines[0].startswith("fault: 11 open units are not in the file and were not closed, so many")
    assert f"{numbers[1]} Enhed {numbers[1]}, " in lines[0]
    assert says("import-sor", broken, "--close-many")[1][-1] == "Imported: 11 closed, 1 unchanged."


def test_units_of_fk_organisation_come_in_alike(says, tmp_path):
    file = fk.write(tmp_path, fk.unit(fk.TOWN, "Birkelund Kommune", type="Organisation"))
    assert says("import-fk-organisation", file)[:2] == (0, ["Imported: 1 new."])


def test_columns_of_other_names_are_read_by_a_mapping_of_ones_own(says, tmp_path):
    header = ["Navn" if name == "EntityName" else name for name in sor.HEADER]
    file = sor.write(tmp_path, sor.unit(sor.REGION), header=header)
    code, _, wrong = says("import-sor", file)
    assert code == 1
    assert "name (EntityName)" in wrong[0]
    (tmp_path / "own.json").write_text('{"columns": {"name": {"names": ["Navn"]}}}')
    assert says("import-sor", file, "--columns", tmp_path / "own.json")[1] == ["Imported: 1 new."]


@pytest.mark.parametrize("command", ["import-sor", "import-fk-organisation"])
def test_a_file_that_is_not_there_is_told_in_one_line(says, tmp_path, command):
    code, lines, [wrong] = says(command, tmp_path / "none.csv")
    assert (code, lines) == (1, [])
    assert "none.csv cannot be read" in wrong


@pytest.mark.parametrize("command", ["import-sor", "import-fk-organisation"])
def test_of_what_is_no_such_file_its_name_is_told_once(says, tmp_path, command):
    file = tmp_path / "units.csv"
    header = ";".join(sor.HEADER if command == "import-sor" else fk.COLUMNS)
    file.write_text(f'{header}\n"{"x" * 200_000}', encoding="utf-8")
    code, _, [wrong] = says(command, file)
    assert (code, wrong.count("units.csv")) == (1, 1)
    assert "no CSV file" in wrong


def test_a_line_of_the_report_is_written_when_it_is_told_so_that_without_room_for_it_nothing_is_stored(tmp_path):
    with organizations._telling(tmp_path / "report.csv") as tell:
        tell(Event("new", sor.REGION, "Region"))
        assert (tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()[1:] == [f"new;{sor.REGION};Region;"]


def test_a_report_for_which_there_is_no_room_is_told_as_that(says, tmp_path):
    code, _, [wrong] = says("import-sor", sor.write(tmp_path, sor.unit(sor.REGION)), "--report", "/dev/full")
    assert (code, wrong) == (1, "/dev/full cannot be written: No space left on device")


def test_a_mapping_or_a_report_that_cannot_be_used_is_told_before_anything_is_stored(says, tmp_path):
    file = sor.write(tmp_path, sor.unit(sor.REGION))
    (tmp_path / "own.json").write_text("[]")
    assert says("import-sor", file, "--columns", tmp_path / "own.json")[0] == 1
    code, _, [wrong] = says("import-sor", file, "--report", tmp_path / "nowhere" / "report.csv")
    assert (code, wrong.split("report.csv ")[1]) == (1, "cannot be written: No such file or directory")
    assert says("import-sor", file)[1] == ["Imported: 1 new."]


def test_in_the_demo_a_questionnaire_belongs_to_the_demos_own_organisation_also_when_a_register_came_in(
    says, tmp_path, monkeypatch
):
    now = wiring.clock().now()
    own = wiring.gateway().create(organization("Demo Kommune"), by=SYSTEM, now=now)
    assert says("import-sor", sor.write(tmp_path, sor.unit(sor.REGION, "Region")))[0] == 0
    (tmp_path / "q.json").write_bytes(
        dumps({"resourceType": "Questionnaire", "status": "draft", "title": "Søvn", "name": "soevn"})
    )
    monkeypatch.setattr(questionnaire, "_MOST_OWNERS", "1")
    code, lines, _ = says("import-questionnaire", tmp_path / "q.json")
    assert code == 0
    assert any(line.endswith(f"owner {own_url(settings.FHIR_BASE_URL, own)} added") for line in lines)
