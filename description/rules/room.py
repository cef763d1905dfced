"""What one stack has room for: parameters and resources, of which a template has only so many.

Source: CloudFormation User Guide, "Understand CloudFormation quotas": 200 parameters and 500
resources. Of both the last tenth stays free, because cfn-lint warns of it.
"""

from collections.abc import Iterator
from typing import Final

from description.mistakes import ANY, Finding, Where
from description.model import System

CALLS_AND_SECRETS: Final = 165
"""Services that a service calls and secrets that it reads: its stack has a parameter for each, and
up to 15 others."""

CALLS_AND_ROUTES: Final = 430
"""Resources of a service's stack for its calls, two for each, and for its routes, one for each. It
has up to 20 others."""

SECRETS_OF_A_SHARD: Final = 175
"""Secrets that the services of a shard read: the stack of their roles has a parameter for each, and
up to 5 others."""


def services_fit_into_their_stacks(system: System) -> Iterator[Finding]:
    """Find services that call so many others, read so many secrets or have so many routes that
    their stack has no room for them.
    """
    for name, service in system.services.items():
        here: Where = ("services", name)
        calls, routes, secrets = service.calls, service.routes, service.secret_names
        if len(calls) + len(secrets) > CALLS_AND_SECRETS:
            yield Finding(
                where=here,
                problem=f"calls {len(calls)} services and reads {len(secrets)} secrets, which are "
                "too many parameters for its stack",
                allowed=f"{CALLS_AND_SECRETS} in all: let another service make some of the calls, "
                "or put several keys into one secret",
                reads=((*here, "calls"), (*here, "secrets")),
            )
        if 2 * len(calls) + len(routes) > CALLS_AND_ROUTES:
            yield Finding(
                where=here,
                problem=f"has {len(routes)} routes and calls {len(calls)} services, which are too "
                "many resources for its stack",
                allowed=f"{CALLS_AND_ROUTES}, of which a call takes two: put several paths into "
                "one route, or let another service have some of them",
                reads=((*here, "calls"), (*here, "routes")),
            )


def roles_of_a_shard_fit_into_their_stack(system: System) -> Iterator[Finding]:
    """Find shards whose services read so many secrets that the stack of their roles has no room for
    them.
    """
    for number, names in system.shards_of_services.items():
        read = {secret for name in names for secret in system.services[name].secret_names}
        if len(read) > SECRETS_OF_A_SHARD:
            yield Finding(
                where=("services",),
                problem=f"those of shard {number} read {len(read)} secrets, which are too many "
                "parameters for the stack of their roles",
                allowed=f"{SECRETS_OF_A_SHARD}: give some that are not deployed yet another shard, "
                "or put several keys into one secret",
                reads=(("services", ANY, "shard"), ("services", ANY, "secrets")),
            )


RULES = (services_fit_into_their_stacks, roles_of_a_shard_fit_into_their_stack)
