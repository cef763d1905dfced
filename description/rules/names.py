"""Names that must differ once templates are made of them."""

from collections.abc import Iterable, Iterator

from description.mistakes import Finding
from description.model import System
from description.names import pascal

OWN_TAGS = ("Environment", "Name")
"""Tags with a value of their own in each environment or on each resource."""

MAX_TAGS = 40
"""AWS allows 50 tags; ours, the environment's and CloudFormation's are among them."""


def logical_ids_differ(system: System) -> Iterator[Finding]:
    """Find services, and secrets, that become the same logical id."""
    yield from _same_ids("services", system.services)
    yield from _same_ids("secrets", system.secrets)


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


RULES = (logical_ids_differ, tags_leave_room)
