"""An export in a process of its own, as the worker makes it: how fast, and how much memory."""

import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kommunalpro.fhirserver.export.place import Place
from tests.databases import default_database
from tests.store.cast import Store, make_server
from tests.store.exports import Exports


@dataclass(frozen=True)
class Exported:
    """How many responses a second, and the most memory that the process had."""

    per_second: float
    megabytes: float


def export_apart(url: str) -> Exported:
    """Export every response of a store."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_export, url).result()


def _export(url: str) -> Exported:
    with TemporaryDirectory(prefix="kommunalpro-bench-") as directory, default_database(url):
        place = Place(Path(directory), keep=timedelta(hours=1))
        exports = Exports(Store(replace(make_server(), exports=place), url), place)
        id = exports.ask(("_type", "QuestionnaireResponse"))
        started = perf_counter()
        exports.finish()
        taken = perf_counter() - started
        with place.path(id, "QuestionnaireResponse.ndjson").open("rb") as file:
            count = sum(1 for _ in file)
    return Exported(count / taken, _most_memory())


def _most_memory() -> float:
    """Give the most megabytes that this process had. Not `ru_maxrss`: Linux counts in it what started the process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [kilobytes] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) / 1024
