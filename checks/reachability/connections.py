"""Connections: who can reach whom, as security groups, routes and endpoints have it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from itertools import product
from typing import Final

from checks.reachability.groups import Ports, Rule, Rules
from checks.reachability.network import ANYWHERE, Network
from checks.reachability.parties import ENDPOINT, Party, endpoint_name
from checks.resolved import System

INTERNET: Final = "internet"
HTTPS: Final = 443


@dataclass(frozen=True)
class Connection:
    """Somebody who can reach somebody."""

    source: str
    target: str
    ports: Ports
    rule: Rule = field(compare=False)
    """The rule that lets it in, or out to somewhere else."""
    is_whole: bool = field(compare=False)
    """Whether it holds for every address of both."""


class Connections:
    """Everything that is possible."""

    def __init__(
        self, system: System, network: Network, parties: list[Party], rules: Rules
    ) -> None:
        self._system, self._network, self._parties, self._rules = system, network, parties, rules
        self._used: set[Rule] = set()
        self._of_group: dict[str, list[Party]] = {}
        for party in parties:
            for group in party.groups:
                self._of_group.setdefault(group, []).append(party)
        self.all = {
            *self._between_parties(),
            *self._to_elsewhere(),
            *self._from_elsewhere(),
            *self._through_gateway_endpoints(),
        }

    @property
    def unused(self) -> list[Rule]:
        """The rules that lead nowhere."""
        return [rule for rule in self._rules.all if rule not in self._used]

    def _between_parties(self) -> Iterator[Connection]:
        for target in self._parties:
            ways_in = self._by_peer(self._rules.of(target.groups, outward=False))
            for source in (party for party in self._parties if party in ways_in):
                lets_out = self._rules.of(source.groups, outward=True)
                ways_out = [rule for rule in lets_out if _meets(rule, target)]
                whole: dict[Ports, bool] = {}
                for way_in, way_out in product(ways_in[source], ways_out):
                    ports = way_out.ports.meet(way_in.ports)
                    if ports:
                        self._used |= {way_in, way_out}
                        if ports not in whole:
                            whole[ports] = _covers(ways_in[source], source, ports) and _covers(
                                ways_out, target, ports
                            )
                        yield Connection(source.name, target.name, ports, way_in, whole[ports])

    def _by_peer(self, rules: list[Rule]) -> dict[Party, list[Rule]]:
        """Return the rules that let each party in; one that none does is not there."""
        found: dict[Party, list[Rule]] = {}
        for rule in rules:
            if isinstance(rule.peer, str):
                met = self._of_group.get(rule.peer, [])
            else:
                met = [party for party in self._parties if _meets(rule, party)]
            for party in met:
                found.setdefault(party, []).append(rule)
        return found

    def _to_elsewhere(self) -> Iterator[Connection]:
        for source in self._parties:
            for rule in self._rules.of(source.groups, outward=True):
                if isinstance(rule.peer, IPv4Network):
                    yield from self._elsewhere(source, rule, source.goes_out)

    def _from_elsewhere(self) -> Iterator[Connection]:
        for target in self._parties:
            for rule in self._rules.of(target.groups, outward=False):
                if isinstance(rule.peer, IPv4Network):
                    yield from self._elsewhere(target, rule, target.is_public)

    def _elsewhere(self, party: Party, rule: Rule, is_outside: bool) -> Iterator[Connection]:
        """Yield the connection of ``party`` with addresses that are no party's."""
        if not isinstance(rule.peer, IPv4Network):
            return
        other = elsewhere(rule.peer, self._network.cidr, is_outside=is_outside)
        if other is not None:
            self._used.add(rule)
            ends = (party.name, other) if rule.outward else (other, party.name)
            yield Connection(*ends, rule.ports, rule, True)

    def _through_gateway_endpoints(self) -> Iterator[Connection]:
        """Yield who reaches S3 or DynamoDB, whose addresses are public, without the internet."""
        for endpoint in self._system.of_type(ENDPOINT):
            if endpoint.properties.get("VpcEndpointType", "Gateway") != "Gateway":
                continue
            tables = endpoint.properties.get("RouteTableIds", [])
            for party in self._parties:
                for rule in self._rules.of(party.groups, outward=True):
                    if rule.peer != ANYWHERE or not rule.ports.has(HTTPS):
                        continue
                    led = [
                        any(table.reference in tables for table in subnet.tables)
                        for subnet in party.subnets
                    ]
                    if any(led):
                        self._used.add(rule)
                        name = endpoint_name(endpoint, self._system)
                        yield Connection(party.name, name, rule.ports, rule, all(led))


def elsewhere(cidr: IPv4Network, vpc: IPv4Network, *, is_outside: bool) -> str | None:
    """Return what to call addresses that a rule names; ``None`` if there is no way to them.

    ``is_outside`` says whether there is a way between them and the world outside of the VPC.
    """
    if is_outside and cidr == ANYWHERE:
        return INTERNET
    if is_outside or cidr.subnet_of(vpc):
        return str(cidr)
    return str(vpc) if cidr.overlaps(vpc) else None


def _meets(rule: Rule, party: Party) -> bool:
    """Return whether a rule's peer is ``party``, or some of its addresses."""
    if isinstance(rule.peer, IPv4Network):
        return any(rule.peer.overlaps(subnet.cidr) for subnet in party.subnets)
    return rule.peer in party.groups


def _covers(rules: list[Rule], party: Party, ports: Ports) -> bool:
    """Return whether every address of ``party`` is a peer of some rule for these ports."""
    fitting = [rule for rule in rules if rule.ports.meet(ports) == ports]
    return any(rule.peer in party.groups for rule in fitting if isinstance(rule.peer, str)) or all(
        any(
            isinstance(rule.peer, IPv4Network) and subnet.cidr.subnet_of(rule.peer)
            for rule in fitting
        )
        for subnet in party.subnets
    )
