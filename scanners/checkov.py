"""checkov, by Prisma Cloud: keys, secrets, security groups, listeners, buckets."""

import json
from collections.abc import Iterator

from scanners.findings import Finding
from scanners.scanner import Installed, Scanner, pypi_version
from scanners.subjects import Subjects

NAME = "checkov"


def command(installed: Installed, subjects: Subjects) -> list[str]:
    """Return how it is called: it reads every template of the folder."""
    options = ["--framework", "cloudformation", "--output", "json"]
    quiet = ["--compact", "--quiet", "--skip-download", "--soft-fail"]
    return [
        installed.program("python"),
        installed.program("checkov"),
        "--directory",
        str(subjects.folder),
        *options,
        *quiet,
    ]


def parse(output: str, subjects: Subjects) -> Iterator[Finding]:
    """Yield what it found."""
    report = json.loads(output)
    if unread := report["summary"]["parsing_errors"]:
        raise ValueError(f"it cannot read {unread} of the templates")
    for check in report["results"]["failed_checks"]:
        template = subjects.named(check["file_path"])
        _, _, logical_id = check["resource"].rpartition(".")
        yield template.finding(
            NAME, check["check_id"], template.address(logical_id), check["check_name"]
        )


SCANNER = Scanner(
    name=NAME,
    version=pypi_version("checkov"),
    command=command,
    parse=parse,
    canary=frozenset({"CKV_AWS_158"}),
)
