"""The shop: what printing stands on."""

from __future__ import annotations

from dataclasses import dataclass

from services.portal.paper.numbers import Numbers
from services.portal.paper.press import Press
from services.portal.paper.texts import Texts


@dataclass(frozen=True, kw_only=True)
class PrintShop:
    """The press, the texts that are printed, and the numbers that letters get."""

    press: Press
    texts: Texts
    numbers: Numbers
