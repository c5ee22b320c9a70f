"""The menu: which pages somebody who is signed in is shown the way to, and where they begin."""

from __future__ import annotations

from dataclasses import dataclass

from services.portal.rights import Principal, may
from services.portal.roles import ENTERPRISE, STAFF


@dataclass(frozen=True)
class Way:
    """A way to a page, shown to whoever has the right."""

    right: str
    path: str
    zh: str
    en: str


WAYS = (
    Way("desk", "/desk", "我的待办", "To do"),
    Way("list", "/my", "我的诉求", "My appeals"),
    Way("submit", "/desk/new", "代录诉求", "Write one down"),
    Way("import", "/desk/import", "批量导入", "Import"),
    Way("verify-enterprise", "/desk/registrations", "企业核验", "Enterprises to verify"),
    Way("list-accounts", "/accounts", "账号管理", "Accounts"),
    Way("read-audit", "/audit", "审计记录", "Audit"),
    Way("figures", "/figures", "数据图表", "Figures"),
    Way("watch", "/operator/departments", "运行状况", "Operations"),
)
OF_STAFF, OF_ENTERPRISES = ("/desk/new",), ("/my",)


def ways(principal: Principal) -> list[Way]:
    """The ways of this principal."""
    hidden = () if principal.role == ENTERPRISE else OF_ENTERPRISES
    hidden += () if principal.role in STAFF else OF_STAFF
    return [way for way in WAYS if may(principal, way.right) and way.path not in hidden]


def home_of(principal: Principal) -> str:
    """Where they begin: at the first of their ways."""
    return next((way.path for way in ways(principal)), "/account")
