"""Danish identifiers: a CPR number is taken as it is, and never shown by accident."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhir.identifier import Cpr, Cvr, Sor, passes_verhoeff
from kommunalpro.fhir.structure import validate

NANCY = "2512489996"
TJOERN = "2910534703"


@pytest.mark.parametrize("text", ["251248-9996", "2512489996", " 251248-9996 "])
def test_a_number_is_read_as_people_write_it(text):
    assert Cpr.parse(text).digits == NANCY
    assert Cpr.parse("010101-0001").digits == "0101010001"


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        (NANCY, date(1948, 12, 25)),
        (TJOERN, date(1953, 10, 29)),
        ("0101010001", date(1901, 1, 1)),
        ("0101993999", date(1999, 1, 1)),
        ("0101364000", date(2036, 1, 1)),
        ("0101374000", date(1937, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101585000", date(1858, 1, 1)),
        ("0101008000", date(2000, 1, 1)),
        ("0101998999", date(1899, 1, 1)),
        ("0101369000", date(2036, 1, 1)),
        ("0101379000", date(1937, 1, 1)),
        ("2902004000", date(2000, 2, 29)),
        ("8512489996", date(1948, 12, 25)),
    ],
)
def test_the_century_is_in_the_seventh_digit(digits, born):
    assert Cpr(digits).birth_date == born


def test_a_replacement_number_has_sixty_added_to_its_day():
    assert Cpr("8512489996").is_replacement
    assert not Cpr("3112010001").is_replacement


def test_the_last_digit_tells_the_sex():
    assert Cpr(NANCY).sex == "female"
    assert Cpr(TJOERN).sex == "male"


def test_a_number_without_a_check_digit_is_as_good():
    assert not Cpr(NANCY).passes_modulus_11
    assert not Cpr("0201919990").passes_modulus_11
    assert Cpr("0707614285").passes_modulus_11


@pytest.mark.parametrize(
    "text",
    [
        "",
        "251248999",
        "25124899960",
        "3202489996",
        "2513489996",
        "2902015000",
        "A512489996",
        "251248--9996",
        "٢٥١٢٤٨٩٩٩٦",
    ],
)
def test_what_has_no_date_is_no_number_and_is_not_repeated(text):
    for make in (Cpr, Cpr.parse):
        with pytest.raises(ValueError, match="Not a CPR number") as refusal:
            make(text)
        assert not text or text not in str(refusal.value)
        assert refusal.value.__cause__ is None


def test_the_number_is_shown_only_when_asked_for():
    cpr = Cpr(NANCY)
    shown = f"{cpr} {cpr!r} {[cpr]}"
    assert "9996" not in shown
    assert "251248" not in shown
    assert cpr.to_fhir() == {"use": "official", "system": "urn:oid:1.2.208.176.1.2", "value": NANCY}
    assert validate({"resourceType": "Patient", "identifier": [cpr.to_fhir()]}) == ()


def test_the_same_number_is_the_same_value():
    assert Cpr.parse("251248-9996") == Cpr(NANCY)
    assert len({Cpr(NANCY), Cpr(NANCY)}) == 1


@pytest.mark.parametrize("digits", ["634491000016008", "236"])
def test_verhoeff_accepts_its_own_digit(digits):
    assert passes_verhoeff(digits)


@given(st.integers(0, 14), st.integers(1, 9))
def test_verhoeff_catches_every_single_fault(place, change):
    digits = "634491000016008"
    wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assert not passes_verhoeff(wrong)


@given(st.integers(0, 13))
def test_verhoeff_catches_neighbours_that_changed_places(place):
    digits = "634491000016008"
    wrong = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert wrong == digits or not passes_verhoeff(wrong)


def _with_check_digit(digits):
    return next(digits + last for last in "0123456789" if passes_verhoeff(digits + last))


def test_a_sor_id_is_text_with_a_check_digit():
    assert str(Sor("634491000016008")) == "634491000016008"
    assert str(Sor(_with_check_digit("12345"))).startswith("12345")
    assert str(Sor(_with_check_digit("9" * 17))).startswith("9")
    assert Sor("634491000016008").to_fhir() == {"system": "urn:oid:1.2.208.176.1.1", "value": "634491000016008"}
    for wrong in ("634491000016009", "", "12345", "0634491000016008", "6.34491E+14", "6" * 19):
        with pytest.raises(ValueError, match="Not a SOR id"):
            Sor(wrong)


def test_a_cvr_number_has_eight_digits():
    assert str(Cvr("33257872")) == "33257872"
    assert str(Cvr("10000000")) == "10000000"
    assert Cvr("33257872").to_fhir() == {"system": "urn:oid:2.16.840.1.113883.2.24.1.1", "value": "33257872"}
    for wrong in ("", "3325787", "332578722", "03257872", "DK33257872"):
        with pytest.raises(ValueError, match="Not a CVR number"):
            Cvr(wrong)
