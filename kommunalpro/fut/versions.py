"""What is made from a version of a resource is made once a process, for a version never changes."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from kommunalpro.fhirserver.stamp import Stamp

Made = TypeVar("Made")


class OncePerVersion(Generic[Made]):
    """Keeps what was made of the versions used latest; threads may ask at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[Stamp, Made] = OrderedDict()
        self._lock = Lock()

    def get(self, version: Stamp, make: Callable[[], Made]) -> Made:
        """Give what belongs to a version, made now if it has not been made yet."""
        with self._lock:
            if version in self._made:
                self._made.move_to_end(version)
                return self._made[version]
        made = make()
        with self._lock:
            self._made[version] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made
