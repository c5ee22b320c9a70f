"""Answers of Open311 as JSON or as XML, from the same values."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, jsonify

FORMATS = "json, xml"
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
ONE_OF = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


def answer(values: dict | list, root: str, one: str = "", *, form: str, status: int = 200) -> Response:
    """These values; in XML below `root`, and each of a list as `one`."""
    if form == "json":
        response = jsonify(values)
    else:
        top = Element(root)
        _fill(top, values, one)
        response = Response(tostring(top, "utf-8", xml_declaration=True), content_type="text/xml; charset=utf-8")
    response.status_code = status
    return response


def _fill(element: Element, value: object, one: str = "") -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _fill(SubElement(element, name), inner, ONE_OF.get(name, ""))
    elif isinstance(value, list):
        for inner in value:
            _fill(SubElement(element, one), inner)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else NO_XML.sub("\ufffd", str(value))
