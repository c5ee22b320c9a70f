"""Kinds of files: what a file really is, told from its bytes and not from its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import puremagic

from services.portal.file_refusals import EncryptedFile, Executable, KindNotTaken, LegacyOffice, MacrosInside

HEAD = 64 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
EXECUTABLE_HEADS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa", b"#!")
MACRO_PARTS = ("vbaproject.bin", "/macrosheets/", "/activex/")
MACRO_TYPE = b"macroEnabled"
LARGEST_LIST = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of file: its media type, and how names of such files end."""

    mime: str
    endings: tuple[str, ...]


KINDS = {
    "pdf": Kind(mime="application/pdf", endings=(".pdf",)),
    "jpg": Kind(mime="image/jpeg", endings=(".jpg", ".jpeg")),
    "png": Kind(mime="image/png", endings=(".png",)),
    "docx": Kind(mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document", endings=(".docx",)),
    "xlsx": Kind(mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", endings=(".xlsx",)),
    "ofd": Kind(mime="application/ofd", endings=(".ofd",)),
    "zip": Kind(mime="application/zip", endings=(".zip",)),
    "txt": Kind(mime="text/plain; charset=utf-8", endings=(".txt",)),
}
_BY_ENDING = {".jpeg": "jpg", ".jpg": "jpg", ".png": "png", ".pdf": "pdf"}


def kind_of(file: BinaryIO) -> str:
    """The code of what a file is.

    Raises Executable, LegacyOffice, EncryptedFile, MacrosInside or KindNotTaken.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(EXECUTABLE_HEADS):
        raise Executable()
    if head.startswith(OLE):
        raise LegacyOffice()
    if head.startswith(ZIP):
        return _packed(file)
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        found = []
    for ending in (one.extension for one in found):
        if ending in _BY_ENDING:
            return _BY_ENDING[ending]
    if _is_text(file):
        return "txt"
    raise KindNotTaken(found=found[0].extension.lstrip(".") if found else "")


def _packed(file: BinaryIO) -> str:
    """What a zip file holds: an Office file, an OFD, or just files."""
    try:
        with ZipFile(file) as packed:
            entries = packed.infolist()
            names = [entry.filename.lower() for entry in entries]
            if any(entry.flag_bits & 1 for entry in entries):
                raise EncryptedFile()
            if _has_macros(names) or MACRO_TYPE in _content_types(packed):
                raise MacrosInside()
    except (BadZipFile, NotImplementedError, EOFError, OSError, ValueError):
        raise KindNotTaken(found="zip") from None
    if "[content_types].xml" in names and "word/document.xml" in names:
        return "docx"
    if "[content_types].xml" in names and "xl/workbook.xml" in names:
        return "xlsx"
    return "ofd" if "ofd.xml" in names else "zip"


def _has_macros(names: Iterable[str]) -> bool:
    return any(part in f"/{name}" for name in names for part in MACRO_PARTS)


def _content_types(packed: ZipFile) -> bytes:
    for entry in packed.infolist():
        if entry.filename.lower() == "[content_types].xml":
            with packed.open(entry) as listed:
                return listed.read(LARGEST_LIST)
    return b""


def _is_text(file: BinaryIO) -> bool:
    """Whether all of it is text in UTF-8 or GB 18030, without control characters that no text has."""
    file.seek(0)
    content = file.read()
    if any(byte in content for byte in (b"\0", b"\x1b", b"\x07")):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
            return True
        except UnicodeDecodeError:
            continue
    return False
