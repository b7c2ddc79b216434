"""How much one client may ask for: a bucket of tokens each, in this process's memory.

Several processes each count for themselves, so that a client gets at most as many times the rate: enough to keep one
client from taking the server from the others, which is all that it is for.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from threading import Lock
from time import monotonic

from kommunalpro.fhir.outcome import Throttled

BURST = 10
"""Seconds of the rate that may be asked for at once by who has been quiet."""
MOST_CLIENTS = 10_000
"""Buckets kept; the one that was used longest ago goes first, and would be full again by then."""


@dataclass(slots=True)
class RateLimit:
    """`rate` requests a second for each client, `BURST` seconds of them at once; 0 means no limit."""

    rate: int
    monotonic: Callable[[], float] = monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self, client: str) -> None:
        """Take one token of this client's.

        Raises:
            Throttled: there is none; says when there is one again.
        """
        if not self.rate:
            return
        with self._lock:
            now, most = self.monotonic(), float(self.rate * BURST)
            left, since = self._buckets.pop(client, (most, now))
            left = min(most, left + (now - since) * self.rate)
            self._buckets[client] = (left - 1 if left >= 1 else left, now)
            if len(self._buckets) > MOST_CLIENTS:
                self._buckets.popitem(last=False)
        if left < 1:
            wrong = Throttled(
                "Du spørger for ofte. Vent et øjeblik.", diagnostics=f"More than {self.rate} requests a second"
            )
            wrong.retry_after = max(1, ceil((1 - left) / self.rate))
            raise wrong
