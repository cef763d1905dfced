"""Run ``python -m delivery``; ``./deploy.sh`` does."""

import sys

from delivery.launch import launch


def main() -> int:
    """Run the command line; return its exit code."""
    from delivery import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(launch(main))
