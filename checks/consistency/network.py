"""What has to agree in the network, beside who reaches whom (E95xx)."""

from typing import Any, Final

from checks.consistency.nest import Nest, text
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource

INGRESS: Final = "AWS::EC2::SecurityGroupIngress"
EGRESS: Final = "AWS::EC2::SecurityGroupEgress"


@rule("E9734")
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
