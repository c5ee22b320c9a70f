"""`appeals run`: a department at work, from the file or the module that it is written in."""

from __future__ import annotations

from pathlib import Path

from appeals.department.finding import find_department


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("run", help="put a department to work, until SIGTERM or Ctrl-C")
    parser.add_argument("consumer", nargs="?", default="consumer.py", help="a file, or package.module[:name]")
    parser.add_argument("--manifest", help="or MANIFEST; <code>.yml beside the file by default")
    parser.add_argument("--amqp-uri", help="or AMQP_URI; amqp://user:password@host:port/vhost")
    parser.add_argument("--database-url", help="or DATABASE_URL; a SQLite file beside the file by default")
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Work until told to stop; returns the exit status. Raises WrongSettings."""
    department = find_department(arguments.consumer)
    folder = Path(arguments.consumer).parent if arguments.consumer.endswith(".py") else Path()
    beside = {"MANIFEST": str(folder / f"{department.code}.yml"), "DATABASE_URL": f"sqlite:///{folder}/"}
    chosen = {name: getattr(arguments, name.lower()) for name in ("MANIFEST", "AMQP_URI", "DATABASE_URL")}
    return department.run(beside | department.environment | {name: value for name, value in chosen.items() if value})
