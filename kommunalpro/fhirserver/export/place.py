"""Where the files of exports lie: a directory for each job, readable by the service's user alone.

Within a directory of the installation's own: of what several keep in one place, each takes away only its own.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from kommunalpro.fhirserver.installation import installation

_BUFFER = 1 << 20
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class FileLost(Exception):
    """A file is shorter than what was committed, or gone: somebody removed it, or the disk lost it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of all exports, other installations' too, and how long the files of a finished one are kept."""

    directory: Path
    keep: timedelta = timedelta(hours=24)

    @property
    def own(self) -> Path:
        """The directory of this installation's exports."""
        return self.directory / installation()

    def check(self) -> None:
        """Look whether files can be made here, by making one that is gone again.

        Raises:
            OSError: they cannot.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=self.directory):
            pass

    def path(self, job: str, name: str) -> Path:
        """Give where a file of a job lies."""
        return self.own / job / name

    @contextmanager
    def appending(self, job: str, name: str, size: int) -> Iterator[BinaryIO]:
        """Open a file to write on after its first `size` bytes: what a killed process wrote after them goes away.

        What was written is on the disk when the block ends.

        Raises:
            FileLost: there are not that many bytes.
        """
        path = self.path(job, name)
        for directory in (self.directory, path.parent.parent, path.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(number, "r+b", buffering=_BUFFER) as file:
            written = os.fstat(number).st_size
            if written < size:
                raise FileLost(name)
            if written > size:
                file.truncate(size)
            file.seek(size)
            yield file
            file.flush()
            os.fsync(number)

    def remove(self, job: str) -> None:
        """Remove a job's files, if there are any."""
        shutil.rmtree(self.own / job, ignore_errors=True)

    def remove_all(self) -> None:
        """Remove all of this installation's files, before its database is emptied and has another name."""
        shutil.rmtree(self.own, ignore_errors=True)

    def jobs(self) -> list[str]:
        """Give the jobs that there are files of; what else lies in the directory is none of ours."""
        own = self.own
        names = (each.name for each in own.iterdir()) if own.is_dir() else ()
        return sorted(name for name in names if _ID.fullmatch(name))
