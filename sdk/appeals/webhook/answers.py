"""What a receiver says in its answer: `{"words": [{"type": "order.signed", "order": "…"}]}`."""

from __future__ import annotations

from datetime import datetime

from appeals.bus.envelope import json_values
from appeals.errors import Malformed, UnknownType
from appeals.events import DEPARTMENT_WORDS, Event
from appeals.message import read

_WORDS = {word.topic: word.type() for word in DEPARTMENT_WORDS}


def words_in(body: bytes, *, receipt: str, department: str, at: datetime) -> list[Event]:
    """The words in the JSON of an answer; those three facts are filled in where a word does not tell them.

    Raises Malformed naming the field, or UnknownType for what is no word of a department.
    """
    values = json_values(body)
    words = values.get("words", []) if isinstance(values, dict) else []
    if not isinstance(words, list) or not all(isinstance(word, dict) for word in words):
        raise Malformed(problems="words: a list of objects was expected")
    known = {"receipt": receipt, "department": department, "by": department, "at": at.isoformat()}
    return [read(_type(word), known | word) for word in words]


def _type(word: dict) -> str:
    topic = word.get("type")
    if not isinstance(topic, str) or topic not in _WORDS:
        raise UnknownType(type=topic)
    return _WORDS[topic]
