"""Ids that the server makes: opaque, in order of time, never parsed."""

from uuid_utils import uuid7


def new_id() -> str:
    """Give a new UUIDv7: ids of the same minute lie beside each other in the indexes."""
    return str(uuid7())
