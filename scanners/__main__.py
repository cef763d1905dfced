"""Let scanners that others made judge the templates: ./scan.sh.

./scan.sh                      every system, every scanner
./scan.sh --system gateway     one system
./scan.sh --json               everything found, with the reason of what is accepted
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.build import Project, UnknownSystemError
from checks.resolved import ResolutionError
from description.mistakes import DescriptionError
from scanners import (
    cdk_nag,
    cfn_guard,
    checkov,
    cloudformation_validate,
    parliament,
    report,
)
from scanners.findings import Finding, ScanError
from scanners.scanner import Installed, Scanner
from scanners.subjects import gather

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = Installed(ROOT / ".venv-scanners")
SCANNERS = {
    one.name: one  # the slowest first, as they run side by side
    for one in (
        checkov.SCANNER,
        cfn_guard.SCANNER,
        cdk_nag.SCANNER,
        cloudformation_validate.SCANNER,
        parliament.SCANNER,
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 for a finding or a failure, 2 for bad input."""
    options = parser().parse_args(arguments)
    from scanners import acceptance

    chosen = [SCANNERS[name] for name in options.scanner or SCANNERS]
    try:
        rows = acceptance.read()
        with TemporaryDirectory(prefix="scan-") as folder:
            found = scan(Project(options.project), options.system, chosen, Path(folder))
    except (acceptance.AcceptanceError, UnknownSystemError, DescriptionError) as error:
        return failed(error, 2)
    except (ResolutionError, ScanError) as error:
        return failed(error, 1)
    versions = {one.name: one.version(INSTALLED) for one in chosen}
    verdict = acceptance.judge(found, (row for row in rows if row.scanner in versions))
    if options.system:  # nothing was seen of the others
        verdict = replace(verdict, stale=())
    if options.json:
        sys.stdout.write(json.dumps(report.as_json(versions, verdict), indent=1) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in report.lines(versions, verdict))
    return 1 if verdict.left or verdict.stale else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="./scan.sh",
        description="Let scanners that others made judge the templates of systems/*.yaml.",
        epilog="Exit: 0 nothing but what scanners/accepted.yaml explains; 1 something else was "
        "found, a row of that list covers nothing any more, or a scanner failed; 2 a description, "
        "an option or the list is bad; 130 interrupted.",
    )
    made.add_argument(
        "--system", action="append", default=[], metavar="NAME", help="scan this one; repeatable"
    )
    made.add_argument(
        "--scanner",
        action="append",
        default=[],
        choices=SCANNERS,
        metavar="NAME",
        help=f"use this one; repeatable: {', '.join(SCANNERS)}",
    )
    made.add_argument("--json", action="store_true", help="print all findings, as JSON")
    made.add_argument("--project", type=Path, default=ROOT, metavar="DIR", help=argparse.SUPPRESS)
    return made


def scan(
    project: Project, names: Sequence[str], scanners: Sequence[Scanner], folder: Path
) -> list[Finding]:
    """Return what ``scanners`` find in the systems called ``names``; they write to ``folder``."""
    if not INSTALLED.is_complete:
        raise ScanError("The scanners are not installed. ./scan.sh installs and runs them.")
    subjects = gather(project, names, folder / "templates")
    subjects.write()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [
            pool.submit(one.scan, subjects, INSTALLED, folder / "homes" / one.name)
            for one in scanners
        ]
        return [finding for one in running for finding in one.result()]


def failed(error: Exception | str, code: int) -> int:
    """Say what went wrong and return ``code``."""
    sys.stderr.write(f"{error}\n")
    return code


if __name__ == "__main__":
    from delivery.launch import launch

    sys.exit(launch(main))
