"""A picture without what tells where, when and by which telephone it was taken.

The guide has the infrastructure remove "sensitive metadata" from images that come within Media, and does not say which.
Ours: of JPEG and PNG what is needed to draw them is kept, and all else goes: EXIF (place, camera, owner; which way up
the camera was held, too), second small pictures, comments, texts, and whatever follows the picture. Anything else that
is sent inline is refused, for nobody has looked for what it tells.

Source: JPEG: ITU-T T.81 annex B; JFIF: ITU-T T.871 (10.1); PNG: W3C PNG, chunk naming conventions.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fut.errors import issue

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs"})
_JPEG_KEPT = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JFIF, _JFIF_HEADER = b"JFIF\0", 14
"""How APP0 begins, and how long it is without the small picture whose size its last two bytes tell."""
_APP0, _APP, _COMMENT, _SCAN, _END = 0xE0, range(0xE0, 0xF0), 0xFE, 0xDA, 0xD9


class NotAPicture(ValueError):
    """It is no whole JPEG or PNG."""


def content_problems(media: Json) -> Iterator[Issue]:
    """A picture that is sent along can be read, so that it can be rid of what it tells besides."""
    try:
        with_bare_picture(media)
    except ValueError as unreadable:
        yield issue("KPRO_MEDIA_CONTENT", str(unreadable), "Media.content")


def with_bare_picture(media: Json) -> dict[str, Any]:
    """Give Media with its picture alone, where one is sent along.

    Raises:
        ValueError: it is no whole picture, or of a kind that is not looked into.
    """
    content = media.get("content", {})
    if "data" not in content:
        return dict(media)
    picture = bare(b64decode(content["data"]), content.get("contentType", ""))
    kept = {name: value for name, value in content.items() if name != "hash"}
    return {**media, "content": {**kept, "data": b64encode(picture).decode(), "size": len(picture)}}


def bare(picture: bytes, content_type: str) -> bytes:
    """Give a picture without what is not needed to draw it.

    Raises:
        NotAPicture: it is no whole picture of this kind, or of a kind that is not looked into.
    """
    if content_type == "image/jpeg":
        return b"".join(_jpeg(picture))
    if content_type == "image/png":
        return b"".join(_png(picture))
    raise NotAPicture(f"{content_type or 'no contentType'}: inline content must be image/jpeg or image/png")


def _png(picture: bytes) -> Iterator[bytes]:
    """Give the signature and the chunks that are kept: all that a reader must know, and of the rest those named."""
    if not picture.startswith(_PNG):
        raise NotAPicture("not a PNG")
    yield _PNG
    at, name = len(_PNG), b""
    while name != b"IEND":
        length, name = int.from_bytes(picture[at : at + 4]), picture[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(picture):
            raise NotAPicture("a PNG that breaks off")
        if name[:1].isupper() or name in _PNG_KEPT:
            yield picture[at:end]
        at = end


def _jpeg(picture: bytes) -> Iterator[bytes]:
    """Give the segments that are kept, each scan with what it holds, up to the end of the picture."""
    if not picture.startswith(b"\xff\xd8"):
        raise NotAPicture("not a JPEG")
    yield b"\xff\xd8"
    at = 2
    while True:
        while picture[at : at + 2] == b"\xff\xff":
            at += 1
        if len(picture) < at + 2 or picture[at] != 0xFF:
            raise NotAPicture("a JPEG that breaks off")
        marker = picture[at + 1]
        if marker == _END:
            yield b"\xff\xd9"
            return
        end = at + 2 + int.from_bytes(picture[at + 2 : at + 4])
        if marker == _SCAN:
            end = _end_of_scan(picture, end)
        if end < at + 4 or end > len(picture):
            raise NotAPicture("a JPEG that breaks off")
        if marker == _APP0:
            yield _without_small_picture(picture[at + 4 : end])
        elif _is_kept(marker, picture[at + 4 : end]):
            yield picture[at:end]
        at = end


def _end_of_scan(picture: bytes, at: int) -> int:
    """Give where the next segment begins: in a scan a marker is one that is neither stuffed nor a restart."""
    while (at := picture.find(b"\xff", at)) >= 0:
        after = picture[at + 1] if at + 1 < len(picture) else 0
        if after not in (0x00, 0xFF) and not 0xD0 <= after <= 0xD7:
            return at
        at += 1
    return len(picture) + 1


def _without_small_picture(content: bytes) -> bytes:
    """Give APP0 as JFIF has it, with a small picture of 0 × 0; empty where it is of another kind, or breaks off."""
    if not content.startswith(_JFIF) or len(content) < _JFIF_HEADER:
        return b""
    return bytes((0xFF, _APP0)) + (_JFIF_HEADER + 2).to_bytes(2) + content[: _JFIF_HEADER - 2] + b"\0\0"


def _is_kept(marker: int, content: bytes) -> bool:
    if marker in _APP:
        return marker in _JPEG_KEPT and content.startswith(_JPEG_KEPT[marker])
    return marker != _COMMENT
