"""What a participant says is written down: one copy for each audience, numbered, with the marks of what it knew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from appeals.bus import causality
from appeals.bus.broker import Outgoing
from appeals.bus.envelope import MAX_BYTES, Envelope
from appeals.bus.ledger import UNKNOWN_CATEGORY, UNKNOWN_CLASSIFICATION, Ledger
from appeals.bus.participant import Participant
from appeals.errors import TooLarge
from appeals.message import Message


class Voice:
    """Writes what one participant says into the journal and the outbox."""

    def __init__(self, participant: Participant, new_id: Callable[[], str]):
        self._participant = participant
        self._new_id = new_id

    def say(self, ledger: Ledger, event: Message, cause: Envelope | None = None) -> dict:
        """Write one copy for each audience; returns the first in short: id, type and receipt.

        An event that tells the appeal's category or classification sets it for all that is said after it. While
        an older version is promised, each copy is said in both, the newer first, under one id: a reader applies
        the one it knows. What hides the matter carries nothing of what the appeal is about, since it may not even be
        its hearer's. Raises TooLarge.
        """
        turn, source = ledger.turn(event.receipt), self._participant.name
        turn.category = getattr(event, "category", turn.category)
        turn.classification = getattr(event, "classification", turn.classification)
        category, classification = turn.category, turn.classification
        if getattr(event, "hides_matter", False):
            category, classification = UNKNOWN_CATEGORY, UNKNOWN_CLASSIFICATION
        copies = list(self._participant.copies(event, category, classification))
        before = dict(turn.known)
        sequences = [turn.say(audience, source, event.topic) for audience, _ in copies]
        versions = [(version, version.to_data()) for version in _versions(event)]
        said = {}
        for (audience, exchange), sequence in zip(copies, sequences, strict=True):
            own = causality.mark(audience, source, event.topic)
            known = {name: count for name, count in turn.known.items() if name != own}
            if own in before:
                known[own] = before[own]
            id_ = fact = self._new_id()
            for version, data in versions:
                envelope = Envelope(
                    id=fact,
                    source=source,
                    type=version.type(),
                    subject=event.receipt,
                    time=event.at,
                    data=data,
                    audience=audience,
                    sequence=sequence,
                    after=causality.visible(known, audience),
                    category=category,
                    classification=classification,
                    correlation=(cause.correlation or cause.id) if cause else "",
                    causation=cause.id if cause else "",
                    traceparent=cause.traceparent if cause else "",
                )
                self._write(ledger, envelope, id_, exchange, by=event.by)
                said = said or {"id": fact, "type": envelope.type, "receipt": event.receipt}
                id_ = self._new_id()
        return said

    def _write(self, ledger: Ledger, envelope: Envelope, id_: str, exchange: str, *, by: str) -> None:
        body = envelope.to_bytes()
        if len(body) > MAX_BYTES:
            raise TooLarge(size=len(body), most=MAX_BYTES)
        outgoing = Outgoing(id=id_, exchange=exchange, routing_key=envelope.routing_key, body=body)
        ledger.say(outgoing, subject=envelope.subject, type_=envelope.type, audience=envelope.audience, by=by)


def _versions(event: Message) -> Iterator[Message]:
    """A fact in every version that is still promised, the newest first."""
    while event is not None:
        yield event
        event = event.older()
