"""The straightforward partition of the same resources: the one to beat.

Network, security, registry and services, each holding its resources as most libraries' templates
do, and waiting for those that it refers to: as CloudFormation does by itself.
"""

from collections.abc import Mapping
from typing import Final

from timeline.regroup import regroup
from timeline.steps import Step

ORDER: Final = ("Network", "Security", "Registry", "Services")
"""No stack refers to one after it."""

_STACKS: Final = {
    "AWS::EC2::": "Network",
    "AWS::ECR::": "Registry",
    "AWS::KMS::": "Security",
    "AWS::S3::": "Network",
    "AWS::SecretsManager::": "Security",
    "AWS::SNS::": "Network",
}
"""Beginnings of types to their stack; all others are in the services'."""


def plain(steps: Mapping[str, Step]) -> Step:
    """Return ``steps``, all in one stack so far, in the four stacks."""
    home: dict[str, str] = {}
    for address in steps:
        _place(address, steps, home)
    return regroup(steps, home)


def _place(address: str, steps: Mapping[str, Step], home: dict[str, str]) -> str:
    """Return the stack of a step: the one of its type, or the last one of what it needs."""
    if address not in home:
        step = steps[address]
        own = next((_STACKS[start] for start in _STACKS if step.type.startswith(start)), ORDER[-1])
        needed = (_place(one, steps, home) for one in step.before)
        home[address] = max([own, *needed], key=ORDER.index)
    return home[address]
