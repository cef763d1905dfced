"""``python -m description``: check descriptions, print their schema, reference and costs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# What reads descriptions takes long to import, and is imported where it is needed.
from description.files import descriptions
from description.mistakes import DescriptionError, Mistake
from description.profiles import Profile

SYSTEMS = Path("systems")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 2 mistakes in a description."""
    given = parser().parse_args(arguments)
    if given.command == "schema":
        from description.schema import schema_json

        sys.stdout.write(schema_json())
        return 0
    if given.command == "reference":
        from description.reference import reference

        sys.stdout.write(reference())
        return 0
    if given.command == "cost":
        return cost(given.file, Profile(given.profile), given.json)
    return check(given.files or descriptions(SYSTEMS))


def check(files: Sequence[Path]) -> int:
    """Print the mistakes in ``files`` to stderr and return the exit code."""
    from description.load import load_profiles

    mistakes: list[Mistake] = []
    for file in files:
        try:
            load_profiles(file)
        except DescriptionError as error:
            mistakes += error.mistakes
    for mistake in mistakes:
        print(mistake, file=sys.stderr)  # noqa: T201 - a command line's output
    if not files:
        print(f"Nothing to check: no *.yaml file is in {SYSTEMS}/.", file=sys.stderr)  # noqa: T201
    elif not mistakes:
        print(f"{len(files)} checked, no mistakes.", file=sys.stderr)  # noqa: T201
    return 2 if mistakes or not files else 0


def cost(file: Path, profile: Profile, as_json: bool) -> int:
    """Print what the system in ``file`` costs in a month and return the exit code."""
    from description import cost
    from description.load import load

    try:
        system = load(file, profile)
    except DescriptionError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    one = cost.estimate(system, cost.prices())
    sys.stdout.write(cost.as_json(one) if as_json else cost.as_text(one))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m description", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    checking = commands.add_parser(
        "check",
        help="find every mistake in descriptions",
        epilog="example: python -m description check systems/gateway.yaml",
    )
    checking.add_argument("files", nargs="*", type=Path, help="default: all in systems/")
    commands.add_parser(
        "schema",
        help="print the JSON Schema for editors",
        epilog="example: python -m description schema > systems/system.schema.json",
    )
    commands.add_parser(
        "reference",
        help="print the reference of all fields, in Markdown",
        epilog="example: python -m description reference > docs/description.md",
    )
    costing = commands.add_parser(
        "cost",
        help="print what a system costs in a month at its smallest",
        epilog="example: python -m description cost systems/gateway.yaml",
    )
    costing.add_argument("file", type=Path, help="a description")
    costing.add_argument(
        "--profile",
        choices=[one.value for one in Profile],
        default=Profile.PRODUCTION.value,
        help="the profile of the environment (default: %(default)s)",
    )
    costing.add_argument("--json", action="store_true", help="print JSON for programs")
    return made


if __name__ == "__main__":
    sys.exit(main())
