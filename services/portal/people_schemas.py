"""What the doors for people are asked, field by field."""

from __future__ import annotations

from marshmallow import ValidationError, validates_schema

from services.portal.fields import Choice, Count, CreditCode, Fault, Flag, Line, Many
from services.portal.passwords import LONGEST
from services.portal.schemas import Request

LONGEST_NAME = 64


class Secret(Line):
    """A password; blanks around it count, and it is in no answer."""

    def __init__(self, **options):
        super().__init__(LONGEST, metadata={"format": "password"}, required=True, **options)

    def _deserialize(self, value, attr, data, **options) -> str:
        super()._deserialize(value, attr, data, **options)
        return value


class AccountName(Line):
    """An account's name."""

    def __init__(self):
        super().__init__(LONGEST_NAME, required=True)

    def _deserialize(self, value, attr, data, **options) -> str:
        name = super()._deserialize(value, attr, data, **options)
        if len(name) < 2 or not all(char.isalnum() or char in ".-_@" for char in name):
            raise ValidationError(Fault("invalid", self._told()))
        return name

    @staticmethod
    def _told():
        return ("2–64 个字母、汉字、数字或 . - _ @", "2 to 64 letters, digits, or . - _ @")


class Unit(Line):
    """The unit that somebody belongs to: any of the tree, or one that is plugged in."""

    def __init__(self):
        super().__init__(64)

    def _deserialize(self, value, attr, data, **options) -> str:
        code = super()._deserialize(value, attr, data, **options)
        if code and code not in self.root.departments and code not in self.root.units.names:
            raise ValidationError(Fault("not-listed", ("单位代码", "a unit's code")))
        return code


class SignIn(Request):
    """Signing in; the answer says what is asked next."""

    name = Line(LONGEST_NAME, required=True)
    password = Secret()


class Code(Request):
    """A code of the app, or a recovery code."""

    code = Line(40, required=True)


class EnrolmentRequest(Request):
    """Enrolling a device; nothing needs to be said."""


class PasswordChange(Request):
    """Another password; every other session ends."""

    old = Secret()
    password = Secret()


class Registration(Request):
    """An enterprise's own account; an officer verifies that it acts for the enterprise."""

    name = AccountName()
    called = Line(100, required=True)
    password = Secret()
    uscc = CreditCode(required=True)


class Verification(Request):
    """What an officer found in the enterprise's papers; `basis` says which they were."""

    approve = Flag(required=True)
    basis = Line(200, required=True)


class RolesGiven(Request):
    """What somebody is from now on."""

    roles = Many(Choice("account_role"), 3, required=True)
    department = Unit()


class NewAccount(RolesGiven):
    """An account. The password is a first one, changed when its owner signs in."""

    name = AccountName()
    called = Line(100, required=True)
    password = Secret()
    uscc = CreditCode()

    @validates_schema
    def check_uscc(self, values, **_):
        """Only an enterprise's account has a code."""
        if values.get("uscc") and values["roles"] != ("enterprise",):
            raise ValidationError({"uscc": [Fault("invalid", ("仅企业账号填写", "for an enterprise's account only"))]})


class Switch(Request):
    """Disabling an account, or enabling it again."""

    active = Flag(required=True)


class Reset(Request):
    """A first password anew; with `second_factor`, the device has to be enrolled again too."""

    password = Secret()
    second_factor = Flag(load_default=False)


class KeyRequest(Request):
    """A key of one's own; `label` says what it is for."""

    label = Line(100, required=True)


class AuditQuery(Request):
    """Which acts to list: those before a number."""

    before = Count(1, 999_999_999, load_default=None)
    limit = Count(1, 200, load_default=50)
