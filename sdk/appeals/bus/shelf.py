"""Looking through a queue without taking anything from it: what is not taken off goes back, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from appeals.bus.broker import Delivery
from appeals.bus.rabbit import RabbitBroker, delivery_of, trouble


class Shelf:
    """The messages of one queue, on a channel of its own."""

    def __init__(self, channel, queue: str):
        self._channel = channel
        self._queue = queue

    def letters(self, limit: int) -> list[Delivery]:
        """The first messages, at most `limit`. Raises BrokerGone, also when the queue may not be read."""
        found = []
        with trouble():
            while len(found) < limit and (message := self._channel.basic_get(self._queue, no_ack=False)):
                found.append(delivery_of(message, self._queue))
        return found

    def take_off(self, delivery: Delivery) -> None:
        """This one is dealt with; it leaves the queue."""
        with trouble():
            self._channel.basic_ack(delivery.tag)


@contextmanager
def shelf(broker: RabbitBroker, queue: str) -> Iterator[Shelf]:
    """A look at a queue; at the end of the block everything that was not taken off goes back."""
    with broker.channel() as channel:
        yield Shelf(channel, queue)
