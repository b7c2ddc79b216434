"""What the tests need of the machine besides Python and Node: where Chromium and PostgreSQL are, if anywhere."""

import os
import shutil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def in_ci() -> bool:
    """Say whether this is CI, where nothing may be skipped."""
    return os.environ.get("CI", "").lower() == "true"


def find_chromium() -> Path | None:
    """Find the browser of the stories, Chromium without windows (half the work of the whole); None: there is none."""
    found = shutil.which("chromium-headless-shell")
    return Path(found) if found else None


def find_postgres() -> Path | None:
    """Find the directory of PostgreSQL's server programs, the newest first; None when there is none."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    candidates = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)
