"""Permissions that name what they are about, in whatever account and region the system runs."""

import re
from collections.abc import Iterator

from description.fields import listed
from description.mistakes import Finding, Where
from description.model import System

PLACEHOLDERS = ("AWS::Partition", "AWS::Region", "AWS::AccountId", "EnvironmentSuffix")
"""What ``${…}`` in an ARN may stand for."""


def sids_differ(system: System) -> Iterator[Finding]:
    """Find statements of a service that share a name."""
    for name, service in system.services.items():
        sids = [permission.sid for permission in service.permissions]
        for index, sid in enumerate(sids):
            if sid in sids[:index]:
                yield Finding(
                    where=("services", name, "permissions", index, "sid"),
                    problem="is the sid of another permission of this service",
                    found=sid,
                )


def arns_fit_every_account(system: System) -> Iterator[Finding]:
    """Find ARNs that name an account, a partition, everything, or nothing that is known."""
    for where, arn in _arns(system):
        for problem, allowed in _wrong_with(arn):
            yield Finding(where=where, problem=problem, found=arn, allowed=allowed)


def _wrong_with(arn: str) -> Iterator[tuple[str, str]]:
    unknown = [one for one in re.findall(r"\$\{([^}]*)\}", arn) if one not in PLACEHOLDERS]
    if unknown:
        yield (
            f"has an unknown placeholder {listed(f'${{{one}}}' for one in unknown)}",
            listed(f"${{{one}}}" for one in PLACEHOLDERS),
        )
    # Their colons are no separators.
    parts = re.sub(r"\$\{[^}]*\}", "$", arn).split(":", 5)
    if len(parts) < 6 or not parts[2] or not parts[5]:
        yield "is not an ARN", "arn:${AWS::Partition}:service:region:account:resource"
        return
    _, partition, service, region, account, resource = parts
    if partition != "$":
        yield "names a partition", "${AWS::Partition} in its place"
    if re.fullmatch(r"\d{12}", account):
        yield "names an account", "${AWS::AccountId} in its place"
    if any(wildcard in part for part in (service, region, account) for wildcard in "*?"):
        yield "has a wildcard before the resource", "wildcards in the resource only"
    if not resource.strip("*?:/"):
        yield f"names everything in {service}", "the resources that the service uses"


def _arns(system: System) -> Iterator[tuple[Where, str]]:
    for name, service in system.services.items():
        for i, permission in enumerate(service.permissions):
            for j, arn in enumerate(permission.resources):
                yield ("services", name, "permissions", i, "resources", j), arn


RULES = (sids_differ, arns_fit_every_account)
