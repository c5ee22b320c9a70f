"""Installs what the tests of the pages need: a browser and a Chinese font from Debian, and axe-core from npm.

    python3 -m deploy.local.browser

Does nothing when they are there. Nothing of it is served to anybody.
"""

import shutil
import sys
from pathlib import Path

from deploy.local.assets import fetch
from deploy.local.packages import install
from deploy.local.paper import set_up_font
from deploy.local.process import LocalSetupError

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests" / "browser" / "axe" / "package-lock.json"
FETCHED = ROOT / ".run" / "axe"
BROWSERS = ("chromium", "chromium-browser")  # as Debian and Ubuntu call it
AXE = "axe.min.js"


def set_up_browser() -> str:
    """Install what is missing; returns where the browser is. Raises LocalSetupError."""
    set_up_font()
    if not (found := _browser()):
        install("chromium")
        found = _browser()
    if not found:
        raise LocalSetupError("the package chromium is installed but brought no browser along")
    return found


def set_up_axe() -> Path:
    """Fetch axe-core if it is missing; returns where its script is. Raises LocalSetupError."""
    fetch("the tests of the pages need", LOCK, {AXE: f"axe-core/{AXE}"}, FETCHED)
    return FETCHED / AXE


def _browser() -> str:
    return next(filter(None, map(shutil.which, BROWSERS)), "")


if __name__ == "__main__":
    try:
        set_up_browser()
        set_up_axe()
    except LocalSetupError as error:
        sys.exit(f"error: {error}")
