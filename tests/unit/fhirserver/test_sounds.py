"""How Danish names sound: what is spelt in two ways and said in one has one key, and what is not has not."""

import pytest

from kommunalpro.fhirserver.search.comparing import Unreadable, sounds_like
from kommunalpro.fhirserver.search.sounds import sounds


@pytest.mark.parametrize(
    "names",
    [
        "Kristian Christian",
        "Kristensen Christensen Christiansen",
        "Sofie Sophie Zofie",
        "Aase Åse A\u030ase",
        "Thygesen Tygesen",
        "Jensen Jenssen",
        "Møller Moeller Müller",
        "Erik Eric",
        "Jakob Jacob",
        "Cecilie Sesilie",
        "Alexander Aleksander",
        "Svend Sven",
        "Kjeld Kjell Keld",
        "Povl Poul Paul",
        "Hovgaard Hougaard Haugård",
        "Bendtsen Bentsen",
        "Petersen Pedersen",
        "Mikkelsen Michelsen Michaelsen",
        "Schmidt Smidt Smith",
        "Schou Skou",
        "Lindquist Lindqvist Lindkvist",
        "Hvid Vid",
        "Hjalmar Jalmar",
        "Yusuf Josef Joseph",
        "Sigurð Sigurd",
        "O'Brien O\u2019Brien OBrien",
        "RENÉ rene",
    ],
)
def test_names_that_sound_alike_meet(names):
    assert len({tuple(sounds(name)) for name in names.split()}) == 1


@pytest.mark.parametrize(
    "names",
    [
        "Hansen Jensen",
        "Nancy Asta",
        "Hanne Anne",
        "Anna Emma",
        "Ida Ib",
        "Lars Mads",
        "Holm Holst",
        "Sørensen Sørens",
        "Larsen Karlsen",
        "Yvonne Jonna",
        "محمد نانسي",
        "1 2",
    ],
)
def test_names_that_do_not_are_kept_apart(names):
    one, other = map(sounds, names.split())
    assert one != other


def test_a_name_is_heard_word_by_word():
    assert sounds("Anne-Sophie  von Møller, 2. sal") == ["AN", "SF", "FN", "MLR", "2", "SL"]
    assert sounds("H.") == ["h"], "what has no sound stands for itself"


@pytest.mark.parametrize("nothing", ["", "-", "' _"])
def test_what_is_no_name_is_not_looked_for(nothing):
    with pytest.raises(Unreadable):
        sounds_like(nothing)
