"""Requirement 1: network security controls."""

from collections.abc import Iterator
from typing import Final

from checks.evidence.control import Control, Fact, both, every, given, is_
from checks.resolved import System

GROUP: Final = "AWS::EC2::SecurityGroup"
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"


def _ways_out(system: System) -> Iterator[Fact]:
    """Yield whom each group lets its members reach: one port, or by any the loopback address, which
    stands for nobody.
    """
    for group in system.of_type(GROUP):
        for index, rule in enumerate(group.properties.get("SecurityGroupEgress", [])):
            place = f"SecurityGroupEgress/{index}"
            value = {key: text for key, text in rule.items() if key != "Description"}
            nobody = rule.get("CidrIp") == "127.0.0.1/32"
            yield Fact(group, place, value, nobody or "FromPort" in rule)


CONTROLS: Final = (
    Control(
        "1.2.5",
        "Every service, protocol and port that is allowed is known and has a reason.",
        "Each rule of a security group names one port and has a description; all of them together "
        "allow what the description says, and nothing else.",
        ("E9501", "E9502", "E9503"),
        both(
            every(GROUP, "SecurityGroupIngress/*/Description", bool),
            every(INGRESS, "Description", bool),
            every(EGRESS, "Description", bool),
        ),
    ),
    Control(
        "1.3.1",
        "Only traffic that is needed comes in to systems that handle card data.",
        "Tasks let in the load balancer and described callers, by security group and on their own "
        "port.",
        ("E9501", "E9502"),
        both(
            every(INGRESS, "FromPort", given),
            every(INGRESS, "SourceSecurityGroupId", bool),
        ),
    ),
    Control(
        "1.3.2",
        "Only traffic that is needed goes out of systems that handle card data.",
        "Tasks reach described services and addresses, and HTTPS; nothing else is open.",
        ("E9501", "E9502"),
        both(
            _ways_out,
            every(EGRESS, "FromPort", given),
        ),
    ),
    Control(
        "1.4.4",
        "What handles card data cannot be reached directly from untrusted networks.",
        "Tasks run in private subnets without public addresses; the load balancer alone faces the "
        "internet.",
        ("E9502", "E9506"),
        both(
            every(
                "AWS::ECS::Service",
                "NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp",
                is_("DISABLED"),
            ),
            every("AWS::EC2::Subnet", "MapPublicIpOnLaunch", is_(False)),
        ),
    ),
)
