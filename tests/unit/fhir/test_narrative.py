"""The XHTML of a Narrative: what R4 allows, and nothing that runs."""

import pytest

from kommunalpro.fhir.structure.narrative import is_narrative


def div(content, attributes=""):
    return f'<div xmlns="http://www.w3.org/1999/xhtml"{attributes}>{content}</div>'


@pytest.mark.parametrize(
    "content",
    [
        "Skov",
        "<p>En <b>fed</b> <i>tekst</i></p><!-- og en bemærkning -->",
        '<a href="https://example.dk">læs</a>',
        '<a href="#afsnit">læs</a>',
        '<img src="data:image/png;base64,e30=" alt="skov"/>',
        '<img src="skov.png"/>',
        '<table border="1"><tr><td colspan="2">1</td></tr></table>',
        '<span xml:lang="da" style="color: green">grøn</span>',
    ],
)
def test_plain_formatting_is_a_narrative(content):
    assert is_narrative(div(content))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "Skov",
        "",
        "<div>uden navnerum</div>",
        '<p xmlns="http://www.w3.org/1999/xhtml">ikke et div</p>',
        div(""),
        div("  <br/> "),
        div("<script>1</script>"),
        div("<form>1</form>"),
        div('<p onclick="f()">1</p>'),
        div("1", ' onload="f()"'),
        div('<a href="javascript:f()">1</a>'),
        div('<a href=" java\nscript:f()">1</a>'),
        div('<a href="vbscript:f()">1</a>'),
        div('<a href="data:text/html,1">1</a>'),
        div('<svg xmlns="http://www.w3.org/2000/svg">1</svg>'),
        div("<p>ikke lukket"),
        div("&nbsp;"),
        '<!DOCTYPE div [<!ENTITY a "b">]>' + div("&a;"),
        "<!-- --><!DOCTYPE div>" + div("1"),
        '<?xml version="1.0"?>' + div("1"),
        div("<![CDATA[1]]>"),
        div("1") * 2,
    ],
)
def test_anything_else_is_not(value):
    assert not is_narrative(value)
