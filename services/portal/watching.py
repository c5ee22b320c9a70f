"""Watching: how every department and service is doing, as JSON and as a page for operators."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request

from appeals.bus.broker import BrokerGone
from appeals.watch import CRITICAL, WARNING, WELL, Look, QueueWatch, finding
from services.portal.incoming import Gate
from services.portal.pages import looks
from services.portal.problems import BROKER_GONE, NotDone
from services.portal.words import EN, ZH

RIGHT = "watch"
PAGE, PAGE_SECONDS = "/operator/departments", 10
NAMES = {
    "intake": ("受理", "Intake"),
    "routing": ("转办", "Routing"),
    "supervision": ("督办", "Supervision"),
    "evaluation": ("评估", "Evaluation"),
    "portal": ("门户", "Portal"),
}
SEVERITY_WORDS = {WELL: ("正常", "Well"), WARNING: ("注意", "Warning"), CRITICAL: ("严重", "Critical")}


def watching(gate: Gate, watch: QueueWatch, departments, prefix: str) -> Blueprint:
    """The doors for operators: `departments` are the departments' names by code, `prefix` that of the API."""
    routes = Blueprint("watching", __name__)

    def rows(language: str) -> dict:
        try:
            seen, services = watch.departments(), watch.services()
        except BrokerGone as error:
            raise NotDone(BROKER_GONE) from error
        return {
            "departments": [_row(look, departments.get(look.code, look.code), language) for look in seen],
            "services": [_row(look, _said(NAMES[look.code], language), language) for look in services],
        }

    @routes.get(f"{prefix}/departments/health")
    def health():
        """How every department and service is doing."""
        gate.staff(request, RIGHT)
        return jsonify(rows(g.language))

    @routes.get(PAGE)
    def page() -> Response:
        """The same as a page; a browser gives the key as the password of HTTP Basic."""
        looks.begin()
        principal = gate.staff(request, RIGHT, basic=True)
        asked = request.args.get("lang")
        g.language = asked if asked in (ZH, EN) else g.language
        return looks.page("departments.html", principal=principal, **rows(g.language), path=PAGE, seconds=PAGE_SECONDS)

    return routes


def _row(look: Look, name: str, language: str) -> dict:
    found = finding(look)
    return {
        "code": look.code,
        "name": name,
        "severity": found.severity,
        "severity_label": _said(SEVERITY_WORDS[found.severity], language),
        "finding": _said((found.zh, found.en), language),
        "consumers": look.consumers,
        "waiting": look.waiting,
        "retrying": look.retrying,
        "dead_letters": look.dead,
        "words_waiting": look.words,
        "queue_limit": look.limit or None,
    }


def _said(pair: tuple[str, str], language: str) -> str:
    return pair[1] if language == EN else pair[0]
