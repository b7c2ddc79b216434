"""What the processes of one `serve` share: a directory, gone when it ends, and whether it is about to end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# prometheus_client looks for its files by this name.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
THREADS = "SERVE_THREADS"
"""How `serve` tells its processes how many threads each has."""


@contextmanager
def own_run_directory() -> Iterator[None]:
    """Make the directory for this process and those that it starts."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="kommunalpro-")
    try:
        yield
    finally:
        shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def run_directory() -> Path:
    """Give the directory of the `serve` that this process belongs to."""
    return Path(os.environ[_VARIABLE])


def say_stopping() -> None:
    """Tell all processes that no new requests should come."""
    (run_directory() / "stopping").touch()


def is_stopping() -> bool:
    """Say whether it was told so."""
    return _VARIABLE in os.environ and (run_directory() / "stopping").exists()
