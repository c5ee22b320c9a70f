"""What a file really is, which files are taken, and what an e-mail says."""

import io
import zipfile
from email.message import EmailMessage

import pytest

from services.portal.attaching import disposition
from services.portal.file_policy import load_file_policy
from services.portal.file_refusals import (
    EncryptedFile,
    Executable,
    FileNameMissing,
    KindNotTaken,
    LegacyOffice,
    MacrosInside,
    NameDoesNotFit,
    UnpacksTooLarge,
)
from services.portal.inspecting import file_name, inspect
from services.portal.mail import NotAnEmail, read_mail

POLICY = load_file_policy()
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
EXCEL = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}


def packed(files, level=zipfile.ZIP_DEFLATED):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", level) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def encrypted(content):
    """The same file with the flag of encryption in its directory and its entries."""
    marked = bytearray(content)
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = marked.find(head)
        while place >= 0:
            marked[place + flag] |= 1
            place = marked.find(head, place + 4)
    return bytes(marked)


def kind(content, name):
    return inspect(io.BytesIO(content), name, POLICY)


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (PDF, "规划.pdf", "pdf"),
        (PDF, "规划.PDF", "pdf"),
        (PNG, "现场.png", "png"),
        (JPG, "现场.jpeg", "jpg"),
        (packed(WORD), "报告.docx", "docx"),
        (packed(EXCEL), "名单.xlsx", "xlsx"),
        (packed({"OFD.xml": b"<ofd/>"}), "公文.ofd", "ofd"),
        ("说明".encode(), "说明.txt", "txt"),
        ("说明".encode("gb18030"), "说明.txt", "txt"),
    ],
)
def test_a_file_is_what_its_bytes_say(content, name, found):
    assert kind(content, name) == found


@pytest.mark.parametrize(
    ("content", "name"), [(PNG, "现场.jpg"), (PDF, "规划.docx"), (packed(EXCEL), "报告.docx"), (PDF, "规划")]
)
def test_a_file_that_is_something_else_than_its_name_says_is_refused(content, name):
    with pytest.raises(NameDoesNotFit):
        kind(content, name)


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"MZ\x90\x00" + bytes(200), "规划.pdf", Executable),
        (b"\x7fELF" + bytes(200), "a.txt", Executable),
        (b"#!/bin/sh\nrm -rf /\n", "a.txt", Executable),
        (OLE, "旧.doc", LegacyOffice),
        (OLE, "加密.docx", LegacyOffice),
        (packed(WORD | {"word/vbaProject.bin": b"x"}), "报告.docx", MacrosInside),
        (packed(EXCEL | {"xl/macrosheets/sheet1.xml": b"x"}), "名单.xlsx", MacrosInside),
        (
            packed(WORD | {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml"}),
            "a.docm",
            MacrosInside,
        ),
        (encrypted(packed(WORD)), "报告.docx", EncryptedFile),
        (packed({"a.txt": b"x"}), "a.zip", KindNotTaken),
        (packed({"a.txt": b"x"})[:40], "a.docx", KindNotTaken),
        (b"GIF89a" + bytes(100), "a.gif", KindNotTaken),
        (bytes(range(256)), "a.txt", KindNotTaken),
        (packed(WORD | {"word/media/a.bin": bytes(50_000_000)}), "报告.docx", UnpacksTooLarge),
        (packed(WORD | {f"word/{n}": b"" for n in range(5000)}), "报告.docx", UnpacksTooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_file_that_could_do_harm_or_that_nobody_could_read_is_refused_by_name(content, name, refusal):
    with pytest.raises(refusal) as found:
        kind(content, name)

    told = found.value.told()
    assert told["status"] == 422
    assert told["zh"] and told["field"] == "file"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/规划.pdf", "规划.pdf"),
        ("C:\\桌面\\规划.pdf", "规划.pdf"),
        ("规\r\n划\u202e.pdf", "规划.pdf"),
        (" .pdf. ", "pdf"),
    ],
)
def test_a_name_has_no_folder_and_nothing_that_cannot_be_seen(written, name):
    assert file_name(written) == name


@pytest.mark.parametrize("written", ["", " .. ", "/", "长" * 151])
def test_what_is_no_name_is_refused(written):
    with pytest.raises(FileNameMissing):
        file_name(written)


def test_a_file_is_saved_under_its_chinese_name_and_old_browsers_get_what_ascii_can_say():
    assert disposition('规"划 1.pdf') == (
        "attachment; filename=\"___ 1.pdf\"; filename*=UTF-8''%E8%A7%84%22%E5%88%92%201.pdf"
    )


# E-mails


def an_email(**changes):
    message = EmailMessage()
    message["From"], message["Subject"] = "王经理 <wang@example.com>", changes.get("subject", "仓库电缆被盗")
    message.set_content(changes.get("text", "请尽快破案\n"))
    if page := changes.get("page"):
        message.set_content(page, subtype="html")
    for name, content in changes.get("files", ()):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return io.BytesIO(message.as_bytes())


def test_an_email_tells_title_text_sender_and_attachments():
    mail = read_mail(an_email(files=[("规划.pdf", PDF), ("现场.png", PNG)]))

    assert (mail.title, mail.text, mail.sender) == ("仓库电缆被盗", "请尽快破案", "王经理 <wang@example.com>")
    assert mail.files == (("规划.pdf", PDF), ("现场.png", PNG))


def test_of_an_email_that_is_a_page_only_what_is_shown_is_read():
    page = "<html><head><title>x</title><style>p{}</style></head><p>请尽快<b>破案</b></p><script>evil()</script><p>谢谢"

    assert read_mail(an_email(page=page)).text == "请尽快破案\n谢谢"


@pytest.mark.parametrize("content", [b"", PDF, b"\x00\xff" * 50, b"just words\n"])
def test_what_is_no_email_is_refused(content):
    with pytest.raises(NotAnEmail):
        read_mail(io.BytesIO(content))
