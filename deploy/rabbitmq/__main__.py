"""Prints RabbitMQ's definitions: `python -m deploy.rabbitmq > deploy/rabbitmq/definitions.json`.

The platform's user has all rights, with RABBITMQ_PASSWORD from the environment. Each department has exactly its
own, with the password in INDUSTRY_PASSWORD for `industry`, NATURAL_RESOURCES_PASSWORD for `natural-resources`.
"""

import json
import os
import sys
from pathlib import Path

from appeals.manifest import Directory
from appeals.provision import definitions, user
from appeals.settings import WrongSettings

PLATFORM = "appealloop"


def password_variable(code: str) -> str:
    """The environment variable with a department's password."""
    return code.upper().replace("-", "_") + "_PASSWORD"


def main() -> int:
    """Print the definitions; returns the exit status."""
    try:
        directory = Directory.load(Path(os.environ.get("MANIFESTS", "deploy/departments")))
        passwords = {code: os.environ.get(password_variable(code), "") for code in directory.codes}
        made = definitions(directory, passwords)
        made["users"].append(user(PLATFORM, os.environ["RABBITMQ_PASSWORD"], os.urandom(4)) | {"tags": "administrator"})
        made["permissions"].append({"user": PLATFORM, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"})
        sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    except KeyError as error:
        sys.stderr.write(f"error: {error.args[0]} is not set\n")
        return 1
    except WrongSettings as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
