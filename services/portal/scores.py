"""Scores and common problems of a month: asked of evaluation, and shown to those who may know."""

from __future__ import annotations

from flask import Blueprint, jsonify, request

from appeals.commands import AskCommonProblems, AskScores, Command
from services.portal import incoming, schemas
from services.portal.asking import Wish
from services.portal.doors import Doors
from services.portal.openapi import COMMON_PROBLEMS_PATH, SCORES_PATH
from services.portal.rights import Principal
from services.portal.roles import AUDITOR, SUPERVISOR

PERIOD = "PERIOD-"
SEE_ALL = frozenset({SUPERVISOR, AUDITOR})


def scores(doors: Doors, prefix: str) -> Blueprint:
    """The doors for the figures of a month, under `prefix`."""
    routes = Blueprint("scores", __name__, url_prefix=prefix)

    @routes.get(SCORES_PATH)
    def show_scores():
        """The figures of a month; a department sees its own only."""
        principal = doors.gate.staff(request, "scores")
        asked = incoming.load(schemas.ScoresQuery(doors.names), request.args.to_dict())
        return jsonify(ask_scores(doors, principal, **asked))

    @routes.get(COMMON_PROBLEMS_PATH)
    def show_common_problems():
        """What went wrong in common in a month, with receipts; nothing about the asker's own unit or one above it."""
        principal = doors.gate.staff(request, "common-problems")
        asked = incoming.load(schemas.CommonProblemsQuery(), request.args.to_dict())
        without = (principal.department, *principal.above) if principal.department else ()
        return jsonify(_find_out(doors, principal, AskCommonProblems, without=without, **asked))

    return routes


def ask_scores(doors: Doors, principal: Principal, *, period: str, department: str = "") -> dict:
    """The figures of a month, with the units' names; a department is told its own only. Raises NotDone."""
    if SEE_ALL.isdisjoint((principal.role, *principal.also)):
        department = principal.department
    answer = _find_out(doors, principal, AskScores, period, department=department)
    for unit in answer["units"]:
        unit["name"] = doors.names.get(unit["department"], unit["department"])
    return answer


def _find_out(doors: Doors, principal: Principal, make: type[Command], period: str, **facts) -> dict:
    question = make(receipt=PERIOD + period, at=doors.clock(), by=principal.name, period=period, **facts)
    wish = Wish(principal=principal, door=f"GET {request.path}", key=doors.new_id(), body=request.query_string)
    return doors.desk.find_out(wish, question)
