"""Makes the project's own Python environment, `.venv`, from the checkout and its constraints.

    python3 -m deploy.local.environment

Does nothing when it is up to date. Standard library only: this runs before anything is installed.
"""

import hashlib
import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

from deploy.local.packages import install
from deploy.local.process import LocalSetupError

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "made-from"
SOURCES = ("pyproject.toml", "sdk/pyproject.toml", "constraints.txt")
OLDEST = (3, 11)


def make_environment() -> None:
    """Create or renew `.venv`. Raises LocalSetupError."""
    if sys.version_info < OLDEST:
        raise LocalSetupError(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    wanted = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in SOURCES)).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    if importlib.util.find_spec("ensurepip") is None:
        install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    print("making the Python environment in .venv (once, about a minute) ...", file=sys.stderr, flush=True)
    venv.create(VENV, with_pip=True, clear=True)
    command = [VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-c", "constraints.txt"]
    parts = ("-e", "./sdk[nameko,postgresql,webhook]", "-e", ".[dev]")
    result = subprocess.run([*command, *parts], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR")]
        raise LocalSetupError(f"pip could not install what is needed: {(errors or lines or ['no word'])[0]}")
    STAMP.write_text(wanted)


if __name__ == "__main__":
    try:
        make_environment()
    except LocalSetupError as error:
        sys.exit(f"error: {error}")
