"""Write the reference pages that follow from code, data and specs: settings, commands, engine, SOUP and others.

python scripts/build_docs.py            writes them
python scripts/build_docs.py --check    says which are out of date
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from describe_checklist import checklist_page
from describe_content import content_pages
from describe_engine import engine_page
from describe_instruments import instruments_page
from describe_not_offered import not_offered_page
from describe_operations import operations_page
from describe_search import search_page
from machine import PROJECT

GENERATED = "<!-- Written by `make docs` from the code; change it there. -->"


def main(arguments: list[str]) -> int:
    """Write or check the pages; exit code 1 when a page is out of date."""
    sys.path.insert(0, str(PROJECT))
    reference = PROJECT / "docs" / "reference"
    pages = {
        reference / "settings.md": settings_page(),
        reference / "commands.md": commands_page(),
        reference / "instruments.md": instruments_page(PROJECT / "definitions" / "instruments"),
        reference / "engine.md": engine_page(),
        reference / "not-offered.md": not_offered_page(),
        reference / "operations.md": operations_page(),
        reference / "search.md": search_page(),
        reference / "checklist.md": checklist_page(PROJECT / "tests" / "conformance"),
        **{reference / name: text for name, text in content_pages().items()},
        PROJECT / "docs" / "safety" / "soup.md": soup_page(),
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is out of date. Run: make docs")
        return int(bool(stale))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8")
        print(f"{path.relative_to(PROJECT)} written")
    return 0


def settings_page() -> str:
    """Describe every variable that is read from the environment."""
    from kommunalpro.config import environment

    lines = [
        "# Settings",
        GENERATED,
        "",
        "Everything is set by environment variables. An unknown or malformed one stops the start and is named.",
        "Production begins with `KOMMUNALPRO_DEMO=False`; else it is the demo, with its data in `var/`.",
        "",
    ]
    for variable in environment.VARIABLES:
        lines += [f"## {environment.PREFIX}{variable.name}", "", variable.meaning, *_when(environment, variable), ""]
    return "\n".join(lines)


def _when(environment: Any, variable: Any) -> Iterator[str]:
    if variable.name in environment.PRODUCTION_NEEDS:
        yield "Production needs it."
    elif variable.name in environment.PRODUCTION_ONLY:
        yield "Production only."
    elif variable.name in environment.DEMO_ONLY:
        yield "Not in production."
    if variable.default is not None:
        given = ",".join(variable.default) if isinstance(variable.default, tuple) else variable.default
        yield f"Default: `{given}`."


def commands_page() -> str:
    """Describe every command of `kommunalpro` with its options."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.config.settings.test")
    import django

    django.setup()
    import typer.main

    from kommunalpro.config.commands import app

    lines = [
        "# Commands",
        GENERATED,
        "",
        "`kommunalpro COMMAND --help` says the same. What is wrong is one line on standard error.",
        "",
        "| exit code | when |",
        "|---|---|",
        "| 0 | done |",
        "| 1 | the command could not do it, or `verify-audit` found that the log is broken |",
        "| 2 | an option, an argument or a setting is wrong |",
        "| 3 | done, but for faulty lines, which an import tells and skips |",
        "| 130 | stopped with Ctrl+C |",
        "",
    ]
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        parameters = list(_parameters(command))
        lines += [f"## kommunalpro {name}", "", _one_line(command.help), "", *parameters, *([""] if parameters else [])]
    return "\n".join(lines).rstrip() + "\n"


def _parameters(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.name == "help":
            continue
        name = parameter.opts[0] if parameter.param_type_name == "option" else parameter.name.upper()
        default = "" if parameter.default in (None, False) or parameter.required else f" Default: {parameter.default}."
        yield f"- `{name}`: {_one_line(getattr(parameter, 'help', None))}{default}".replace(":  ", ": ").rstrip(": ")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def soup_page() -> str:
    """List the software of unknown provenance that runs in production, with version, why and where."""
    pins = dict(
        line.split(" ")[0].split("==")
        for line in (PROJECT / "requirements" / "runtime.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    lines = [
        "# Software of unknown provenance (SOUP)",
        GENERATED,
        "",
        "What Kommunal PRO runs on that we have not developed under our own process (IEC 62304, 3.29). Versions are",
        "pinned with hashes; the packages that these need themselves are pinned in the same files.",
        "",
        "| Package | Version | Why and where |",
        "|---|---|---|",
    ]
    for name, reason in _reasons(PROJECT / "requirements" / "runtime.in"):
        lines.append(f"| {name} | {pins[name]} | {reason} |")
    lines += [
        "| Python | 3.11 or later | the language and its library (everywhere) |",
        "| SQLite | the one in Python | demo and small installations (fhirserver, care) |",
        "| PostgreSQL | 15 or later | everything else (fhirserver, care) |",
        *_npm_rows(),
    ]
    return "\n".join(lines) + "\n"


def _reasons(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            asked, _, reason = line.partition("#")
            name = asked.strip().split("[")[0].split("~")[0].split("=")[0].split("<")[0].split(">")[0]
            yield name.strip().lower(), reason.strip()


def _npm_rows() -> Iterator[str]:
    import json

    reasons = {
        "dkfds": "Det Fælles Designsystem: styles, icons and components of the pages (web)",
        "htmx.org": "pages that answer without a full reload (web)",
    }
    asked = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in asked.items():
        yield f"| {name} (npm) | {version} | {reasons[name]} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
