"""The unified social credit code (统一社会信用代码, GB 32100): read as people write it, and checked."""

from __future__ import annotations

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from appeals.errors import Refused

EXAMPLE = "91110000600037341L"


class WrongCreditCode(Refused):
    """Raised when what was given is not a unified social credit code."""

    status = 422
    field = "applicant.uscc"
    zh = "统一社会信用代码“{written}”不正确：应为 18 位数字或大写字母，末位为校验码"
    en = "{written!r} is not a unified social credit code: 18 digits or letters, the last of which checks the others"


class WrongCheckDigit(WrongCreditCode):
    """Raised when the code has the right form but its last character does not fit, as after a slip of the pen."""

    zh = "统一社会信用代码“{written}”校验码不正确，请核对营业执照"
    en = "The check digit of the unified social credit code {written!r} is wrong; compare it with the licence"


def credit_code(written: str) -> str:
    """The code in its one form: half-width capitals without spaces. Raises WrongCreditCode or WrongCheckDigit."""
    narrow = "".join(unicodedata.normalize("NFKC", written).split())
    try:
        return uscc.validate(narrow)
    except InvalidChecksum:
        raise WrongCheckDigit(written=written[:40]) from None
    except ValidationError:
        raise WrongCreditCode(written=written[:40]) from None
