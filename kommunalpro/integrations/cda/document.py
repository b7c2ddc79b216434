"""Parsing a CDA document safely, and finding one's way in it."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

Element = etree._Element

V3 = "urn:hl7-org:v3"
SDTC = "urn:hl7-org:sdtc"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

LARGEST = 20_000_000
"""Bytes; the national forms with pictures are about 0.2 MB."""


_DTD = "Dokumentet har en DTD. Den slags tages ikke imod, fordi den kan gemme på angreb."


class CdaError(ValueError):
    """The document cannot be read at all; the text is Danish and quotes none of its content."""


def parse(text: bytes) -> Element:
    """Parse a ClinicalDocument.

    Raises:
        CdaError: it is too large, not well-formed, has a DTD (and so perhaps entities), or is not a ClinicalDocument.
    """
    if len(text) > LARGEST:
        raise CdaError("Dokumentet er større end 20 MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as wrong:
        if b"<!DOCTYPE" in text:  # entities that would not end make it no longer well-formed
            raise CdaError(_DTD) from None
        raise CdaError(f"Dokumentet er ikke gyldig XML (linje {wrong.lineno}).") from None
    information: Any = root.getroottree().docinfo  # its types leave `doctype` out
    if information.doctype:
        raise CdaError(_DTD)
    if root.tag != f"{{{V3}}}ClinicalDocument":
        raise CdaError("Dokumentet er ikke et CDA-dokument (ClinicalDocument).")
    return root


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """Give the elements at a path of local names, in either of CDA's namespaces (forms in use mix them)."""
    if element is None:
        return
    if not names:
        yield element
        return
    for child in element:
        if local_name(child) == names[0]:
            yield from children(child, *names[1:])


def local_name(element: Element) -> str:
    """Give an element's name without its namespace; empty of what is no element (a processing instruction)."""
    tag: object = element.tag  # lxml gives a function there for what is no element; its types say only text
    return etree.QName(element).localname if isinstance(tag, str) else ""


def child(element: Element | None, *names: str) -> Element | None:
    """Give the first element at a path of local names; None when there is none."""
    return next(children(element, *names), None)


def attribute(element: Element | None, *path: str) -> str | None:
    """Give an attribute by a path whose last part is its name; None when there is none or it is empty."""
    *names, name = path
    found = child(element, *names)
    return (found.get(name) or None) if found is not None else None


def template_ids(element: Element) -> frozenset[str]:
    """Give the templateId roots of an element."""
    return frozenset(each.get("root", "") for each in children(element, "templateId"))


def words(element: Element | None) -> str:
    """Give the text of an element with its white space folded; empty when there is none."""
    return " ".join("".join(str(each) for each in element.itertext()).split()) if element is not None else ""


def kind(element: Element | None) -> str:
    """Give `xsi:type` without its prefix (`CE`, `IVL_INT`); empty when there is none."""
    return element.get(XSI_TYPE, "").split(":")[-1] if element is not None else ""
