"""The licence gate: what must be confirmed before a questionnaire that holds an instrument may be published.

Licences are given to an organisation: what one has confirmed says nothing of another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kommunalpro.pro.instrument import Instrument
from kommunalpro.pro.text import Text

_HAS_LICENCE = Text(
    "Bekræft, at organisationen har en licens til {title}, som gælder elektronisk brug på dansk.",
    "Confirm that the organisation has a licence for {title} that covers electronic use in Danish.",
)
_MAY_USE = Text(
    "Det er uklart, hvem der må bruge {title}. Bekræft, at organisationen har fået lov af rettighedshaveren.",
    "It is unclear who may use {title}. Confirm that the organisation has the right holder's permission.",
)


@dataclass(frozen=True, slots=True)
class LicenceConfirmation:
    """Somebody has confirmed that their organisation may use an instrument. `instrument` is its identifier."""

    instrument: str
    organization: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class LicenceToConfirm:
    """What is still to be confirmed: what to ask, and what is known of the terms. `url` None: no page says more."""

    instrument: str
    question: Text
    terms: Text
    url: str | None


def licences_to_confirm(
    instruments: Iterable[Instrument], confirmations: Iterable[LicenceConfirmation], *, organization: str
) -> tuple[LicenceToConfirm, ...]:
    """Give what an organisation must still confirm before it publishes a questionnaire with these instruments.

    Empty: nothing stands in the way. A confirmation holds for every version of an instrument.
    """
    confirmed = {each.instrument for each in confirmations if each.organization == organization}
    questions = {"licensed": _HAS_LICENCE, "unclear": _MAY_USE}
    asked = {
        each.identifier: LicenceToConfirm(
            each.identifier, questions[each.licence.state].fill(title=each.title), each.licence.text, each.licence.url
        )
        for each in instruments
        if each.licence.state in questions and each.identifier not in confirmed
    }
    return tuple(asked.values())
