"""Masking: what is shown of a name or a number where nobody needs to know all of it (after GB/T 35273)."""

from __future__ import annotations

# Surnames of two characters that are common enough to be met; any other is taken for one of one.
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "长孙",
    "宇文",
    "司徒",
    "夏侯",
)
MOBILE = 11


def mask_name(name: str) -> str:
    """The surname, and a star for each character after it: `张*`, `欧阳**`."""
    shown = 2 if len(name) > 2 and name.startswith(COMPOUND) else 1
    return name[:shown] + "*" * (len(name) - shown)


def mask_phone(phone: str) -> str:
    """`138****1234`; of a shorter number only its end."""
    if len(phone) < MOBILE:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
