"""Prints RabbitMQ's definitions for all departments: `python -m deploy.rabbitmq > deploy/rabbitmq/definitions.json`.

The password of each comes from the environment: INDUSTRY_PASSWORD for `industry`, NATURAL_RESOURCES_PASSWORD for
`natural-resources`.
"""

import json
import os
import sys
from pathlib import Path

from appeals.manifest import Directory
from appeals.provision import definitions
from appeals.settings import WrongSettings


def password_variable(code: str) -> str:
    """The environment variable with a department's password."""
    return code.upper().replace("-", "_") + "_PASSWORD"


def main() -> int:
    """Print the definitions; returns the exit status."""
    try:
        directory = Directory.load(Path(os.environ.get("MANIFESTS", "deploy/departments")))
        passwords = {code: os.environ.get(password_variable(code), "") for code in directory.codes}
        sys.stdout.write(json.dumps(definitions(directory, passwords), ensure_ascii=False, indent=2) + "\n")
    except WrongSettings as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
