"""The XHTML that R4 allows in a Narrative (txt-1, txt-2)."""

import re
from typing import Any
from xml.etree import ElementTree

_NAMESPACE = "{http://www.w3.org/1999/xhtml}"
_ELEMENTS = frozenset(
    """
    a abbr acronym b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i
    img ins kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt u ul var
    """.split()  # noqa: SIM905 - a page of quotation marks would hide the words.
)
_ATTRIBUTES = frozenset(
    """
    abbr accesskey align alt axis border bgcolor cellhalign cellpadding cellspacing cellvalign char charoff charset cite
    class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev
    rowspan rules scope shape span src start style summary tabindex title type valign value vspace
    width {http://www.w3.org/XML/1998/namespace}lang {http://www.w3.org/XML/1998/namespace}space
    """.split()  # noqa: SIM905 - as above.
)
# R4 forbids nothing about addresses; we forbid those that run: nobody's narrative needs them.
# Browsers skip white space inside a scheme, so it is taken out first.
_RUNS = re.compile(r"(javascript|vbscript|data(?!:image/)):", re.IGNORECASE)
_SPACE = re.compile(r"[\x00-\x20]+")


def is_narrative(value: Any) -> bool:
    """Tell whether a value is a `div` with something to read in it, of the elements and attributes that R4 allows."""
    if type(value) is not str or "<!" in value.replace("<!--", "") or "<?" in value:
        return False  # No document type: no entities to expand.
    try:
        div = ElementTree.fromstring(value)  # noqa: S314 - document types are refused on the line above.
    except ElementTree.ParseError:
        return False
    return div.tag == _NAMESPACE + "div" and all(_is_allowed(each) for each in div.iter()) and _has_content(div)


def _is_allowed(element: ElementTree.Element) -> bool:
    namespace, _, name = element.tag.rpartition("}")
    return (
        namespace + "}" == _NAMESPACE
        and name in _ELEMENTS
        and _ATTRIBUTES.issuperset(element.keys())
        and not any(_RUNS.match(_SPACE.sub("", element.get(each, ""))) for each in ("href", "src", "cite", "longdesc"))
    )


def _has_content(div: ElementTree.Element) -> bool:
    return any(text.strip() for text in div.itertext()) or div.find(f".//{_NAMESPACE}img") is not None
