"""One response of those that a series is made of, and the points it gives."""

from dataclasses import dataclass
from datetime import datetime

from kommunalpro.pro.answers import Answers
from kommunalpro.pro.form import Form
from kommunalpro.pro.light import Light
from kommunalpro.pro.series import Gap, Given, Point
from kommunalpro.pro.triage import Assessment


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """One response. `base` names its questionnaire in all versions; `record` None: there is no light of record.

    `respondent` names who answered for somebody; empty: they did themselves.
    """

    at: datetime
    response: str
    base: str
    form: Form
    answers: Answers
    record: Assessment | None
    respondent: str = ""

    def point(self, light: Light, given: Given | None = None, gap: Gap | None = None, *, link_id: str = "") -> Point:
        """Give its point in a series of numbers."""
        return Point(self.at, self.response, self.base, light, given, gap, link_id, self.respondent)

    def light_point(self, light: Light, gap: Gap | None = None, *, link_id: str = "") -> Point:
        """Give its point in a series of lights; `gap` says why there is none, where more is known than that."""
        return self.point(
            light, gap=None if light is not Light.NOT_ASSESSED else gap or "not-assessed", link_id=link_id
        )
