"""Run the test suites, one pytest each, and close with one line over all of them.

    python scripts/run_suites.py [spec|unit|store|gateway|conformance|system]

The browser waits more than it computes, and PostgreSQL's tests want it for themselves: so they go beside each other, in
two lanes, and each suite's words come when it ends. What cannot run on this machine is named at the end. With CI=true
whatever is skipped, a whole suite or one test, and a suite without tests, is a failure.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from machine import PROJECT, find_chromium, in_ci

# What goes beside what, and in which order: what waits begins, and what computes fills both processors to the end.
LANES = (("conformance", "store", "gateway"), ("system", "spec", "unit"))
SUITES = tuple(name for lane in LANES for name in lane)
REPORTS = PROJECT / "var" / "test-reports"
# The examples in docstrings of the rooms that compute run with the unit tests.
ALSO = {"unit": ("--doctest-modules", "kommunalpro/fhir", "kommunalpro/pro", "kommunalpro/fut")}
ON_POSTGRES = ("store", "gateway", "conformance")
# What PostgreSQL may seal depends on the transactions in all its databases: these tests want it for themselves.
ALONE = {"store": "tests/store/test_sealing.py"}
NO_TESTS = 5


@dataclass
class Tally:
    """What the suites came to."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("passed", "failed", "skipped"), 0))
    not_run: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Run them; exit code 1 when anything failed (in CI also when anything was skipped)."""
    chosen = tuple(arguments) or SUITES
    if unknown := [name for name in chosen if name not in SUITES]:
        sys.stderr.write(f"There is no suite {unknown[0]!r}. There are: {', '.join(SUITES)}\n")
        return 2
    # Some hundred processes are started: each would compile everything anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started, tally = time.monotonic(), Tally()
    lanes = [names for lane in LANES if (names := [name for name in lane if name in chosen])]
    with ThreadPoolExecutor(len(lanes)) as beside:
        list(beside.map(lambda names: [_run(name, tally) for name in names], lanes))
    return _close(tally, time.monotonic() - started)


def _run(name: str, tally: Tally) -> None:
    if name == "system" and find_chromium() is None:
        tally.not_run.append("system: there is no Chromium (Debian: apt-get install chromium-headless-shell)")
        return
    if name in ON_POSTGRES and "KOMMUNALPRO_TEST_POSTGRES" not in os.environ:
        tally.not_run.append(f"{name} on PostgreSQL: it is not on this machine (Debian: apt-get install postgresql)")
    alone = ALONE.get(name)
    together = (f"tests/{name}", *ALSO.get(name, ()), *((f"--ignore={alone}",) if alone else ()))
    _pytest(name, name, ("--numprocesses=auto", *together), tally)
    if alone:
        _pytest(name, f"{name}, one after another", (alone,), tally)


def _pytest(name: str, title: str, arguments: tuple[str, ...], tally: Tally) -> None:
    REPORTS.mkdir(parents=True, exist_ok=True)
    report = REPORTS / f"{title.replace(', ', '-').replace(' ', '-')}.xml"
    report.unlink(missing_ok=True)
    options = ("-q", "--no-header", "-rs", "--durations=3", "--durations-min=2", f"--junitxml={report}")
    command = (sys.executable, "-m", "pytest", *options, *arguments)
    done = subprocess.run(
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"\n--- {title}\n{done.stdout}", flush=True)
    if done.returncode == NO_TESTS:
        tally.not_run.append(f"{name}: it holds no test")
    elif done.returncode:
        tally.broken.append(name)
    if report.exists():
        _count(report.read_bytes(), tally)


def _count(report: bytes, tally: Tally) -> None:
    for suite in ElementTree.fromstring(report).iter("testsuite"):  # noqa: S314  (pytest wrote it a moment ago)
        numbers = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = numbers["failures"] + numbers["errors"]
        tally.counts["failed"] += failed
        tally.counts["skipped"] += numbers["skipped"]
        tally.counts["passed"] += numbers["tests"] - failed - numbers["skipped"]


def _close(tally: Tally, seconds: float) -> int:
    skipped = bool(tally.not_run or tally.counts["skipped"])
    print()
    for line in tally.not_run:
        print(f"SKIPPED {line}")
    if tally.broken:
        print(f"FAILED {', '.join(tally.broken)}")
    if in_ci() and skipped:
        print("FAILED: in CI nothing may be skipped")
    counted = ", ".join(f"{count} {name}" for name, count in tally.counts.items() if count or name == "passed")
    print(f"===== {counted} in {seconds:.2f}s =====", flush=True)
    return int(bool(tally.broken) or not tally.counts["passed"] or (in_ci() and skipped))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
