"""The crash campaign, short: `make chaos` is the long one."""

import random

from tests.chaos.campaign import clear_away, run


def test_nothing_is_lost_twice_or_out_of_order_when_everything_is_killed(capsys):
    seed = random.randrange(10**6)
    with capsys.disabled():
        print(f"\nseed {seed}")

    report = run(seed=seed, appeals=100, kills=60, database_stops=2, broker_kills=0, pace=0.6, say=lambda line: None)

    assert report.clean, f"seed {seed}: {report.line()} {report.details}"
    assert report.appeals == 100
    assert sum(report.faults.values()) == 62
    clear_away()
