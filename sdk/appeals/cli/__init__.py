"""The command `appeals`: what a department's developer and the operator type.

Each command is a module here with `add(commands)`, which adds its parser; the parser's default `run` is a
function of the parsed arguments that returns the exit status. A module is only imported when it is needed
for help or for its own command, so that none needs what another one does.
"""

from __future__ import annotations

import argparse
import sys

from appeals.bus.broker import BrokerGone
from appeals.cli import dlq, doctor, events, provision, publish_sample, tail
from appeals.errors import Refused
from appeals.settings import WrongSettings

COMMANDS = (events, publish_sample, tail, dlq, doctor, provision)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 found or refused something, 2 cannot be run so."""
    parser = argparse.ArgumentParser(
        prog="appeals", description="AppealLoop 诉求闭环: plug a department in, try it, and look after it."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands)
    parsed = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    try:
        return parsed.run(parsed)
    except (WrongSettings, BrokerGone) as error:
        print(f"appeals: {error}", file=sys.stderr)
        return 2
    except Refused as refusal:
        print(f"appeals: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
