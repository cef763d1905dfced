"""Shards: which stack holds what a system has too many of for one stack.

A stack has at most 200 outputs (CloudFormation User Guide, "Understand CloudFormation quotas"), and
each security group and each secret is one. They are numbered from 1; a system of up to
``SHARD_SIZE`` services and secrets has one shard of each, and need not know of them.

What has a number of its own in the description is in that shard. All else fills the shards in the
description's order, so that one more at the end moves no other. (No rule that sees names only could
do both, keep a small system whole and never move anything: it cannot know which one came last.)
"""

from collections.abc import Mapping
from typing import Final

SHARD_SIZE: Final = 170
"""Security groups or secrets in a stack. It has some outputs more, and room for others to come:
cfn-lint warns of the last tenth."""


def shards(pinned: Mapping[str, int | None]) -> dict[int, list[str]]:
    """Return the names in each shard, given each name's own number or ``None``, in the order of the
    description. A shard has ``SHARD_SIZE`` names at most, unless more are pinned to it.
    """
    found: dict[int, list[str]] = {}
    for name, number in pinned.items():
        if number is not None:
            found.setdefault(number, []).append(name)
    number = 1
    for name, own in pinned.items():
        if own is None:
            while len(found.setdefault(number, [])) >= SHARD_SIZE:
                number += 1
            found[number].append(name)
    return {number: found[number] for number in sorted(found)}
