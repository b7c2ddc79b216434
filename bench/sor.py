"""How long a register of 100,000 units takes to come in, to come in again unchanged, and with a tenth of it changed.

Run:  make bench room=sor

A daily file of SOR's, made up: three levels, each unit with an address. It is read, checked, stored with versions and
index rows and committed, on PostgreSQL with durable commits and on SQLite. `BENCH_UNITS` makes it smaller.
"""

import os
import resource
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from bench._responses import stores
from kommunalpro.fhir.identifier import passes_verhoeff
from tests.databases import ENGINES
from tests.store.cast import NOW
from tests.store.registers import TODAY, Registers
from tests.unit.integrations.sor.files import unit, write

UNITS = int(os.environ.get("BENCH_UNITS", "100000"))
_TOWNS = ("8000 Aarhus C", "5000 Odense C", "9000 Aalborg", "2100 København Ø", "6700 Esbjerg", "8800 Viborg")


def main() -> int:
    """Print seconds for each import on each database, and as the last line those of the first."""
    first = {}
    for engine in reversed(ENGINES):
        with TemporaryDirectory(prefix="kommunalpro-bench-") as directory, stores(engine) as store:
            register = Registers(store, Path(directory), keeps_events=False)
            units = list(_units())
            changed = [
                {**each, "name": f"{each['name']} (ny)"} if n % 10 == 0 else each for n, each in enumerate(units)
            ]
            for number, (what, file) in enumerate((("first", units), ("again", units), ("a tenth changed", changed))):
                path = write(Path(directory), *file)
                started = perf_counter()
                counts = register.sor_file(path, TODAY, NOW + timedelta(hours=number), {})
                seconds = perf_counter() - started
                first.setdefault(engine, seconds)
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                print(f"{engine}, {what}: {seconds:.1f} s, {counts}, at most {memory} MB", flush=True)
    print(" ".join(f"sor_{engine}={seconds:.1f}" for engine, seconds in first.items()))
    return 0


def _units() -> Iterator[dict[str, str]]:
    random = Random(1)
    numbers = _numbers()
    regions, hospitals = [next(numbers) for _ in range(5)], [next(numbers) for _ in range(UNITS // 20)]
    above = {**dict.fromkeys(regions, ""), **{each: random.choice(regions) for each in hospitals}}
    above |= {next(numbers): random.choice(hospitals) for _ in range(UNITS - len(above))}
    for place, (number, parent) in enumerate(above.items()):
        code, city = random.choice(_TOWNS).split(" ", 1)
        street = {"postal_street": f"Testvej {place % 977}", "postal_building": str(place % 89), "postal_code": code}
        yield unit(
            number, f"Enhed {place}", parent=parent, cvr="29190925" if not parent else "", **street, postal_city=city
        )


def _numbers() -> Iterator[str]:
    for item in range(1, sys.maxsize):
        stem = f"{item}100001600"
        yield next(f"{stem}{digit}" for digit in range(10) if passes_verhoeff(f"{stem}{digit}"))


if __name__ == "__main__":
    sys.exit(main())
