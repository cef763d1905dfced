"""Address ranges that fit into one another, and the tasks that fit into them."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from description.endpoints import carrier
from description.mistakes import ANY, Finding, Where
from description.model import Nat, System
from description.subnets import SMALLEST_VPC

VPC_PREFIXES = range(16, 29)
"""Prefix lengths of a VPC and of a subnet (Amazon VPC User Guide, "VPC CIDR blocks")."""

SUBNET_PREFIXES = {"public_subnets": range(16, 28), "private_subnets": VPC_PREFIXES}
"""Public subnets hold the load balancer, which takes none smaller than /27 (Elastic Load Balancing,
"Subnets for your load balancer")."""

RESERVED_ADDRESSES = 5
"""Addresses of each subnet that AWS keeps (Amazon VPC User Guide, "Subnet CIDR blocks")."""

VPC: Where = ("network", "vpc_cidr")
ZONES: Where = ("network", "zones")
SUBNETS: tuple[Where, ...] = tuple(("network", side) for side in SUBNET_PREFIXES)


def ranges_have_a_size_that_aws_takes(system: System) -> Iterator[Finding]:
    """Find ranges that are too large or too small for a VPC or a subnet."""
    for where, cidr in [(VPC, system.network.vpc_cidr), *_given(system)]:
        allowed = SUBNET_PREFIXES.get(str(where[1]), VPC_PREFIXES)
        if cidr.prefixlen not in allowed:
            yield Finding(
                where=where,
                problem="has a size that is not allowed",
                found=str(cidr),
                allowed=f"/{allowed[0]} to /{allowed[-1]}",
            )


def subnets_fit_into_the_vpc(system: System) -> Iterator[Finding]:
    """Find subnets that are no part of the VPC."""
    vpc = system.network.vpc_cidr
    for where, cidr in _given(system):
        if not cidr.subnet_of(vpc):
            yield Finding(
                where=where,
                problem="is not in the VPC",
                found=str(cidr),
                allowed=f"ranges in {vpc}",
                reads=(where, VPC),
            )


def subnets_do_not_overlap(system: System) -> Iterator[Finding]:
    """Find subnets that share addresses."""
    for (first, one), (where, other) in combinations(_given(system), 2):
        if one.overlaps(other):
            yield Finding(
                where=where,
                problem=f"overlaps {one} of {first[1]}",
                found=str(other),
                reads=(first, where),
            )


def every_zone_has_its_subnets(system: System) -> Iterator[Finding]:
    """Find subnets that are not one public and one private one per zone, or cannot be derived."""
    network = system.network
    counts = {"public_subnets": network.public_subnets, "private_subnets": network.private_subnets}
    if not any(counts.values()):
        if network.vpc_cidr.prefixlen > SMALLEST_VPC:
            yield Finding(
                where=VPC,
                problem="is too small to derive subnets from",
                found=str(network.vpc_cidr),
                allowed=f"/16 to /{SMALLEST_VPC}, or public_subnets and private_subnets as well",
                reads=(VPC, *SUBNETS),
            )
        return
    for side, given in counts.items():
        if len(given) != network.zones:
            yield Finding(
                where=("network", side),
                problem=f"are not one per zone, but {len(given)} for {network.zones} zones",
                allowed=f"{network.zones} of them, or neither public nor private subnets: derived",
                reads=(ZONES, *SUBNETS),
            )


def private_subnets_have_an_address_for_every_task(system: System) -> Iterator[Finding]:
    """Find private subnets too small for the most tasks of all services: each takes an address."""
    given = system.network.private_subnets
    addresses = sum(cidr.num_addresses - RESERVED_ADDRESSES for cidr in given)
    tasks = sum(service.scaling.max for service in system.services.values())
    if given and addresses < tasks:
        yield Finding(
            where=("network", "private_subnets"),
            problem=f"have {addresses} addresses, fewer than all services may have tasks",
            allowed=f"{tasks} addresses or more, or a lower scaling.max of services",
            reads=(("network", "private_subnets"), ("services", ANY, "scaling", "max")),
        )


def without_nat_every_permission_has_an_endpoint(system: System) -> Iterator[Finding]:
    """Find permissions to call what can be reached neither by NAT nor by a known VPC endpoint."""
    if system.network.nat is not Nat.NONE:
        return
    for name, service in system.services.items():
        for i, permission in enumerate(service.permissions):
            for j, action in enumerate(permission.actions):
                if carrier(action) is None:
                    where = ("services", name, "permissions", i, "actions", j)
                    yield Finding(
                        where=where,
                        problem="cannot be reached: there is no NAT, and no VPC endpoint is known",
                        found=action,
                        allowed="another network.nat than none, or other actions",
                        reads=(where, ("network", "nat")),
                    )


def _given(system: System) -> list[tuple[Where, IPv4Network]]:
    return [
        (("network", side, index), cidr)
        for side in SUBNET_PREFIXES
        for index, cidr in enumerate(getattr(system.network, side))
    ]


RULES = (
    ranges_have_a_size_that_aws_takes,
    subnets_fit_into_the_vpc,
    subnets_do_not_overlap,
    every_zone_has_its_subnets,
    private_subnets_have_an_address_for_every_task,
    without_nat_every_permission_has_an_endpoint,
)
