"""Run it: `python -m departments.securities`."""

import sys

from departments.securities.consumer import securities

sys.exit(securities.run())
