"""Whether answers of then stand on one line with later ones: the judgement is the one between versions, and no other.

What is remembered lives as long as the series that were made from it, and keeps no form alive after them.
"""

from collections.abc import Iterable

from kommunalpro.pro.answered import Answered
from kommunalpro.pro.difference_found import Verdict, comparability
from kommunalpro.pro.difference_item import item_differences
from kommunalpro.pro.difference_pair import Pair
from kommunalpro.pro.difference_score import questions_of_score, score_differences
from kommunalpro.pro.form import Form
from kommunalpro.pro.score_definition import ScoreDefinition
from kommunalpro.pro.series import Point


class Compared:
    """Responses, each held against each as often as it is asked, and every two versions only once."""

    def __init__(self, responses: Iterable[Answered]) -> None:
        self._responses = {each.response: each for each in responses}
        self._pairs: dict[tuple[Form, Form], Pair] = {}

    def questions(self, before: Point, after: Point) -> Verdict:
        """Tell whether two answers can be compared.

        In two questionnaires nothing but the questions themselves can be: all around them is another.
        """
        one, other = self._responses[before.response], self._responses[after.response]
        if before.link_id == after.link_id and one.base == other.base:
            if one.form is other.form:
                return Verdict.COMPARABLE
            return self._pair(one.form, other.form).comparability(after.link_id).verdict
        found = item_differences(one.form.item(before.link_id), other.form.item(after.link_id))
        return comparability(found).verdict

    def scores(self, score: ScoreDefinition, before: Point, after: Point) -> Verdict:
        """Tell whether two values of a score can be compared, by the same rule.

        What a rule of then counted is not known: there everything that was asked has to be comparable.
        """
        one, other = self._responses[before.response].form, self._responses[after.response].form
        if one is other:
            return Verdict.COMPARABLE
        pair = self._pair(one, other)
        if after.given is not None and after.given.measure.rule:
            return comparability(found for each in pair.found for found in pair.bearing_on(each)).verdict
        found = (*score_differences(pair, score, score), *questions_of_score(pair, score, score))
        return comparability(found).verdict

    def _pair(self, before: Form, after: Form) -> Pair:
        key = before, after
        if key not in self._pairs:
            self._pairs[key] = Pair(before, after)
        return self._pairs[key]
