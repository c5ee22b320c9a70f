"""How one kind of message is to be handled, declared beside its handler."""

from __future__ import annotations

from dataclasses import dataclass

from appeals.errors import Refused


@dataclass(frozen=True, kw_only=True)
class Handling:
    """What happens when a handler fails, and whether a message waits for those before it.

    `retries` is how many of the retry tiers it goes through before it is set aside, all by default. `refuse`
    are errors that set it aside at once, as Refused does. A message that is not `ordered` waits for no other.
    """

    retries: int | None = None
    refuse: tuple[type[Exception], ...] = ()
    ordered: bool = True

    def refuses(self, error: Exception) -> bool:
        """Whether trying again would not help."""
        return isinstance(error, (Refused, *self.refuse))


AS_USUAL = Handling()
