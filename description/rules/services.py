"""What a service decides in one section that another section depends on."""

from collections.abc import Iterator

from description.fields import listed
from description.mistakes import ANY, Finding, Where
from description.model import System
from description.profiles import settings_of
from description.shards import MOST, SECRETS, SERVICES

SPOT_BASE = 2
"""Tasks of a service with routes that AWS must not reclaim: one may be replaced meanwhile."""

DNS_TTL = 10
"""Seconds that callers remember a task's address in Cloud Map."""

MOST_SERVICES = 300
"""Each is a nested stack and up to 7 resources that are there before its image: roles, log group,
repository, security group, a secret that is rotated. One operation takes 2,500 (CloudFormation User
Guide, "Understand CloudFormation quotas")."""


def services_fit_into_the_parent(system: System) -> Iterator[Finding]:
    """Find systems with more services than the parent can nest."""
    found = len(system.services)
    if found > MOST_SERVICES:
        yield Finding(
            where=("services",),
            problem="are too many",
            found=found,
            allowed=f"{MOST_SERVICES} services",
            reads=(("services",),),
        )


def shards_have_room(system: System) -> Iterator[Finding]:
    """Find shards with more services or secrets than their stacks have outputs for."""
    for section, found, size in (
        ("services", system.shards_of_services, SERVICES),
        ("secrets", system.shards_of_secrets, SECRETS),
    ):
        room = {one: max(0, size - len(found.get(one, ()))) for one in range(1, MOST + 1)}
        for number, names in found.items():
            if len(names) > size:
                yield Finding(
                    where=(section,),
                    problem=f"{len(names)} are in shard {number}, which holds {size}. "
                    + _moves(len(names) - size, room),
                    reads=((section, ANY, "shard"),),
                )


def _moves(count: int, room: dict[int, int]) -> str:
    """Say to which shards so many have to go, and take the ``room`` that they need there."""
    moves = []
    for number, free in room.items():
        if here := min(count, free):
            moves.append(f"{here} shard: {number}")
            room[number] -= here
            count -= here
    if not moves:
        return f"No other shard has room: there are {MOST}"
    more = f", and for {count} no shard has room" if count else ""
    return (
        f"Of those that are not deployed yet give {listed(moves, ' and ')}{more}; what is deployed "
        "cannot move"
    )


def routed_services_on_spot_have_a_fargate_base(system: System) -> Iterator[Finding]:
    """Find services with routes on Spot, which has no fallback, with too few tasks on Fargate."""
    for name, service in system.services.items():
        capacity = service.capacity
        if service.routes and capacity.spot_weight and capacity.fargate_base < SPOT_BASE:
            here: Where = ("services", name, "capacity")
            yield Finding(
                where=(*here, "fargate_base"),
                problem="is too low for a service with routes on Fargate Spot",
                found=capacity.fargate_base,
                allowed=f"{SPOT_BASE} or more",
                reads=(
                    (*here, "fargate_base"),
                    (*here, "spot_weight"),
                    ("services", name, "routes"),
                ),
            )


def requests_per_target_have_routes(system: System) -> Iterator[Finding]:
    """Find targets for requests where no load balancer counts them."""
    for name, service in system.services.items():
        if service.scaling.requests_per_target is not None and not service.routes:
            where = ("services", name, "scaling", "requests_per_target")
            yield Finding(
                where=where,
                problem="is given, but no route brings requests that would be counted",
                found=service.scaling.requests_per_target,
                allowed="routes, or cpu and memory targets only",
                reads=(where, ("services", name, "routes")),
            )


def services_without_routes_check_themselves(system: System) -> Iterator[Finding]:
    """Find services that neither a load balancer nor a command of their own checks.

    ECS takes their tasks for healthy as long as the process runs.
    """
    for name, service in system.services.items():
        if not service.routes and service.health_check.command is None:
            where = ("services", name, "health_check", "command")
            yield Finding(
                where=where,
                problem="is missing, and no load balancer checks a service without routes",
                allowed='a command in exec form: [CMD, wget, -q, --spider, "http://127.0.0.1…"]',
                reads=(where, ("services", name, "routes")),
            )


def tasks_outlive_what_still_reaches_them(system: System) -> Iterator[Finding]:
    """Find services whose tasks are killed while requests may still reach them."""
    for name, service in system.services.items():
        where = ("services", name, "stop_timeout")
        delay = service.deregistration_delay
        if service.routes and service.stop_timeout < delay:
            yield Finding(
                where=where,
                problem="ends before the load balancer lets go",
                found=service.stop_timeout,
                allowed=f"{delay} seconds or more, the deregistration_delay",
                reads=(
                    where,
                    ("services", name, "deregistration_delay"),
                    ("services", name, "routes"),
                ),
            )
        elif service.port is not None and service.stop_timeout < DNS_TTL:
            yield Finding(
                where=where,
                problem="ends before callers have forgotten a task's address",
                found=service.stop_timeout,
                allowed=f"{DNS_TTL} seconds or more, the lifetime of DNS records",
                reads=(where, ("services", name, "port")),
            )


def repositories_are_given_where_they_exist(system: System) -> Iterator[Finding]:
    """Find names of repositories where the system makes its own."""
    for name, service in system.services.items():
        if service.repository is not None and system.registry.mode == "create":
            where = ("services", name, "repository")
            yield Finding(
                where=where,
                problem="is given, but the system makes its repositories",
                found=service.repository,
                allowed="nothing, or registry.mode: existing",
                reads=(where, ("registry", "mode")),
            )


def settings_have_an_effect(system: System) -> Iterator[Finding]:
    """Find settings that another one makes idle."""
    if system.registry.mode == "existing":
        unasked = {"mode", *settings_of(system.profile, "registry")}
        for field in sorted(system.registry.model_fields_set - unasked):
            yield Finding(
                where=("registry", field),
                problem="has no effect on repositories that exist already",
                allowed="nothing, or registry.mode: create",
                reads=(("registry", field), ("registry", "mode")),
            )
    if system.edge.protocol == "http" and "tls_policy" in system.edge.model_fields_set:
        yield Finding(
            where=("edge", "tls_policy"),
            problem="has no effect without HTTPS",
            allowed="nothing, or edge.protocol: https",
            reads=(("edge", "tls_policy"), ("edge", "protocol")),
        )


RULES = (
    services_fit_into_the_parent,
    shards_have_room,
    routed_services_on_spot_have_a_fargate_base,
    requests_per_target_have_routes,
    services_without_routes_check_themselves,
    tasks_outlive_what_still_reaches_them,
    repositories_are_given_where_they_exist,
    settings_have_an_effect,
)
