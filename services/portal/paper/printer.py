"""The process that renders one paper: `python -m services.portal.paper.printer pdf` reads it, writes the file, ends.

Apart from the server, so that seconds of work keep nobody waiting. Its exit status says what was wrong.
"""

import ctypes
import pickle
import signal
import subprocess
import sys

SECONDS = 60
NOT_SET_UP = 3
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


def is_set_up() -> bool:
    """Whether this machine has the libraries and a Chinese font, without which no PDF can be made."""
    try:
        for name in LIBRARIES:
            ctypes.CDLL(name)
        fonts = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return bool(fonts.stdout.strip())


def main(form: str) -> int:
    """Render what comes on standard input; returns the exit status."""
    signal.alarm(SECONDS)
    paper = pickle.load(sys.stdin.buffer)  # from the portal that has started us
    if form == "docx":
        from services.portal.paper.word import to_docx as render
    elif is_set_up():
        from services.portal.paper.pdf import to_pdf as render
    else:
        return NOT_SET_UP
    sys.stdout.buffer.write(render(paper))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
