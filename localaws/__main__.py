"""`python -m localaws`; see `localaws.cli`."""

import sys


def main() -> int:
    """Run the command line and return its exit status: 130 if Ctrl-C came before it began."""
    try:
        from localaws import cli

        return cli.main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
