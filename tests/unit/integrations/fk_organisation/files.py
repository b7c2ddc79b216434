"""Files of units from FK Organisation, as docs/reference/fk-organisation-file.md has them."""

from pathlib import Path

from kommunalpro.integrations.fk_organisation.reading import COLUMNS

TOWN, HEALTH, CENTRE = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")


def unit(uuid: str, name: str = "Enhed", **fields: str) -> dict[str, str]:
    return {"uuid": uuid, "name": name, "type": "OrganisationEnhed", **fields}


def line(fields: dict[str, str]) -> str:
    return ";".join(fields.get(name, "") for name in COLUMNS)


def write(path: Path, *units: dict[str, str] | str, header: tuple[str, ...] = COLUMNS) -> Path:
    lines = [";".join(header), *(each if isinstance(each, str) else line(each) for each in units)]
    file = path / "fk.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file
