"""Two versions of a questionnaire held against each other, each with the View that it is read by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kommunalpro.care.definitions import read_definition
from kommunalpro.care.interpretation import active_view
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.pro.difference import Difference, differences
from kommunalpro.pro.text import Text


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs. `names` are those of the later version's questions and scores, by linkId and by id."""

    difference: Difference
    names: Mapping[str, Text]


def compare(gateway: Gateway, before: str, after: str, *, by: Principal, now: datetime) -> Compared:
    """Compare two versions by their URLs, as they are read in the organisation of who asks.

    Raises:
        FormError: one of them cannot be answered as it stands, as an unfinished draft.
    """
    first, last = (read_definition(gateway, url, by=by, now=now).form for url in (before, after))
    organization = by.context.organization
    stored = [active_view(gateway, url, organization, by=by, now=now) for url in (before, after)]
    views = [each.view if each else None for each in stored]
    scores = views[1].scores if views[1] else ()
    names = {item.link_id: item.name for item in last.questions()} | {score.id: score.title for score in scores}
    return Compared(differences(first, last, *views), names)
