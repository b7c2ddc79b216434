"""What pages load is built from what npm gave, is whole, and asks nobody else for anything."""

import re
import sys

import pytest

from tests.unit.house.sources import PACKAGE, PROJECT

URL = re.compile(r'url\("?([^")]+)"?\)')


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Give the builder, at work in a directory of its own."""
    monkeypatch.setattr(sys, "path", [str(PROJECT / "scripts"), *sys.path])
    import build_static

    monkeypatch.setattr(build_static, "BUILT", tmp_path / "built")
    monkeypatch.setattr(build_static, "STAMP", tmp_path / "built" / ".built-from")
    assert build_static.main() == 0
    return build_static


def test_every_picture_and_font_that_the_design_system_names_is_there(build):
    css = build.BUILT / "dkfds" / "css" / "dkfds.css"
    named = URL.findall(css.read_text(encoding="utf-8"))
    assert len(named) > 50
    assert [name for name in named if not (css.parent / name).resolve().is_file()] == []


def test_nothing_built_asks_another_server(build):
    for path in build.BUILT.rglob("*.css"):
        assert re.search(r"url\(\"?(https?:)?//", path.read_text(encoding="utf-8")) is None
        assert "@import" not in path.read_text(encoding="utf-8")


def test_fonts_come_in_one_format_from_us(build):
    fonts = {path.suffix for path in (build.BUILT / "dkfds" / "fonts").rglob("*") if path.is_file()}
    assert fonts == {".woff2"}


def test_no_source_map_is_promised_that_is_not_there(build):
    assert [path for path in build.BUILT.rglob("*.*s") if "sourceMappingURL" in path.read_text(encoding="utf-8")] == []


def test_licences_go_with_what_is_copied(build):
    assert (build.BUILT / "dkfds" / "LICENSE.md").is_file()
    assert (build.BUILT / "htmx" / "LICENSE").is_file()


def test_the_same_again_does_nothing(build):
    kept = build.BUILT / "kept"
    kept.touch()
    assert build.main() == 0
    assert kept.exists()


def test_another_source_builds_anew(build):
    (build.BUILT / "kept").touch()
    build.STAMP.write_text("older", encoding="ascii")
    assert build.main() == 0
    assert not (build.BUILT / "kept").exists()


def test_no_page_carries_a_script_or_a_style_of_its_own():
    """The Content-Security-Policy would stop it; here is where it stands."""
    inline = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
    templates = [*(PACKAGE / "web").rglob("templates/**/*.html")]
    assert len(templates) > 40
    found = {path.name: inline.search(path.read_text(encoding="utf-8")) for path in templates}
    assert {name: match[0] for name, match in found.items() if match} == {}
