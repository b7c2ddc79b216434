"""Set this clone up, doing only what is not done yet: virtual environment, Python and npm packages, static files.

    python3 scripts/set_up.py runtime       what `make demo` needs
    python3 scripts/set_up.py development   and what `make test` and `make check` need

Runs on a bare Python 3.11. A step leaves a stamp with a digest of what it was made from; the same again is skipped.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Timer

PROJECT = Path(__file__).resolve().parents[1]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = PROJECT / "node_modules"
KINDS = ("runtime", "development")
LOCKS = {"runtime": "runtime.txt", "development": "dev.txt"}


class StepFailed(Exception):
    """A step of the set-up went wrong; the message is what its command said."""


def main() -> int:
    """Run the steps; exit code 1 when one failed."""
    parser = argparse.ArgumentParser(description="Set this clone up.")
    parser.add_argument("kind", choices=KINDS)
    kind = parser.parse_args().kind
    try:
        for name, step in STEPS:
            _timed(name, step, kind)
    except StepFailed as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    return 0


def make_environment(kind: str) -> None:
    """Make the virtual environment, anew when its Python is gone or too old."""
    works = PYTHON.exists() and not subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode
    if not works:
        shutil.rmtree(VENV, ignore_errors=True)
        _run(sys.executable, "-m", "venv", VENV)


def install_python_packages(kind: str) -> None:
    """Install the locked packages: every one pinned and with its hashes, none built from source."""
    digest = _digest([PROJECT / "requirements" / name for name in LOCKS.values()])
    if _is_stamped(VENV, digest, kind):
        return
    # The lock is whole, so nothing is resolved: pip would ask for newer versions of packages wanted with extras.
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary=:all:")
    _run(PYTHON, "-m", "pip", "install", *options, "-r", PROJECT / "requirements" / LOCKS[kind])
    _stamp(VENV, digest, kind)


def install_kommunalpro(kind: str) -> None:
    """Make the package and its command known to the virtual environment."""
    digest = _digest([PROJECT / "pyproject.toml"])
    marker = VENV / "bin"
    if _is_stamped(marker, digest, kind) and (VENV / "bin" / "kommunalpro").exists():
        return
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index")
    _run(PYTHON, "-m", "pip", "install", *options, "--editable", PROJECT)
    _stamp(marker, digest, "development")


def install_npm_packages(kind: str) -> None:
    """Install the locked npm packages: the design system and htmx, for development also what checks use."""
    digest = _digest([PROJECT / "package.json", PROJECT / "package-lock.json"])
    if _is_stamped(NODE_MODULES, digest, kind):
        return
    options = ["--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    _run("npm", "ci", *options, *(["--omit=dev"] if kind == "runtime" else []))
    _stamp(NODE_MODULES, digest, kind)


def build_static_files(kind: str) -> None:
    """Build what pages load from the npm packages and our own sources."""
    script = PROJECT / "scripts" / "build_static.py"
    if script.exists():
        _run(PYTHON, script)


STEPS: tuple[tuple[str, Callable[[str], None]], ...] = (
    ("Virtual environment", make_environment),
    ("Python packages", install_python_packages),
    ("Kommunal PRO itself", install_kommunalpro),
    ("npm packages", install_npm_packages),
    ("Static files", build_static_files),
)


def _timed(name: str, step: Callable[[str], None], kind: str) -> None:
    """Run a step; say its name once it has taken a second, and how long it took."""
    started = time.monotonic()
    timer = Timer(1.0, lambda: print(f"{name} …", flush=True))
    timer.start()
    try:
        step(kind)
    finally:
        timer.cancel()
    spent = time.monotonic() - started
    if spent > 1:
        print(f"{name}: {spent:.0f} s", flush=True)


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )
    if done.returncode:
        shown = " ".join(Path(part).name if isinstance(part, Path) else part for part in command)
        raise StepFailed(f"{done.stdout.strip()}\nThis step failed: {shown}")


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_stamped(directory: Path, digest: str, kind: str) -> bool:
    """Say whether the step was done for this digest, for this kind or a wider one."""
    try:
        done, made_from = (directory / ".set-up").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return False
    return made_from == digest and done in KINDS and KINDS.index(done) >= KINDS.index(kind)


def _stamp(directory: Path, digest: str, kind: str) -> None:
    (directory / ".set-up").write_text(f"{kind} {digest}\n", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
