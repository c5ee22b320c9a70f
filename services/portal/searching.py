"""Search: an appeal is found by pieces of what it says, in Chinese as in English.

Chinese has no spaces, so a run of Chinese characters is kept as its pairs: 化工园区 as 化工, 工园 and 园区. Whoever
looks for 化工园 asks for 化工 and 工园. Traditional characters are read as simplified ones, and full width as half.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

from opencc import OpenCC
from sqlalchemy import ARRAY, ColumnElement, Text, TypeDecorator, and_, false, type_coerce

_RUNS = re.compile(r"([\u3400-\u9fff]+)|([^\W_\u3400-\u9fff]+)")
LONGEST = 40  # characters of one term; a longer run of letters is nothing that anybody looks for


class Terms(TypeDecorator):
    """A set of terms: an array with an index on PostgreSQL, one text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(ARRAY(Text) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value, dialect):
        return value if dialect.name == "postgresql" or value is None else f" {' '.join(value)} "

    def process_result_value(self, value, dialect):
        return value if dialect.name == "postgresql" or value is None else value.split()


def hold(column: ColumnElement, wanted: list[str], *, is_postgresql: bool) -> ColumnElement[bool]:
    """The condition that a column of terms holds all that are wanted; nothing is found by nothing."""
    if not wanted:
        return false()
    if is_postgresql:
        return column.op("@>", is_comparison=True)(wanted)
    return and_(*(type_coerce(column, Text).contains(f" {one} ", autoescape=True) for one in wanted))


def terms(*texts: str) -> list[str]:
    """The terms of these texts, each once and in order, as they are kept and as they are looked for."""
    found: dict[str, None] = {}
    for text in texts:
        for han, word in _RUNS.findall(_simplified().convert(unicodedata.normalize("NFKC", text).lower())):
            if len(han) > 1:
                found |= dict.fromkeys(first + second for first, second in pairwise(han))
            elif han or len(word) <= LONGEST:
                found[han or word] = None
    return list(found)


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")
