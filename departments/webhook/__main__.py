"""Run it for one department: `python -m departments.webhook parks`."""

import argparse
import sys

from appeals.webhook.forwarding import run

parser = argparse.ArgumentParser(prog="python -m departments.webhook", description="Events by HTTP for one department.")
parser.add_argument("code", help="the department's code, as in its manifest")

sys.exit(run(parser.parse_args().code))
