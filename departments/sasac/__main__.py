"""Run it: `python -m departments.sasac`."""

import sys

from departments.sasac.consumer import sasac

sys.exit(sasac.run())
