"""An infrastructure that fails, before or after it has done what it was asked."""

from typing import Any

from kommunalpro.fhir.outcome import Throttled
from kommunalpro.fut.gateway import Unanswered

DOUBT = Unanswered("Vi fik ikke svar. Det er måske gjort alligevel.")
BUSY = Throttled("Der er travlt lige nu. Prøv igen om lidt.")


class Breaking:
    """The infrastructure, which fails once at one kind of call."""

    def __init__(self, gateway: Any, call: str, wrong: Exception, *, is_done: bool) -> None:
        self._gateway, self._call, self._faults, self._is_done = gateway, call, [wrong], is_done

    def __getattr__(self, name: str) -> Any:
        usual = getattr(self._gateway, name)
        return usual if name != self._call or not self._faults else self._fails(usual)

    def _fails(self, usual: Any) -> Any:
        def call(*given: Any, **named: Any) -> None:
            wrong = self._faults.pop()
            if self._is_done:
                usual(*given, **named)
            raise wrong

        return call
