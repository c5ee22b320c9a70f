"""Likeness of two texts: how much they have in common, and which places, amounts, times and words stand in both.

It only ranks and explains. A duplicate in other words scores hardly more than an unrelated text, so that no number
here decides anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

GRAM = 2
SHORTEST_PHRASE, MOST_PHRASES = 4, 2

_NUMBER = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百]+)"
_TIMES = re.compile(
    rf"\d{{4}}年(?:\d{{1,2}}月(?:\d{{1,2}}日)?)?|\d{{1,2}}月\d{{1,2}}日|{_NUMBER}个(?:多)?(?:月|工作日|星期)"
    rf"|{_NUMBER}(?:天|周|小时)"
)
_AMOUNTS = re.compile(rf"{_NUMBER}(?:余)?(?:万|亿|千)?(?:元|吨|米|台|辆|人|度|平方米|公里|亩)")
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{2,8}?(?:示范区|开发区|高新区|经开区|工业园区|产业园区|园区|工业园|产业园|新区|自贸区|街道|大街|镇|村|路)"
)
_LEADING = "在位于我们司的是和与于至到从本公"


def squeezed(text: str) -> str:
    """Text in one spelling, line by line without blanks: `３ 个月` is `3个月`."""
    return re.sub(r"[^\S\n]+", "", unicodedata.normalize("NFKC", text))


def similarity(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 1: Dice's coefficient (1945) of their pairs of characters."""
    left, right = (_grams(_letters(text), GRAM) for text in (one, other))
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def in_common(one: str, other: str) -> tuple[str, ...]:
    """What stands in both texts, as an officer would name it: places, amounts, times, then the longest phrases."""
    left, right = squeezed(one), squeezed(other)
    phrases = common_phrases(left, right)
    places = [place.group().lstrip(_LEADING) for phrase in phrases for place in _PLACE.finditer(phrase)]
    named = [*places, *_both(_AMOUNTS, left, right), *_both(_TIMES, left, right)]
    others = [phrase for phrase in phrases if not any(name in phrase for name in named)]
    return tuple(dict.fromkeys([*named, *sorted(others, key=len, reverse=True)[:MOST_PHRASES]]))


def common_phrases(one: str, other: str) -> list[str]:
    """The runs of Han characters that stand in both texts, in the order of the first; one pass over each."""
    known = _grams(other, SHORTEST_PHRASE)
    found = []
    for sentence in re.findall(r"[\u4e00-\u9fff]+", one):
        start = 0
        while start + SHORTEST_PHRASE <= len(sentence):
            end = start + SHORTEST_PHRASE
            if sentence[start:end] not in known:
                start += 1
                continue
            while end < len(sentence) and sentence[end + 1 - SHORTEST_PHRASE : end + 1] in known:
                if sentence[start : end + 1] not in other:
                    break
                end += 1
            found.append(sentence[start:end])
            start = end
    return list(dict.fromkeys(found))


def _both(pattern: re.Pattern, one: str, other: str) -> Iterable[str]:
    there = set(pattern.findall(other))
    return [found for found in pattern.findall(one) if found in there]


def _grams(text: str, length: int) -> frozenset[str]:
    return frozenset(text[at : at + length] for at in range(len(text) - length + 1))


def _letters(text: str) -> str:
    return "".join(char for char in squeezed(text).casefold() if char.isalnum())
