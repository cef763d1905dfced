"""The command-line options that ``build.py`` and ``deploy.sh`` share.

Imports nothing from boto3, so that a build without an upload does not load it.
"""

import argparse

DEFAULT_PREFIX = "templates"


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add ``--region``, ``--profile`` and ``--endpoint-url``."""
    group = parser.add_argument_group(
        "AWS", "Credentials come from the ordinary chain: environment, profile, role."
    )
    group.add_argument("--region", help="region (default: the profile's, or AWS_REGION)")
    group.add_argument("--profile", help="named profile of the AWS configuration files")
    group.add_argument("--endpoint-url", metavar="URL", help="another endpoint, e.g. a local AWS")


def add_publishing(group: argparse._ArgumentGroup) -> None:
    """Add ``--prefix`` and ``--bucket-owner``; what names the bucket differs between commands."""
    group.add_argument(
        "--prefix",
        default=DEFAULT_PREFIX,
        help="keys are PREFIX/SYSTEM/TEMPLATE-HASH.json (default: %(default)s)",
    )
    add_bucket_owner(group)


def add_bucket_owner(group: argparse._ActionsContainer) -> None:
    """Add ``--bucket-owner``."""
    group.add_argument(
        "--bucket-owner",
        metavar="ACCOUNT",
        help="account that must own the bucket (default: the one that signs the calls)",
    )


SKIPPABLE = ("certificate", "images", "names", "quotas", "roles", "secrets", "zones")
"""Checks before a deployment that may be left out: AWS may see it otherwise."""


def add_skipped(parser: argparse.ArgumentParser) -> None:
    """Add ``--skip-check``."""
    parser.add_argument(
        "--skip-check",
        action="append",
        default=[],
        choices=SKIPPABLE,
        metavar="NAME",
        help=f"leave a check out; may be repeated: {', '.join(SKIPPABLE)}",
    )
