"""What has come in stays as it was sent, whoever has the privilege to write: the light of record was given for it."""

from dataclasses import replace

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from tests.gateway.answering import BAD, LATER, answers, bundle_of

TIMING = {
    "url": ehealth.RESOLVED_TIMING,
    "extension": [{"url": "start", "valueDateTime": "2026-03-02T08:00:00+01:00"}],
}
REWRITTEN = {
    "item": [{"linkId": "unknown", "answer": [{"valueInteger": 1}]}],
    "extension": [TIMING],
    "questionnaire": "http://kommunalpro.test/fhir/PlanDefinition/1",
    "basedOn": [{"reference": "http://kommunalpro.test/fhir/CarePlan/1"}],
    "author": {"reference": "http://kommunalpro.test/fhir/Organization/1"},
    "status": "in-progress",
}


@pytest.mark.parametrize("element", sorted(REWRITTEN))
def test_an_answer_that_was_sent_is_not_rewritten_by_put_or_patch(asked, element):
    """Else the light of record would be of other answers than those that stand there."""
    [entry] = asked.submit(bundle_of(asked.response(answers(BAD))))["entry"]
    gateway, url, by = asked.nancy.world.gateway, entry["fullUrl"], corrector(asked)
    stored = gateway.read(url, by=SYSTEM, now=LATER)
    op = "replace" if element in stored else "add"
    patched = [{"op": op, "path": f"/{element}", "value": REWRITTEN[element]}]
    for write in (
        lambda: gateway.update(stored | {element: REWRITTEN[element]}, if_match="1", by=by, now=LATER),
        lambda: gateway.patch(url, patched, if_match="1", by=by, now=LATER),
    ):
        with pytest.raises(RuleBroken) as refused:
            write()
        found = {(each.coding[1], each.expression) for each in refused.value.issues if each.coding}
        assert ("KPRO_MEASUREMENT_IMMUTABLE", f"QuestionnaireResponse.{element}") in found
    assert gateway.read(url, by=SYSTEM, now=LATER) == stored


def test_an_answer_may_be_said_to_be_wrong_and_is_not_made_to_count_again_by_hand(asked):
    [entry] = asked.submit(bundle_of(asked.response(answers(BAD))))["entry"]
    gateway, by = asked.nancy.world.gateway, corrector(asked)

    def patch(status, version):
        change = [{"op": "replace", "path": "/status", "value": status}]
        return gateway.patch(entry["fullUrl"], change, if_match=version, by=by, now=LATER)

    assert patch("entered-in-error", "1")["status"] == "entered-in-error"
    with pytest.raises(RuleBroken):
        patch("completed", "2")


def corrector(asked):
    """Asta, with the privileges to correct an answer, which no role of ours gives."""
    by = asked.nancy.world.asta.within(patient=asked.nancy.patient, episode_of_care=asked.nancy.episode)
    return replace(by, privileges=by.privileges | {"QuestionnaireResponse.update", "QuestionnaireResponse.patch"})
