"""VPC: a public and a private subnet in each zone, and the internet gateway.

It is made in the parent itself: everything waits for it, and would wait longer for a nested stack.
What takes minutes to make, or nobody waits for, is in ``templates.network``.
"""

from dataclasses import dataclass

from troposphere import (
    AWSHelperFn,
    Equals,
    GetAZs,
    If,
    Not,
    NoValue,
    Ref,
    Select,
    Split,
    ec2,
)

from description.model import System
from templates.edges import StackTemplate
from templates.kinds import EnvironmentSuffix, SubnetId, SubnetIds, VpcId, ZoneIds
from templates.names import named
from templates.text import sub

ANYWHERE = "0.0.0.0/0"
ZONES_GIVEN = "ZonesGiven"
ZONE_LETTERS = "ABCDEF"


@dataclass(frozen=True, kw_only=True)
class Vpc:
    """What others need of the VPC."""

    vpc_id: VpcId
    public_subnet_id: dict[str, SubnetId]
    """By letter of the zone."""
    private_subnet_id: dict[str, SubnetId]
    """By letter of the zone."""
    reaches_internet: str
    """The logical id of what has to be there before anything can have a public address."""

    @property
    def public_subnet_ids(self) -> SubnetIds:
        """All public subnets."""
        return SubnetIds(list(self.public_subnet_id.values()))

    @property
    def private_subnet_ids(self) -> SubnetIds:
        """All private subnets."""
        return SubnetIds(list(self.private_subnet_id.values()))


def add(system: System, t: StackTemplate, suffix: EnvironmentSuffix, zones: ZoneIds) -> Vpc:
    """Add the VPC of ``system``, its subnets and the way from the public ones to the internet."""
    t.add_condition(ZONES_GIVEN, Not(Equals(zones, "")))
    network = system.network
    letters = ZONE_LETTERS[: network.zones]

    vpc = t.add_resource(virtual_network(system, suffix))
    gateway = t.add_resource(
        ec2.InternetGateway("InternetGateway", Tags=_named(system, suffix, "igw"))
    )
    attachment = t.add_resource(
        ec2.VPCGatewayAttachment(
            "InternetGatewayAttachment", VpcId=Ref(vpc), InternetGatewayId=Ref(gateway)
        )
    )
    ranges = {"public": network.public_ranges(), "private": network.private_ranges()}
    subnets = {
        (side, letter): t.add_resource(
            subnet(system, suffix, zones, vpc, index, f"{side}-{letter.lower()}", str(cidr))
        )
        for side, cidrs in ranges.items()
        for index, (letter, cidr) in enumerate(zip(letters, cidrs, strict=True))
    }
    routes = t.add_resource(
        ec2.RouteTable("PublicRouteTable", VpcId=Ref(vpc), Tags=_named(system, suffix, "public"))
    )
    t.add_resource(
        ec2.Route(
            "PublicRouteToInternet",
            RouteTableId=Ref(routes),
            DestinationCidrBlock=ANYWHERE,
            GatewayId=Ref(gateway),
            DependsOn=attachment.title,
        )
    )
    for letter in letters:
        one = subnets["public", letter]
        t.add_resource(
            ec2.SubnetRouteTableAssociation(
                f"{one.title}RouteTableAssociation", SubnetId=Ref(one), RouteTableId=Ref(routes)
            )
        )
    return Vpc(
        vpc_id=VpcId(Ref(vpc)),
        public_subnet_id={one: SubnetId(Ref(subnets["public", one])) for one in letters},
        private_subnet_id={one: SubnetId(Ref(subnets["private", one])) for one in letters},
        reaches_internet=str(attachment.title),
    )


def virtual_network(system: System, suffix: EnvironmentSuffix) -> ec2.VPC:
    """Return the VPC; Cloud Map and private endpoints need both DNS settings."""
    return ec2.VPC(
        "Vpc",
        CidrBlock=str(system.network.vpc_cidr),
        EnableDnsHostnames=True,
        EnableDnsSupport=True,
        Tags=_named(system, suffix, "vpc"),
    )


def subnet(
    system: System,
    suffix: EnvironmentSuffix,
    zones: ZoneIds,
    vpc: ec2.VPC,
    index: int,
    role: str,
    cidr: str,
) -> ec2.Subnet:
    """Return the subnet of zone ``index``: one of the zones given, else of those the region has.

    CloudFormation selects from a list also in the branch of a condition that is not taken: commas
    after the zones given let it find something where none are.
    """
    side, _, letter = role.partition("-")
    padded = sub(zones, "," * system.network.zones)
    return ec2.Subnet(
        f"{side.capitalize()}Subnet{letter.upper()}",
        VpcId=Ref(vpc),
        CidrBlock=cidr,
        AvailabilityZoneId=If(ZONES_GIVEN, Select(index, Split(",", padded)), NoValue),
        AvailabilityZone=If(ZONES_GIVEN, NoValue, Select(index, GetAZs())),
        MapPublicIpOnLaunch=False,
        Tags=_named(system, suffix, role),
    )


def _named(system: System, suffix: EnvironmentSuffix, role: str) -> AWSHelperFn:
    return named(f"{system.name_prefix}-{role}", suffix)
