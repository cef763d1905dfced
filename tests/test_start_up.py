"""A command imports what it needs and no more: imports are most of the time that it takes."""

import argparse
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import pytest

import build
from delivery import arguments
from localaws import cli
from tests.systems_under_test import ROOT

PROGRAM = """
import json, runpy, sys
path, lines = json.loads(sys.argv[1])
told = []
for words in lines:
    sys.argv, code = words, 0
    try:
        runpy.run_module(words[0], run_name="__main__")
    except SystemExit as end:
        code = end.code
    told.append((code, sorted({name.partition(".")[0] for name in sys.modules})))
with open(path, "w") as file:
    json.dump(told, file)
"""
MODULES = {"cfn-lint": "cfnlint", "PyYAML": "yaml"}
"""What is imported of a package, where that has another name."""

AWS, MODEL, RICH = {"boto3"}, {"pydantic", "yaml"}, {"rich"}
TEMPLATES = {"awacs", "troposphere"}

LOADING: list[list[tuple[set[str], list[str]]]] = [
    [
        (
            set(),
            [
                "build --project {project} --system nobody --full",
                "checks.permissions commands",
                "localaws start --port {taken}",
                "localaws status",
                "localaws stop",
            ],
        ),
        ({"pydantic"}, ["checks", "description schema"]),
        (
            MODEL,
            [
                "description check {systems}/gateway.yaml",
                "description cost {systems}/gateway.yaml --profile development --json",
                "description reference",
                "scanners --system nobody --scanner checkov --json --project {project}",
            ],
        ),
        (
            MODEL | TEMPLATES,
            [
                "benchmarks --services 301 --rounds 1",
                "build --project {project} --out {there} --reachability --evidence --timeline",
                "checks.permissions deployment-policy gateway",
                "checks.permissions table gateway",
            ],
        ),
        (
            MODEL | TEMPLATES | AWS,
            [
                "build --project {project} --upload here --prefix a --bucket-owner 111122223333 "
                "--profile nobody --region us-east-1 --endpoint-url http://127.0.0.1:9"
            ],
        ),
    ],
    [
        (
            MODEL | TEMPLATES | {"matplotlib"},
            ["benchmarks --services 301 --write {project}"],
        ),
    ],
    [
        (AWS, ["localaws serve --port {taken}"]),
        (
            AWS | RICH,
            [
                "delivery bootstrap",
                "delivery drift gateway dev",
                "delivery outputs gateway dev",
            ],
        ),
    ],
    [
        (
            MODEL | RICH,
            [
                "delivery diff gateway dev --from before --parameters nowhere.json",
                "localaws deploy nobody",
            ],
        ),
        (
            MODEL | RICH | AWS,
            [
                "delivery check gateway dev",
                "delivery deploy gateway dev",
                "delivery destroy gateway dev",
                "delivery doctor gateway dev",
                "delivery images gateway dev",
                "delivery plan gateway dev",
                "delivery restart gateway dev",
                "delivery rollback gateway dev",
                "delivery secrets gateway dev",
            ],
        ),
    ],
]
"""Packages, and the commands that load these and no others. Those of one list are run by the same
process, each with what the earlier ones have loaded. Where one would call AWS, no region is set: it
ends when it has loaded all that it began with.
"""
LINES = [line for group in LOADING for _, lines in group for line in lines]


def heavy() -> set[str]:
    """Return the packages that are installed for us, by the names that they are imported by."""
    read = ConfigParser()
    read.read(ROOT / "setup.cfg")
    extras = read["options.extras_require"]
    lines = f"{read['options']['install_requires']}\n{extras['local']}\n{extras['benchmarks']}"
    names = [line.partition("=")[0].rstrip("<>") for line in lines.split()]
    return {MODULES.get(name, name) for name in names}


def run(folder: Path, *lines: str) -> list[tuple[int, set[str]]]:
    """Carry out command lines, one after the other in one process that knows no region; return the
    exit code of each, and the heavy packages that are loaded when it ends.
    """
    told = folder / "told.json"
    given = json.dumps([str(told), [line.split() for line in lines]])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/nonexistent")
    subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-c", PROGRAM, given],
        cwd=folder,
        env={**kept, **files, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    return [(code, heavy() & set(names)) for code, names in json.loads(told.read_text())]


def programs() -> list[str]:
    """Return all that ``python -m`` can be given; tests have programs of their own."""
    found = [path.parent.relative_to(ROOT) for path in ROOT.glob("[a-z]*/**/__main__.py")]
    return ["build", *sorted(".".join(path.parts) for path in found if path.parts[0] != "tests")]


def parser(program: str) -> argparse.ArgumentParser:
    """Return the parser of its command line."""
    known = {"build": build.parser, "delivery": arguments.parser, "localaws": cli.parser}
    made: argparse.ArgumentParser = (
        known[program]() if program in known else import_module(f"{program}.__main__").parser()
    )
    return made


def commands(program: str) -> dict[str, argparse.ArgumentParser]:
    """Return the commands of a program by their words, or the program, which is the only one."""
    whole = parser(program)
    nested = [one for one in whole._actions if isinstance(one, argparse._SubParsersAction)]
    found = {f"{program} {name}": one for each in nested for name, one in each.choices.items()}
    return found or {program: whole}


def options(program: str) -> Iterator[str]:
    """Yield the options of a program that has no commands."""
    for action in parser(program)._actions:
        if action.option_strings and action.dest != "help":
            yield action.option_strings[-1]


EVERY = {name: one for program in programs() for name, one in commands(program).items()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one system. Lint is done by a process of its own; here it is remembered
    from other tests, or not.
    """
    for folder in ("systems", "parameters"):
        (tmp_path / folder).mkdir()
        for path in (ROOT / folder).glob("gateway*"):
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    (ROOT / ".cache" / "lint").mkdir(parents=True, exist_ok=True)
    (tmp_path / "benchmarks.md").write_text("<!-- measured -->\n<!-- end -->\n")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "lint").symlink_to(ROOT / ".cache" / "lint")
    return tmp_path


@pytest.mark.parametrize("group", LOADING)
def test_commands_load_what_they_need_and_no_more(
    project: Path, group: list[tuple[set[str], list[str]]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        places = {
            "project": project,
            "there": project / "there",
            "systems": ROOT / "systems",
            "taken": taken.getsockname()[1],
        }
        wanted = {line.format(**places): loaded for loaded, lines in group for line in lines}
        done = run(project, *wanted)
    assert {line: found for line, (_, found) in zip(wanted, done, strict=True)} == wanted


def test_a_build_loads_nothing_where_nothing_has_changed(project: Path) -> None:
    line = f"build --project {project}"
    assert run(project, line) == [(0, MODEL | TEMPLATES)]
    assert run(project, line) == [(0, set())]


def test_help_and_misspelt_options_load_nothing(tmp_path: Path) -> None:
    lines = [f"{name} {word}" for name in EVERY for word in ("--help", "--misspelt")]
    lines += [f"{program} misspelt" for program in programs()]
    for line, (code, found) in zip(lines, run(tmp_path, *lines), strict=True):
        assert (line, code, found) == (line, 0 if line.endswith("--help") else 2, set())


def test_every_command_is_in_the_table() -> None:
    for name in EVERY:
        assert any(f"{line} ".startswith(f"{name} ") for line in LINES), name
    for program in EVERY.keys() & set(programs()):
        given = {word for line in LINES if line.startswith(program) for word in line.split()}
        assert given >= set(options(program)), program


def test_all_that_is_installed_is_looked_for() -> None:
    assert heavy() > AWS | MODEL | RICH | TEMPLATES
    assert {"cfnlint", "matplotlib", "ministack"} <= heavy()
