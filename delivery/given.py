"""What the command line gives, as the steps of a deployment take it."""

import argparse
import os
import shlex
from typing import TYPE_CHECKING

from delivery import arguments, stacks, tags
from delivery.aws import Aws
from delivery.errors import DeliveryError
from delivery.parameters import assignments, public
from delivery.publish import default_bucket
from delivery.stacks import Stack, stack_name

# What builds is imported where it is needed: most commands are about what is deployed.
if TYPE_CHECKING:
    from rich.console import Console

    from delivery.deployment import Order, Place
    from description.model import System


def begin(given: argparse.Namespace, console: "Console") -> "tuple[Place, Order]":
    """Find out everything that can be wrong on this machine, then who we are in AWS."""
    from delivery import sources
    from delivery.deployment import Place

    system = sources.describe(given.system, given.environment)
    aws = connect(given)
    ordered = order(given, system, aws)
    bucket = given.bucket or default_bucket(aws)
    return Place(aws, bucket, given.prefix, console, given.bucket_owner), ordered


def order(given: argparse.Namespace, system: "System", aws: Aws | None = None) -> "Order":
    """Return what is ordered: built, checked, with its parameters; tags of images are looked up in
    ``aws``, and are a mistake without it.
    """
    from delivery import sources

    wishes = sources.Wishes(
        parameter_file=given.parameters,
        parameters=public("--parameter", given.parameter),
        images=assignments("--image", given.image),
        tags=public("--tag", given.tag),
        keep_tags=given.keep_tags,
        tags_in=aws,
        allowed=tuple(getattr(given, "allow", ())),
        role_arn=getattr(given, "role_arn", ""),
    )
    return sources.order(system, given.environment, wishes, tags.from_environment(os.environ))


def connect(given: argparse.Namespace) -> Aws:
    """Return the account and region that the command is about."""
    return Aws.connect(given.region, given.profile, given.endpoint_url)


def deployed(given: argparse.Namespace) -> tuple[Aws, Stack]:
    """Return the stack that the command is about, and where it is.

    Raises ``InputError`` for an unknown system, ``DeliveryError`` where nothing is deployed.
    """
    aws = connect(given)
    name = stack_name(given.system, given.environment)
    stack = stacks.read(aws, name)
    if stack is None or not stack.deployed:
        from delivery import sources

        sources.description_of(given.system)
        raise DeliveryError(
            f"There is no stack {name} in {aws.region}. Make it with: {command(given, 'deploy')}"
        )
    return aws, stack


def command(given: argparse.Namespace, name: str, *more: str) -> str:
    """Return the command line again as another command, without what only this one takes, and
    without the change set that it has carried out.
    """
    words = [word for word in given.words[1:] if word != "--yes"]
    for option in ("--markdown", "--change-set"):
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
        words = [word for word in words if not word.startswith(f"{option}=")]
    return shlex.join([arguments.LAUNCHER, name, *words, *more])
