"""The lights can be read by everybody: shape and word on the page, and enough contrast in what is drawn."""

import re

import pytest
from django.template import engines

from kommunalpro.pro.light import Light
from tests.unit.house.sources import PACKAGE

WORDS = {
    "red": "Kræver opmærksomhed",
    "yellow": "Kan kræve opmærksomhed",
    "not-assessed": "Ikke vurderet",
    "green": "Ingen særlig opmærksomhed",
}
CSS = (PACKAGE / "web" / "static" / "shared" / "shared.css").read_text(encoding="utf-8")
ENOUGH = 4.5


def drawn(code: str, **options: bool) -> str:
    template = engines.all()[0].env.from_string(
        '{% from "shared/lights.html" import light %}{{ light(code, **options) }}'
    )
    return template.render(code=code, options=options)


def test_every_light_has_its_word():
    assert {light.code for light in Light} == set(WORDS)
    for code, word in WORDS.items():
        assert f">{word}</span>" in drawn(code)


def test_every_light_has_a_shape_of_its_own():
    shapes = {re.sub(r"light-(red|yellow|green|not-assessed)", "", drawn(code, with_word=False)) for code in WORDS}
    assert len(shapes) == len(WORDS)


def test_without_its_word_a_light_is_for_the_eye_only():
    assert WORDS["red"] not in drawn("red", with_word=False)
    assert 'aria-hidden="true"' in drawn("red", with_word=False)


def test_an_unknown_light_is_an_error_and_not_a_green_one():
    with pytest.raises(Exception, match="blue"):
        drawn("blue")


@pytest.mark.parametrize(
    ("part", "behind"),
    [
        ("--light-red", "#ffffff"),  # the octagon on the page
        ("#ffffff", "--light-red"),  # its mark
        ("--ink", "#ffffff"),  # the triangle's edge on the page
        ("--ink", "--light-yellow"),  # its mark
        ("--light-green", "#ffffff"),
        ("--light-grey", "#ffffff"),
        ("--grey", "#ffffff"),  # quiet text
        ("--grey", "--quiet"),
        ("--accent", "#ffffff"),
        ("--accent", "--quiet"),
    ],
)
def test_shapes_and_texts_stand_out_from_what_is_behind_them(part, behind):
    assert contrast(colour(part), colour(behind)) >= ENOUGH


def test_without_colours_the_shapes_are_drawn_in_the_colour_of_text():
    forced = CSS.split("@media (forced-colors: active) {")[1]
    for code in ("red", "yellow", "green", "not-assessed"):
        assert f".light-{code} .light-body" in forced
        assert f".light-{code} .light-mark" in forced


def colour(name: str) -> str:
    return name if name.startswith("#") else re.search(rf"{name}: (#[0-9a-f]{{6}});", CSS)[1]


def contrast(one: str, other: str) -> float:
    """Contrast as WCAG 2.2 counts it."""
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
