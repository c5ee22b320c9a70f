"""Roles: what there is to be, and which of them one person may be at the same time."""

from __future__ import annotations

from collections.abc import Collection

from appeals.errors import Refused

INTAKE_OFFICER, DISPATCHER, SUPERVISOR = "intake-officer", "dispatcher", "supervisor"
DEPARTMENT, AUDITOR, ENTERPRISE = "department", "auditor", "enterprise"
SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR = "system-administrator", "security-administrator"
APPLICANT, ANONYMOUS = "applicant", "anonymous"  # nobody's: whoever has a query code, and anybody
PLATFORM = "platform"  # another platform, which has a key from the file and no account

OFFICERS = frozenset({INTAKE_OFFICER, DISPATCHER, SUPERVISOR, AUDITOR})
STAFF = OFFICERS | {DEPARTMENT}
ADMINISTRATORS = frozenset({SYSTEM_ADMINISTRATOR, SECURITY_ADMINISTRATOR})
OF_ACCOUNTS = STAFF | ADMINISTRATORS | {ENTERPRISE}

TOGETHER = frozenset({INTAKE_OFFICER, DISPATCHER, SUPERVISOR})
KEPT_APART = frozenset({AUDITOR, *ADMINISTRATORS})  # 三员: nobody holds two of them
SECOND_FACTOR = OFFICERS | ADMINISTRATORS


class RolesKeptApart(Refused):
    """Raised when one account would hold two of auditor, system administrator and security administrator."""

    field = "roles"
    zh = "审计员、系统管理员、安全管理员三员分立，同一账号不得兼任其中两个"
    en = "Auditor, system administrator and security administrator are kept apart; no account holds two of them"


class RoleStandsAlone(Refused):
    """Raised when a role that is held by itself is given together with another."""

    field = "roles"
    zh = "只有受理、转办、督办岗位可以兼任；其他角色须单独设立账号"
    en = "Only intake officer, dispatcher and supervisor may be held together; any other role has an account of its own"


class DepartmentNotNamed(Refused):
    """Raised when an account for a department's staff does not say which department."""

    status = 422
    field = "department"
    zh = "承办单位账号须指明所属单位"
    en = "An account for a department's staff says which department"


def check_roles(roles: Collection[str], department: str) -> None:
    """Whether one account may be all of this. Raises RolesKeptApart, RoleStandsAlone or DepartmentNotNamed."""
    if len(KEPT_APART.intersection(roles)) > 1:
        raise RolesKeptApart()
    if len(set(roles)) > 1 and not TOGETHER.issuperset(roles):
        raise RoleStandsAlone()
    if DEPARTMENT in roles and not department:
        raise DepartmentNotNamed()
