"""What the API and the pages stand on."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from appeals.units import Units
from appeals.watch import QueueWatch
from services.portal.asking import Desk
from services.portal.demo import DemoAccount
from services.portal.importing import Importer
from services.portal.incoming import Gate
from services.portal.paper.shop import PrintShop
from services.portal.reading import ReadModel
from services.portal.receipts import Receipts
from services.portal.streams import Streams
from services.portal.uploads import Uploads
from services.portal.visitors import Visitors


@dataclass(frozen=True, kw_only=True)
class Doors:
    """All that a door needs. `departments` are the names of the departments that are plugged in, by code.

    `units` are all that an appeal may be about. `aside` does what keeps a processor busy, while others are served.
    `demo` are accounts that anybody may sign in with, by name.
    """

    desk: Desk
    reads: ReadModel
    gate: Gate
    visitors: Visitors
    receipts: Receipts
    uploads: Uploads
    shop: PrintShop
    watch: QueueWatch
    streams: Streams
    departments: Mapping[str, str]
    units: Units
    importer: Importer
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    aside: Callable
    demo: Mapping[str, DemoAccount] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, str]:
        """What to call any unit, plugged in or not, by code."""
        return ChainMap(self.departments, self.units.names)
