"""Where in a questionnaire something is answered, and where something is asked: in which groups and instances."""

from collections.abc import Iterable, Iterator

from kommunalpro.pro.enablement import outer
from kommunalpro.pro.form import Form


def places_with(form: Form, paths: Iterable[str]) -> set[str]:
    """Give everything around these questions: groups by their path, instances by their prefix (`medicine[0]/`)."""
    found: set[str] = set()
    for path in paths:
        prefix, _, link_id = path.rpartition("/")
        prefix += "/" if prefix else ""
        _add(found, _instances(prefix))
        _add(found, _parents(form, link_id, prefix))
    return found


def _add(found: set[str], around: Iterator[str]) -> None:
    """Add from the inside out, as far as what is not there yet: what is around that was added with it."""
    for each in around:
        if each in found:
            return
        found.add(each)


def _instances(prefix: str) -> Iterator[str]:
    while prefix:
        yield prefix
        prefix = prefix[: prefix.rfind("/", 0, -1) + 1]


def _parents(form: Form, link_id: str, prefix: str) -> Iterator[str]:
    parent = form.places[link_id].parent
    while parent is not None:
        place = form.places[parent]
        yield outer(prefix, len(place.scopes)) + parent
        parent = place.parent
