"""What the bus itself sends: a message tried again later, a message set aside, the answer to a command."""

from __future__ import annotations

import json

from appeals.bus.broker import ATTEMPT, DIGEST, ERROR, ORIGIN, REASON, REPLAYED, Delivery, Outgoing
from appeals.bus.topology import QueueNames
from appeals.errors import Refused


def origin(delivery: Delivery) -> str:
    """The exchange a message first came through; retries and replays come through the default one."""
    return delivery.exchange or delivery.headers.get(ORIGIN, "")


def kept_headers(delivery: Delivery) -> dict:
    """The headers that travel with a message through waiting, retries and dead letters.

    A sender may have put anything there: what the bus itself would not write is left behind.
    """
    kept = {name: delivery.headers[name] for name in (DIGEST, REPLAYED) if isinstance(delivery.headers.get(name), str)}
    if attempt := attempts(delivery):
        kept[ATTEMPT] = attempt
    return kept | {ORIGIN: origin(delivery)}


def attempts(delivery: Delivery) -> int:
    """How often a message has been sent to a retry tier."""
    attempt = delivery.headers.get(ATTEMPT)
    return attempt if isinstance(attempt, int) and attempt > 0 else 0


def retry(delivery: Delivery, queues: QueueNames, id_: str, retries: int | None = None) -> Outgoing | None:
    """The message on its way to the next retry tier; None after the last, or after so many `retries`."""
    attempt, tiers = attempts(delivery), len(queues.retry_seconds)
    if attempt >= (tiers if retries is None else min(retries, tiers)):
        return None
    return Outgoing(
        id=id_,
        exchange=queues.retry(queues.retry_seconds[attempt]),
        routing_key=queues.events,
        body=delivery.body,
        headers=kept_headers(delivery) | {ATTEMPT: attempt + 1},
    )


def dead(delivery: Delivery, queues: QueueNames, error: Exception, id_: str) -> Outgoing:
    """The message, whole, on its way to the dead letters, with its reason."""
    headers = kept_headers(delivery)
    headers.pop(REPLAYED, None)
    return Outgoing(
        id=id_,
        exchange=queues.dead_exchange,
        routing_key=queues.events,
        body=delivery.body,
        headers=headers | {REASON: reason(error), ERROR: str(error)[:500]},
    )


def replayed(delivery: Delivery, queues: QueueNames, *, by: str, id_: str, origin: str) -> Outgoing:
    """A dead letter on its way back to the queue it came from, by the first retry tier, as if it were new.

    `by` is who wants it, `origin` the exchange it first came through.
    """
    headers = kept_headers(delivery) | {ORIGIN: origin, REPLAYED: by}
    headers.pop(ATTEMPT, None)
    return Outgoing(
        id=id_,
        exchange=queues.retry(queues.retry_seconds[0]),
        routing_key=queues.events,
        body=delivery.body,
        headers=headers,
    )


def reason(error: Exception) -> str:
    """A refusal's code, or the name of any other error."""
    return error.code() if isinstance(error, Refused) else type(error).__name__


def answer(delivery: Delivery, reply: dict, id_: str) -> Outgoing:
    """The answer to a command. It passes: who misses it asks again with the same key."""
    return Outgoing(
        id=id_,
        exchange="",
        routing_key=delivery.reply_to,
        body=json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode(),
        correlation_id=delivery.correlation_id,
        persistent=False,
    )
