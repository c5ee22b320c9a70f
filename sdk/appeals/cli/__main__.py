"""`python -m appeals.cli` is the command `appeals`."""

import sys

from appeals.cli import main

sys.exit(main())
