"""``python -m checks``: print the tables of ``docs/checks.md``."""

import sys

from checks import reference


def main() -> None:
    """Print each table."""
    for table in reference.TABLES:
        sys.stdout.writelines(f"{line}\n" for line in (*table(), ""))


if __name__ == "__main__":
    main()
