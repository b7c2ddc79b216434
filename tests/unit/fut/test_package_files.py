"""The file of a package comes from outside: what is no package is refused with all that is wrong, in little memory."""

import struct
import tracemalloc
from base64 import b64decode, b64encode
from codecs import BOM_UTF8
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.fhir.json import dumps
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.packages import archive
from kommunalpro.fut.packages.archive import LARGEST_FILE, LARGEST_IN_ALL, MOST_FILES, pack, unpack
from tests.people import NANCY
from tests.resources import library, organization, plan_definition

PLAN = {**plan_definition("https://plan.example/fhir/ActivityDefinition/1"), "id": "1"}
TEXT = dumps(PLAN)


def in_zip(*pairs, how=ZIP_DEFLATED):
    packed = BytesIO()
    with ZipFile(packed, "w", how) as made:
        for name, text in pairs:
            made.writestr(name, text)
    return packed.getvalue()


def wrong(raw):
    """Give what is said of bytes that are no package."""
    with pytest.raises(RuleBroken) as refused:
        unpack(raw if isinstance(raw, str) else b64encode(raw).decode())
    assert {each.coding[1] for each in refused.value.issues} == {"KPRO_PACKAGE"}
    return [each.text for each in refused.value.issues]


def codes(raw):
    """Give the codes of what is said of bytes; none: they are a package."""
    try:
        unpack(b64encode(raw).decode())
    except RuleBroken as refused:
        return {each.coding[1] for each in refused.issues}
    return set()


def test_what_is_packed_is_unpacked_as_it_was():
    given = [PLAN, {**library(), "id": "regler"}, {**organization(), "id": "7"}]
    files = unpack(pack(given)["data"])
    assert sorted((each.resource for each in files), key=lambda each: each["id"]) == sorted(
        given, key=lambda each: each["id"]
    )
    assert {each.name for each in files} == {"PlanDefinition-1.json", "Library-regler.json", "Organization-7.json"}


def test_the_same_gives_the_same_bytes_whatever_the_order():
    other = {**library(), "id": "regler"}
    assert pack([PLAN, other]) == pack([other, PLAN])


def test_it_may_be_stored_in_folders_and_wrapped_in_lines():
    raw = b64encode(in_zip(("PlanDefinition/", b""), ("PlanDefinition/1.json", TEXT), how=ZIP_STORED)).decode()
    assert [each.key for each in unpack("\n".join((raw[:8], raw[8:])))] == ["PlanDefinition/1"]


def test_a_file_that_an_editor_has_put_a_byte_order_mark_before_is_read():
    [found] = unpack(b64encode(in_zip(("PlanDefinition-1.json", BOM_UTF8 + TEXT))).decode())
    assert found.resource == PLAN


def test_a_file_without_a_name_is_refused():
    raw = in_zip(("nameless.json", TEXT)).replace(b"nameless.json", b"\0ameless.json")
    assert [ZipFile(BytesIO(raw)).namelist(), len(wrong(raw))] == [[""], 1]


def test_what_goes_wrong_on_our_side_is_not_told_as_a_file_that_is_no_zip(monkeypatch):
    def fails(resource):
        raise ValueError("ours")

    monkeypatch.setattr(archive, "validate", fails)
    with pytest.raises(ValueError, match="ours"):
        unpack(b64encode(in_zip(("PlanDefinition-1.json", TEXT))).decode())


NO_ZIP = ["Det er ikke en pakke: det skal være en zip-fil."]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ikke base64!",
        "ÆØÅ",
        "AAAA=AAA",
        b"",
        b"PK\x03\x04",
        TEXT,
        b"PK\x05\x06" + bytes(17),
        in_zip(("a.json", TEXT))[:-30],
    ],
    ids=["nothing", "words", "letters", "padding", "no bytes", "beginning", "json", "half an end", "cut off"],
)
def test_what_is_no_zip_is_said_to_be_none(raw):
    assert wrong(raw) == NO_ZIP


def test_an_empty_one_is_said_to_be_empty():
    assert wrong(in_zip()) == ["Pakken er tom."]
    assert wrong(in_zip(("mappe/", b""))) == ["Pakken er tom."]


@pytest.mark.parametrize(
    "name", ["../../etc/cron.json", "/etc/plan.json", "a/../../b.json", "..\\plan.json", "C:plan.json", "plan\n.json"]
)
def test_a_name_that_leads_out_of_it_is_refused(name):
    [said] = wrong(in_zip((name, TEXT)))
    assert said.endswith("har et navn, der peger ud af pakken.")
    assert "\n" not in said


def test_all_that_is_wrong_with_its_files_is_told_at_once():
    about = {**PLAN, "id": "2", "status": "måske", "farve": "grøn"}
    raw = in_zip(
        ("liste.json", b"[]"),
        ("brudt.json", b'{"resourceType": "PlanDefinition", '),
        ("dobbelt.json", b'{"resourceType": "PlanDefinition", "id": "1", "id": "2"}'),
        ("borger.json", b'{"resourceType": "Patient", "id": "1"}'),
        ("ukendt.json", b'{"resourceType": "Hest", "id": "1"}'),
        ("uden-id.json", dumps({name: each for name, each in PLAN.items() if name != "id"})),
        ("forkert.json", dumps(about)),
        ("xml.json", b"<PlanDefinition/>"),
        ("dyb.json", b"[" * 500 + b"]" * 500),
        ("plan.json", TEXT),
        ("samme.json", TEXT),
    )
    said = "\n".join(wrong(raw))
    for words in (
        "”liste.json” er en slags, der ikke hører til i en pakke",
        "”brudt.json” kan ikke læses som JSON",
        "”dobbelt.json” kan ikke læses som JSON",
        "”borger.json” er en slags",
        "”ukendt.json” er en slags",
        "”uden-id.json” mangler sit id",
        "”forkert.json”: Feltet ”farve” findes ikke her.",
        "”xml.json” kan ikke læses som JSON",
        "”dyb.json” kan ikke læses som JSON",
        "”samme.json” er den samme som ”plan.json”",
    ):
        assert words in said


def test_what_can_be_seen_before_anything_is_read_is_told_at_once():
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = in_zip(("a.json", TEXT), ("a.json", TEXT), ("billede.png", b"x"))
    assert wrong(raw) == ["Filen ”a.json” er der to gange.", "Filen ”billede.png” er ikke en JSON-fil."]


@pytest.mark.parametrize("how", [ZIP_BZIP2, ZIP_LZMA])
def test_what_takes_another_way_to_read_is_not_read(how):
    assert wrong(in_zip(("a.json", TEXT), how=how)) == ["Filen ”a.json” er pakket på en måde, der ikke læses."]


def changed(raw, at, value):
    """Change two bytes of the only entry in the central directory of a zip."""
    start = raw.rindex(b"PK\x01\x02") + at
    return raw[:start] + struct.pack("<H", value) + raw[start + 2 :]


def test_what_is_encrypted_says_so():
    assert wrong(changed(in_zip(("a.json", TEXT)), 8, 1)) == ["Filen ”a.json” er krypteret."]


def test_what_is_damaged_says_so():
    raw = bytearray(in_zip(("a.json", TEXT), how=ZIP_STORED))
    raw[raw.index(b"PlanDefinition")] ^= 1
    assert wrong(bytes(raw)) == ["Filen ”a.json” er gået i stykker."]


def test_what_says_that_it_is_large_is_not_read():
    raw = in_zip(*((f"{number}.json", bytes(LARGEST_FILE + 1)) for number in range(6)))
    tracemalloc.start()
    said = wrong(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said[0] == "Pakkens filer fylder for meget."
    assert said[1] == "Filen ”0.json” fylder for meget."
    assert peak < LARGEST_FILE
    assert LARGEST_IN_ALL < 6 * LARGEST_FILE


def test_what_says_that_it_is_small_and_is_not_is_not_read_to_the_end():
    bomb = in_zip(("a.json", bytes(50_000_000)))
    start = bomb.rindex(b"PK\x01\x02") + 24
    raw = bomb[:start] + struct.pack("<I", 100) + bomb[start + 4 :]
    tracemalloc.start()
    said = wrong(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said == ["Filen ”a.json” er gået i stykker."]
    assert peak < LARGEST_FILE


def test_there_are_no_more_files_than_that():
    assert wrong(in_zip(*((f"{number}.json", TEXT) for number in range(MOST_FILES + 1)))) == [
        f"Pakken har flere end {MOST_FILES} filer."
    ]
    with pytest.raises(RuleBroken, match=f"at most {MOST_FILES} files"):
        pack({**PLAN, "id": str(number)} for number in range(MOST_FILES + 1))


def test_a_name_tells_no_cpr_number():
    [said] = wrong(in_zip((f"{NANCY.cpr}.txt", b"x")))
    assert NANCY.cpr not in said


@given(st.binary(max_size=400))
def test_no_bytes_are_answered_by_anything_but_a_refusal(raw):
    wrong(raw)


GOOD = b64decode(pack([PLAN, {**organization(), "id": "7"}])["data"])


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_package_that_was_changed_on_the_way_is_read_or_refused(changes):
    raw = bytearray(GOOD)
    for at, value in changes:
        raw[at] = value
    assert codes(bytes(raw)) <= {"KPRO_PACKAGE"}
