"""Every command of ours that a page shows is one that we have."""

import argparse
import re
import shlex
from collections.abc import Callable, Iterator, Sequence

import pytest

import benchmarks.__main__
import build
import checks.permissions.__main__
import delivery.arguments
import description.__main__
import localaws.cli
import scanners.__main__
import tests.faults.__main__
import tests.mutation.__main__
from tests.systems_under_test import ROOT, rendered

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?:bash|console)$(.*?)^```$", re.MULTILINE | re.DOTALL)
OURS = re.compile(r"^(?:\$ )?(\./\w+\.sh|(?:\.venv/bin/)?python) ")
SUBCOMMANDS = delivery.arguments.COMMANDS


PARSERS: dict[str, Callable[[Sequence[str]], object]] = {
    "./deploy.sh": delivery.arguments.parser().parse_args,
    "./deploy.sh local": lambda words: localaws.cli.parser().parse_args(["deploy", *words]),
    "./scan.sh": scanners.__main__.parser().parse_args,
    "./test.sh": lambda words: words,
    "python -m benchmarks": benchmarks.__main__.parser().parse_args,
    "python build.py": build.parser().parse_args,
    "python -m checks": lambda words: words,
    "python -m checks.permissions": checks.permissions.__main__.parser().parse_args,
    "python -m description": description.__main__.parser().parse_args,
    "python -m localaws": localaws.cli.parser().parse_args,
    "python -m tests.faults": tests.faults.__main__.parser().parse_args,
    "python -m tests.mutation": tests.mutation.__main__.parser().parse_args,
}


def commands() -> Iterator[tuple[str, str]]:
    """Yield the page and text of each command in a block of shell."""
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text()):
            for line in block[1].replace("\\\n", " ").splitlines():
                if OURS.match(line):
                    yield page.name, line.removeprefix("$ ")


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_a_command_on_a_page_is_one_that_we_have(page: str, command: str) -> None:
    text = command.replace(".venv/bin/python", "python").replace("<name>", "gateway")
    text = text.partition(" > ")[0]
    name = max((known for known in PARSERS if f"{text} ".startswith(f"{known} ")), key=len)
    words = shlex.split(text.removeprefix(name), comments=True)

    try:
        PARSERS[name](words)
    except (SystemExit, argparse.ArgumentError):
        pytest.fail(f"{page}: {command}")


def test_pages_show_commands_of_every_kind() -> None:
    shown = {command for _, command in commands()}

    for name in PARSERS:
        assert any(one.replace(".venv/bin/python", "python").startswith(name) for one in shown), (
            name
        )
    for subcommand in SUBCOMMANDS:
        assert any(one.startswith(f"./deploy.sh {subcommand} ") for one in shown), subcommand


def test_the_figures_of_the_sample_on_the_page_are_those_of_the_build() -> None:
    page = (ROOT / "docs" / "build.md").read_text()
    shown = re.findall(r"^(gateway/development)/(\S+) +(\d+) +([\d,]+) +0$", page, re.MULTILINE)

    assert shown
    for system, file, resources, size in shown:
        body = rendered(system).files[file]
        assert (int(resources), int(size.replace(",", ""))) == (
            len(rendered(system).templates[file]["Resources"]),
            len(body),
        ), file
