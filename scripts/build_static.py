"""Build what pages load: the design system and htmx from npm's packages, and the compiled message catalogues.

    python scripts/build_static.py

Needs no network. What is up to date is left alone: a stamp holds a digest of everything it was made from.
"""

import hashlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from machine import PROJECT

NODE_MODULES = PROJECT / "node_modules"
DKFDS = NODE_MODULES / "dkfds" / "dist"
HTMX = NODE_MODULES / "htmx.org"
WEB = PROJECT / "kommunalpro" / "web"
BUILT = WEB / "static-built"
LOCALE = WEB / "locale"
STAMP = BUILT / ".built-from"

URL = re.compile(r'url\("?([^")]+)"?\)')
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
WOFF2 = re.compile(r'url\("[^"]+\.woff2"\) format\("woff2"\)')
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|^//# sourceMappingURL=.*$", re.MULTILINE)


def main() -> int:
    """Build; exit code 1 when the npm packages are not there."""
    if not DKFDS.is_dir() or not HTMX.is_dir():
        sys.stderr.write("The npm packages are missing. Run: make demo, or npm ci\n")
        return 1
    digest = _digest()
    catalogues = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    compiled = all(path.with_suffix(".mo").exists() for path in catalogues)
    if compiled and STAMP.exists() and STAMP.read_text(encoding="ascii") == digest:
        return 0
    shutil.rmtree(BUILT, ignore_errors=True)
    build_design_system(BUILT / "dkfds")
    build_htmx(BUILT / "htmx")
    for catalogue in catalogues:
        compile_catalogue(catalogue)
    STAMP.write_text(digest, encoding="ascii")
    return 0


def build_design_system(place: Path) -> None:
    """Copy the neutral theme with the fonts and pictures that it names, and no others."""
    css = (DKFDS / "css" / "dkfds.css").read_text(encoding="utf-8")
    css = SOURCE_MAP.sub("", FONT_FACE.sub(lambda found: _only_woff2(found.group()), css))
    _write(place / "css" / "dkfds.css", css)
    for named in sorted(set(URL.findall(css))):
        if not named.startswith("data:"):
            _copy((DKFDS / "css" / named).resolve(), (place / "css" / named).resolve())
    _copy(DKFDS / "LICENSE.md", place / "LICENSE.md")


def build_htmx(place: Path) -> None:
    """Copy htmx as it is."""
    script = (HTMX / "dist" / "htmx.min.js").read_text(encoding="utf-8")
    _write(place / "htmx.js", SOURCE_MAP.sub("", script))
    _copy(HTMX / "LICENSE", place / "LICENSE")


def compile_catalogue(catalogue: Path) -> None:
    """Compile one catalogue of translations; what is marked as doubtful is left out."""
    with catalogue.open("rb") as source:
        messages = read_po(source, locale=catalogue.parts[-3])
    with catalogue.with_suffix(".mo").open("wb") as target:
        write_mo(target, messages)


def _only_woff2(font_face: str) -> str:
    """Keep the one format that every browser of the last eight years reads."""
    kept = WOFF2.search(font_face)
    return re.sub(r"src:[^;]+;", f"src:{kept.group()};", font_face) if kept else font_face


def _digest() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(PROJECT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield Path(__file__).resolve()
    yield NODE_MODULES / "dkfds" / "package.json"
    yield HTMX / "package.json"
    yield from sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    sys.exit(main())
