"""``python -m checks.permissions``: print who may do what, and what it takes to deploy a system."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.build import Project, UnknownSystemError, describe, render
from checks.permissions.deployment import template
from checks.permissions.policies import CannotFollowError
from checks.permissions.table import table
from checks.resolved import ResolutionError, resolve, samples
from description.mistakes import DescriptionError

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 where policies are not understood, 2 for bad input."""
    given = parser().parse_args(arguments)
    commands = {"deployment-policy": deployment_policy, "table": roles}
    try:
        lines = list(commands[given.command](given.system))
    except (UnknownSystemError, DescriptionError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (CannotFollowError, ResolutionError) as error:
        sys.stderr.write(f"{error}. python build.py says where.\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def deployment_policy(name: str) -> Iterator[str]:
    """Yield the template with the rights that it takes to deploy the system called ``name``."""
    project = Project(ROOT)
    described = describe(project, [name])
    yield json.dumps(template(described[0], render(project, [name])), indent=1)


def roles(name: str) -> Iterator[str]:
    """Yield who may do what in the system called ``name``, with sample parameters, in each of its
    profiles.
    """
    project = Project(ROOT)
    both = zip(describe(project, [name]), render(project, [name]), strict=True)
    for index, (described, rendering) in enumerate(both):
        if index:
            yield ""
        yield f"{name} ({described.profile})"
        yield ""
        yield from table(resolve(rendering, samples(rendering)), described)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m checks.permissions", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    for name, about in (
        ("table", "print who may do what on which resource"),
        ("deployment-policy", "print a template with the rights that it takes to deploy a system"),
    ):
        command = commands.add_parser(
            name, help=about, epilog=f"example: python -m checks.permissions {name} gateway"
        )
        command.add_argument("system", metavar="SYSTEM", help="name of a file in systems/")
    return made


if __name__ == "__main__":
    sys.exit(main())
