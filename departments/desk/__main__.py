"""Run it for one department: `python -m departments.desk public-security`."""

import argparse
import sys

from departments.desk.consumer import desk_of

parser = argparse.ArgumentParser(prog="python -m departments.desk", description="A desk for one department.")
parser.add_argument("code", help="the department's code, as in its manifest")
parser.add_argument("--at-portal", action="store_true", help="people sign at the portal: say nothing here")
given = parser.parse_args()

sys.exit(desk_of(given.code, at_portal=given.at_portal).run())
