"""Fetches what the portal's pages take from elsewhere: style sheet, htmx and charts, into `static/vendor`.

    python3 -m deploy.local.assets

npm installs exactly what `services/portal/assets/package-lock.json` names, by its hashes, and runs no scripts. What
lies in `static/vendor` afterwards is served by the portal itself; `integrity.json` beside it holds the hash of each
file, which the pages tell the browser. Does nothing when it is up to date. Standard library only, as for the
environment. What only the tests take from npm goes the same way (`deploy.local.browser`).
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.local.packages import install
from deploy.local.process import LocalSetupError

PORTAL = Path(__file__).parents[2] / "services" / "portal"
LOCK = PORTAL / "assets" / "package-lock.json"
VENDOR = PORTAL / "static" / "vendor"
FILES = {
    "pico.min.css": "@picocss/pico/css/pico.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}


def fetch_assets() -> None:
    """Bring `static/vendor` up to date with the lock file. Raises LocalSetupError."""
    fetch("the pages need", LOCK, FILES, VENDOR)


def fetch(what: str, lock: Path, files: dict[str, str], folder: Path) -> None:
    """Bring a folder up to date with the lock file; `files` says where in node_modules each comes from.

    Raises LocalSetupError.
    """
    wanted = hashlib.sha256(lock.read_bytes() + json.dumps(files).encode()).hexdigest()
    stamp = folder / "made-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    for program, package in (("node", "nodejs"), ("npm", "npm")):
        if shutil.which(program) is None:
            install(package)
    print(f"fetching what {what} with npm ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock.with_name(name), place)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = subprocess.run(command, cwd=place, capture_output=True, text=True, env={**os.environ, "CI": "1"})
        if result.returncode != 0:
            told = result.stderr.strip() or f"exit status {result.returncode}"
            raise LocalSetupError(f"npm could not fetch what {what}: {told.splitlines()[0]}")
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in files.items():
            shutil.copy(Path(place) / "node_modules" / source, folder / name)
    (folder / "integrity.json").write_text(json.dumps({name: _hash(folder / name) for name in files}, indent=1))
    stamp.write_text(wanted)


def _hash(path: Path) -> str:
    """The hash of a file as browsers want it (W3C Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


if __name__ == "__main__":
    try:
        fetch_assets()
    except LocalSetupError as error:
        sys.exit(f"error: {error}")
