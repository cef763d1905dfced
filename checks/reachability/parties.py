"""Parties: who can reach and be reached. Load balancers, services' tasks, interface endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from checks.reachability.groups import GROUP
from checks.reachability.network import CannotFollowError, Network, Subnet
from checks.resolved import Resource, System

SERVICE: Final = "AWS::ECS::Service"
LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
EDGE: Final = "load balancer"


@dataclass(frozen=True, eq=False)
class Party:
    """Something with addresses in the VPC."""

    name: str
    """What people call it: a service's name, ``load balancer``, ``endpoint logs``."""
    resource: Resource
    groups: frozenset[str]
    """The addresses of its security groups."""
    subnets: tuple[Subnet, ...]
    has_public_addresses: bool

    @property
    def is_public(self) -> bool:
        """Whether the internet reaches all of its addresses, where its groups let it in."""
        return self.has_public_addresses and all(subnet.is_public for subnet in self.subnets)

    @property
    def goes_out(self) -> bool:
        """Whether packets from each of its addresses get to the internet."""
        return all(
            subnet.gateway is not None and (self.has_public_addresses or not subnet.is_public)
            for subnet in self.subnets
        )


def parties(system: System, network: Network, names: dict[str, str]) -> list[Party]:
    """Return the parties of ``system``.

    ``names`` has what people call a service, by the logical id of its stack; one that is not there
    is called by its address.

    Raises ``CannotFollowError``.
    """
    return [
        *_load_balancers(system, network),
        *_services(system, network, names),
        *_endpoints(system, network),
    ]


def service_name(service: Resource, names: dict[str, str]) -> str:
    """Return what people call a service."""
    return names.get(service.stack.rpartition("/")[2], service.address)


def endpoint_name(endpoint: Resource, system: System) -> str:
    """Return what people call an endpoint: ``endpoint ecr.api``."""
    name = str(endpoint.properties.get("ServiceName"))
    return f"endpoint {name.removeprefix(f'com.amazonaws.{system.place.region}.')}"


def _load_balancers(system: System, network: Network) -> Iterator[Party]:
    for index, one in enumerate(system.of_type(LOAD_BALANCER)):
        name = EDGE if not index else one.address
        scheme = one.properties.get("Scheme", "internet-facing")
        groups, subnets = one.properties.get("SecurityGroups"), one.properties.get("Subnets")
        public = scheme == "internet-facing"
        yield _party(system, network, name, one, groups, subnets, public)


def _services(system: System, network: Network, names: dict[str, str]) -> Iterator[Party]:
    for one in system.of_type(SERVICE):
        vpc = one.properties.get("NetworkConfiguration", {}).get("AwsvpcConfiguration", {})
        groups, subnets = vpc.get("SecurityGroups"), vpc.get("Subnets")
        public = vpc.get("AssignPublicIp") == "ENABLED"
        yield _party(system, network, service_name(one, names), one, groups, subnets, public)


def _endpoints(system: System, network: Network) -> Iterator[Party]:
    for one in system.of_type(ENDPOINT):
        if one.properties.get("VpcEndpointType", "Gateway") == "Interface":
            name = endpoint_name(one, system)
            groups, subnets = (
                one.properties.get("SecurityGroupIds"),
                one.properties.get("SubnetIds"),
            )
            yield _party(system, network, name, one, groups, subnets, False)


def _party(
    system: System,
    network: Network,
    name: str,
    resource: Resource,
    groups: Any,
    subnets: Any,
    public: bool,
) -> Party:
    found = [system.find(GROUP, one) for one in groups or [None]]
    places = [system.find("AWS::EC2::Subnet", one) for one in subnets or [None]]
    known = [group.address for group in found if group]
    if len(known) < len(found):
        raise CannotFollowError(resource, "must have security groups, all of this system")
    there = [network.subnets[place.address] for place in places if place]
    if len(there) < len(places):
        raise CannotFollowError(resource, "must have subnets, all of this system")
    return Party(name, resource, frozenset(known), tuple(there), public)
