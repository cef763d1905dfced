"""Rules over networks."""

from collections.abc import Iterator

from checks.own.rule import Hits, rule
from checks.rendering import Node, Path
from checks.walk import (
    Order,
    branches,
    declared,
    is_given,
    items,
    may_be_given,
    resources,
    texts,
)

ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
ROUTE = "AWS::EC2::Route"


@rule("E9171")
def before_the_gateway(template: Node) -> Hits:
    """Require addresses, NAT gateways and routes to wait until the internet gateway is attached:
    EC2 refuses them before, and the gateway cannot be detached while addresses are there (AWS
    CloudFormation User Guide, "DependsOn attribute").
    """
    attachments = {
        name for name, one in declared(template).items() if one.get("Type") == ATTACHMENT
    }
    if not attachments:
        return
    order = Order(template)
    for kind in ("AWS::EC2::EIP", "AWS::EC2::NatGateway", ROUTE):
        for path, properties in resources(template, kind):
            if kind == ROUTE and not may_be_given(properties.get("GatewayId")):
                continue
            if "private" in texts(properties.get("ConnectivityType")):
                continue
            if not attachments & order.before(str(path[1])):
                listed = " or ".join(sorted(attachments))
                yield (*path[:2], "DependsOn"), f"must have {listed}"


@rule("E9172")
def public_addresses_by_default(template: Node) -> Hits:
    """Refuse subnets that give every interface in them a public address: that is for each resource
    to ask for.
    """
    for path, subnet in resources(template, "AWS::EC2::Subnet"):
        given = subnet.get("MapPublicIpOnLaunch")
        if is_given(given) and str(given).lower() == "true":
            yield (*path, "MapPublicIpOnLaunch"), "must be false"


@rule("E9175")
def rules_without_a_reason(template: Node) -> Hits:
    """Require a description of each rule of a security group: PCI DSS 1.2.5 asks who needs what is
    open, and for what.
    """
    for path, one in _rules(template):
        for choice in branches(one.get("Description")):
            if not is_given(choice) or (isinstance(choice, str) and not choice.strip()):
                yield (*path, "Description"), "is missing: say who needs it, and for what"


def _rules(template: Node) -> Iterator[tuple[Path, Node]]:
    """Yield each rule of a security group, in it or on its own."""
    for direction in ("Ingress", "Egress"):
        listed = f"SecurityGroup{direction}"
        yield from resources(template, f"AWS::EC2::{listed}")
        for path, group in resources(template, "AWS::EC2::SecurityGroup"):
            yield from items(group.get(listed), (*path, listed))
