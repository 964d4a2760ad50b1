"""XML without entities, which can make a small file fill the memory."""

from typing import Any
from xml.etree import ElementTree


class _Builder(ElementTree.TreeBuilder):
    def doctype(self, *_: Any) -> None:
        raise ValueError("it declares a DOCTYPE, which annotation files have no use for; remove it")


def parse_xml(text: bytes | str) -> ElementTree.Element:
    """Return the root of an XML document.

    Raises:
        ValueError: The text is not XML, is cut off, or declares a document type.
    """
    try:
        return ElementTree.fromstring(text, ElementTree.XMLParser(target=_Builder()))
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an unknown encoding
        raise ValueError(f"it is not whole XML ({error}); export it again") from error
