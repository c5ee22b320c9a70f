# ruff: noqa: F811
"""The pages for developers: every door and every event is there, with something to begin with."""

import html
import json
import re

from appeals.samples import event_classes
from services.portal.openapi import describe
from services.portal.schemas import NewAppeal
from tests.services.test_portal import _no_settings, portal  # noqa: F401 - fixtures


def page(portal, path="", **headers):
    answer = portal.get(f"/developers{path}", **headers)
    assert answer.status_code == 200
    return answer.text


def test_every_door_of_the_document_is_shown_once_with_its_parameters(portal):
    shown = page(portal)

    doors = re.findall(r"<summary><strong>(\w+)</strong> <code>([^<]+)</code>", shown)
    paths = describe("/api/v1")["paths"]
    assert sorted(doors) == sorted((method.upper(), path) for path, item in paths.items() for method in item)
    assert len(set(re.findall(r'id="([^"]+)"', shown))) == len(re.findall(r'id="([^"]+)"', shown))
    assert "<code>If-Match</code>" in shown
    assert "/api/v1/openapi.json" in shown


def test_the_example_of_an_appeal_can_be_handed_in(portal):
    shown = page(portal)
    examples = [
        json.loads(html.unescape(one)) for one in re.findall(r"<pre tabindex=\"0\"><code>(.+?)</code>", shown, re.S)
    ]

    (example,) = (one for one in examples if {"title", "applicant", "contact", "agent"} <= set(one))
    example |= {"attachments": []}  # which have to be uploaded first

    assert NewAppeal().load(example)["applicant"].name == "朝阳高新技术产业开发区"


def test_every_event_is_shown_with_its_sample_in_both_languages(portal):
    shown = page(portal, "/events")

    assert re.findall(r"<summary><strong>([a-z.-]+)</strong>", shown) == [event.topic for event in event_classes()]
    assert "申报成立化工产业园区" in shown
    assert "Said by:" in page(portal, "/events", Accept_Language="en")


def test_nothing_on_these_pages_needs_a_script_or_comes_from_elsewhere(portal):
    for path in ("", "/events"):
        shown = page(portal, path)
        assert re.findall(r"<script(?! src=\"/static/)", shown) == []
        assert re.findall(r"(?:src|href)=\"(?!/|#|data:|tel:)", shown) == []
