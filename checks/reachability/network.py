"""Where addresses are and how they get out: subnets, zones, route tables, gateways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from checks.findings import Finding
from checks.resolved import Resource, System

ANYWHERE: Final = IPv4Network("0.0.0.0/0")

FOLLOWED: Final = frozenset(
    f"AWS::EC2::{kind}"
    for kind in (
        "EIP",
        "FlowLog",
        "InternetGateway",
        "NatGateway",
        "Route",
        "RouteTable",
        "SecurityGroup",
        "SecurityGroupEgress",
        "SecurityGroupIngress",
        "Subnet",
        "SubnetRouteTableAssociation",
        "VPC",
        "VPCEndpoint",
        "VPCGatewayAttachment",
    )
)
"""Types of EC2 that are understood here. Any other one might change who reaches whom."""

TARGETS: Final = {
    "GatewayId": "AWS::EC2::InternetGateway",
    "NatGatewayId": "AWS::EC2::NatGateway",
}
"""A route's property to the type of gateway that it leads to."""

NO_IPV6: Final[Mapping[str, Mapping[str, tuple[object, ...]]]] = {
    "AWS::EC2::Subnet": {
        "AssignIpv6AddressOnCreation": (False,),
        "EnableDns64": (False,),
        "Ipv6CidrBlock": (),
        "Ipv6Native": (False,),
    },
    "AWS::EC2::VPCEndpoint": {"IpAddressType": ("ipv4", "not-specified")},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "EnablePrefixForIpv6SourceNat": ("off",),
        "IpAddressType": ("ipv4",),
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {"IpAddressType": ("ipv4",)},
}
"""Type and property to the values that leave it with IPv4 addresses, besides none."""


class CannotFollowError(Exception):
    """Something decides who reaches whom in a way that is not understood here."""

    def __init__(self, resource: Resource, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.finding: Finding = resource.finding("E9500", message, *path)


def address_range(resource: Resource, value: object, *path: str | int) -> IPv4Network:
    """Return the addresses that a property of ``resource`` names. Raises ``CannotFollowError``."""
    try:
        return IPv4Network(str(value))
    except ValueError:
        message = f"must be a range of IPv4 addresses, found {value}"
        raise CannotFollowError(resource, message, *path) from None


@dataclass(frozen=True, eq=False)
class Subnet:
    """A subnet and the way out of it."""

    resource: Resource
    cidr: IPv4Network
    zone: str | None
    tables: tuple[Resource, ...]
    """The route tables that it is associated with; one, if all is well."""
    gateway: Resource | None
    """What its default route leads to: an internet gateway, or a NAT gateway."""

    @property
    def is_public(self) -> bool:
        """Whether the internet reaches public addresses in it."""
        return self.gateway is not None and self.gateway.type == TARGETS["GatewayId"]


class Network:
    """The network of a system: one VPC.

    Raises ``CannotFollowError``.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self.vpc = _only_vpc(system)
        _only_ipv4(system)
        self.cidr = address_range(self.vpc, self.vpc.properties.get("CidrBlock"), "CidrBlock")
        self._attached = {
            one.properties.get("InternetGatewayId")
            for one in system.of_type("AWS::EC2::VPCGatewayAttachment")
            if one.properties.get("VpcId") == self.vpc.reference
        }
        self._routes: dict[str, list[Resource]] = {}
        for route in system.of_type("AWS::EC2::Route"):
            self._routes.setdefault(self._table(route).address, []).append(route)
        self._tables: dict[str, list[Resource]] = {}
        for one in system.of_type("AWS::EC2::SubnetRouteTableAssociation"):
            subnet = system.find("AWS::EC2::Subnet", one.properties.get("SubnetId"))
            if subnet is not None:
                self._tables.setdefault(subnet.address, []).append(self._table(one))
        self.subnets = {
            one.address: self._subnet(one) for one in system.of_type("AWS::EC2::Subnet")
        }

    def _table(self, resource: Resource) -> Resource:
        """Return the route table that a route or an association is for."""
        table = self._system.find("AWS::EC2::RouteTable", resource.properties.get("RouteTableId"))
        if table is None:
            raise CannotFollowError(
                resource, "is for no route table of this system", "RouteTableId"
            )
        destination = resource.properties.get("DestinationCidrBlock")
        if resource.type == "AWS::EC2::Route" and destination != str(ANYWHERE):
            message = f"only routes to {ANYWHERE} can be followed, found {destination}"
            raise CannotFollowError(resource, message, "DestinationCidrBlock")
        return table

    def _subnet(self, subnet: Resource) -> Subnet:
        given = subnet.properties
        zone = given.get("AvailabilityZoneId", given.get("AvailabilityZone"))
        return Subnet(
            subnet,
            address_range(subnet, given.get("CidrBlock"), "CidrBlock"),
            None if zone is None else str(zone),
            tuple(self._tables.get(subnet.address, [])),
            next(self._gateways(subnet), None),
        )

    def _gateways(self, subnet: Resource) -> Iterator[Resource]:
        """Yield where the default route of ``subnet`` leads, if packets get on from there."""
        tables = self._tables.get(subnet.address, [])
        routes = self._routes.get(tables[0].address, []) if len(tables) == 1 else []
        if len(routes) == 1:
            for name, kind in TARGETS.items():
                gateway = self._system.find(kind, routes[0].properties.get(name))
                if gateway is not None and self._leads_out(gateway):
                    yield gateway

    def _leads_out(self, gateway: Resource) -> bool:
        if gateway.type == TARGETS["GatewayId"]:
            return gateway.reference in self._attached
        if gateway.properties.get("ConnectivityType", "public") != "public":
            return False
        if gateway.properties.get("AvailabilityMode") == "regional":
            return gateway.properties.get("VpcId") == self.vpc.reference and bool(self._attached)
        stands_in = self._system.find("AWS::EC2::Subnet", gateway.properties.get("SubnetId"))
        tables = self._tables.get(stands_in.address, []) if stands_in else []
        return "AllocationId" in gateway.properties and any(
            route.properties.get("GatewayId") in self._attached
            for table in tables
            for route in self._routes.get(table.address, [])
        )

    def zone_of(self, nat: Resource) -> str | None:
        """Return the zone of a NAT gateway; none for a regional one."""
        stands_in = self._system.find("AWS::EC2::Subnet", nat.properties.get("SubnetId"))
        return self.subnets[stands_in.address].zone if stands_in else None


def _only_vpc(system: System) -> Resource:
    for resource in system.resources.values():
        if resource.type.startswith("AWS::EC2::") and resource.type not in FOLLOWED:
            message = f"what {resource.type} means for who reaches whom is not known here"
            raise CannotFollowError(resource, message)
    found = system.of_type("AWS::EC2::VPC")
    if len(found) != 1:
        somewhere = next(iter(system.resources.values()))
        raise CannotFollowError((*found[1:], somewhere)[0], "a system has one VPC")
    return found[0]


def _only_ipv4(system: System) -> None:
    for kind, properties in NO_IPV6.items():
        for resource in system.of_type(kind):
            for name, values in properties.items():
                value = resource.properties.get(name)
                if value is not None and value not in values:
                    message = f"connections by IPv6 are not followed here, found {value}"
                    raise CannotFollowError(resource, message, name)
