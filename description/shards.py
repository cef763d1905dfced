"""Shards: which stack holds what a system has too many of for one stack.

A stack has at most 200 outputs (CloudFormation User Guide, "Understand CloudFormation quotas").
Each secret is one, each service two: its roles. Shards are numbered from 1; a system of up to
``SERVICES`` services and ``SECRETS`` secrets has one of each, and need not know of them.

What has a number of its own in the description is in that shard. All else fills the shards in the
description's order, so that one more at the end moves no other. (No rule that sees names only could
do both, keep a small system whole and never move anything: it cannot know which one came last.)
"""

from collections.abc import Mapping
from typing import Final

SERVICES: Final = 85
"""Services in a shard. The stack of their roles has two outputs for each."""

SECRETS: Final = 170
"""Secrets in a shard. Their stack has some outputs more.

Both leave room for more: a stack has 200 outputs, and cfn-lint warns of the last tenth."""


def shards(pinned: Mapping[str, int | None], size: int) -> dict[int, list[str]]:
    """Return the names in each shard, given each name's own number or ``None``, in the order of the
    description. A shard has ``size`` names at most, unless more are pinned to it.
    """
    found: dict[int, list[str]] = {}
    for name, number in pinned.items():
        if number is not None:
            found.setdefault(number, []).append(name)
    number = 1
    for name, own in pinned.items():
        if own is None:
            while len(found.setdefault(number, [])) >= size:
                number += 1
            found[number].append(name)
    return {number: found[number] for number in sorted(found)}
