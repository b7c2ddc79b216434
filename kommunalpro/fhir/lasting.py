"""Objects that stand unchanged in one resource after the other, such as a rule in every light that it gave."""

from typing import Any, NoReturn

from kommunalpro.fhir.json import Json


class Lasting(dict[str, Any]):
    """One of these, with what was found right about it: what holds of it once holds wherever it stands.

    It cannot be changed; a copy of it is an object like any other.
    """

    __slots__ = ("known",)

    def __init__(self, of: Json) -> None:
        super().__init__(of)
        self.known: set[object] = set()
        """The checks that had nothing to say of it."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("It stands in other resources too: change a copy")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)
