"""Pictures: what is needed to draw them stays to the byte, and what they tell besides is gone."""

from zlib import crc32

import pytest

from kommunalpro.fut.pictures import NotAPicture, bare

PNG = b"\x89PNG\r\n\x1a\n"
PLACE = b"Exif\0\0 55.676 12.568"
SCAN = b"\xff\xda\x00\x04\x01\x00 data \xff\x00 stuffed \xff\xd0 restart "


def chunk(name, content):
    return len(content).to_bytes(4, "big") + name + content + crc32(name + content).to_bytes(4, "big")


def png(*more):
    """A PNG with more chunks in it than it needs."""
    return PNG + chunk(b"IHDR", bytes(13)) + b"".join(more) + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")


def segment(marker, content):
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def jpeg(*more, after=b""):
    """A JPEG of two scans with more segments in it than it needs, and something after its end."""
    table = segment(0xDB, bytes(65))
    return b"\xff\xd8" + b"".join(more) + table + SCAN + segment(0xC4, b"\xff\xd9") + SCAN + b"\xff\xd9" + after


@pytest.mark.parametrize(
    "told",
    [chunk(b"eXIf", PLACE), chunk(b"tEXt", PLACE), chunk(b"zTXt", PLACE), chunk(b"iTXt", PLACE), chunk(b"tIME", PLACE)],
)
def test_a_png_tells_nothing_of_place_and_time(told):
    assert bare(png(told), "image/png") == png()


def test_a_png_keeps_what_it_is_drawn_by():
    drawn = png(chunk(b"gAMA", bytes(4)), chunk(b"iCCP", b"profile"), chunk(b"tRNS", b"\0"))
    assert bare(drawn + b"and more", "image/png") == drawn


@pytest.mark.parametrize(
    "told",
    [
        segment(0xE1, PLACE),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xED, b"Photoshop 3.0\0Nancy"),
        segment(0xE2, b"MPF\0"),
        segment(0xFE, b"a comment"),
        segment(0xEF, b"whatever"),
    ],
)
def test_a_jpeg_tells_nothing_of_place_and_time(told):
    assert bare(jpeg(told), "image/jpeg") == jpeg()


def jfif(width=0, height=0):
    """The first segment of a JPEG, with a small picture of this size."""
    density = b"\x01" + (300).to_bytes(2, "big") * 2
    return segment(0xE0, b"JFIF\0\x01\x02" + density + bytes((width, height)) + bytes(3 * width * height))


def test_the_small_picture_within_a_jpeg_is_gone_and_what_else_stands_there_stays():
    assert bare(jpeg(jfif(16, 9)), "image/jpeg") == jpeg(jfif())


@pytest.mark.parametrize("other", [b"JFXX\0\x13" + bytes(9), b"JFIF\0\x01"], ids=["another", "broken-off"])
def test_what_stands_there_and_is_no_jfif_goes(other):
    assert bare(jpeg(segment(0xE0, other)), "image/jpeg") == jpeg()


def test_a_jpeg_keeps_what_it_is_drawn_by():
    drawn = jpeg(jfif(), segment(0xE2, b"ICC_PROFILE\0x"), segment(0xEE, b"Adobe\0d"))
    assert bare(drawn, "image/jpeg") == drawn


def test_a_second_picture_behind_the_first_is_cut_off():
    assert bare(jpeg(after=jpeg(segment(0xE1, PLACE))), "image/jpeg") == jpeg()


@pytest.mark.parametrize("length", range(1, len(jpeg())))
def test_a_jpeg_that_breaks_off_is_none(length):
    with pytest.raises(NotAPicture):
        bare(jpeg()[:length], "image/jpeg")


@pytest.mark.parametrize("length", range(len(png())))
def test_a_png_that_breaks_off_is_none(length):
    with pytest.raises(NotAPicture):
        bare(png()[:length], "image/png")


@pytest.mark.parametrize("type", ["", "image/heic", "video/mp4", "image/svg+xml"])
def test_what_is_not_looked_into_is_no_picture_here(type):
    with pytest.raises(NotAPicture, match="image/jpeg or image/png"):
        bare(png(), type)
