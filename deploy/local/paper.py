"""Installs what printing needs from the system: the libraries that set type, and a Chinese font (93 MB).

    python3 -m deploy.local.paper

Does nothing when they are there. Standard library only, as for the environment.
"""

import ctypes
import shutil
import subprocess
import sys

from deploy.local.packages import install
from deploy.local.process import LocalSetupError

LIBRARIES = {
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",  # brings pango and fontconfig along
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
FONT = "fonts-noto-cjk"


def set_up_printing() -> None:
    """Install what is missing. Raises LocalSetupError."""
    for library, package in LIBRARIES.items():
        if not _loads(library):
            install(package)
    set_up_font()


def set_up_font() -> None:
    """Install a Chinese font if there is none. Raises LocalSetupError."""
    if not _has_chinese():
        install(FONT)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_chinese() -> bool:
    if shutil.which("fc-list") is None:
        install("fontconfig")
    return bool(subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False).stdout.strip())


if __name__ == "__main__":
    try:
        set_up_printing()
    except LocalSetupError as error:
        sys.exit(f"error: {error}")
