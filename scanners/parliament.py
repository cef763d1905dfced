"""parliament, by Duo Labs: the actions, resources and conditions of policies.

It reads policies as AWS will have them, without any function: those of the merged templates.
"""

import json
from collections.abc import Iterator

from scanners.findings import Finding
from scanners.scanner import INSIDE, Installed, Scanner, pypi_version
from scanners.subjects import Subjects

NAME = "parliament"


def command(installed: Installed, _: Subjects) -> list[str]:
    """Return how it is called."""
    return [installed.program("python"), str(INSIDE / "judge_policies.py")]


def stdin(subjects: Subjects) -> str:
    """Return what it is to read: every policy."""
    return json.dumps([policy.document for policy in subjects.policies])


def parse(output: str, subjects: Subjects) -> Iterator[Finding]:
    """Yield what it found."""
    for index, rule, message in json.loads(output):
        policy = subjects.policies[index]
        template = policy.template
        yield template.finding(NAME, rule, template.address(policy.logical_id), message)


SCANNER = Scanner(
    name=NAME,
    version=pypi_version(NAME),
    command=command,
    parse=parse,
    canary=frozenset({"UNKNOWN_ACTION"}),
    stdin=stdin,
)
