"""Run it for one department: `python -m departments.webhook parks`."""

import argparse
import sys

from appeals.settings import WrongSettings
from departments.webhook.consumer import webhook_of

parser = argparse.ArgumentParser(prog="python -m departments.webhook", description="Events by HTTP for one department.")
parser.add_argument("code", help="the department's code, as in its manifest")
code = parser.parse_args().code

try:
    department = webhook_of(code)
except WrongSettings as error:
    sys.stderr.write(f"{code}: {error}\n")
    sys.exit(2)
sys.exit(department.run())
