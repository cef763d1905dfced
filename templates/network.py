"""Network: one VPC with a public and a private subnet in each zone, and the way out of them."""

from dataclasses import dataclass
from functools import partial

from troposphere import (
    AWSHelperFn,
    Equals,
    GetAtt,
    GetAZs,
    If,
    Not,
    NoValue,
    Ref,
    Select,
    Split,
    ec2,
)

from description.model import Nat, System
from templates.edges import Each, Stack, StackTemplate
from templates.endpoints import add_endpoints
from templates.kinds import EnvironmentSuffix, NatGatewayId, SubnetIds, VpcId, ZoneIds
from templates.names import named
from templates.text import sub

ANYWHERE = "0.0.0.0/0"
ZONES_GIVEN = "ZonesGiven"
ZONE_LETTERS = "ABCDEF"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the network needs to know."""

    environment_suffix: EnvironmentSuffix
    availability_zone_ids: ZoneIds


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the network is for others; public subnets only where there is a load balancer."""

    vpc_id: VpcId
    private_subnet_ids: SubnetIds
    public_subnet_ids: SubnetIds | None
    nat_gateway_id: Each[NatGatewayId]
    """By what people call it: ``nat-gateway-a``. Only where there are alarms over them."""


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the network of ``system``."""
    return Stack("network", f"Network of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the network's template."""
    t.add_condition(ZONES_GIVEN, Not(Equals(given.availability_zone_ids, "")))
    network = system.network
    letters = ZONE_LETTERS[: network.zones]

    vpc = t.add_resource(virtual_network(system, given))
    gateway = t.add_resource(
        ec2.InternetGateway("InternetGateway", Tags=_named(system, given, "igw"))
    )
    attachment = t.add_resource(
        ec2.VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(vpc), InternetGatewayId=Ref(gateway)
        )
    )
    public = [
        t.add_resource(subnet(system, given, vpc, index, f"public-{letter.lower()}", str(cidr)))
        for index, (letter, cidr) in enumerate(zip(letters, network.public_ranges(), strict=True))
    ]
    private = [
        t.add_resource(subnet(system, given, vpc, index, f"private-{letter.lower()}", str(cidr)))
        for index, (letter, cidr) in enumerate(zip(letters, network.private_ranges(), strict=True))
    ]
    public_routes = t.add_resource(route_table(system, given, vpc, "public"))
    t.add_resource(
        ec2.Route(
            "PublicRouteToInternet",
            RouteTableId=Ref(public_routes),
            DestinationCidrBlock=ANYWHERE,
            GatewayId=Ref(gateway),
            DependsOn=attachment.title,
        )
    )
    private_routes = [
        t.add_resource(route_table(system, given, vpc, f"private-{letter.lower()}"))
        for letter in letters
    ]
    for one in public:
        t.add_resource(association(one, public_routes))
    for one, routes in zip(private, private_routes, strict=True):
        t.add_resource(association(one, routes))

    nats = add_nat(system, t, given, vpc, attachment, public, private_routes)
    if network.has_endpoints:
        add_endpoints(system, t, given.environment_suffix, vpc, private, private_routes)

    return Outputs(
        vpc_id=VpcId(Ref(vpc)),
        private_subnet_ids=SubnetIds([Ref(one) for one in private]),
        public_subnet_ids=SubnetIds([Ref(one) for one in public]) if system.routed else None,
        nat_gateway_id=watched(nats) if system.alarms else {},
    )


def virtual_network(system: System, given: Inputs) -> ec2.VPC:
    """Return the VPC; Cloud Map and private endpoints need both DNS settings."""
    return ec2.VPC(
        "Vpc",
        CidrBlock=str(system.network.vpc_cidr),
        EnableDnsHostnames=True,
        EnableDnsSupport=True,
        Tags=_named(system, given, "vpc"),
    )


def subnet(
    system: System, given: Inputs, vpc: ec2.VPC, index: int, role: str, cidr: str
) -> ec2.Subnet:
    """Return the subnet of zone ``index``: one of the zones given, else of those the region has.

    CloudFormation selects from a list also in the branch of a condition that is not taken: commas
    after the zones given let it find something where none are.
    """
    padded = sub(given.availability_zone_ids, "," * system.network.zones)
    return ec2.Subnet(
        f"{_title(role)}",
        VpcId=Ref(vpc),
        CidrBlock=cidr,
        AvailabilityZoneId=If(ZONES_GIVEN, Select(index, Split(",", padded)), NoValue),
        AvailabilityZone=If(ZONES_GIVEN, NoValue, Select(index, GetAZs())),
        MapPublicIpOnLaunch=False,
        Tags=_named(system, given, role),
    )


def route_table(system: System, given: Inputs, vpc: ec2.VPC, role: str) -> ec2.RouteTable:
    """Return an empty route table."""
    return ec2.RouteTable(
        f"{_title(role, 'RouteTable')}", VpcId=Ref(vpc), Tags=_named(system, given, role)
    )


def association(one: ec2.Subnet, routes: ec2.RouteTable) -> ec2.SubnetRouteTableAssociation:
    """Return what makes a subnet use a route table."""
    return ec2.SubnetRouteTableAssociation(
        f"{one.title}RouteTableAssociation", SubnetId=Ref(one), RouteTableId=Ref(routes)
    )


def add_nat(
    system: System,
    t: StackTemplate,
    given: Inputs,
    vpc: ec2.VPC,
    attachment: ec2.VPCGatewayAttachment,
    public: list[ec2.Subnet],
    private_routes: list[ec2.RouteTable],
) -> list[ec2.NatGateway]:
    """Add the NAT gateways that the description asks for, and the private routes to them; return
    the gateways.
    """
    match system.network.nat:
        case Nat.NONE:
            return []
        case Nat.REGIONAL:
            nats = [t.add_resource(regional_nat(system, given, vpc, attachment))]
        case Nat.SINGLE:
            nats = add_zonal_nats(system, t, given, attachment, public[:1])
        case Nat.PER_ZONE:
            nats = add_zonal_nats(system, t, given, attachment, public)
    for index, routes in enumerate(private_routes):
        t.add_resource(
            ec2.Route(
                f"Private{ZONE_LETTERS[index]}RouteToInternet",
                RouteTableId=Ref(routes),
                DestinationCidrBlock=ANYWHERE,
                NatGatewayId=GetAtt(nats[index % len(nats)], "NatGatewayId"),
            )
        )
    return nats


def watched(nats: list[ec2.NatGateway]) -> dict[str, NatGatewayId]:
    """Return NAT gateways by what people call them."""
    if len(nats) == 1:
        return {"nat-gateway": NatGatewayId(Ref(nats[0]))}
    return {
        f"nat-gateway-{letter.lower()}": NatGatewayId(Ref(one))
        for letter, one in zip(ZONE_LETTERS, nats, strict=False)
    }


def add_zonal_nats(
    system: System,
    t: StackTemplate,
    given: Inputs,
    attachment: ec2.VPCGatewayAttachment,
    public: list[ec2.Subnet],
) -> list[ec2.NatGateway]:
    """Add a NAT gateway with an address of its own to each of the given public subnets."""
    nats = []
    for letter, one in zip(ZONE_LETTERS, public, strict=False):
        address = t.add_resource(
            ec2.EIP(
                f"NatAddress{letter}",
                Domain="vpc",
                DependsOn=attachment.title,
                Tags=_named(system, given, f"nat-{letter.lower()}"),
            )
        )
        nats.append(
            t.add_resource(
                ec2.NatGateway(
                    f"NatGateway{letter}",
                    AllocationId=GetAtt(address, "AllocationId"),
                    SubnetId=Ref(one),
                    DependsOn=attachment.title,
                    Tags=_named(system, given, f"nat-{letter.lower()}"),
                )
            )
        )
    return nats


def regional_nat(
    system: System, given: Inputs, vpc: ec2.VPC, attachment: ec2.VPCGatewayAttachment
) -> ec2.NatGateway:
    """Return a NAT gateway that spreads over the zones and brings its own addresses.

    Source: Amazon VPC User Guide, "Regional NAT gateways for automatic multi-AZ expansion".
    """
    return ec2.NatGateway(
        "NatGateway",
        AvailabilityMode="regional",
        VpcId=Ref(vpc),
        DependsOn=attachment.title,
        Tags=_named(system, given, "nat"),
    )


def _title(role: str, kind: str = "Subnet") -> str:
    """Return ``PublicSubnetA`` for ``public-a``, ``PublicRouteTable`` for ``public``."""
    side, _, letter = role.partition("-")
    return f"{side.capitalize()}{kind}{letter.upper()}"


def _named(system: System, given: Inputs, role: str) -> AWSHelperFn:
    return named(f"{system.name_prefix}-{role}", given.environment_suffix)
