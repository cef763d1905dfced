"""``python -m checks``: print the tables of ``docs/checks.md`` and ``docs/security.md``."""

import sys

from checks import reference


def main() -> None:
    """Print each table."""
    for table in (*reference.TABLES, reference.over_connections_and_rights):
        sys.stdout.writelines(f"{line}\n" for line in (*table(), ""))


if __name__ == "__main__":
    main()
