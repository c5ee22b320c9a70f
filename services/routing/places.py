"""Places: an institution that only says where something happened is not what the appeal is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Places:
    """How a place is said: an institution and a word `beside` it (学校门口), or one `before` it (near the bank)."""

    institutions: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    def cleared(self, text: str) -> str:
        """A plain text without the institutions that are only places in it; how near something was stays."""
        return self._before.sub(r"\g<near>", self._beside.sub("", text)) if self.institutions else text

    @cached_property
    def _beside(self) -> re.Pattern:
        return re.compile(rf"(?<![a-z])(?:{_any(self.institutions)}) ?(?=(?:{_any(self.beside)})(?![a-z]))")

    @cached_property
    def _before(self) -> re.Pattern:
        near = rf"(?<![a-z])(?P<near>(?:{_any(self.before)}) (?:(?:the|a|our) )?(?:[a-z]+ )?)"
        return re.compile(rf"{near}(?:{_any(self.institutions)})(?![a-z])")


def _any(words: tuple[str, ...]) -> str:
    """A pattern of any of these, the longest first; of none, what is never there."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)"
