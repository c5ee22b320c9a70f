"""The compose file and the Dockerfile, as far as they can be checked without a container engine."""

import dataclasses
import importlib
import re
from pathlib import Path

import pytest
import yaml

from appeals.department.kit import DepartmentSettings
from appeals.manifest import Directory
from appeals.provision.rendering import password_variable
from appeals.settings import Settings
from services import SERVICES

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
BUILT = {name: block for name, block in COMPOSE["services"].items() if "build" in block}
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


def settings_of(program):
    if program.startswith("departments."):
        return DepartmentSettings
    return getattr(importlib.import_module(f"services.{program}.service"), "Settings", Settings)


def test_every_service_and_every_department_has_a_block():
    assert set(BUILT) == {*SERVICES, *Directory.load(ROOT / "deploy" / "departments").codes}


@pytest.mark.parametrize("name", BUILT)
def test_a_block_runs_a_program_that_there_is(name):
    program, *arguments = BUILT[name]["build"]["args"]["SERVICE"].split()

    if program.startswith("departments."):
        assert (ROOT / program.replace(".", "/") / "__main__.py").is_file()
        assert arguments in ([], [name])
    else:
        assert program in SERVICES


@pytest.mark.parametrize("name", BUILT)
def test_the_code_reads_every_setting_of_its_block_and_misses_none(name):
    fields = dataclasses.fields(settings_of(BUILT[name]["build"]["args"]["SERVICE"].split()[0]))
    known = {field.name.upper() for field in fields}
    needed = {field.name.upper() for field in fields if field.default is dataclasses.MISSING}

    given = set(BUILT[name]["environment"])

    assert given <= known
    assert needed <= given


def test_every_variable_of_the_compose_file_is_in_the_example_or_made_for_it():
    used = set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / "deploy" / "compose.env.example").read_text(), re.MULTILINE))

    departments = {password_variable(code) for code in Directory.load(ROOT / "deploy" / "departments").codes}
    assert used == offered | departments  # those are made and shown by `appeals provision --show`
    assert not offered & departments


def test_secrets_have_no_default_and_departments_no_password_of_another():
    text = (ROOT / "docker-compose.yml").read_text()

    for name in re.findall(r"\$\{([A-Z_]*(?:PASSWORD|SECRET))([^}]*)\}", text):
        assert name[1] == ":?", f"{name[0]} has a default"
    for code, block in BUILT.items():
        if block["build"]["args"]["SERVICE"].startswith("departments."):
            found = VARIABLE.findall(block["environment"]["AMQP_URI"])
            assert found == [password_variable(code)]


def test_the_image_runs_as_an_ordinary_user_and_copies_what_there_is():
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()

    assert any(line.startswith("USER ") and line != "USER root" for line in lines)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
