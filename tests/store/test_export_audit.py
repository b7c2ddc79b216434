"""What the log says of exports: who asked for what and who fetched how much, not every resource of it."""

from base64 import b64decode

import pytest

from kommunalpro.fhir.json import loads
from kommunalpro.fhir.outcome import Forbidden, NotFound
from kommunalpro.fhirserver.export.asking import cancel
from tests.people import ASTA, BO, NANCY
from tests.store.cast import BASE, LATER, staff
from tests.store.exports import ANALYST, may_export


def said(exports) -> list[tuple[str, dict[str, str]]]:
    """What each event of the log is about: the operation, and what it was told."""
    found = []
    for event in exports.store.audit():
        [asked] = [loads(b64decode(each["query"])) for each in event["entity"] if "query" in each]
        found.append((event["subtype"][0]["code"], asked))
    return found


def test_the_log_says_what_was_exported_and_not_every_resource_of_it(exports):
    id = exports.ask(("_type", "Patient,CareTeam"), ("_since", "2026-01-01T00:00:00Z"), by=ANALYST)
    exports.finish()
    exports.read(id, "CareTeam.ndjson", ANALYST)
    with exports.store.as_(ANALYST, now=LATER) as session:
        cancel(session, id)
    assert said(exports) == [
        ("export", {"_type": "Patient,CareTeam", "_since": "2026-01-01T00:00:00Z"}),
        (
            "export-file",
            {"_jobId": id, "_file": "CareTeam.ndjson", "of": f"{BASE}/$export", "resources": "4", "count": "3"},
        ),
        ("export-poll-status", {"_jobId": id, "cancel": "true", "of": f"{BASE}/$export", "resources": "4"}),
    ]
    assert {each["agent"][0]["who"]["identifier"]["value"] for each in exports.store.audit()} == {ANALYST.user}


def test_who_is_refused_or_asks_for_anothers_is_in_the_log(exports):
    id = exports.ask(by=ANALYST)
    exports.store.forget_audit()
    with pytest.raises(Forbidden):
        exports.ask(by=staff(ASTA))
    with pytest.raises(NotFound):
        exports.status(id, may_export(staff(BO)))
    assert [event["outcome"] for event in exports.store.audit()] == ["4", "4"]


def test_a_number_in_a_filter_is_in_no_log(exports):
    exports.ask(("_typeFilter", f"Patient?identifier=urn:oid:1.2.208.176.1.2|{NANCY.cpr}"))
    masked = "Patient?identifier=urn:oid:1.2.208.176.1.2|xxxxxxxxxx"
    assert said(exports) == [("export", {"_typeFilter": masked})]
