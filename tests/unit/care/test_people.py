"""Names, as people are told apart on a page."""

import pytest

from kommunalpro.care.people import first_name
from kommunalpro.fhir.human_name import full_name


@pytest.mark.parametrize(
    ("name", "full", "first"),
    [
        ([{"given": ["Nancy", "Ann"], "family": "Berggren"}], "Nancy Ann Berggren", "Nancy"),
        ([{"family": "Berggren"}], "Berggren", "Berggren"),
        ([{"use": "old", "family": "Sand"}, {"use": "official", "family": "Berggren"}], "Berggren", "Berggren"),
        ([{"text": "Nancy B.", "family": "Berggren"}], "Nancy B.", "Nancy"),
        ([{"given": ["Nancy", None], "family": "Berggren"}], "Nancy Berggren", "Nancy"),
        ([], "", ""),
    ],
    ids=["all of it", "the last alone", "the official", "as written", "a part that is not said", "none"],
)
def test_a_name_is_what_there_is_of_it(name, full, first):
    """R4 has null where a part has an extension alone: one citizen with such a name took a team's worklist away."""
    person = {"name": name} if name else {}
    assert (full_name(person), first_name(person)) == (full, first)
