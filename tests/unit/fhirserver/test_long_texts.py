"""A text as long as somebody pleases is read in one go: who tries again from each place in it takes the square."""

import signal

import pytest

from kommunalpro.fhir.outcome import BadRequest
from kommunalpro.fhirserver.access import Everything
from kommunalpro.fhirserver.search.query import LARGEST_PAGE
from kommunalpro.fhirserver.search.sounds import sound_values, sounds
from kommunalpro.fhirserver.search.values import LONGEST
from tests.store.cast import make_server

LONG = 200_000
PATIENCE = 20
"""Seconds. In one go it is a few thousandths; the square is minutes, in which nobody else is answered."""


@pytest.fixture(autouse=True)
def patience():
    def lose(*_):
        raise TimeoutError("it is read again and again")

    former = signal.signal(signal.SIGALRM, lose)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


def read(count):
    return make_server().queries.read("Patient", [("_count", count)], lambda _: Everything()).count


def test_a_number_of_rows_may_have_many_noughts_and_nothing_but_digits():
    assert (read("007"), read("0" * LONG), read("1" * LONG)) == (7, 0, LARGEST_PAGE)
    for wrong in ("0" * LONG + "x", "-1", "+1", "١", "²"):
        with pytest.raises(BadRequest, match="_count must be a number"):
            read(wrong)


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        ("d" * LONG, "T"),
        ("d" * LONG + "s", "S"),
        ("dð" * LONG + "s", "TS"),
        ("n" + "d" * LONG, "NT"),
        ("hj" * LONG, "J"),
    ],
)
def test_a_name_may_be_one_letter_for_as_long_as_it_likes(word, heard):
    assert sounds(word) == [heard]


def test_a_name_may_have_as_many_words_as_it_likes_and_is_found_by_the_first_hundred():
    keys = [key for key, _ in sound_values({"family": "Bo " * LONG}, "")]
    assert (len(keys), len(keys[0]) <= 3 * LONGEST, keys[0].startswith("P P P ")) == (100, True, True)
    assert [key for key, _ in sound_values({"given": ["Anne"], "family": "Holm"}, "")] == ["AN HLM ", "HLM "]
