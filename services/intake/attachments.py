"""Attachments of an appeal: how many and how large they may be together, and under which names others are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from appeals.errors import Refused
from appeals.events import Attachment


class TooManyAttachments(Refused):
    """Raised when an appeal, with all its supplements, would have too many files."""

    status = 422
    field = "attachments"
    zh = "附件共 {count} 个，每件诉求最多 {most} 个"
    en = "There would be {count} attachments; an appeal has at most {most}"


class AttachmentsTooLarge(Refused):
    """Raised when the files of an appeal would be too large together."""

    status = 422
    field = "attachments"
    zh = "附件合计 {size} 字节，每件诉求合计不超过 {most} 字节"
    en = "The attachments would have {size} bytes together; an appeal has at most {most}"


def check_total(attachments: Sequence[Attachment], count: int, size: int) -> None:
    """Whether an appeal may have all these. Raises TooManyAttachments or AttachmentsTooLarge."""
    if len(attachments) > count:
        raise TooManyAttachments(count=len(attachments), most=count)
    total = sum(one.size for one in attachments)
    if total > size:
        raise AttachmentsTooLarge(size=total, most=size)


def shown_names(attachments: Iterable[Attachment], *, hidden: bool, after: int = 0) -> tuple[Attachment, ...]:
    """The files as others are told of them: the name that a hidden applicant gave could tell who it is.

    `after` is how many the appeal has already.
    """
    if not hidden:
        return tuple(attachments)
    return tuple(
        replace(one, name=f"附件{number}{PurePosixPath(one.name).suffix.lower()}")
        for number, one in enumerate(attachments, after + 1)
    )
