"""``python -m checks.permissions``: print who may do what, and what it takes to deploy a system."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.permissions.deployment.attached import ATTACHED, TooManyPoliciesError, attached

# What takes long to import is imported where it is needed: not for help, nor for a misspelt word.

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 where policies are not understood, 2 for bad input."""
    given = parser().parse_args(arguments)
    from checks.build import UnknownSystemError
    from checks.permissions.policies import CannotFollowError
    from checks.resolved import ResolutionError
    from description.mistakes import DescriptionError

    try:
        lines = list(given.run(given))
    except (UnknownSystemError, DescriptionError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (CannotFollowError, ResolutionError) as error:
        sys.stderr.write(f"{error}. python build.py says where.\n")
        return 1
    except TooManyPoliciesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def commands(given: argparse.Namespace) -> Iterator[str]:
    """Yield what each command of ``./deploy.sh`` needs."""
    from checks.permissions.deployment import reference

    del given
    yield from reference.lines()


def deployment_policy(given: argparse.Namespace) -> Iterator[str]:
    """Yield the template with the rights that it takes to deploy the system that is named. Says on
    stderr how a large one is deployed.
    """
    from checks.build import Project, describe, render
    from checks.permissions.deployment.stack import BODY, is_small, template, text

    name, project = given.system, Project(ROOT)
    described = describe(project, [name])
    made = text(template(described[0], render(project, [name]), given.attached))
    if not is_small(made):
        sys.stderr.write(
            f"The template has {len(made) + 1:,} bytes: CloudFormation takes {BODY:,} without a "
            "bucket. Give aws cloudformation deploy --s3-bucket, too (docs/rights.md).\n"
        )
    yield made


def roles(given: argparse.Namespace) -> Iterator[str]:
    """Yield who may do what in the system that is named, with sample parameters, in each of its
    profiles.
    """
    from checks.build import Project, describe, render
    from checks.permissions.table import table
    from checks.resolved import resolve, samples

    name, project = given.system, Project(ROOT)
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
    subparsers = made.add_subparsers(required=True)
    for name, run, about in (
        ("table", roles, "print who may do what on which resource"),
        (
            "deployment-policy",
            deployment_policy,
            "print a template with the rights that it takes to deploy a system",
        ),
    ):
        command = subparsers.add_parser(
            name, help=about, epilog=f"example: python -m checks.permissions {name} gateway"
        )
        command.add_argument("system", metavar="SYSTEM", help="name of a file in systems/")
        command.set_defaults(run=run)
        if run is deployment_policy:
            command.add_argument(
                "--attached",
                type=attached,
                default=ATTACHED,
                metavar="N",
                help="managed policies that the account lets a role or user have "
                "(default: %(default)s)",
            )
    needs = subparsers.add_parser("commands", help="print what each command of ./deploy.sh needs")
    needs.set_defaults(run=commands)
    return made


if __name__ == "__main__":
    sys.exit(main())
