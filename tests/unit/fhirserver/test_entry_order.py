"""In which order what is sent together is written: what is named before what names it, else as it came."""

import pytest

from kommunalpro.fhirserver.entries import read_entry
from kommunalpro.fhirserver.entry_order import in_order
from tests.people import NANCY
from tests.resources import document_reference, episode_of_care, patient, to
from tests.store.cast import make_server
from tests.store.entries import patch, post

A, B, C, D = (f"urn:uuid:{digit * 8}-1111-4111-8111-111111111111" for digit in "abcd")


def document(url, *named):
    return post(document_reference(relatesTo=[{"code": "appends", "target": to(each)} for each in named]), url)


def written(*sent):
    """Give the numbers of entries in the order in which they are written."""
    offers = make_server().offers
    entries = [read_entry(number, each, offers) for number, each in enumerate(sent)]
    names = {each.full_url: each.number for each in entries if each.full_url}
    new = {each.number for each in entries if each.method == "POST"}
    return [each.number for each in in_order(entries, names, {}, new)]


@pytest.mark.parametrize(
    ("sent", "order"),
    [
        ((document(A), document(None), document(B)), [0, 1, 2]),
        ((document(A, B, C), document(B, C), document(C), document(None)), [2, 1, 0, 3]),
        ((document(A, A), document(B)), [0, 1]),
        ((document(A, B), document(B, A)), [0, 1]),
        ((document(A, B), document(B, C), document(C, B), document(D, A), document(None, D)), [1, 0, 2, 3, 4]),
        ((document(A, B), document(B, A, C), document(C, D), document(D, C)), [2, 3, 0, 1]),
        ((document(A), post(episode_of_care("nancy"), B), post(patient(NANCY), C)), [2, 1, 0]),
    ],
    ids=["nothing named", "a chain", "itself", "a ring", "beside a ring", "a ring before a ring", "by type first"],
)
def test_what_is_named_is_written_before_what_names_it(sent, order):
    assert written(*sent) == order


def test_a_patch_that_names_what_another_writes_comes_after_it():
    operation = {"op": "add", "path": "/context/related/-", "value": to(A)}
    query = {"request": {"method": "PUT", "url": "DocumentReference?identifier=urn:x|1"}}
    assert written(patch("DocumentReference/1", operation), document(A) | query) == [1, 0]
