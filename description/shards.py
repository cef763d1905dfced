"""Shards: which stack holds what a system has too many of for one stack.

A stack has at most 200 outputs (CloudFormation User Guide, "Understand CloudFormation quotas").
Each secret is one, each service two: its roles. So a service or a secret says in which shard it is,
by a number from 1 on. That is 1 unless it says so: a small system need not know of shards.

Nothing but its own entry decides where one is, so that nothing moves because of what is written,
removed or sorted beside it.
"""

from collections.abc import Mapping
from typing import Final

SERVICES: Final = 85
"""Services in a shard. The stack of their roles has two outputs for each."""

SECRETS: Final = 170
"""Secrets in a shard. Their stack has some outputs more.

Both leave room for more: a stack has 200 outputs, and cfn-lint warns of the last tenth."""

MOST: Final = 30
"""The highest number of a shard. Each is up to three stacks in the parent, which has room for them
all beside 300 services."""


def shards(numbers: Mapping[str, int]) -> dict[int, list[str]]:
    """Return the names in each shard, in order, given the number of each name's shard."""
    found: dict[int, list[str]] = {}
    for name, number in numbers.items():
        found.setdefault(number, []).append(name)
    return {number: found[number] for number in sorted(found)}
