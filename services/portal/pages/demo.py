"""The page of the demo's people, which `make up` alone has: who they are, what each does, and a way in as each."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request

from appeals.errors import Refused
from services.portal.demo import LOOPBACK, DemoAccount, come_in
from services.portal.doors import Doors
from services.portal.pages import entrance, looks
from services.portal.problems import NOT_FOUND, NotDone, Problem
from services.portal.roles import (
    AUDITOR,
    DEPARTMENT,
    DISPATCHER,
    ENTERPRISE,
    INTAKE_OFFICER,
    SECURITY_ADMINISTRATOR,
    SUPERVISOR,
    SYSTEM_ADMINISTRATOR,
)
from services.portal.visitors import address_of, device_in

# What each role does in the loop, in the order in which an appeal meets them.
DOES = {
    ENTERPRISE: ("提交诉求；办结后评价", "Hands an appeal in; says how it went once it is closed"),
    INTAKE_OFFICER: ("在“待受理”中打开诉求，受理", "Opens it under “To be accepted” and accepts it"),
    DISPATCHER: (
        "规则不能确定承办单位的，在“待转办”中转办",
        "Dispatches it under “To be dispatched” when the rules name no department",
    ),
    DEPARTMENT: (
        "以诉求转到的单位登录：登记联系，提交反馈",
        "As the department that it went to: records a contact and replies",
    ),
    SUPERVISOR: (
        "在“待审核”中审核通过，诉求随即办结；查看数据图表",
        "Lets the reply stand under “Replies to review”, which closes the appeal; sees the figures",
    ),
    AUDITOR: ("查看审计记录", "Reads the audit"),
    SECURITY_ADMINISTRATOR: ("管理账号和岗位", "Keeps accounts and roles"),
    SYSTEM_ADMINISTRATOR: ("查看各服务的运行状况", "Sees how the services are doing"),
}


def routes(doors: Doors) -> Blueprint:
    """The page, and its buttons; to be registered only where there are demo accounts."""
    pages = Blueprint("demo", __name__)

    @pages.app_context_processor
    def tell_every_page() -> dict:
        """Every page shows the way to this one."""
        return {"is_demo": True}

    @pages.get("/demo")
    def show() -> Response:
        """Who there is."""
        looks.begin()
        _check_here()
        return _show(doors)

    @pages.post("/demo/<name>")
    def sign_in(name: str) -> Response:
        """Sign in as one of them; whoever was signed in in this browser no longer is."""
        looks.begin()
        _check_here()
        looks.check_same_site()
        one = doors.demo.get(name)
        if one is None:
            raise NotDone(NOT_FOUND)
        visitors = doors.visitors
        old = request.cookies.get(visitors.cookies.name, "")
        try:
            seated = come_in(visitors.signing_in, one, doors.clock(), address_of(request), old, device_in(request))
        except Refused as refusal:
            return _show(doors, entrance.problem_of(refusal))
        return entrance.go_on(visitors, seated)

    return pages


def _check_here() -> None:
    """The browser has to have asked for this machine, not for a name that leads here. Raises NotDone."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        raise NotDone(NOT_FOUND)


def _show(doors: Doors, problem: Problem | None = None) -> Response:
    steps = list(DOES)
    now = doors.clock()
    people = sorted(doors.demo.values(), key=lambda one: steps.index(one.role))
    return looks.page(
        "demo.html",
        problem.status if problem else 200,
        groups=[(does, [_told(one, now) for one in people if one.role == role]) for role, does in DOES.items()],
        problem=problem and problem.told(g.language),
    )


def _told(one: DemoAccount, now) -> dict:
    return {"name": one.name, "called": one.called, "role": one.role, "password": one.password, "code": one.code(now)}
