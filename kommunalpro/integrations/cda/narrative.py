"""CDA narrative → XHTML, as it goes into rendering-xhtml."""

from html import escape

from lxml import etree

from kommunalpro.integrations.cda.document import Element

_ELEMENTS = {
    "paragraph": "p",
    "p": "p",  # the national forms write <p>, which CDA does not have
    "br": "br",
    "item": "li",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "td": "td",
    "th": "th",
    "caption": "caption",
    "sub": "sub",
    "sup": "sup",
}
_STYLES = {"bold": "strong", "italics": "em", "underline": "u"}
_IGNORED = frozenset({"colgroup", "col", "renderMultiMedia"})


def xhtml(text: Element) -> str:
    """Give a narrative block as one XHTML div."""
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{_inner(text).strip()}</div>'


def is_plain(text: Element) -> bool:
    """Tell whether a narrative has no markup at all, so that plain text says everything."""
    return not any(isinstance(each.tag, str) for each in text)


def _inner(element: Element) -> str:
    parts = [escape(element.text or "")]
    for each in element:
        if isinstance(each.tag, str):
            parts.append(_element(each))
        parts.append(escape(each.tail or ""))
    return "".join(parts)


def _element(element: Element) -> str:
    name = etree.QName(element).localname
    if name in _IGNORED:
        return ""
    if name == "content":
        return _styled(element)
    if name == "list":
        tag = "ol" if element.get("listType") == "ordered" else "ul"
    elif name == "linkHtml":
        return f'<a href="{escape(element.get("href", ""))}">{_inner(element)}</a>'
    else:
        tag = _ELEMENTS.get(name, "span")
    return "<br/>" if tag == "br" else f"<{tag}>{_inner(element)}</{tag}>"


def _styled(element: Element) -> str:
    inner = _inner(element)
    for style in element.get("styleCode", "").lower().split():
        tag = _STYLES.get(style)
        inner = f"<{tag}>{inner}</{tag}>" if tag else inner
    return inner
