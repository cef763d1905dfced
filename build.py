"""Build every system: render its description, check what comes out, and publish it if asked to.

python build.py                                    build and check all systems
python build.py --system gateway --upload BUCKET   and send the templates to S3
python build.py --full                             with no shortcut: what CI runs
python build.py --reachability                     and show who can reach whom
python build.py --evidence                         and write what an auditor asks for
python build.py --timeline                         and show how long deployments will take
"""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from checks.verdict import PACKAGED, Said, Verdict
from delivery.launch import launch
from delivery.options import add_connection, add_publishing

# What takes long to import is imported where it is needed: mostly, nothing has changed.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from checks.build import Build

ROOT = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 for a finding or a failure, 2 for bad input."""
    options = parser().parse_args(arguments)
    out = options.out or options.project / "out"
    if options.upload or options.reachability or options.evidence or options.timeline:
        # What is asked for is data, and the report is progress.
        built = build(options, out)
        return built if isinstance(built, int) else answer(built, options)
    verdict = Verdict(options.project, out, [*options.system, *["--full"] * options.full])
    said = verdict.recall()
    if said is None:
        built = build(options, out, changed=True)
        if isinstance(built, int):
            return built
        said = Said(1 if built.findings else 0, report(built))
        verdict.remember(said, [system.folder for system in built.systems])
    sys.stdout.write(said.report)
    return said.code


def build(options: argparse.Namespace, out: Path, *, changed: bool = False) -> "Build | int":
    """Return what was built to ``out``; the exit code where nothing was. ``changed`` says that
    something has changed since the last build.
    """
    from checks import build as checked
    from checks.linting.linter import LintError
    from description.mistakes import DescriptionError

    try:
        return checked.build(
            checked.Project(options.project),
            options.system,
            out,
            full=options.full,
            changed=changed,
        )
    except (checked.UnknownSystemError, DescriptionError) as error:
        return failed(error, 2)
    except LintError as error:
        return failed(error, 1)
    except OSError as error:
        message = (
            f"Cannot write {error.filename}: {error.strerror}. Give another folder with --out."
        )
        return failed(message, 2)


def report(built: "Build") -> str:
    """Return what is said of a build."""
    from checks.report import lines

    return "".join(f"{line}\n" for line in lines(built))


def answer(built: "Build", options: argparse.Namespace) -> int:
    """Report on a build, then give what else was asked for; return the exit code."""
    sys.stderr.write(report(built))
    if options.reachability:
        from checks.reachability import matrix

        sys.stdout.writelines(f"{line}\n" for line in matrix(built.reaches))
    if options.timeline:
        show_timelines(built)
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
        "--full",
        action="store_true",
        help="let cfn-lint read every template, as CI does, also those that are like others but "
        "for names",
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
        "--timeline",
        action="store_true",
        help="print how long deployments will take and what they wait for, and draw the first one: "
        "DIR/SYSTEM/PROFILE/timeline.svg",
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


def write_evidence(built: "Build") -> bool:
    """Write the evidence about each environment, and print the names of the pages.

    Returns whether every control of a production environment holds.
    """
    from checks.evidence import as_html, as_json, packs
    from checks.memory import replace

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


def show_timelines(built: "Build") -> None:
    """Print how long deployments of each system take, for one environment of each profile, and draw
    the first deployment.
    """
    from checks.build import is_for
    from checks.memory import replace
    from checks.resolved import ResolutionError, samples
    from timeline.picture import picture
    from timeline.scenarios import estimate
    from timeline.text import lines

    for system, description in zip(built.systems, built.described, strict=True):
        files = (file for file in built.parameter_files if is_for(file, description))
        given = {file.environment: file.parameters for file in files} or {"sample": samples(system)}
        environment, parameters = next(iter(given.items()))
        try:
            found = estimate(system, environment, parameters)
            sys.stdout.writelines([f"{line}\n" for line in lines(found)])
            replace(built.out / system.folder / "timeline.svg", picture(found).encode())
        except ResolutionError as error:
            sys.stderr.write(f"{system.folder} has no timeline: {error}\n")


def upload(built: "Build", options: argparse.Namespace) -> int:
    """Publish what was built and print each parent's URL."""
    from checks.memory import replace
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
    # What a build makes lives as long as it does: looking for garbage would cost a quarter more.
    gc.disable()
    sys.exit(launch(main))
