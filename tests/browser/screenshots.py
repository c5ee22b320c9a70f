"""Pictures of the pages, for people to look at: in both languages, as on a desk and as on a phone.

python -m tests.browser.screenshots FOLDER
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from deploy.fleet import Fleet
from deploy.local.browser import set_up_browser
from deploy.local.process import LocalSetupError
from tests.browser.conftest import AT_PORTAL, FLAGS
from tests.browser.people import Cast
from tests.browser.tour import NOBODY, PAGES, Scenery
from tests.browser.visitor import Visitor

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh", "en")


def main() -> int:
    """Start a town, and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as place:
        fleet = Fleet(Path(place), at_portal=AT_PORTAL)
        try:
            path = set_up_browser()
            fleet.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                take(browser, fleet, folder)
                browser.close()
        except LocalSetupError as error:
            print(f"error: {error}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            fleet.stop()
    print(f"the pictures are in {folder}")  # noqa: T201
    return 0


def take(browser: Browser, fleet: Fleet, folder: Path) -> None:
    """Every page of every role, `FOLDER/<language>-<size>/<role>-<page>.png`."""
    cast = Cast(fleet)
    scenery = Scenery(
        Visitor(browser, fleet.address), Visitor(browser, fleet.address, [cast.cookie("intake-officer")]), cast
    )
    for language in LANGUAGES:
        for size, viewport in SIZES.items():
            for role, pages in PAGES.items():
                spoken = {"name": "lang", "value": language, "url": fleet.address}
                cookies = [spoken, *([cast.cookie(role)] if role else [])]
                visitor = Visitor(browser, fleet.address, cookies, viewport=viewport)
                if role == NOBODY:
                    scenery.follow(visitor)
                for page in pages:
                    visitor.open(scenery.path(page))
                    name = "-".join(filter(None, (role, re.sub(r"\W+", "-", page).strip("-"))))
                    target = folder / f"{language}-{size}" / f"{name or 'home'}.png"
                    visitor.page.screenshot(path=target, full_page=True)
                visitor.leave()
    cast.close()


if __name__ == "__main__":
    sys.exit(main())
