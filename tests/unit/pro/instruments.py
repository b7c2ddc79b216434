"""A small instrument of nobody's, and questionnaires that may hold it."""

from typing import Any

from kommunalpro.pro.instrument import Instrument, read_instrument
from tests.unit.pro.scores import declared

SOURCE = "Test, doi:10.1000/test"


def written(**more: Any) -> dict[str, Any]:
    """Two items from 0 to 2 and one, which may be left out, from 0 to 10; their sum is the score."""
    return {
        "schemaVersion": 1,
        "identifier": "proeve-2",
        "version": "1.0",
        "title": {"da": "Prøve", "en": "Test"},
        "doi": "10.1000/test",
        "citation": "Test",
        "licence": {"state": "licensed", "text": {"da": "Kræver licens", "en": "Needs a licence"}},
        "items": [
            {"position": 1, "low": 0, "high": 2, "codes": [{"system": "urn:kendt", "code": "p1"}]},
            {"position": 2, "low": 0, "high": 2, "codes": [{"system": "urn:kendt", "code": "p2"}]},
            {"position": 3, "low": 0, "high": 10, "optional": True},
        ],
        "offered": True,
        "scores": [declared("1", "2", id="proeve", scale={"low": "0", "high": "4"}, source=SOURCE)],
        "notOffered": [],
        "golden": [{"answers": [1, 2, None], "scores": {"proeve": "3"}, "source": SOURCE}],
    } | more


def instrument(**more: Any) -> Instrument:
    return read_instrument(written(**more))
