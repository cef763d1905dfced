"""cloudformation-validate, AWS's linter that aws-cdk-lib has built in."""

import json
from collections.abc import Iterator

from scanners.findings import Finding
from scanners.scanner import INSIDE, Installed, Scanner, pypi_version
from scanners.subjects import Subjects

NAME = "cloudformation-validate"


def command(installed: Installed, _: Subjects) -> list[str]:
    """Return how it is called."""
    return [installed.program("python"), str(INSIDE / "validate.py")]


def stdin(subjects: Subjects) -> str:
    """Return what it is to read: every template."""
    return json.dumps({one.name: str(subjects.path(one)) for one in subjects.templates})


def parse(output: str, subjects: Subjects) -> Iterator[Finding]:
    """Yield what it found. What is no resource is named with its section: ``Parameters/VpcId``."""
    for name, rule, section, logical_id, message in json.loads(output):
        template = subjects.named(name)
        address = template.address(logical_id if section in {"", "Resources"} else "")
        if section not in {"", "Resources"}:
            address = f"{address}/{section}/{logical_id}".lstrip("/")
        yield template.finding(NAME, rule, address, message)


SCANNER = Scanner(
    name=NAME,
    version=pypi_version(NAME),
    command=command,
    parse=parse,
    canary=frozenset({"W3030"}),
    stdin=stdin,
)
