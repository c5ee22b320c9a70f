"""Words: what codes and events are called, in Chinese and English, as an official would sign them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml

from appeals.calendar import BEIJING
from appeals.channels import load_channels
from appeals.reasons import load_reasons
from appeals.regimes import load_regimes

ZH, EN = "zh", "en"
VOCABULARY = Path(__file__).parent / "vocabulary.yml"


@dataclass(frozen=True)
class Word:
    """One thing in both languages. `also` is what else people write for it; `shows` belongs to events."""

    zh: str
    en: str
    also: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    def said(self, language: str) -> str:
        """The word in one language."""
        return self.en if language == EN else self.zh


def _words(found: Mapping) -> dict[str, Word]:
    return {
        code: Word(**{name: tuple(value) if isinstance(value, list) else value for name, value in word.items()})
        for code, word in found.items()
    }


_read = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
CODES: dict[str, dict[str, Word]] = {
    **{name: _words(codes) for name, codes in _read["codes"].items()},
    "channel": {code: Word(one.zh, one.en, one.also) for code, one in load_channels().items()},
    "rejection_reason": {code: Word(one.text, one.en) for code, one in load_reasons().items()},
    "special_regime": {one.code: Word(one.zh, one.en, one.also) for one in load_regimes().all},
}
NOTICES: dict[str, Word] = _words(_read["notices"])
EVENTS: dict[str, Word] = _words(_read["events"])

# The list that a fact of an event is taken from; other facts are told as they are.
_LISTS = (
    "role",
    "step",
    "level",
    "result",
    "rating",
    "solved",
    "outcome",
    "kind",
    "urgency",
    "category",
    "was",
    "light",
    "reached",
    "approved",
    "review",
    "decision",
    "flag",
    "way",
    "stage",
)
_LIST_OF = {  # where a fact goes by another name than its list, perhaps in one event only
    "was": "level",
    "stage": "state",
    "order.suspended.reason": "suspension_reason",
    "callback.made.reached": "answered",
    "decision": "review",
}
_TIMES = ("due", "until", "reply_due", "decide_by")


def label(list_name: str, code: str, language: str) -> str:
    """What a code is called; a code that nobody has named yet stands for itself."""
    word = CODES[list_name].get(code)
    return word.said(language) if word else code


def code_of(list_name: str, written: str) -> str | None:
    """The code for what somebody wrote: the code itself, its label, or another name for it."""
    for code, word in CODES[list_name].items():
        if written in (code, word.zh, word.en, *word.also):
            return code
    return None


def choices(list_name: str, language: str) -> str:
    """A list as a sentence: `help 求助、consult 咨询`."""
    return listed((f"{code} {word.said(language)}" for code, word in CODES[list_name].items()), language)


def listed(things: Iterable[str], language: str) -> str:
    """Things side by side in one sentence."""
    return (", " if language == EN else "、").join(things)


def in_a_row(sentences: Iterable[str], language: str) -> str:
    """Sentences, one after the other, as one."""
    return ("; " if language == EN else "；").join(sentences)


def sentence(topic: str, facts: Mapping, names: Mapping[str, str], language: str) -> str:
    """What happened, as the applicant is told; `names` are the departments' names by code."""
    word = EVENTS.get(topic)
    return word.said(language).format_map(_Told(topic, facts, names, language)) if word else topic


def shown(topic: str, facts: Mapping) -> dict:
    """The facts of an event that the applicant may see."""
    word = EVENTS.get(topic)
    return {name: facts[name] for name in word.shows if name in facts} if word else {}


class _Told(dict):
    """The facts of an event, each told in one language when a sentence asks for it."""

    def __init__(self, topic: str, facts: Mapping, names: Mapping[str, str], language: str):
        super().__init__(facts)
        self._topic, self._names, self._language = topic, names, language

    def __getitem__(self, name: str) -> str:
        value = self.get("on" if name == "on_day" else name)
        if value is None:
            return ""
        if name == "department":
            return self._names.get(value, value)
        if name in _TIMES:
            return moment(datetime.fromisoformat(value), self._language)
        if name in ("review_on", "on_day"):
            return day(date.fromisoformat(value), self._language)
        if name == "state":
            return label("milestone_state", value, self._language)
        if name == "on":
            return self._further(day(date.fromisoformat(value), self._language))
        if name == "figures":
            return self._further(*(figure(code, number, self._language) for code, number in value.items()))
        here = f"{self._topic}.{name}"
        if name in _LISTS or here in _LIST_OF:
            return label(_LIST_OF.get(here, _LIST_OF.get(name, name)), str(value).lower(), self._language)
        if isinstance(value, list):
            return listed(map(str, value), self._language)
        return str(value)

    def _further(self, *parts: str) -> str:
        """What is told besides, after a comma."""
        comma = ", " if self._language == EN else "，"
        return "".join(comma + part for part in parts)


def figure(code: str, number: int, language: str) -> str:
    """A count or an amount: `抓获4人`; one that nobody has named yet stands under its code."""
    word = CODES["figure"].get(code)
    return word.said(language).format(number) if word else f"{code} {number}"


def moment(at: datetime, language: str) -> str:
    """A time as it is written in Beijing: `2026年11月24日 09:00`."""
    local = at.astimezone(BEIJING)
    return f"{day(local.date(), language)} {local:%H:%M}"


def day(on: date, language: str) -> str:
    """A day: `2026年11月24日`."""
    return on.isoformat() if language == EN else f"{on.year}年{on.month}月{on.day}日"
