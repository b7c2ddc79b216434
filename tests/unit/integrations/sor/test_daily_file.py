"""The daily file of the health service's organisation register, as it is written and as it circulates."""

import json
from datetime import date

import pytest

from kommunalpro.integrations.sor import Columns, ColumnsMissing, MappingBroken, SorFile
from kommunalpro.integrations.sor.columns import standard
from tests.unit.integrations.sor.files import (
    CENTRE,
    HEADER,
    HOSPITAL,
    REGION,
    TOWN,
    WARD,
    address,
    line,
    unit,
    write,
)

WRONG = "634491000016009"
"""A SOR id with one digit changed."""


def read(path):
    """Give the units of a file by number, and its faults as they are told."""
    file = SorFile(path)
    overview = file.overview()
    return {each.number: each for each in file.units(overview)}, [str(fault) for fault in overview.faults]


def test_a_line_is_a_unit(tmp_path):
    fields = unit(WARD, "Afsnit B", parent=f'="{HOSPITAL}"', cvr="29190925", closes="2027-01-31 00:00:00")
    units, faults = read(write(tmp_path, unit(HOSPITAL, "Sygehus"), fields))
    ward = units[WARD]
    assert (ward.name, ward.kind, ward.type) == ("Afsnit B", "OE", "afdeling")
    assert (ward.parent, ward.cvr) == (HOSPITAL, "29190925")
    assert (ward.opens, ward.closes) == (date(2010, 1, 1), date(2027, 1, 31))
    assert faults == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [";", ","])
def test_letters_and_separators_are_read_as_they_come(tmp_path, encoding, separator):
    name = "Ældre; Øst, Århus"
    units, _ = read(write(tmp_path, unit(REGION, name), encoding=encoding, separator=separator))
    assert units[REGION].name == name


@pytest.mark.parametrize("number", [f'="{REGION}"', f'"=""{REGION}"""', f'"{REGION}"', REGION])
def test_a_number_is_text_however_a_spreadsheet_is_kept_from_rounding_it(tmp_path, number):
    first, *rest = line(unit(REGION)).split(";")
    assert first.startswith(('"', "="))
    assert list(read(write(tmp_path, ";".join([number, *rest])))[0]) == [REGION]


def test_all_columns_that_are_missing_are_named_at_once(tmp_path):
    header = ["SorId", "EntityName", "SorType", "Overordnet"]
    with pytest.raises(ColumnsMissing) as refused:
        SorFile(write(tmp_path, header=header)).overview()
    message = str(refused.value)
    for name in ("ParentSorId", "ToDate", "PostalAddressStreetName", "ActivityAddressDistrictName"):
        assert name in message
    assert "EntityName" not in message.partition("It has:")[0]
    assert "Overordnet" in message
    assert "unverified" in message


def test_an_empty_file_has_no_columns(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(ColumnsMissing):
        SorFile(tmp_path / "empty.csv").overview()


def test_columns_may_have_other_names_by_a_mapping_of_ones_own(tmp_path):
    header = ["Overordnet" if name == "ParentSorId" else name for name in HEADER if name != "CVR"]
    cells = line(unit(WARD, parent=REGION)).split(";")
    file = write(tmp_path, ";".join(cells[: HEADER.index("CVR")] + cells[HEADER.index("CVR") + 1 :]), header=header)
    own = {"parent": {"names": ["Overordnet"]}, "cvr": {"names": ["CVRNR"], "optional": True}}
    with pytest.raises(ColumnsMissing):
        SorFile(file).overview()
    mapped = SorFile(file, Columns.read(json.dumps({"status": "verified", "columns": own}).encode()))
    [found] = mapped.units(mapped.overview())
    assert (found.parent, found.cvr) == (REGION, None)


@pytest.mark.parametrize(
    "content", [b"{", b"{}", b'{"columns": {"parrent": {"names": ["P"]}}}', b'{"columns": 3}', b"[]"]
)
def test_a_mapping_that_cannot_be_read_is_told(content):
    with pytest.raises(MappingBroken):
        Columns.read(content)


def test_our_own_mapping_says_that_nobody_has_checked_it_and_why():
    assert standard().status == "unverified"
    assert standard().reason


def test_every_fault_is_told_by_its_line_and_costs_that_line_only(tmp_path):
    units, faults = read(
        write(
            tmp_path,
            unit(REGION, "Region"),
            unit(WRONG, "Sygehus"),
            unit(HOSPITAL, "", parent=WRONG, cvr="1234", opens="2020-02-30", closes="i morgen"),
            unit(WARD, "Lukket før", opens="2020-01-01", closes="2019-12-31"),
            f'="{TOWN}";for få',
            f"{line(unit(CENTRE))};for mange",
            unit(REGION, "Regionen igen"),
            unit(TOWN, "Kommune"),
            unit(CENTRE, "Center\x07"),
        )
    )
    assert list(units) == [REGION, TOWN]
    assert [fault.split(":")[0] for fault in faults] == [
        "line 3",
        f"line 4 ({HOSPITAL})",
        f"line 5 ({WARD})",
        f"line 6 ({TOWN})",
        f"line 7 ({CENTRE})",
        f"line 8 ({REGION})",
        f"line 10 ({CENTRE})",
    ]
    assert faults[1].count(";") == 4
    assert "line 2 already" in faults[5]


def test_a_kind_of_unit_that_nobody_knows_is_told_once_with_how_many_have_it_and_they_go_in(tmp_path):
    file = write(
        tmp_path,
        unit(REGION, kind="IO"),
        unit(HOSPITAL, kind="ZZ", type="rumstation"),
        unit(WARD, kind="ZZ"),
        unit(TOWN, kind="oe"),
        unit(CENTRE, kind=""),
        unit(WRONG, kind="fejl"),
    )
    units, faults = read(file)
    assert (units[HOSPITAL].kind, units[HOSPITAL].type, len(units)) == ("ZZ", "rumstation", 5)
    assert faults[:2] == [
        f"line 3 ({HOSPITAL}): SorType 'ZZ' is none of HI, IE, IO, OE, SI: 2 units have it, this one first",
        f"line 5 ({TOWN}): SorType 'oe' is none of HI, IE, IO, OE, SI: 1 unit has it",
    ]
    assert len(faults) == 3
    own = {"kind": {"names": ["SorType"], "values": ["IO", "ZZ", "oe"]}}
    mapped = SorFile(file, Columns.read(json.dumps({"columns": own}).encode())).overview()
    assert [fault.line for fault in mapped.faults] == [7]


def test_no_fault_repeats_a_persons_number_that_got_into_a_cell(tmp_path):
    cell = "251248-9996"
    _, faults = read(write(tmp_path, unit(cell, parent=cell, cvr=cell, opens=cell), unit(HOSPITAL, "", closes=cell)))
    assert len(faults) == 2
    assert cell not in "".join(faults)


def test_what_is_no_such_file_is_not_shown_whole(tmp_path):
    (tmp_path / "a.zip").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(ColumnsMissing) as refused:
        SorFile(tmp_path / "a.zip").overview()
    assert all(line.isprintable() for line in str(refused.value).splitlines())


def test_a_unit_whose_line_is_faulty_is_named_all_the_same(tmp_path):
    overview = SorFile(write(tmp_path, unit(HOSPITAL, ""), unit(WRONG))).overview()
    assert overview.named_there == {HOSPITAL}
    assert overview.unidentified == 1


def test_a_postal_address_is_inherited_from_above_also_when_what_is_above_comes_later(tmp_path):
    units, _ = read(
        write(
            tmp_path,
            unit(WARD, "Afsnit", parent=HOSPITAL, **address("activity", "Baggade")),
            unit(HOSPITAL, "Sygehus", parent=REGION, **address("visiting", "Indgang")),
            unit(REGION, "Region", **address("postal", "Skottenborg", "26", "8800", "Viborg")),
        )
    )
    assert {each.postal.line for each in units.values()} == {"Skottenborg 26"}
    assert units[HOSPITAL].visiting.line == units[HOSPITAL].activity.line == "Indgang 1"
    assert units[WARD].visiting == units[WARD].postal
    assert units[WARD].activity.line == "Baggade 1"
    assert units[REGION].activity == units[REGION].postal


def test_where_nobody_has_an_address_there_is_none(tmp_path):
    units, _ = read(write(tmp_path, unit(WARD, parent=HOSPITAL), unit(HOSPITAL)))
    assert units[WARD].postal is units[WARD].activity is None


def test_a_unit_above_that_is_in_another_file_is_named_all_the_same(tmp_path):
    units, faults = read(write(tmp_path, unit(WARD, parent=HOSPITAL)))
    assert units[WARD].parent == HOSPITAL
    assert faults == []


def test_units_that_stand_below_each_other_are_cut_apart_and_told(tmp_path):
    units, faults = read(
        write(
            tmp_path,
            unit(WARD, parent=HOSPITAL),
            unit(HOSPITAL, parent=REGION),
            unit(REGION, parent=HOSPITAL),
            unit(TOWN, parent=TOWN),
        )
    )
    assert [each.parent for each in units.values()] == [HOSPITAL, None, HOSPITAL, None]
    assert [fault.split(":")[0] for fault in faults] == [f"line 3 ({HOSPITAL})", f"line 5 ({TOWN})"]


@pytest.mark.parametrize(
    "day", ["2026-12-31", "31-12-2026", "31.12.2026", "31/12/2026", "20261231", "2026-12-31T00:00:00"]
)
def test_days_are_read_as_the_register_or_a_spreadsheet_writes_them(tmp_path, day):
    assert read(write(tmp_path, unit(WARD, closes=day)))[0][WARD].closes == date(2026, 12, 31)


def test_what_is_no_csv_file_is_refused(tmp_path):
    with pytest.raises(OSError, match="no CSV file from line 2 on"):
        SorFile(write(tmp_path, '"' + "x" * 200_000)).overview()


def test_a_quote_that_is_not_closed_is_told_by_the_line_it_stands_on(tmp_path):
    many = [unit(TOWN, "x" * 900) | {"number": TOWN}] * 200
    file = write(tmp_path, unit(REGION), "", line(unit(WARD, "Afsnit")).replace("Afsnit", '"Afsnit'), *many)
    with pytest.raises(OSError, match=r"from line 4 on: .*is a quote not closed"):
        SorFile(file).overview()


def test_lines_that_a_stray_quote_has_swallowed_are_told_by_the_first_and_nothing_is_known_of_them(tmp_path):
    """Else the units on them would stand as missing from the file, and be closed."""
    lines = [
        line(unit(WARD, "Afsnit")).replace("Afsnit", '"Afsnit'),
        line(unit(HOSPITAL)),
        line(unit(CENTRE, 'Klinik "A"')),
    ]
    overview = SorFile(write(tmp_path, unit(TOWN), *lines)).overview()
    [fault] = [each for each in overview.faults if each.is_skipped]
    assert (fault.line, fault.reasons) == (3, ("it goes on over several lines: is a quote not closed?",))
    assert overview.unidentified == 1


def test_a_quote_on_the_last_line_that_is_not_closed_takes_no_other_unit_with_it(tmp_path):
    last = line(unit(CENTRE, "Klinik")).replace("Klinik", '"Klinik')
    file = SorFile(write(tmp_path, unit(TOWN), "", unit(WARD), last))
    overview = file.overview()
    assert [fault.line for fault in overview.faults if fault.is_skipped] == [5]
    assert len([*file.units(overview)]) == 2
