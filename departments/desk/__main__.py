"""Run it for one department: `python -m departments.desk public-security`."""

import argparse
import sys

from departments.desk.consumer import desk_of

parser = argparse.ArgumentParser(prog="python -m departments.desk", description="A desk for one department.")
parser.add_argument("code", help="the department's code, as in its manifest")

sys.exit(desk_of(parser.parse_args().code).run())
