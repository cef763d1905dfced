"""Names that must differ once templates are made of them."""

from collections.abc import Iterable, Iterator

from description import digests
from description.mistakes import Finding
from description.model import System
from description.names import (
    PARAMETERS_OF_ALL_SERVICES,
    RESOURCES_OF_ALL_SERVICES,
    pascal,
)

OWN_TAGS = ("Environment", "Name")
"""Tags with a value of their own in each environment or on each resource."""

MAX_TAGS = 40
"""AWS allows 50 tags; ours, the environment's and CloudFormation's are among them."""


def logical_ids_differ(system: System) -> Iterator[Finding]:
    """Find services, and secrets, that become the same logical id."""
    yield from _same_ids("services", system.services)
    yield from _same_ids("secrets", system.secrets)


def logical_ids_are_free(system: System) -> Iterator[Finding]:
    """Find services that become a logical id which something else beside them has."""
    taken = dict.fromkeys(RESOURCES_OF_ALL_SERVICES, "a resource of all services")
    taken |= dict.fromkeys(PARAMETERS_OF_ALL_SERVICES, "a parameter of all services")
    for parameter, pinned in digests.parameters(system.services).items():
        taken[parameter] = f"the parameter for the image of {pinned[0]}"
    for name in system.services:
        taken[f"{pascal(name)}SecurityGroup"] = f"the security group of {name}"
    for name in system.secrets:
        taken[f"{pascal(name)}SecretArn"] = f"the parameter for the secret {name}"
    for name in system.services:
        if pascal(name) in taken:
            yield Finding(
                where=("services", name),
                problem=f"becomes the logical id {pascal(name)}, that of {taken[pascal(name)]}",
                found=name,
                allowed="another name",
                reads=(),
            )


def tags_leave_room(system: System) -> Iterator[Finding]:
    """Find tags that are too many, or that AWS or the environment gives."""
    if len(system.tags) > MAX_TAGS:
        yield Finding(
            where=("tags",),
            problem="are too many",
            found=len(system.tags),
            allowed=f"{MAX_TAGS} or less",
        )
    for key in system.tags:
        if key.lower().startswith("aws:"):
            yield Finding(
                where=("tags", key),
                problem="begins with aws:, which AWS keeps for itself",
                found=key,
            )
        if key in OWN_TAGS:
            yield Finding(
                where=("tags", key),
                problem="is not for a description to say",
                found=key,
                allowed="other tags: parameter files say Environment, each resource its Name",
            )


def _same_ids(section: str, names: Iterable[str]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(pascal(name), name)
        if other != name:
            yield Finding(
                where=(section, name),
                problem=f"becomes the logical id {pascal(name)}, as {other} does",
                found=name,
                allowed="names that differ by more than hyphens",
                reads=(),
            )


RULES = (logical_ids_differ, logical_ids_are_free, tags_leave_room)
