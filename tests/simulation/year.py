"""A simulated year through the real services, checked against a second computation of everything that has a time.

    python -m tests.simulation.year [--seed 7110] [--appeals 50000] [--every 1800] [--processes 2]

Appeals come in over the whole of 2026 as they do in practice, and run out into 2027. Every deadline, reminder, miss,
rung of the ladder, card, follow-up and score is worked out once more by plain rules; what differs is listed, and the
exit status is then 1. The same seed gives the same year. Stores lie in a folder of their own, deleted at the end.
"""

from __future__ import annotations

import argparse
import gc
import logging
import shutil
import signal
import sys
import tempfile
import time
from functools import reduce
from multiprocessing import get_context
from operator import add
from pathlib import Path

from appeals import green  # noqa: F401 - quiets eventlet, before anything imports nameko
from tests.simulation.run import Outcome, Year

SHOWN = 20
IN_MEMORY = Path("/dev/shm")
BYTES_EACH = 200_000  # what an appeal leaves in the stores, at most


def main() -> int:
    """Run what the command line says; returns the exit status."""
    options = _options()
    started = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    place = IN_MEMORY if IN_MEMORY.is_dir() and _fits(options.appeals) else None
    with (
        tempfile.TemporaryDirectory(prefix="year-", dir=place) as folder,
        get_context("spawn").Pool(options.processes) as pool,
    ):
        outcome = reduce(add, pool.map(_run, [(options, folder, part) for part in range(options.processes)]))
    print(summary(outcome, time.monotonic() - started))
    return 1 if outcome.differences else 0


def summary(outcome: Outcome, seconds: float) -> str:
    """What happened, in a few lines."""
    said = outcome.said
    levels = ", ".join(f"{topic} {said[topic]}" for topic in ("deadline.set", "deadline.warned", "deadline.missed"))
    lines = [
        f"{outcome.appeals} appeals, {said['order.dispatched']} orders, {sum(said.values())} events in {seconds:.0f} s",
        f"  {levels}, supervision.issued {said['supervision.issued']}, appeal.closed {said['appeal.closed']}",
        f"  refused: {sum(outcome.refused.values())} requests and {said['word.refused']} words; dead: {outcome.dead}",
        f"checked {outcome.checked} statements and {outcome.scored} scores: {len(outcome.differences)} differences",
        *outcome.differences[:SHOWN],
    ]
    return "\n".join(lines)


def _fits(appeals: int) -> bool:
    return shutil.disk_usage(IN_MEMORY).free > appeals * BYTES_EACH


def _run(job: tuple[argparse.Namespace, str, int]) -> Outcome:
    options, folder, part = job
    logging.disable(logging.ERROR)  # refused words are a part of the year
    gc.set_threshold(100_000, 50, 50)  # what is kept along the year need not be looked through all the time
    year = Year(
        Path(folder) / str(part),
        seed=options.seed,
        appeals=options.appeals,
        every=options.every,
        part=part,
        parts=options.processes,
    )
    return year.run(lambda month, appeals: print(f"{month}: {appeals} appeals", file=sys.stderr, flush=True))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.year", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=7110)
    parser.add_argument("--appeals", type=int, default=50_000)
    parser.add_argument("--every", type=int, default=1800, help="seconds between two moments at which things happen")
    parser.add_argument("--processes", type=int, default=2, help="each runs a share of the appeals")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
