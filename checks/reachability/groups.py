"""Security group rules: what a group lets in and out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Final, NamedTuple

from checks.findings import Finding
from checks.reachability.network import ANYWHERE, CannotFollowError, address_range
from checks.resolved import Resource, System

GROUP: Final = "AWS::EC2::SecurityGroup"
LOOPBACK: Final = IPv4Network("127.0.0.0/8")
"""A rule to these addresses leads nowhere; it stands in for EC2's own, which allows everything."""

PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "all": "-1"}
"""Other names of protocols (EC2 API, IpPermission, IpProtocol)."""

ALL: Final = "-1"


class Ports(NamedTuple):
    """Ports of a protocol, from ``low`` to ``high``."""

    protocol: str
    low: int
    high: int

    def meet(self, other: "Ports") -> "Ports | None":
        """Return what is in both."""
        if self.protocol == ALL:
            return other
        if other.protocol not in (ALL, self.protocol):
            return None
        if other.protocol == ALL:
            return self
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Ports(self.protocol, low, high) if low <= high else None

    def has(self, port: int) -> bool:
        """Return whether a TCP port is among them."""
        return self.meet(tcp(port)) is not None

    def __str__(self) -> str:
        if self.protocol == ALL:
            return "all"
        ports = str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
        return ports if self.protocol == "tcp" else f"{self.protocol} {ports}"


def tcp(port: int) -> Ports:
    """Return one TCP port."""
    return Ports("tcp", port, port)


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of a security group."""

    resource: Resource
    path: tuple[str | int, ...]
    """Where it is in the resource's properties."""
    group: str
    """The address of the group that it belongs to."""
    outward: bool
    peer: str | IPv4Network
    """Whom it lets in or out to: a group's address, or a range of addresses."""
    ports: Ports

    def finding(self, rule: str, message: str) -> Finding:
        """Return something wrong with it."""
        return self.resource.finding(rule, message, *self.path)


class Rules:
    """All rules of a system, by group and direction. Raises ``CannotFollowError``."""

    def __init__(self, system: System) -> None:
        self.all = [
            rule
            for rule in (*_inline(system), *_standalone(system))
            if not (isinstance(rule.peer, IPv4Network) and rule.peer.subnet_of(LOOPBACK))
        ]
        self._by_group: dict[tuple[str, bool], list[Rule]] = {}
        for rule in self.all:
            self._by_group.setdefault((rule.group, rule.outward), []).append(rule)

    def of(self, groups: Iterable[str], *, outward: bool) -> list[Rule]:
        """Return what the given groups, by address, let out or in."""
        return [rule for group in groups for rule in self._by_group.get((group, outward), [])]


def _inline(system: System) -> Iterator[Rule]:
    for group in system.of_type(GROUP):
        for name, outward in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
            rules = group.properties.get(name, [])
            for index, rule in enumerate(rules):
                yield _rule(system, group, (name, index), rule, group.address, outward)
        if not group.properties.get("SecurityGroupEgress"):
            # CloudFormation, AWS::EC2::SecurityGroup, SecurityGroupEgress: EC2 adds this one.
            yield Rule(
                group, ("SecurityGroupEgress",), group.address, True, ANYWHERE, _everything()
            )


def _standalone(system: System) -> Iterator[Rule]:
    for kind, outward in (("Ingress", False), ("Egress", True)):
        for resource in system.of_type(f"{GROUP}{kind}"):
            group = system.find(GROUP, resource.properties.get("GroupId"))
            if group is None:
                raise CannotFollowError(resource, "is for no group of this system", "GroupId")
            yield _rule(system, resource, (), resource.properties, group.address, outward)


def _rule(
    system: System,
    resource: Resource,
    path: tuple[str | int, ...],
    rule: dict[str, Any],
    group: str,
    outward: bool,
) -> Rule:
    name = f"{'Destination' if outward else 'Source'}SecurityGroupId"
    if "CidrIp" in rule:
        peer: str | IPv4Network = address_range(resource, rule["CidrIp"], *path, "CidrIp")
    elif other := system.find(GROUP, rule.get(name)):
        peer = other.address
    else:
        message = f"must have CidrIp, or {name} with a group of this system"
        raise CannotFollowError(resource, message, *path)
    try:
        ports = _ports(rule)
    except (TypeError, ValueError):
        raise CannotFollowError(resource, "must have ports that are numbers", *path) from None
    return Rule(resource, path, group, outward, peer, ports)


def _ports(rule: dict[str, Any]) -> Ports:
    protocol = str(rule.get("IpProtocol", ALL))
    protocol = PROTOCOLS.get(protocol, protocol)
    if protocol == ALL or "FromPort" not in rule:
        return _everything()._replace(protocol=protocol)
    low = rule["FromPort"]
    return Ports(protocol, int(low), int(rule.get("ToPort", low)))


def _everything() -> Ports:
    return Ports(ALL, 0, 65535)
