"""CPR numbers in texts: whichever way people write one, no log shows it, and nothing that is for all has it."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kommunalpro.fhir.cpr_in_text import (
    address_names_cpr,
    file_names_cpr,
    is_written_as_cpr,
    mask_cpr,
    names_cpr,
    reading_names_cpr,
)

NANCY = "2512489996"
SIGNS = "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\u2009\u202f\u00b7\u2022\u00ad\u200b"
"""Hyphens, spaces, dots, and what is not seen at all."""


@pytest.mark.parametrize(
    "text",
    [
        "Nancy 2512489996 er her",
        "251248-9996.",
        "251248 - 9996",
        "251248–9996",
        "cpr-2512489996",
        "CPR2512489996x",
        "/fhir/Patient?identifier=urn:oid:1.2.208.176.1.2|2512489996",
        "?cpr=251248%2D9996&x=1",
        "urn:oid:1.2.208.176.1.2.2512489996",
        "851248-9996",
        "2512489996,2910534703",
        *(
            f"251248{between}9996"
            for between in ("/", ":", "+", ",", ", ", " (", "\n", "\t", "\r\n", " / ", "%2F", "%2B")
        ),
        *(
            "25121948-9996",
            "25121948/9996",
            "25-12-1948 9996",
            "25-12-1948-9996",
            "25.12.1948\t9996",
            "25 12 1948 9996",
        ),
        "nr.2512489996",
    ],
)
def test_a_number_in_a_text_is_masked(text):
    masked = mask_cpr(text)
    assert "9996" not in masked
    assert "4703" not in masked
    assert "xxxxxx-xxxx" in masked


@pytest.mark.parametrize(
    "text",
    [
        "0199f2c4-7a31-7c55-b6d1-0242ac120002",
        "25124899-9996-7c55-b6d1-251248999612",
        "ab251248-0199-0155-0601-025124899961",
        "ab251248-9996-7c55-b6d1-0242ac120002",
        "urn:oid:1.2.208.176.1.2",
        "634491000016008",
        "2026-11-23T10:00:00",
        "ring 33 12 34 56",
        "ring 45 20 12 34 56",
        "åbent 08 09 10 11 12",
        "9912489996",
        "2599489996",
        "25121948-9996-7c55-b6d1-0242ac120002",
        "25-12-1948 kl. 9.30",
        "251248, 99 og 96",
        "2026-11-23 10:00:00,251",
    ],
)
def test_what_is_no_number_is_let_be(text):
    assert mask_cpr(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("251248-9996", "Nancy (2512489996)", "CPR: 251248 9996.", "251248–9996", "cpr-251248-9996", "2512489996.pdf"),
        *("25.12.48-9996", "Nancy, 25.12.48.9996.", "(25 12 48 9996)", "25 12 48-9996", "25-12-48-9996", "251248.9996"),
        *(
            "25/12/48-9996",
            "CPR: 25/12/48/9996.",
            "25 12 48 99 96",
            "(25-12-48-99-96)",
            "25\u00a012\u00a048\u00a099\u00a096",
        ),
        *("CPR2512489996", "cpr-nr.2512489996", "Personnummer:2512489996", "CPR25.12.48-9996", "cpr-2512489996"),
        *(
            "25121948-9996",
            "født 25-12-1948-9996",
            "25.12.1948-9996.",
            "25/12/1948-9996",
            "nr.2512489996",
            "Nr.2512489996.",
        ),
        *("Nancy251248-9996", "251248--9996", "251248_9996", "251248  9996", "251248 -- 9996"),
        *(
            f"251248{sign}9996"
            for sign in "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\u2009\u202f\u00b7\u2022\u00ad\u200b"
        ),
        *(
            "25\u00b712\u00b748\u20119996",
            "25\u200912\u200948\u20099996",
            "2512\u200b48\u2060-\ufeff99\u200d96",
            "２５１２４８-９９９６",
            "25\u200b12489\u0301996",
        ),
    ],
)
def test_a_number_that_somebody_can_have_is_found_in_a_text(text):
    assert names_cpr(text)
    assert not names_cpr(mask_cpr(text)), "what nobody may read is in no log either"


@pytest.mark.parametrize(
    "text",
    [
        "310248-9996",
        "DOK2512489996",
        "nr. 12512489996",
        "2512489996-2",
        "1.2.208.2512489996",
        "https://sst.example/2512489996/",
        "25124899-9996-7c55-b6d1-251248999612",
        "ab251248-9996-7c55-b6d1-0242ac120002",
        "ring 70 10 18 81 den 25-12-2026",
        "31.02.48-9996",
        "1.2.25.12.48.9996",
        "den 25.12.26 1430",
        "25.12.48-9996.2",
        "https://kommune.example/2026/25/12/48-9996",
        "ring +45 25 12 48 99 96",
        "vælg 08 09 10 11 12",
        "vælg 25 12 48 99 96 99",
        "01-02-03-04-05",
        "31 02 48 99 96",
        "Klinik Nord, P-nummer 1003388394",
        "P-nr.: 1003388394",
        "P\u2011nr.: 1003388394",
        "DOK\u200b2512489996",
        "1.2.208\u200b.2512489996",
        "2026-12-25T12:48:09.996Z",
        "ring +46\u00a0701\u00a023\u00a045\u00a067",
        "SNOMED 273586006 og 2512481000016107",
        "den 25.12.26 kl. 09.30",
        "25-12-2026-1430",
        "25122026-1430.pdf",
        "25121948-9996-7c55-b6d1-0242ac120002",
        "25121948-9996-ac55-b6d1-0242ac120002",
        "31021948-9996",
        "P-nr.1003388394",
        "P nr.1003388394",
        "251248,9996",
        "251248\n9996",
        "1.nr.12512489996",
    ],
)
def test_a_documents_number_and_a_day_that_is_none_are_nobodys(text):
    assert not names_cpr(text)


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://pro.example/borger/251248-9996", True),
        ("https://pro.example/251248-9996/plan?a=1", True),
        ("https://pro.example/?cpr=2512489996", True),
        ("https://pro.example/?cpr=251248%2D9996&a=1", True),
        ("https://pro.example/251248%E2%80%919996/plan", True),
        ("https://sst.example/2512489996", False),
        ("https://sst.example/nyt-251248-9996", False),
        ("https://sst.example/251248-9996.html", False),
        ("https://sst.example/?id=310248-9996", False),
        ("https://sst.example/25124899-9996-7c55-b6d1-251248999612", False),
    ],
)
def test_an_address_names_somebody_where_the_number_stands_by_itself(url, names):
    """Pages have numbers of ten digits too, and they are nobody's."""
    assert address_names_cpr(url) is names


def test_what_stands_around_a_masked_number_is_as_it_was():
    said = "Å\u200b\u0301 – \u00adNancy\u00a0(25\u200b1248\u20119996\u200b) og 291053\u00b74703 – \u200bja"
    assert mask_cpr(said) == "Å\u200b\u0301 – \u00adNancy\u00a0(xxxxxx-xxxx\u200b) og xxxxxx-xxxx – \u200bja"
    assert mask_cpr("CPR25.12.48-9996", "?") == "CPR?"
    untouched = "Møde – den 25.12.2026 kl. 9.30 \u200b(31\u00a002\u00a048)"
    assert mask_cpr(untouched) == untouched


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("251248<b>-</b>9996", True),
        ("<div>25<i>12</i>48<span class='x'>&#8209;</span>9996</div>", True),
        ("251248&shy;9996", True),
        ("251248<!-- -->9996", True),
        ('<p title="251248-9996">Nancy</p>', True),
        ("<td>251248</td><td>9996</td>", False),
        ("<li>251248<li>9996", False),
        ("under 25 < 12 og 48 > 9996", False),
        ("<p>310248<b>-</b>9996</p>", False),
    ],
)
def test_a_number_is_read_as_a_page_shows_it(text, names):
    assert reading_names_cpr(text) is names


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("https://pro.example/filer/251248-9996.pdf", True),
        ("https://pro.example/filer/25.12.48-9996.docx?v=2", True),
        ("https://pro.example/filer/251248%E2%80%919996", True),
        ("https://pro.example/filer/2512489996.pdf", False),
        ("https://pro.example/filer/vejledning-251248-9996.pdf", False),
        ("https://pro.example/251248-9996/vejledning.pdf", False),
        ("https://[pro.example/vejledning.pdf", False),
    ],
)
def test_a_file_that_is_called_by_a_number_names_somebody(url, names):
    assert file_names_cpr(url) is names


def test_as_nothing_else_is_written_whichever_hyphen_it_has():
    assert is_written_as_cpr("251248\u20119996")
    assert not is_written_as_cpr("2512489996")


SEEN = st.text(st.characters(exclude_categories=("Cs", "Cf", "Mn", "Me")), max_size=5)
BETWEEN = st.sampled_from(["", "", *"-_ ./", "--", " - ", "%20", *SIGNS])


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 3999), SEEN, SEEN)
def test_no_number_gets_through_whatever_stands_around_it(born, serial, before, after):
    digits = f"{born:%d%m%y}{serial:04}"
    assume(not before[-1:].isdigit() and not after[:1].isdigit())
    assert digits not in mask_cpr(before + digits + after)
    assert digits[6:] not in mask_cpr(digits[:6] + "-" + digits[6:])


@given(st.text(max_size=4), st.lists(BETWEEN, min_size=4, max_size=4), st.text(max_size=4))
def test_what_is_refused_in_public_is_read_in_no_log(before, between, after):
    number = "".join(each for pair in zip(("25", "12", "48", "99"), between, strict=True) for each in pair) + "96"
    assert not names_cpr(mask_cpr(f"{before}{number}{after}"))
