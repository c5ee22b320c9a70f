"""`appeals provision`: give RabbitMQ what the departments' manifests say, and keep it so. For the operator."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

from appeals.manifest import Directory
from appeals.provision.access import Access, Management, Rabbitmqctl, command
from appeals.provision.operator import Operator
from appeals.provision.passwords import Passwords
from appeals.provision.rendering import definitions, password_variable
from appeals.provision.retiring import retire
from appeals.settings import WrongSettings


def add(commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("provision", help="give the broker the departments' users, rights, queues and limits")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--diff", action="store_true", help="show what differs; nothing is changed (the default)")
    what.add_argument("--apply", action="store_true", help="make the broker as the manifests say")
    what.add_argument("--export", metavar="FILE", type=Path, help="write RabbitMQ's definitions; needs no broker")
    what.add_argument("--rotate", metavar="CODE", help="a new password; the old one stops working")
    what.add_argument("--retire", metavar="CODE", help="take a department out whose manifest is gone")
    parser.add_argument("--manifests", type=Path, default="deploy/departments", help="folder (default: %(default)s)")
    parser.add_argument("--secrets", type=Path, default="deploy/secrets.yml", help="passwords (default: %(default)s)")
    parser.add_argument("--vhost", default="/", help="virtual host (default: %(default)s)")
    parser.add_argument("--show", action="store_true", help="print the passwords too, as CODE_PASSWORD=...")
    parser.add_argument("--delete-queues", action="store_true", help="with --retire: also queues with messages in them")
    broker = parser.add_argument_group("how to reach the broker, as an administrator: one of the first two")
    broker.add_argument(
        "--management",
        metavar="URL",
        help="the management API, http://user:password@host:15672; or MANAGEMENT_URL in the environment",
    )
    broker.add_argument(
        "--rabbitmqctl", metavar="COMMAND", help="such as 'docker compose exec -T rabbitmq rabbitmqctl'"
    )
    broker.add_argument(
        "--amqp-uri",
        metavar="URI",
        default=os.environ.get("AMQP_URI", ""),
        help="for --retire; or AMQP_URI in the environment",
    )
    parser.set_defaults(run=run)


def run(arguments) -> int:
    """Do what was chosen; returns 0 when the broker is as the manifests say, 1 when something differs."""
    directory, passwords = Directory.load(arguments.manifests), Passwords(arguments.secrets)
    if arguments.export:
        status = _export(arguments, directory, passwords)
    elif arguments.retire:
        status = _retire(arguments, directory, passwords)
    else:
        operator = Operator(directory, passwords, _access(arguments), arguments.vhost)
        if arguments.rotate:
            status = _rotate(arguments, operator)
        else:
            status = _apply(arguments, operator) if arguments.apply else _diff(arguments, operator)
    if arguments.show:
        for code in sorted(passwords):
            print(f"{password_variable(code)}={passwords[code]}")
    return status


def _export(arguments, directory: Directory, passwords: Passwords) -> int:
    passwords.make([code for code in directory.codes if code not in passwords])
    made = definitions(directory, passwords, arguments.vhost)
    try:
        arguments.export.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WrongSettings(f"{arguments.export}: {error.strerror}") from None
    _note(
        arguments, f"{len(directory.codes)} departments are in {arguments.export}, their passwords in {passwords.path}"
    )
    return 0


def _diff(arguments, operator: Operator) -> int:
    found = operator.differences()
    for one in found:
        _note(arguments, one.text)
    for code in operator.unknown_passwords():
        _note(
            arguments,
            f"? user {code}: {arguments.secrets} has no password of it, so it stays; --rotate makes a new one",
        )
    if not found:
        _note(arguments, "the broker is as the manifests say")
    return 1 if found else 0


def _apply(arguments, operator: Operator) -> int:
    for one in operator.apply():
        _note(arguments, one.text)
    left = operator.differences()
    _note(arguments, f"{len(left)} of these are left to you" if left else "the broker is as the manifests say")
    return 1 if left else 0


def _rotate(arguments, operator: Operator) -> int:
    operator.rotate(arguments.rotate)
    _note(arguments, f"{arguments.rotate} has a new password, which is in {arguments.secrets}")
    _note(arguments, "the old one is void, and the connections that were made with it are closed")
    return 0


def _retire(arguments, directory: Directory, passwords: Passwords) -> int:
    if not arguments.amqp_uri:
        raise WrongSettings("--retire needs --amqp-uri, or AMQP_URI in the environment")
    for line in retire(
        arguments.retire,
        directory,
        _access(arguments),
        arguments.amqp_uri,
        arguments.vhost,
        delete_queues=arguments.delete_queues,
    ):
        _note(arguments, line)
    passwords.forget(arguments.retire)
    _note(arguments, f"{arguments.retire} is retired")
    return 0


def _access(arguments) -> Access:
    if arguments.management and arguments.rabbitmqctl:
        raise WrongSettings("name one way to the broker, --management or --rabbitmqctl")
    if arguments.rabbitmqctl:
        return Rabbitmqctl(command(shlex.split(arguments.rabbitmqctl)))
    if url := arguments.management or os.environ.get("MANAGEMENT_URL"):
        return Management(url)
    raise WrongSettings(
        "name a way to the broker: --management (or MANAGEMENT_URL in the environment), or --rabbitmqctl"
    )


def _note(arguments, line: str) -> None:
    """Say what was found or done; on standard error when the passwords go to standard output."""
    print(line, file=sys.stderr if arguments.show else sys.stdout)
