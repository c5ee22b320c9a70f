"""The command line that the private nodes share: start, stop, status and the address."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from deploy.local.process import LocalSetupError


def serve(description: str, node: Callable[[str], Any], address: str, folder: str) -> int:
    """Carry out the action on the command line with node(folder); returns the exit status.

    `address` names both the action that prints the node's address and the property that has it.
    `start` prints the address too; `status` exits with 0 if the node runs and 3 if not;
    an error is one line on standard error and exit status 1.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["start", "stop", "status", address])
    parser.add_argument("--dir", default=folder, help="the node's folder (default: %(default)s)")
    arguments = parser.parse_args()
    chosen = node(arguments.dir)
    try:
        if arguments.action == "start":
            print(chosen.start())
        elif arguments.action == "stop":
            chosen.stop()
        elif arguments.action == address:
            print(getattr(chosen, address))
        elif chosen.running():
            print("running")
        else:
            print("stopped")
            return 3
    except LocalSetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
