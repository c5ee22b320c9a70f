"""Runs one part of the year: time jumps from one thing that happens to the next, and every appeal is reckoned along."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from appeals.commands import SubmitAppeal, SuspendOrder
from appeals.errors import Broken
from appeals.units import load_units
from tests.simulation import days
from tests.simulation.arrivals import YEAR, Season, arrivals
from tests.simulation.people import People
from tests.simulation.reckoning import Reckoning
from tests.simulation.scores import Scores
from tests.simulation.world import World

MOST_LOOKS = 40


@dataclass
class Outcome:
    """What came of a part: how much was said, what people were refused, and what was otherwise than expected."""

    appeals: int = 0
    said: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    dead: int = 0
    checked: int = 0
    scored: int = 0
    differences: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        mine, theirs = vars(self), vars(other)
        return Outcome(**{name: value + theirs[name] for name, value in mine.items()})


class Year:
    """A part of the simulated year. `every` is how many seconds lie between two moments at which things happen."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        appeals: int,
        every: int,
        season: Season = YEAR,
        part: int = 0,
        parts: int = 1,
    ):
        self._arrivals = arrivals(seed, appeals, every, season, part, parts)
        self._people = People(seed, every)
        self._every = every
        self._agenda: list = []
        self._numbers = count()
        self._reckonings: dict[str, Reckoning] = {}
        self._verticals = frozenset(unit.code for unit in load_units() if unit.vertical)
        self._scores = Scores()
        self._world = World(folder, days.as_time(days.at(days.day_of_date(season[0]), 0)))
        self.outcome = Outcome()

    def run(self, progress: Callable[[str, int], None] = lambda date, appeals: None) -> Outcome:
        """From the first appeal until nothing is left to be done or said."""
        self._arrive()
        shown = None
        while (now := self._next()) is not None:
            self._world.clock.now = days.as_time(now)
            self._act(now)
            self._look(now)
            if shown != (shown := days.date_of(now).replace(day=1)):
                progress(shown.isoformat()[:7], self.outcome.appeals)
        self._finish()
        return self.outcome

    def _next(self) -> int | None:
        """The next moment at which people act, or a service has something to say by itself."""
        moments = [self._agenda[0][0]] if self._agenda else []
        if look := self._world.next_look():
            moments.append(-(-int(-(-look.timestamp() // 1)) // self._every) * self._every)
        return min(moments, default=None)

    def _act(self, now: int) -> None:
        acts = []
        while self._agenda and self._agenda[0][0] <= now:
            _, _, act = heapq.heappop(self._agenda)
            if self._people.gives_up(act):
                continue
            acts.append(act)
            if act.topic == "command.submit":
                self._arrive()
            elif isinstance(act, SuspendOrder):
                self._reckonings[act.receipt].ask(act)
        if not acts:
            return
        for command, told in self._world.act(acts):
            self.outcome.refused[told["code"]] += 1
            if told["code"] == Broken.code() or isinstance(command, SubmitAppeal):
                self.outcome.differences.append(f"{command.receipt}: {command.topic} failed: {told['en']}")
            self._plan(self._people.refused(command, now))
        self._hear(now)

    def _look(self, now: int) -> None:
        """Look at the clocks until nothing is left to be said now."""
        moment = days.as_time(now)
        for _ in range(MOST_LOOKS):
            due = self._world.next_look()
            if due is None or due > moment:
                return
            self._world.look()
            self._hear(now)
        raise RuntimeError(f"at {moment} something is due for ever")

    def _hear(self, now: int) -> None:
        for envelope in self._world.record():
            topic, data = envelope["type"].removeprefix("cn.appealloop.").rpartition(".v")[0], envelope["data"]
            if envelope["audience"] == "core" or topic in ("word.refused", "unit.scored"):
                self.outcome.said[topic] += 1
                self._scores.hear(topic, data)
                if topic != "unit.scored":
                    self._reckoning(data["receipt"]).hear(topic, data)
                self._plan(self._people.hear(topic, data, now))

    def _reckoning(self, receipt: str) -> Reckoning:
        if receipt not in self._reckonings:
            self._reckonings[receipt] = Reckoning(receipt, self._verticals, self._every)
        return self._reckonings[receipt]

    def _plan(self, acts: Iterator) -> None:
        for moment, act in acts:
            heapq.heappush(self._agenda, (moment, next(self._numbers), act))

    def _arrive(self) -> None:
        """The next appeal is on its way."""
        if arrival := next(self._arrivals, None):
            self.outcome.appeals += 1
            self._plan([(arrival.moment, arrival.command)])

    def _finish(self) -> None:
        end = int(self._world.clock().timestamp())
        for reckoning in self._reckonings.values():
            reckoning.advance(end)
            self.outcome.checked += sum(reckoning.said.values())
            self.outcome.differences += reckoning.differences()
        self._scores.finish()
        self.outcome.scored = self._scores.compared
        self.outcome.differences += self._scores.differences
        dead = self._world.dead()
        self.outcome.dead = len(dead)
        self._world.close()
