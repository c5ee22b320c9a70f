"""Run it: `python -m departments.industry`."""

import sys

from departments.industry.consumer import industry

sys.exit(industry.run())
