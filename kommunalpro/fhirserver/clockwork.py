"""Times as the store keeps them: whole microseconds since 1970."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(moment: datetime) -> int:
    """Give a moment as the store keeps it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(number: int) -> datetime:
    """Give a stored moment, in UTC."""
    return _EPOCH + timedelta(microseconds=number)


def microseconds_of(text: str) -> int:
    """Give the stored number of a UTC text without offset, as date indexes have it."""
    return to_microseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))
