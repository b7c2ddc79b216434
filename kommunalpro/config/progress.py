"""Telling whoever waits what is being done: a line for every step that takes over a second."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say the step's name when it has taken a second, and how long it took when it is done."""
    started = time.monotonic()
    timer = Timer(1.0, lambda: say(f"{name} …"))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    spent = time.monotonic() - started
    if spent > 1:
        say(f"{name}: {spent:.1f} s")


def say(line: str) -> None:
    """Write a line at once; standard output is for results."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Bar:
    """A progress bar on a terminal; elsewhere a line for every tenth."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, label: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        tenth = 10 * done // total if total else 10
        if sys.stderr.isatty():
            end = "\n" if done >= total else ""
            sys.stderr.write(f"\r{label} [{'█' * (2 * tenth):<20}] {done}/{total}{end}")
            sys.stderr.flush()
        elif tenth != self._said:
            say(f"{label}: {done}/{total}")
        self._said = tenth
