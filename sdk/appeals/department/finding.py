"""Finds a department in a file or a module, for commands that are told where it is."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from appeals.department.kit import Department
from appeals.settings import WrongSettings


def find_department(target: str) -> Department:
    """The only department in `consumer.py` or in `package.module`, or the one called `package.module:name`.

    Modules are looked for in the current folder too, and beside a file those that it imports. Raises WrongSettings.
    """
    module_name, _, name = target.partition(":")
    module = _from_file(Path(target)) if target.endswith(".py") else _from_name(module_name)
    if name and not target.endswith(".py"):
        found = getattr(module, name, None)
        if not isinstance(found, Department):
            raise WrongSettings(f"{module_name} has no Department called {name}")
        return found
    there = {id(one): one for one in vars(module).values() if isinstance(one, Department)}
    if len(there) != 1:
        raise WrongSettings(f"{target} has {len(there) or 'no'} departments; there should be one")
    return next(iter(there.values()))


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise WrongSettings(f"{path}: no such file; name the file, or a module as package.module:name")
    _look_in(path.parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise WrongSettings(_told(path, error)) from error
    return module


def _from_name(name: str) -> ModuleType:
    _look_in(Path.cwd())
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise WrongSettings(_told(Path(name), error)) from error


def _look_in(folder: Path) -> None:
    if (place := str(folder.resolve())) not in sys.path:
        sys.path.insert(0, place)


def _told(path: Path, error: Exception) -> str:
    """Where a module failed, in the last line of it that was run, and how."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    line = next((f":{frame.lineno}" for frame in reversed(frames) if Path(frame.filename).name == path.name), "")
    return f"{path}{line}: {type(error).__name__}: {error}"
