"""`appeals init parks`: a folder with a small department that works: consumer, manifest, tests and Dockerfile."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

from appeals.errors import Refused
from appeals.manifest import CODE
from appeals.settings import WrongSettings

MANIFEST = "manifest.yml"
NAME = r"[\w()\uff08\uff09·、-][\w()\uff08\uff09·、 -]{0,59}"


class AlreadyThere(Refused):
    """Raised when a file that would be written is there already; nothing is written."""

    zh = "{path} 已存在，未写入任何文件"
    en = "{path} is there already; nothing was written"


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("init", help="make a small department, with tests and a Dockerfile")
    parser.add_argument("code", help="its code, such as parks; its queues and its user are named so")
    parser.add_argument("--name", default="", help="what people call it, such as 省园区办; the code by default")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where; a folder with the code's name by default")
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Write the folder and say how to go on. Raises WrongSettings or AlreadyThere."""
    folder = arguments.into or Path(arguments.code)
    write(arguments.code, arguments.name or arguments.code, folder)
    print(
        f"{folder} is ready:\n  cd {folder}\n  python -m pytest    # needs no broker\n  appeals run         # needs one"
    )
    return 0


def write(code: str, name: str, folder: Path) -> None:
    """Write a department into a folder.

    Raises WrongSettings when code, name or folder cannot be used, and AlreadyThere rather than overwrite anything.
    """
    if not re.fullmatch(CODE, code):
        raise WrongSettings(f"{code!r} cannot be a code: 2 to 31 small letters, digits and hyphens, a letter first")
    if not re.fullmatch(NAME, name):
        raise WrongSettings(f"{name!r} cannot be a name: at most 60 letters, digits, hyphens and spaces")
    facts = {"code": code, "name": name, "version": version("appeals")}
    made = {folder / _named(template.name, code): _rendered(template, facts) for template in _templates()}
    for path in made:
        if path.exists():
            raise AlreadyThere(path=path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in made.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongSettings(f"{error.filename}: {error.strerror}") from None


def _templates() -> list:
    found = [one for one in files("appeals").joinpath("template").iterdir() if one.is_file()]
    return sorted(found, key=lambda template: template.name)


def _rendered(template, facts: dict[str, str]) -> str:
    return Template(template.read_text(encoding="utf-8")).substitute(facts)


def _named(template: str, code: str) -> str:
    return f"{code}.yml" if template == MANIFEST else template
