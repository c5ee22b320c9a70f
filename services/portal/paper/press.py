"""The press: has papers rendered, each in a process of its own, and only so many at once."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

from services.portal.paper.printer import NOT_SET_UP
from services.portal.paper.structure import Paper
from services.portal.problems import NotDone, Problem

PDF, DOCX = "pdf", "docx"
KINDS = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
AT_ONCE, WAITING = 2, 20
ROOT = Path(__file__).parents[3]
NEEDED = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME")  # of our environment, which holds secrets

PRINTING_NOT_SET_UP = Problem(
    "printing-not-set-up",
    503,
    "打印组件尚未安装，请系统管理员运行 make paper;.docx 文件可正常下载",
    "Printing is not set up: an administrator runs `make paper`; .docx files can be had",
)
PRINTING_BUSY = Problem(
    "printing-busy",
    503,
    "打印任务较多，请稍后重试",
    "Many papers are being printed; try again later",
    headers={"Retry-After": "10"},
)
PRINTING_FAILED = Problem(
    "printing-failed",
    503,
    "文件未能生成，请稍后重试",
    "The paper could not be made; try again later",
    headers={"Retry-After": "10"},
)

log = logging.getLogger("services.portal.paper")


class Press:
    """Renders papers, two at once; who comes meanwhile waits, while there is `room`."""

    def __init__(self, room: int = AT_ONCE + WAITING):
        self._room = threading.BoundedSemaphore(room)
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def print(self, paper: Paper, form: str) -> bytes:
        """The paper as a file, pdf or docx. Raises NotDone."""
        if not self._room.acquire(blocking=False):
            raise NotDone(PRINTING_BUSY)
        try:
            with self._turn:
                return _render(paper, form)
        finally:
            self._room.release()


def _render(paper: Paper, form: str) -> bytes:
    command = [sys.executable, "-m", "services.portal.paper.printer", form]
    environment = {name: os.environ[name] for name in NEEDED if name in os.environ}
    done = subprocess.run(command, input=pickle.dumps(paper), capture_output=True, cwd=ROOT, env=environment)
    if done.returncode == NOT_SET_UP:
        raise NotDone(PRINTING_NOT_SET_UP)
    if done.returncode != 0:
        log.error("printing failed, status %d: %s", done.returncode, done.stderr.decode(errors="replace")[-2000:])
        raise NotDone(PRINTING_FAILED)
    return done.stdout
