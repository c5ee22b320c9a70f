"""What the commands for operators do alike: what is wrong is told in one line, and the exit status says how it went.

Exit status: 0 done, 1 the database does not answer, 2 what was asked, or the settings, are wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from appeals.bus.database import is_unavailable

DONE, UNAVAILABLE, WRONG = 0, 1, 2


def attempt(work: Callable[[], Iterable[str]], *wrong: type[Exception]) -> int:
    """Do the work, print the lines that it returns, and return the exit status; `wrong` are errors of who asks."""
    try:
        lines = work()
    except wrong as error:
        return _tell(str(error), WRONG)
    except Exception as error:
        if not is_unavailable(error):
            raise
        return _tell("the database does not answer", UNAVAILABLE)
    for line in lines:
        print(line)  # noqa: T201
    return DONE


def _tell(problem: str, status: int) -> int:
    print(f"error: {problem}", file=sys.stderr)  # noqa: T201
    return status
