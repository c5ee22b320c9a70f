"""The acceptance desk's own doors: which others an appeal may repeat, and splitting one that holds several matters."""

from __future__ import annotations

from flask import Blueprint, g, jsonify, request

from services.portal import doing, finding_out, incoming
from services.portal.doors import Doors
from services.portal.rights import Principal
from services.portal.showing import check_unchanged


def acceptance_desk(doors: Doors, prefix: str) -> Blueprint:
    """Both doors."""
    routes = Blueprint("acceptance", __name__, url_prefix=f"{prefix}/appeals/<written>")

    def enter(written: str, right: str) -> tuple[str, Principal]:
        receipt = incoming.receipt_of(written)
        principal = doors.gate.staff(request, right)
        doing.check_not_hidden(doors, principal, receipt)
        return receipt, principal

    @routes.get("/candidates")
    def find_candidates(written: str):
        """Which others an appeal may repeat, and why, among those that the officer may see."""
        receipt, principal = enter(written, "find-candidates")
        return jsonify(finding_out.candidates(doors, principal, receipt, g.language))

    @routes.post("/split")
    def split(written: str):
        """Make an appeal of each matter of a text."""
        receipt, principal = enter(written, "split")
        g.key = incoming.idempotency_key(request, doors.new_id)
        body, values = incoming.read_body(request)
        check_unchanged(doors, principal, receipt, request)
        said = doing.split(doors, principal, receipt, values, key=g.key, body=body)
        parts = [one["receipt"] for one in said if one["receipt"] != receipt]
        return jsonify({"parts": parts, "said": said}), 201

    return routes
