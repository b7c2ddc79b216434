"""What could not be computed stands on the page of the answer, where the nurse reads the lights."""

from dataclasses import replace
from datetime import timedelta

from kommunalpro.care.assessment import read_interpreted
from kommunalpro.pro.failure import Failure
from kommunalpro.pro.text import Text
from kommunalpro.web.staff.presenters.response import response_page
from tests.unit.care.world import MONDAY


def test_a_failed_expression_is_a_notice_in_its_own_words(world, nancy):
    response = nancy.answers({})
    found = read_interpreted(world.gateway, response, by=nancy.seen_by(world.asta), now=MONDAY + timedelta(hours=2))
    failure = Failure("score", "score", Text("Scoren kunne ikke beregnes.", "The score could not be computed."))
    failed = replace(found, assessment=replace(found.assessment, failures=(failure,)))
    before = response_page(found, "Diabetes", user="").notices
    assert response_page(failed, "Diabetes", user="").notices == (*before, "Scoren kunne ikke beregnes.")
