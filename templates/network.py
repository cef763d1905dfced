"""Network: the ways out of the private subnets: their routes, NAT gateways and endpoints of AWS.

They take minutes, and a load balancer needs none of them: a stack of their own lets both be made at
the same time. The VPC itself is in the parent (``templates.vpc``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from troposphere import AWSHelperFn, GetAtt, Ref, ec2

from description.model import Nat, System
from templates.edges import Each, Stack, StackTemplate
from templates.endpoints import add_endpoints
from templates.kinds import (
    EnvironmentSuffix,
    NatGatewayId,
    SubnetId,
    VpcId,
)
from templates.names import named
from templates.vpc import ANYWHERE, ZONE_LETTERS


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the ways out need to know."""

    environment_suffix: EnvironmentSuffix
    vpc_id: VpcId
    public_subnet_id: Each[SubnetId]
    """By letter of the zone: those in which a NAT gateway stands."""
    private_subnet_id: Each[SubnetId]
    """By letter of the zone."""


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What the ways out are for others."""

    nat_gateway_id: Each[NatGatewayId]
    """By what people call it: ``nat-gateway-a``. Only where there are alarms over them."""


def zones_with_nat(system: System) -> str:
    """Return the letters of the zones in whose public subnet a NAT gateway stands."""
    match system.network.nat:
        case Nat.PER_ZONE:
            return ZONE_LETTERS[: system.network.zones]
        case Nat.SINGLE:
            return ZONE_LETTERS[:1]
        case Nat.NONE | Nat.REGIONAL:
            return ""


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the ways out of the network of ``system``."""
    return Stack("network", f"Ways out of the network of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the template of the ways out."""
    tables = {}
    for letter, subnet in given.private_subnet_id.items():
        tables[letter] = t.add_resource(
            ec2.RouteTable(
                f"PrivateRouteTable{letter}",
                VpcId=given.vpc_id,
                Tags=_named(system, given, f"private-{letter.lower()}"),
            )
        )
        t.add_resource(
            ec2.SubnetRouteTableAssociation(
                f"PrivateSubnet{letter}RouteTableAssociation",
                SubnetId=subnet,
                RouteTableId=Ref(tables[letter]),
            )
        )
    nats = add_nat(system, t, given, tables)
    if system.network.has_endpoints:
        add_endpoints(
            system,
            t,
            given.environment_suffix,
            given.vpc_id,
            list(given.private_subnet_id.values()),
            list(tables.values()),
        )
    return Outputs(nat_gateway_id=watched(nats) if system.alarms else {})


def add_nat(
    system: System, t: StackTemplate, given: Inputs, tables: Mapping[str, ec2.RouteTable]
) -> list[ec2.NatGateway]:
    """Add the NAT gateways that the description asks for, and the private routes to them; return
    the gateways.
    """
    match system.network.nat:
        case Nat.NONE:
            return []
        case Nat.REGIONAL:
            nats = [t.add_resource(regional_nat(system, given))]
        case Nat.SINGLE | Nat.PER_ZONE:
            nats = add_zonal_nats(system, t, given)
    for index, (letter, routes) in enumerate(tables.items()):
        t.add_resource(
            ec2.Route(
                f"Private{letter}RouteToInternet",
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


def add_zonal_nats(system: System, t: StackTemplate, given: Inputs) -> list[ec2.NatGateway]:
    """Add a NAT gateway with an address of its own to each of the public subnets given."""
    nats = []
    for letter, subnet in given.public_subnet_id.items():
        tags = _named(system, given, f"nat-{letter.lower()}")
        address = t.add_resource(ec2.EIP(f"NatAddress{letter}", Domain="vpc", Tags=tags))
        nats.append(
            t.add_resource(
                ec2.NatGateway(
                    f"NatGateway{letter}",
                    AllocationId=GetAtt(address, "AllocationId"),
                    SubnetId=subnet,
                    Tags=tags,
                )
            )
        )
    return nats


def regional_nat(system: System, given: Inputs) -> ec2.NatGateway:
    """Return a NAT gateway that spreads over the zones and brings its own addresses.

    Source: Amazon VPC User Guide, "Regional NAT gateways for automatic multi-AZ expansion".
    """
    return ec2.NatGateway(
        "NatGateway",
        AvailabilityMode="regional",
        VpcId=given.vpc_id,
        Tags=_named(system, given, "nat"),
    )


def _named(system: System, given: Inputs, role: str) -> AWSHelperFn:
    return named(f"{system.name_prefix}-{role}", given.environment_suffix)
