"""What has to agree in the network, beside who reaches whom (E95xx)."""

from typing import Any, Final

from checks.consistency.nest import SERVICE, Nest, below, text
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource

ENDPOINT: Final = "AWS::EC2::VPCEndpoint"
INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"


@rule("E9734")
def endpoint_in_another_zone(nest: Nest) -> Hits:
    """Require each interface endpoint in every subnet that tasks run in: from another zone they pay
    for each byte, and lose AWS with that zone.
    """
    tasks = {
        str(subnet)
        for service in nest.system.of_type(SERVICE)
        for subnet in below(service.properties, *_SUBNETS) or []
    }
    for endpoint in nest.system.of_type(ENDPOINT):
        if endpoint.properties.get("VpcEndpointType") == "Interface":
            there = {str(subnet) for subnet in endpoint.properties.get("SubnetIds", [])}
            if missing := sorted(tasks - there):
                yield Hit(endpoint, f"must also be in {', '.join(missing)}", ("SubnetIds",))


_SUBNETS: Final = ("NetworkConfiguration", "AwsvpcConfiguration", "Subnets")


@rule("E9735")
def halves_of_a_connection(nest: Nest) -> Hits:
    """Require that the rule that lets a connection out and the one that lets it in are for the same
    ports: the wider one waits for a mistake in the other.
    """
    ins = {
        _connection(one, "SourceSecurityGroupId", "GroupId"): one for one in _rules(nest, INGRESS)
    }
    outs = {
        _connection(one, "GroupId", "DestinationSecurityGroupId"): one
        for one in _rules(nest, EGRESS)
    }
    for one in sorted(ins.keys() | outs.keys()):
        if one not in outs:
            yield Hit(ins[one], f"lets in ports {one[2]}, which no rule lets out so")
        elif one not in ins:
            yield Hit(outs[one], f"lets out ports {one[2]}, which no rule lets in so")


def _rules(nest: Nest, kind: str) -> list[Resource]:
    """Return the rules of one kind between two groups."""
    other = "SourceSecurityGroupId" if kind == INGRESS else "DestinationSecurityGroupId"
    return [one for one in nest.system.of_type(kind) if one.properties.get(other) is not None]


def _connection(one: Resource, source: str, target: str) -> tuple[str, str, str]:
    given: Any = one.properties
    ports = f"{text(given.get('FromPort'))}-{text(given.get('ToPort'))}/{given.get('IpProtocol')}"
    return str(given.get(source)), str(given.get(target)), ports
