"""Another platform: hands appeals over, and notes in a table of its own what it is told of them.

MANIFEST=hotline-12345.yml AMQP_URI=amqp://hotline-12345:PASSWORD@HOST:5672/ python consumer.py
"""

import sys

from appeals.department import Department, Desk
from appeals.events import Applicant, HandoverRefused, HandoverTaken, HandoverUpdated

hotline = Department("hotline-12345")


@hotline.on(HandoverTaken)
def keep_receipt(taken: HandoverTaken, desk: Desk):
    """Our ticket has a receipt now."""
    print(f"{taken.reference}: {taken.receipt}")


@hotline.on(HandoverRefused)
def mend(refused: HandoverRefused, desk: Desk):
    """Our ticket was not taken; corrected, it may be handed over under the same reference."""
    print(f"{refused.reference}: {refused.zh}")


@hotline.on(HandoverUpdated)
def follow(updated: HandoverUpdated, desk: Desk):
    """What has become of our ticket."""
    print(f"{updated.reference}: {updated.state} {updated.note}")


def hand_over(ticket: dict) -> None:
    """What another process of ours calls for each ticket; calling it twice for one has one effect."""
    with hotline.clerk(by="坐席") as desk:
        desk.hand_over(
            ticket["number"],
            title=ticket["title"],
            text=ticket["text"],
            applicant=Applicant(name=ticket["caller"], kind="enterprise"),
        )


if __name__ == "__main__":
    sys.exit(hotline.run())
