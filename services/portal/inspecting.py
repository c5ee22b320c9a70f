"""Inspecting: whether a file may be attached: what it is, whether its name says so, and what it would unpack to."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO
from zipfile import ZipFile

from services.portal.file_policy import FilePolicy
from services.portal.file_refusals import FileNameMissing, KindNotTaken, NameDoesNotFit, UnpacksTooLarge
from services.portal.kinds import KINDS, kind_of

LONGEST_NAME = 150
PACKED = ("docx", "xlsx", "ofd", "zip")
SMALL = 1024 * 1024  # what unpacks to no more is no bomb, however well it packs


def inspect(file: BinaryIO, name: str, policy: FilePolicy) -> str:
    """The code of what a file is. Raises FileRefused with the reason why it is not taken."""
    try:
        kind = kind_of(file)
    except KindNotTaken as refusal:
        raise KindNotTaken(found=refusal.facts["found"], known="、".join(policy.kinds)) from None
    if kind not in policy.kinds:
        raise KindNotTaken(found=kind, known="、".join(policy.kinds))
    check_name(name, kind)
    if kind in PACKED:
        _check_unpacked(file, policy)
    return kind


def check_name(name: str, kind: str) -> None:
    """Whether a name ends as that of such a file does. Raises NameDoesNotFit."""
    if PurePosixPath(name).suffix.lower() not in KINDS[kind].endings:
        raise NameDoesNotFit(name=name, kind=kind)


def file_name(written: str) -> str:
    """A name without folders and without characters that are none. Raises FileNameMissing."""
    name = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", written)).name).name
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip(" .")
    if not name or len(name) > LONGEST_NAME:
        raise FileNameMissing()
    return name


def _check_unpacked(file: BinaryIO, policy: FilePolicy) -> None:
    """Judge by the directory of the file: nothing is unpacked."""
    with ZipFile(file) as packed:
        entries = packed.infolist()
    unpacked, size = sum(one.file_size for one in entries), file.seek(0, 2)
    bomb = unpacked > SMALL and unpacked > policy.ratio * size
    if len(entries) > policy.entries or unpacked > policy.unpacked_bytes or bomb:
        raise UnpacksTooLarge()
