"""``python -m checks``: print the tables of ``docs/checks.md`` and ``docs/security.md``."""

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each table."""
    parser().parse_args(arguments)
    from checks import reference

    for table in (*reference.TABLES, reference.over_connections_and_rights):
        sys.stdout.writelines(f"{line}\n" for line in (*table(), ""))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    return argparse.ArgumentParser(prog="python -m checks", description=__doc__)


if __name__ == "__main__":
    main()
