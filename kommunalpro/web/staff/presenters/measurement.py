"""A number or a picture as its page shows it."""

from dataclasses import dataclass

from kommunalpro.care.readings import Reading
from kommunalpro.web.shared.measured import absent_words, limits_lines, reading_words
from kommunalpro.web.staff.presenters import dates


@dataclass(frozen=True, slots=True)
class MeasurementPage:
    """One measurement. `when` empty: nobody says. `picture`: a `data:` URL; empty: there is none here.

    `is_error`: it was marked as an error, and no longer counts.
    """

    title: str
    when: str
    absent: str
    limits: tuple[str, ...]
    picture: str
    is_picture: bool
    is_error: bool


def measurement_page(reading: Reading) -> MeasurementPage:
    return MeasurementPage(
        title=reading_words(reading),
        when=dates.full(reading.measured_at) if reading.measured_at else "",
        absent=absent_words(reading),
        limits=limits_lines(reading),
        picture=reading.picture,
        is_picture=not reading.values,
        is_error=reading.is_invalidated,
    )
