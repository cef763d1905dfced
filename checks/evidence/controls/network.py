"""Requirement 1: network security controls."""

from collections.abc import Iterator
from typing import Any, Final

from checks.evidence.control import AnyNumber, Control, Fact, every, given, is_
from checks.resolved import System

GROUP: Final = "AWS::EC2::SecurityGroup"
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"
SERVICE: Final = "AWS::ECS::Service"

NOBODY: Final = "127.0.0.1/32"
"""The address to which a group without a way out lets its members connect."""


def _inline(place: str) -> Any:
    def facts(system: System) -> Iterator[Fact]:
        for group in system.of_type(GROUP):
            for index, rule in enumerate(group.properties.get(place, [])):
                if rule.get("CidrIp") != NOBODY:
                    yield Fact(group, f"{place}/{index}", rule, _is_narrow(rule))

    return facts


def _alone(kind: str) -> Any:
    def facts(system: System) -> Iterator[Fact]:
        for rule in system.of_type(kind):
            given = {key: rule.properties.get(key) for key in ("IpProtocol", "FromPort", "ToPort")}
            peer = rule.properties.get("SourceSecurityGroupId") or rule.properties.get(
                "DestinationSecurityGroupId"
            )
            yield Fact(rule, "FromPort", {**given, "group": peer}, bool(peer) and _is_narrow(given))

    return facts


def _is_narrow(rule: dict[str, Any]) -> bool:
    """Return whether a rule opens one port."""
    return rule.get("FromPort") is not None and rule.get("FromPort") == rule.get("ToPort")


def _subnets(system: System) -> Iterator[Fact]:
    """Yield the subnets of each service: none of them has a route to an internet gateway."""
    public = {
        str(association.properties.get("SubnetId"))
        for association in system.of_type("AWS::EC2::SubnetRouteTableAssociation")
        for route in system.of_type("AWS::EC2::Route")
        if route.properties.get("GatewayId")
        and route.properties.get("RouteTableId") == association.properties.get("RouteTableId")
    }
    place = "NetworkConfiguration/AwsvpcConfiguration/Subnets"
    for service in system.of_type(SERVICE):
        network = service.properties.get("NetworkConfiguration", {})
        subnets = network.get("AwsvpcConfiguration", {}).get("Subnets") or []
        holds = bool(subnets) and public.isdisjoint(map(str, subnets))
        yield Fact(service, place, subnets, holds)


CONTROLS: Final = (
    Control(
        "1.2.5",
        "Every service, protocol and port that is allowed is known and has a reason.",
        "Each rule of a security group names one port and says what it is for; all of them "
        "together allow what the description says, and nothing else.",
        ("E9500", "E9501", "E9502", "E9503", "E9175"),
        (
            every(GROUP, "SecurityGroupIngress/*/Description", given),
            every(GROUP, "SecurityGroupEgress/*/Description", given),
            AnyNumber(every(INGRESS, "Description", given)),
            AnyNumber(every(EGRESS, "Description", given)),
        ),
    ),
    Control(
        "1.3.1",
        "Only traffic that is needed comes in to systems that handle card data.",
        "The load balancer lets in the internet on its ports; tasks let in the load balancer and "
        "described callers, by security group, on their own port.",
        ("E9500", "E9501", "E9502", "E9734"),
        (_inline("SecurityGroupIngress"), AnyNumber(_alone(INGRESS))),
    ),
    Control(
        "1.3.2",
        "Only traffic that is needed goes out of systems that handle card data.",
        "Tasks reach described services and addresses, and HTTPS; nothing else is open.",
        ("E9500", "E9501", "E9502", "E9734"),
        (_inline("SecurityGroupEgress"), AnyNumber(_alone(EGRESS))),
    ),
    Control(
        "1.4.2",
        "Untrusted networks reach only what is meant to be public.",
        "Tasks run in private subnets without public addresses; the load balancer alone faces the "
        "internet.",
        ("E9172", "E9500", "E9502", "E9505", "E9506", "E9508"),
        (
            every(
                SERVICE,
                "NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp",
                is_("DISABLED"),
            ),
            _subnets,
            every("AWS::EC2::Subnet", "MapPublicIpOnLaunch", is_(False)),
        ),
    ),
)
