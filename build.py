"""Build every system: render its description, check what comes out, and publish it if asked to.

python build.py                                    build and check all systems
python build.py --system gateway --upload BUCKET   and send the templates to S3
python build.py --reachability                     and show who can reach whom
python build.py --evidence                         and write what an auditor asks for
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from checks.build import PACKAGED, Build, Project, UnknownSystemError, build, replace
from checks.lint import LintError
from checks.report import lines
from delivery.launch import launch
from delivery.options import add_connection, add_publishing
from description.mistakes import DescriptionError

ROOT = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 for a finding or a failure, 2 for bad input."""
    options = parser().parse_args(arguments)
    try:
        built = build(Project(options.project), options.system, options.out)
    except (UnknownSystemError, DescriptionError) as error:
        return failed(error, 2)
    except LintError as error:
        return failed(error, 1)
    except OSError as error:
        message = (
            f"Cannot write {error.filename}: {error.strerror}. Give another folder with --out."
        )
        return failed(message, 2)
    # URLs, the matrix and the names of evidence files are data, and then the report is progress.
    asked = options.upload or options.reachability or options.evidence
    report = sys.stderr if asked else sys.stdout
    report.writelines(f"{line}\n" for line in lines(built))
    if options.reachability:
        from checks.reachability import matrix

        sys.stdout.writelines(f"{line}\n" for line in matrix(built.reaches))
    holds = write_evidence(built) if options.evidence else True
    if built.findings or not holds:
        return 1
    return upload(built, options) if options.upload else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="build.py",
        description="Render, check and publish the systems that systems/*.yaml describe.",
        epilog="Exit: 0 right; 1 something was found or failed; 2 a description or option is bad; "
        "130 interrupted.",
    )
    made.add_argument(
        "--system", action="append", default=[], metavar="NAME", help="build this one; repeatable"
    )
    made.add_argument(
        "--reachability", action="store_true", help="print who can reach whom on which port"
    )
    made.add_argument(
        "--evidence",
        action="store_true",
        help="write the evidence for an audit to DIR/evidence/; a production control that does not "
        "hold is exit code 1",
    )
    made.add_argument(
        "--out", type=Path, metavar="DIR", help="write to DIR/SYSTEM/PROFILE/ (default: out)"
    )
    made.add_argument("--project", type=Path, default=ROOT, metavar="DIR", help=argparse.SUPPRESS)
    publishing = made.add_argument_group("templates in S3")
    publishing.add_argument("--upload", metavar="BUCKET", help="send the templates to this bucket")
    add_publishing(publishing)
    add_connection(made)
    return made


def write_evidence(built: Build) -> bool:
    """Write the evidence about each environment, and print the names of the pages.

    Returns whether every control of a production environment holds.
    """
    from checks.evidence import as_html, as_json, packs

    folder = built.out / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    every = True
    for one in packs(built):
        replace(folder / f"{one.name}.json", as_json(one).encode())
        replace(folder / f"{one.name}.html", as_html(one).encode())
        sys.stdout.write(f"{folder / one.name}.html\n")
        if one.profile == "production":
            for shown in one.open:
                control = f"{shown.control.requirement}: {shown.control.control}"
                sys.stderr.write(f"{one.name} does not show {control}\n")
            every = every and not one.open
    return every


def upload(built: Build, options: argparse.Namespace) -> int:
    """Publish what was built and print each parent's URL."""
    from delivery.aws import Aws
    from delivery.errors import DeliveryError
    from delivery.publish import publish

    try:
        aws = Aws.connect(options.region, options.profile, options.endpoint_url)
        for system in built.systems:
            published = publish(
                system.files,
                aws=aws,
                bucket=options.upload,
                folder=system.folder,
                prefix=options.prefix,
                bucket_owner=options.bucket_owner,
            )
            replace(built.out / system.folder / PACKAGED, published.parent.body)
            sys.stdout.write(f"{published.parent_url}\n")
    except DeliveryError as error:
        return failed(error, error.exit_code)
    return 0


def failed(error: Exception | str, code: int) -> int:
    """Say what went wrong and return ``code``."""
    sys.stderr.write(f"{error}\n")
    return code


if __name__ == "__main__":
    sys.exit(launch(main))
