"""The file: a zip of JSON, one FHIR resource in each. What comes from outside is read within limits, or not at all.

Nothing is unpacked to a disk, and no more is read of a file than it may hold, whatever it says of its size. The names
of the files mean nothing: they are only told to whoever must find one that is wrong.

Source: OperationDefinition PlanDefinition-i-export. The limits and the names are ours.
"""

import struct
import zlib
from base64 import b64decode, b64encode
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json, dumps
from kommunalpro.fhir.outcome import FhirError, Issue, RuleBroken
from kommunalpro.fhir.structure import validate
from kommunalpro.fhirserver.http.body import parse
from kommunalpro.fut.errors import issue, refuse

MADE = ("Questionnaire", "Basic", "DocumentReference", "ActivityDefinition", "PlanDefinition")
"""What an import makes; a Basic is a View or an ActionGuidance."""
MATCHED = ("Library", "Organization")
"""What an import finds the like of, and never makes."""
MOST_FILES = 300
LARGEST_FILE, LARGEST_IN_ALL = 2_000_000, 10_000_000
"""Bytes of JSON."""

_LARGEST_ZIP = 10_000_000
_MOST_NAMED = 100
"""Problems that are told at once."""
_ENCRYPTED = 0x1
_UNREADABLE = (BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error, struct.error)
"""What zipfile raises where bytes are no zip, or one that it does not do: its manual names only the first."""
_NEVER = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class File:
    """One resource, and the name of the file it came in, fit to be shown."""

    name: str
    resource: Json

    @property
    def key(self) -> str:
        """`Type/id`, by which the other files refer to it."""
        return f"{self.resource['resourceType']}/{self.resource['id']}"


def pack(resources: Iterable[Json]) -> dict[str, Any]:
    """Give a Binary with the zip; the same resources always give the same bytes.

    Raises:
        RuleBroken: it would be larger than what is read in again.
    """
    texts = {f"{each['resourceType']}-{each['id']}.json": dumps(each) for each in resources}
    refuse(_size_problems({name: len(text) for name, text in texts.items()}))
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in sorted(texts):
            archive.writestr(ZipInfo(name, _NEVER), texts[name], ZIP_DEFLATED)
    data = b64encode(packed.getvalue()).decode()
    return {"resourceType": "Binary", "contentType": "application/zip", "data": data}


def unpack(data: str) -> list[File]:
    """Read the resources of a zip in base64.

    Raises:
        RuleBroken: with all that is wrong with it.
    """
    try:
        # FHIR lets a base64Binary have white space in it.
        raw = b64decode("".join(data.split()), validate=True)
    except ValueError:
        raw = b""
    if len(raw) > _LARGEST_ZIP:
        refuse([_of_package("Pakken fylder for meget.", f"at most {_LARGEST_ZIP} bytes")])
    try:
        archive = ZipFile(BytesIO(raw))
    except _UNREADABLE:
        problem = _of_package("Det er ikke en pakke: det skal være en zip-fil.", "must be a zip in base64")
        raise RuleBroken(issues=[problem]) from None
    with archive:
        return _read(archive)


def _read(archive: ZipFile) -> list[File]:
    """Look at what the zip says that it holds before any of it is read."""
    # Not is_dir(), which fails on a file without a name.
    infos = [each for each in archive.infolist() if not each.filename.endswith("/")]
    if not infos:
        refuse([_of_package("Pakken er tom.", "no files")])
    refuse(_some((*_size_problems({each.filename: each.file_size for each in infos}), *_name_problems(infos))))
    files: list[File] = []
    problems: list[Issue] = []
    for info in infos:
        found = _file(archive, info)
        if isinstance(found, File):
            files.append(found)
        else:
            problems += found
    refuse(_some((*problems, *_repeated(files))))
    return files


def _size_problems(sizes: dict[str, int]) -> Iterator[Issue]:
    if len(sizes) > MOST_FILES:
        yield _of_package(f"Pakken har flere end {MOST_FILES} filer.", f"at most {MOST_FILES} files")
    if sum(sizes.values()) > LARGEST_IN_ALL:
        yield _of_package("Pakkens filer fylder for meget.", f"at most {LARGEST_IN_ALL} bytes of JSON")
    for name, size in sizes.items():
        if size > LARGEST_FILE:
            yield _of_file(name, "fylder for meget", f"at most {LARGEST_FILE} bytes")


def _name_problems(infos: list[ZipInfo]) -> Iterator[Issue]:
    seen: set[str] = set()
    for info in infos:
        name = info.orig_filename
        if not name.isprintable() or "\\" in name or ":" in name or name[:1] == "/" or ".." in name.split("/"):
            yield _of_file(name, "har et navn, der peger ud af pakken", "must be a plain relative path")
        elif not name.lower().endswith(".json"):
            yield _of_file(name, "er ikke en JSON-fil", "must be a .json file")
        if name in seen:
            yield _of_file(name, "er der to gange", "the name is used twice")
        seen.add(name)
        if info.flag_bits & _ENCRYPTED:
            yield _of_file(name, "er krypteret", "encrypted")
        elif info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            yield _of_file(name, "er pakket på en måde, der ikke læses", "must be stored or deflated")


def _file(archive: ZipFile, info: ZipInfo) -> File | list[Issue]:
    name = info.filename
    try:
        with archive.open(info) as packed:
            # To the end that it says it has, so that zipfile tells when that is not so.
            text = packed.read(info.file_size + 1)
    except _UNREADABLE:
        return [_of_file(name, "er gået i stykker", "damaged")]
    try:
        # Windows' editors put the mark before it, and whoever reads JSON may pass it over (RFC 8259, 8.1).
        resource = parse(text.removeprefix(BOM_UTF8))
    except FhirError as wrong:
        return [_of_file(name, "kan ikke læses som JSON", str(wrong))]
    type = resource.get("resourceType") if isinstance(resource, dict) else None
    if type not in MADE + MATCHED:
        return [_of_file(name, "er en slags, der ikke hører til i en pakke", f"one of {', '.join(MADE + MATCHED)}")]
    if problems := [_of_file(name, each.text, each.diagnostics or "", each.expression) for each in validate(resource)]:
        return problems
    if "id" not in resource:
        return [_of_file(name, "mangler sit id", "id is required", f"{type}.id")]
    return File(_shown(name), resource)


def _repeated(files: list[File]) -> Iterator[Issue]:
    seen: dict[str, str] = {}
    for each in files:
        if each.key in seen:
            yield _of_file(each.name, f"er den samme som ”{seen[each.key]}”", f"{each.key} is there twice")
        seen.setdefault(each.key, each.name)


def _some(problems: Iterable[Issue]) -> list[Issue]:
    return list(problems)[:_MOST_NAMED]


def _of_package(text: str, detail: str) -> Issue:
    return issue("KPRO_PACKAGE", detail, text=text)


def _of_file(name: str, text: str, detail: str, expression: str | None = None) -> Issue:
    shown = _shown(name)
    said = f"”{shown}”: {text}" if text.endswith(".") else f"Filen ”{shown}” {text}."
    return issue("KPRO_PACKAGE", f"{shown}: {detail}", expression, text=said)


def _shown(name: str) -> str:
    """Give a name that was made by somebody else, fit to be shown."""
    return mask_cpr("".join(each if each.isprintable() else "?" for each in name))[:100]
