"""Run ``python -m delivery``; ``./deploy.sh`` does."""

import sys

from delivery.launch import launch


def main() -> int:
    """Run the command line; return its exit code.

    What is asked for is read first with nothing but argparse: help and misspelt commands do not
    wait for boto3.
    """
    from delivery import arguments

    arguments.parser(dict.fromkeys(arguments.COMMANDS, _nothing)).parse_args()
    from delivery.cli import main

    return main()


def _nothing(*_: object) -> int:
    return 0


if __name__ == "__main__":
    sys.exit(launch(main))
