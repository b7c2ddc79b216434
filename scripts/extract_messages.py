"""Gather the texts of all pages, and of what is refused on them, into the catalogue of English translations.

    python scripts/extract_messages.py            adds what is new and drops what is gone
    python scripts/extract_messages.py --check    says what is missing, and changes nothing

The texts in the code are Danish. A new one comes without translation: write it in kommunalpro/web/locale/en.
"""

import ast
import io
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po
from machine import PROJECT

ROOMS = PROJECT / "kommunalpro"
WEB = ROOMS / "web"
REFUSING = ("care", "identity", "web")
"""Rooms whose refusals a page says; those of the others go with a code, and have their English beside them."""
ENGLISH = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2)}
EMPTY_FIELDS = tuple(
    f'"{name}: '
    for name in (
        *("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date"),
        *("Last-Translator", "Language-Team", "Generated-By"),
    )
)
HEADER = "# English texts of Kommunal PRO's pages. Written, not translated word by word."


def main(arguments: list[str]) -> int:
    """Write or check the catalogue; exit code 1 when the check finds something."""
    found, known = extract(), read()
    if "--check" in arguments:
        problems = list(problems_of(found, known))
        for problem in problems:
            print(problem)
        return int(bool(problems))
    known.update(found, no_fuzzy_matching=True)
    known.obsolete.clear()
    known.fuzzy = False
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    ENGLISH.write_bytes(_written(known))
    missing = [each for each in filter(_is_text, known) if not is_translated(each)]
    print(f"{len(known)} texts, {len(missing)} without English")
    return 0


def extract() -> Catalog:
    """Give every text that a page can show."""
    catalog = Catalog(locale="en", header_comment=HEADER)
    for name, _line, message, comments, context in extract_from_dir(WEB, METHODS, keywords=KEYWORDS):
        # Files without line numbers: the catalogue changes when a text does, and not when a line moves.
        catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    for name, text in refusals():
        catalog.add(text, None, [(name, 0)])
    return catalog


def refusals() -> Iterator[tuple[str, str]]:
    """Give what errors say in so many words, each with its file: a page says it in its own language."""
    errors = kinds("FhirError")
    for path in sorted(each for room in REFUSING for each in (ROOMS / room).rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in errors and call.args:
                text = call.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    yield str(path.relative_to(WEB if WEB in path.parents else ROOMS)), text.value


def kinds(error: str) -> set[str]:
    """Give the name of a kind of error, and of all that are kinds of it in some room."""
    found, bases = {error}, {}
    for path in ROOMS.rglob("*.py"):
        for each in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(each, ast.ClassDef):
                bases[each.name] = {base.id for base in each.bases if isinstance(base, ast.Name)}
    while new := {name for name, of in bases.items() if of & found} - found:
        found |= new
    return found


def read() -> Catalog:
    """Give the catalogue as it is; an empty one before there is any."""
    if not ENGLISH.exists():
        return Catalog(locale="en", header_comment=HEADER)
    with ENGLISH.open("rb") as stream:
        return read_po(stream, locale="en")


def problems_of(found: Catalog, known: Catalog) -> Iterator[str]:
    """Say which texts have no English, and which English has no text."""
    for message in filter(_is_text, found):
        translated = known.get(message.id, message.context)
        if translated is None or not is_translated(translated):
            yield f"no English for: {message.id}"
        else:
            yield from (f"{message.id}: {wrong}" for wrong in translated.check())
    for message in filter(_is_text, known):
        if found.get(message.id, message.context) is None:
            yield f"no page says: {message.id}"


def _is_text(message: Message) -> bool:
    """Tell a text from the catalogue's own header, whose id is empty."""
    return bool(message.id)


def is_translated(message: Message) -> bool:
    """Tell whether a text has all its translations, none of them doubtful."""
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings) and not message.fuzzy


def _written(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
    lines = stream.getvalue().decode().splitlines()
    # Only what a reader of the file needs: a day of writing would change with every run.
    kept = [line for line in lines if not line.startswith(EMPTY_FIELDS)]
    return ("\n".join(kept).rstrip() + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
