"""What every department has to keep, as tests that it runs on its own handlers.

    from appeals.testing import conformance
    from consumer import parks

    test_conformance = conformance.of(parks, "parks.yml")

Each rule is a test of its own, and tells in one line what was seen. It tries every event of the manifest, each
on a department that knows nothing but the order.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from appeals.bus.topology import RETRY_SECONDS
from appeals.department.desk import NotOurWord
from appeals.department.kit import Department, read_manifest
from appeals.errors import ForgedSource
from appeals.events import (
    AppealArchived,
    AppealClosed,
    AppealEvaluated,
    AppealReopened,
    OrderCancelled,
    OrderDispatched,
)
from appeals.manifest import Manifest
from appeals.testing.candidate import Candidate, Outcome, changed, demand, demand_same, names, waiting
from appeals.testing.trial import Interrupted, Trial
from appeals.testing.waiting import wait_until

SPOKEN_WRONGLY = {NotOurWord.code(), ForgedSource.code()}
AT_THE_END = (OrderCancelled, AppealClosed, AppealEvaluated, AppealReopened, AppealArchived)
STOP_SECONDS = 10

_numbers = count(1)


def of(department: Department, manifest: Manifest | Path | str) -> Callable:
    """The suite as one parametrised test function. Needs pytest, and its main thread."""
    import pytest

    candidates = {}

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    def test_conformance(rule):
        if not candidates:
            candidates["this"] = candidate(department, manifest)
        rule(candidates["this"])

    return test_conformance


def candidate(department: Department, manifest: Manifest | Path | str) -> Candidate:
    """What a rule is called with; it raises Fault when the rule is not kept.

    Raises WrongSettings when the manifest does not let the department hear what it handles.
    """
    if not isinstance(manifest, Manifest):
        manifest = read_manifest(department.code, Path(manifest))
    found = Candidate(department, manifest)
    found.trial().close()
    return found


def every_event_of_the_manifest_is_handled_or_refused(candidate: Candidate) -> None:
    """A sample of each event is handled, or refused by an error that is declared for it."""
    demand(bool(candidate.events), "the manifest lists no event that this version knows")
    for story in candidate.stories:
        outcome = candidate.outcome(story)
        demand(outcome.settled == len(story), outcome.troubles)


def only_words_of_the_manifest_are_said(candidate: Candidate) -> None:
    """What a handler says is among the words of the manifest, and in the department's own name."""
    for story in candidate.stories:
        outcome = candidate.outcome(story)
        demand(not SPOKEN_WRONGLY.intersection(outcome.set_aside), outcome.troubles)


def nothing_is_said_about_an_order_that_is_over(candidate: Candidate) -> None:
    """Once an appeal is closed or an order cancelled, the platform takes no word about it."""
    first = [event for event in candidate.events if event is OrderDispatched]
    closing = [event for event in candidate.events if event is AppealClosed]
    for event in candidate.events:
        if event in AT_THE_END:
            with candidate.trial() as trial:
                trial.hear(*first)
                before = len(trial.words)
                trial.hear(*dict.fromkeys([*closing, event]))
                said = trial.words[before:]
                demand(not said, f"at {event.topic} the order is over, yet it says {', '.join(said)}")


def the_same_event_twice_has_one_effect(candidate: Candidate) -> None:
    """A message may be delivered more than once, to this process or the next."""
    for story in candidate.sound:
        with candidate.trial() as trial:
            trial.hear(*story)
            trial.again()
            trial.restart()
            trial.again()
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{names(story)}, delivered three times")


def unknown_fields_are_ignored(candidate: Candidate) -> None:
    """Events grow; a field of a later version changes nothing."""
    for story in candidate.sound:
        with candidate.trial() as trial:
            trial.say(*story)
            for outgoing in trial.take():
                trial.broker.publish(changed(outgoing, unknownattribute="1", data={"unknown_field": {"of": ["later"]}}))
            trial.settle()
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{names(story)}, with fields of a later version")


def an_event_of_an_unknown_type_waits_and_disturbs_nobody(candidate: Candidate) -> None:
    """A type of a later version is kept for that version, and all others are handled."""
    for story in candidate.sound:
        with candidate.trial() as trial:
            trial.say(*story)
            known = trial.take()
            for outgoing in (changed(known[0], id="later", type="cn.appealloop.something.new.v9"), *known):
                trial.broker.publish(outgoing)
            trial.settle()
            demand(waiting(trial) == 1, f"{waiting(trial)} events wait where one of an unknown type should")
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{names(story)}, after one of an unknown type")


def events_that_come_out_of_order_are_applied_in_order(candidate: Candidate) -> None:
    """The last may come first; where a handler declares that the order does not matter, all are handled still."""
    for story in candidate.sound:
        with candidate.trial() as trial:
            trial.say(*story)
            trial.turn_around()
            trial.settle_through_retries()
            wanted, found = candidate.outcome(story), Outcome.of(trial)
            if not candidate.is_ordered(story):
                wanted = replace(found, set_aside=wanted.set_aside, settled=wanted.settled)
            demand_same(wanted, found, f"{names(story)}, last one first")


def an_attempt_that_failed_is_made_again_in_full(candidate: Candidate) -> None:
    """Nothing of a failed attempt stays, so the next one says all of it again: handlers remember in tables only."""
    for story in candidate.sound:
        if candidate.attempts(story[-1]) > 1:
            one, other = (f"SQ-20261124-{next(_numbers):06}" for _ in range(2))
            with candidate.trial() as trial, candidate.trial() as troubled:
                trial.hear(*story, receipt=one)
                troubled.hear(*story[:-1], receipt=other)
                troubled.interrupt()
                troubled.hear(story[-1], receipt=other)
                troubled.advance(seconds=RETRY_SECONDS[0])
                demand_same(trial.words, troubled.words, f"{names(story)}, after an attempt that failed")


def one_that_fails_is_tried_as_declared_then_set_aside_and_can_be_replayed(candidate: Candidate) -> None:
    """An event that always fails ends among the dead letters, with nothing said; once mended, a replay does it all."""
    for story in candidate.sound:
        event, attempts = story[-1], candidate.attempts(story[-1])
        if candidate.outcome(story).set_aside:
            continue  # its sample is refused
        with candidate.trial() as trial:
            trial.hear(*story[:-1])
            before = trial.words
            trial.interrupt(attempts)
            trial.hear(event)
            for seconds in RETRY_SECONDS[: attempts - 1]:
                demand(not trial.dead, f"{event.topic} is set aside before it was tried {attempts} times")
                trial.advance(seconds=seconds)
            reasons = [letter.reason for letter in trial.dead]
            demand_same([Interrupted.__name__], reasons, f"{event.topic}, failing {attempts} times")
            demand_same(before, trial.words, f"{event.topic}, failing {attempts} times")
            trial.replay()
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{event.topic}, replayed once it is mended")


def a_crash_between_commit_and_acknowledgement_does_nothing_twice(candidate: Candidate) -> None:
    """The broker gives everything once more, to the next process."""
    for story in candidate.sound:
        with candidate.trial() as trial:
            trial.say(*story)
            trial.crash()
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{names(story)}, with a crash after the commit")


def a_process_told_to_stop_finishes_and_publishes(candidate: Candidate) -> None:
    """At SIGTERM what is in hand is finished, what was said is published, and no thread is left."""
    for story in candidate.sound[-1:]:
        with candidate.trial() as trial:
            trial.say(*story)
            stopper = threading.Thread(target=_stop_once_handled, args=(trial, len(story)))
            stopper.start()
            status = trial.office.serve()
            stopper.join()
            demand(status == 0, f"the process ends with status {status}")
            demand(trial.office.station.is_over(), "a thread of the process goes on")
            demand_same(candidate.outcome(story), Outcome.of(trial), f"{names(story)}, then told to stop")


RULES = (
    every_event_of_the_manifest_is_handled_or_refused,
    only_words_of_the_manifest_are_said,
    nothing_is_said_about_an_order_that_is_over,
    the_same_event_twice_has_one_effect,
    unknown_fields_are_ignored,
    an_event_of_an_unknown_type_waits_and_disturbs_nobody,
    events_that_come_out_of_order_are_applied_in_order,
    an_attempt_that_failed_is_made_again_in_full,
    one_that_fails_is_tried_as_declared_then_set_aside_and_can_be_replayed,
    a_crash_between_commit_and_acknowledgement_does_nothing_twice,
    a_process_told_to_stop_finishes_and_publishes,
)


def _stop_once_handled(trial: Trial, events: int) -> None:
    with suppress(TimeoutError):  # then the comparison tells what is missing
        wait_until(lambda: Outcome.of(trial).settled == events, STOP_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
