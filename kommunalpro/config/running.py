"""What the processes of one `serve` share: a directory, gone when it ends, and whether it is about to end."""

import ctypes
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# prometheus_client looks for its files by this name.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
THREADS = "SERVE_THREADS"
"""How `serve` tells its processes how many threads each has."""
# In memory where there is such a place: the files are mapped, and a full disk would end whoever writes in them.
_MEMORY = Path("/dev/shm")  # noqa: S108
_NAME = "kommunalpro-{}-"
_PR_SET_PDEATHSIG = 1
"""What Linux calls it (prctl(2))."""


@contextmanager
def own_run_directory() -> Iterator[None]:
    """Make the directory for this process and those that it starts."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _sweep(place)
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix=_NAME.format(os.getpid()), dir=place)
    try:
        yield
    finally:
        shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def run_directory() -> Path:
    """Give the directory of the `serve` that this process belongs to."""
    return Path(os.environ[_VARIABLE])


def server_process() -> int:
    """Give the process id of the `serve` that this process belongs to."""
    return int(run_directory().name.split("-")[1])


def end_with(parent: int) -> None:
    """Let this process be asked to stop when the one that started it is gone, however it went (Linux alone).

    Else what a `serve` or a `demo` that was killed has left goes on: the next finds its port taken, and a second worker
    in its database. `parent` is who started it, and may be gone before this is called.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("Whoever started this process is gone already.")


def say_stopping() -> None:
    """Tell all processes that no new requests should come."""
    (run_directory() / "stopping").touch()


def is_stopping() -> bool:
    """Say whether it was told so."""
    return _VARIABLE in os.environ and (run_directory() / "stopping").exists()


def is_alive(pid: int) -> bool:
    """Say whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sweep(place: Path) -> None:
    """Take away what a `serve` that was killed has left."""
    for path in place.glob(_NAME.format("*") + "*"):
        if (name := re.fullmatch(_NAME.format(r"(\d+)") + ".*", path.name)) and not is_alive(int(name[1])):
            shutil.rmtree(path, ignore_errors=True)
