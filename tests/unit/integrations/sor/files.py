"""Daily files as the register writes them, by what differs from one unit to the next."""

from pathlib import Path
from typing import Any

from kommunalpro.integrations.sor.columns import standard

# The seven that every file of these tests may have: their check digits fit.
REGION, HOSPITAL, WARD = "634491000016008", "937961000016000", "311000016009"
TOWN, CENTRE = "7141000016000", "1000000016002"
HEADER = [names[0] for names in standard().names.values()]
FIELDS = list(standard().names)
OPENS = "2010-01-01"


def unit(number: str, name: str = "Enhed", **fields: str) -> dict[str, str]:
    return {"number": f'="{number}"', "name": name, "kind": "OE", "type": "afdeling", "opens": OPENS, **fields}


def address(which: str, street: str, building: str = "1", code: str = "8000", city: str = "Aarhus C") -> dict[str, str]:
    return {
        f"{which}_{part}": value
        for part, value in zip(("street", "building", "code", "city"), (street, building, code, city), strict=True)
    }


def line(fields: dict[str, str], separator: str = ";") -> str:
    return separator.join(_quoted(fields.get(field, ""), separator) for field in FIELDS)


def _quoted(cell: str, separator: str) -> str:
    needs = separator in cell or '"' in cell or "\n" in cell
    return '"' + cell.replace('"', '""') + '"' if needs else cell


def write(
    path: Path, *units: Any, header: list[str] | None = None, encoding: str = "utf-8", separator: str = ";"
) -> Path:
    """Write a file: units as fields, or lines as they are."""
    lines = [separator.join(header or HEADER)]
    lines += [each if isinstance(each, str) else line(each, separator) for each in units]
    file = path / "SorEntity_daily.csv"
    file.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return file
