"""Run one service in this process: `python -m services.run routing`. Stops cleanly on SIGTERM.

Everything comes from environment variables; `python -m services.run --help` lists them.
"""

import sys

from appeals import green

green.patch()

from services.hosting import main  # noqa: E402 - what is imported before the patch would not be green

if __name__ == "__main__":
    sys.exit(main())
