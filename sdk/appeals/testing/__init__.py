"""For tests without a broker: the same bus on a broker in memory with a clock that stands still."""

from appeals.testing.clock import Clock
from appeals.testing.memory import MemoryBroker
from appeals.testing.waiting import wait_until

__all__ = ["Clock", "MemoryBroker", "wait_until"]
