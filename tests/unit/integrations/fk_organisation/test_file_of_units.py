"""Units from FK Organisation come in a file of ours, for the service's own schemas are not public."""

from datetime import date

import pytest

from kommunalpro.integrations.fk_organisation import FkFile, NotThisFile
from tests.unit.integrations.fk_organisation.files import CENTRE, HEALTH, TOWN, line, unit, write


def read(path):
    file = FkFile(path)
    overview = file.overview()
    return {each.uuid: each for each in file.units(overview)}, [str(fault) for fault in overview.faults]


def test_a_line_is_a_unit(tmp_path):
    town = unit(TOWN, "Birkelund Kommune", type="Organisation", cvr="29190925")
    health = unit(HEALTH.upper(), "Sundhed", parent_uuid=TOWN, sor_id="634491000016008", active_to="2027-01-31")
    units, faults = read(write(tmp_path, town, health))
    assert faults == []
    assert (units[TOWN].type, units[TOWN].cvr, units[TOWN].parent, units[TOWN].opens) == (
        *("Organisation", "29190925"),
        *(None, None),
    )
    assert (units[HEALTH].parent, units[HEALTH].sor, units[HEALTH].closes) == (
        *(TOWN, "634491000016008"),
        date(2027, 1, 31),
    )


def test_all_columns_that_are_missing_are_named_at_once(tmp_path):
    with pytest.raises(NotThisFile, match="parent_uuid, cvr, sor_id, active_from, active_to"):
        FkFile(write(tmp_path, header=("uuid", "name", "type"))).overview()


def test_cells_are_separated_by_semicolons_or_as_in_the_other_registers_file_by_commas(tmp_path):
    file = write(tmp_path, unit(TOWN, "Birkelund"), unit(HEALTH, parent_uuid=TOWN))
    file.write_text(file.read_text().replace(";", ",").replace("Birkelund", '"Sundhed; og, Omsorg"'))
    units, faults = read(file)
    assert (units[TOWN].name, units[HEALTH].parent, faults) == ("Sundhed; og, Omsorg", TOWN, [])


def test_of_a_header_that_is_separated_otherwise_it_is_told_how_it_is_to_be(tmp_path):
    file = write(tmp_path, unit(TOWN))
    file.write_text(file.read_text().replace(";", "\t"))
    with pytest.raises(NotThisFile, match="separated by ; or ,"):
        FkFile(file).overview()


def test_a_file_in_another_encoding_is_refused(tmp_path):
    file = write(tmp_path, unit(TOWN), unit(HEALTH, "AEldre"))
    file.write_bytes(file.read_bytes().replace(b"AEldre", "Ældre".encode("latin-1")))
    with pytest.raises(NotThisFile, match=r"^Line 3 is not in UTF-8: save the file as CSV in UTF-8$"):
        FkFile(file).overview()


def test_a_quote_that_is_not_closed_is_told_by_the_line_it_stands_on(tmp_path):
    many = [unit(TOWN, "x" * 900)] * 200
    file = write(tmp_path, unit(TOWN), '"' + line(unit(HEALTH)), *many)
    with pytest.raises(NotThisFile, match=r"from line 3 on: .*is a quote not closed"):
        FkFile(file).overview()


def test_every_fault_is_told_by_its_line_and_costs_that_line_only(tmp_path):
    wrong = unit(HEALTH, "", type="Afdeling", cvr="1", sor_id="634491000016009", active_from="31-12-2026")
    units, faults = read(
        write(
            tmp_path,
            unit(TOWN),
            unit("1234"),
            {**wrong, "parent_uuid": "oven"},
            f"{line(unit(CENTRE))};for mange",
            unit(TOWN, "Igen"),
            unit(CENTRE, active_from="2026-02-01", active_to="2026-01-31"),
        )
    )
    assert list(units) == [TOWN]
    assert [fault.split(":")[0] for fault in faults] == [
        "line 3",
        f"line 4 ({HEALTH})",
        f"line 5 ({CENTRE})",
        f"line 6 ({TOWN})",
        f"line 7 ({CENTRE})",
    ]
    assert faults[0].endswith("uuid '1234' is no UUID")
    assert "parent_uuid 'oven' is no UUID" in faults[1]
    assert faults[1].count(";") == 5


def test_units_that_stand_below_each_other_are_cut_apart_and_told(tmp_path):
    units, faults = read(write(tmp_path, unit(TOWN, parent_uuid=HEALTH), unit(HEALTH, parent_uuid=TOWN)))
    assert [each.parent for each in units.values()] == [None, TOWN]
    assert [fault.split(":")[0] for fault in faults] == [f"line 2 ({TOWN})"]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_lines_that_a_stray_quote_has_swallowed_are_told_by_the_first_and_nothing_is_known_of_them(tmp_path, end):
    """Else the units on them would stand as missing from the file, and be closed."""
    file = write(tmp_path, unit(TOWN), '"' + line(unit(HEALTH)), line(unit(TOWN, 'By "A"')))
    file.write_bytes(end.join(file.read_bytes().splitlines()) + end)
    [fault] = (overview := FkFile(file).overview()).faults
    assert (fault.line, fault.reasons) == (3, ("it goes on over several lines: is a quote not closed?",))
    assert overview.unidentified == 1


def test_a_quote_on_the_last_line_that_is_not_closed_takes_no_other_unit_with_it(tmp_path):
    file = write(tmp_path, unit(TOWN), "", unit(HEALTH), '"' + line(unit("")))
    units, faults = read(file)
    assert (list(units), [fault.split(":")[0] for fault in faults]) == ([TOWN, HEALTH], ["line 5"])
