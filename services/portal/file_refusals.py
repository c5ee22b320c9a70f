"""Why a file is not taken. Each is a named refusal of the one family; `file` is the field."""

from appeals.errors import Refused


class FileRefused(Refused):
    """Raised for a file that is not taken; each reason is a class of its own below."""

    status = 422
    field = "file"


class FileEmpty(FileRefused):
    """Raised for a file without content."""

    zh = "文件为空"
    en = "The file is empty"


class FileTooLarge(FileRefused):
    """Raised for a file that is larger than one file may be."""

    status = 413
    zh = "文件超过 {most} 字节上限"
    en = "The file is larger than {most} bytes"


class FileNameMissing(FileRefused):
    """Raised for a file that comes without a name, or with one that cannot be a name."""

    field = "name"
    zh = "请提供文件名，如 ?name=营业执照.pdf，不超过 150 个字符"
    en = "Give the file's name, as in ?name=licence.pdf, of at most 150 characters"


class Executable(FileRefused):
    """Raised for a program or a script."""

    zh = "不接收可执行文件"
    en = "Programs are not taken"


class LegacyOffice(FileRefused):
    """Raised for an old Office file or an encrypted new one: both look the same from outside."""

    zh = "不接收旧版或者加密的 Office 文件，请另存为不加密的 docx、xlsx 或 pdf 后上传"
    en = "Old or encrypted Office files are not taken; save it as docx, xlsx or pdf without a password"


class EncryptedFile(FileRefused):
    """Raised for a packed file with a password."""

    zh = "不接收加密文件，请去除密码后上传"
    en = "Encrypted files are not taken; remove the password"


class MacrosInside(FileRefused):
    """Raised for an Office file that holds macros or controls, whatever its name says."""

    zh = "不接收含有宏或者控件的文件，请另存为不含宏的 docx、xlsx 或 pdf 后上传"
    en = "Files with macros or controls are not taken; save it without them"


class UnpacksTooLarge(FileRefused):
    """Raised for a file that would unpack to far more than it should."""

    zh = "文件解压后过大，不予接收"
    en = "The file would unpack to far too much"


class KindNotTaken(FileRefused):
    """Raised for a kind of file that the policy does not list."""

    zh = "不接收该类型的文件（{found}），可以上传：{known}"
    en = "This kind of file ({found}) is not taken; these are: {known}"

    def __init__(self, *, found: str, known: str = ""):
        super().__init__(found=found, known=known)


class NameDoesNotFit(FileRefused):
    """Raised when a file is something else than its name says."""

    field = "name"
    zh = "文件名“{name}”与实际类型 {kind} 不符"
    en = "The name {name!r} does not fit what the file is: {kind}"


class StoreFull(FileRefused):
    """Raised when too many uploads wait for their appeals."""

    status = 503
    zh = "待提交的附件过多，暂不能上传，请稍后重试"
    en = "Too many files wait for their appeals; try again later"


class NotUploaded(FileRefused):
    """Raised when an appeal names a file that was not uploaded, or so long ago that it was swept."""

    field = "attachments"
    zh = "附件 {sha256} 未上传或者上传后超过 {hours} 小时，请重新上传"
    en = "The file {sha256} was not uploaded in the last {hours} hours; upload it again"


class TooManyFiles(FileRefused):
    """Raised when a form brings more files than it may."""

    zh = "一次最多上传 {most} 个文件，其余的可以在补充材料时提交"
    en = "Send at most {most} files at once; add others with a supplement"
