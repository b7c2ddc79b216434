"""`Library/$evaluate`: rules in Drools are not run here, which is said and not left to be guessed."""

import pytest

from kommunalpro.fhir.outcome import NotImplementedHere
from kommunalpro.fhir.parameters import parameters
from tests.gateway.answering import LATER


@pytest.mark.parametrize("target", ["Library", "Library/1"])
def test_it_is_refused_by_name_whoever_asks(nancy, target):
    for by in (nancy.world.asta, nancy.self):
        with pytest.raises(NotImplementedHere) as refused:
            nancy.world.gateway.operation("$evaluate", parameters(), target=target, by=by, now=LATER)
        [told] = refused.value.to_fhir()["issue"]
        assert told["code"] == "not-supported"
        # What a service says itself is for developers: over HTTP it stands with the diagnostics.
        assert "køres ikke her" in told["details"]["text"] + told["diagnostics"]
        assert "Drools" in told["diagnostics"]
