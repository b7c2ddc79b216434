"""What goes on behind the pages is done by the worker, each round."""

from datetime import timedelta
from types import SimpleNamespace

from kommunalpro.config import wiring
from kommunalpro.config.commands.worker import sweep_sign_ins
from kommunalpro.identity.elsewhere.tokens import begin
from kommunalpro.identity.models import Elsewhere


def test_sign_ins_that_are_over_are_thrown_away_with_their_refresh_tokens(database):
    now = wiring.clock().now()
    begun = [now - timedelta(hours=13), now - timedelta(hours=11)]
    for moment in begun:
        begin("https://pro.example.dk/fhir/Patient/7", "PATIENT", SimpleNamespace(refresh="token"), moment)
    sweep_sign_ins()
    assert [each.begun_at for each in Elsewhere.objects.all()] == begun[1:]
