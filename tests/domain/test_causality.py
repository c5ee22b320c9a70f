"""Order for each appeal: whatever the network does, causes come before effects, and everything comes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.bus.causality import from_text, mark, merge, missing, to_text, visible
from appeals.errors import Malformed

TOPICS = ("a", "b", "c")
SERVICES = ("x", "y", "z")


class Service:
    """A participant that hears some topics, and says something about whatever it hears."""

    def __init__(self, name, hears):
        self.name = name
        self.topics = hears
        self.known = {}
        self.sequence = 0
        self.parked = []
        self.applied = []

    def hears(self, audience, topic):
        return topic in self.topics

    def say(self, topic, causes):
        self.sequence += 1
        after = visible(self.known, "core")
        merge(self.known, {mark("core", self.name, topic): self.sequence})
        return {"id": (self.name, self.sequence), "topic": topic, "after": after, "causes": causes}

    def receive(self, message):
        self.parked.append(message)
        progress = True
        while progress:
            progress = False
            for waiting in list(self.parked):
                if not missing(waiting["after"], self.known, self.hears):
                    self.parked.remove(waiting)
                    source, sequence = waiting["id"]
                    merge(self.known, waiting["after"])
                    merge(self.known, {mark("core", source, waiting["topic"]): sequence})
                    self.applied.append(waiting)
                    progress = True


@settings(max_examples=200)
@given(st.integers(0, 10**9 - 1))
def test_causes_come_before_effects_and_everything_comes(seed):
    chance = random.Random(seed)
    services = [Service(name, set(chance.sample(TOPICS, chance.randint(0, 3)))) for name in SERVICES]
    on_the_way = []
    history = {service.name: set() for service in services}

    def say(service):
        message = service.say(chance.choice(TOPICS), set(history[service.name]))
        history[service.name].add(message["id"])
        on_the_way.extend(
            (other, message) for other in services if other is not service and message["topic"] in other.topics
        )

    for _ in range(30):
        if on_the_way and chance.random() < 0.6:
            other, message = on_the_way.pop(chance.randrange(len(on_the_way)))
            before = len(other.applied)
            other.receive(message)
            for applied in other.applied[before:]:
                history[other.name] |= applied["causes"] | {applied["id"]}
        else:
            say(chance.choice(services))
    chance.shuffle(on_the_way)
    for other, message in on_the_way:
        other.receive(message)

    for service in services:
        assert service.parked == []
        seen = set()
        told = {message["id"] for message in service.applied}
        for message in service.applied:
            assert message["causes"] & told <= seen | {message["id"]}
            seen.add(message["id"])


def test_a_department_sees_only_the_marks_of_its_own_copies():
    known = {"core/intake/a": 1, "industry/routing/b": 2, "sasac/routing/b": 1, "inbox.industry/industry/c": 4}

    assert visible(known, "industry") == {"industry/routing/b": 2}
    assert visible(known, "core") == {"core/intake/a": 1, "industry/routing/b": 2, "sasac/routing/b": 1}


def test_what_a_reader_is_never_told_it_does_not_wait_for():
    assert missing({"core/intake/a": 3}, {}, lambda audience, topic: topic == "b") == []
    assert missing({"core/intake/a": 3}, {"core/intake/a": 2}, lambda audience, topic: True) == ["core/intake/a"]


marks = st.dictionaries(
    st.sampled_from(["core/intake/a", "industry/routing/b.c", "inbox.x/x/y"]), st.integers(0, 10**9 - 1)
)


@given(marks)
def test_marks_survive_their_journey(known):
    assert from_text(to_text(known)) == known


@pytest.mark.parametrize("text", ["core/a=1", "core/a/b", "core/a/b=", "core/a/b=-1", "core/a/b=1.5", "core/a/b=²"])
def test_text_that_is_no_mark_is_malformed(text):
    with pytest.raises(Malformed):
        from_text(text)
