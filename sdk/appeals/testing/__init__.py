"""For tests without a broker: the same bus on a broker in memory with a clock that stands still.

A department's developer needs `Trial` and `conformance`.
"""

from appeals.testing.clock import Clock
from appeals.testing.memory import MemoryBroker
from appeals.testing.trial import Letter, Trial
from appeals.testing.waiting import wait_until

__all__ = ["Clock", "Letter", "MemoryBroker", "Trial", "wait_until"]
