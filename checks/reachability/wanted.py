"""Who should reach whom: what a description says, and what follows from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from checks.reachability.connections import HTTPS, INTERNET, elsewhere
from checks.reachability.network import ANYWHERE
from checks.reachability.parties import EDGE
from description.endpoints import KNOWN
from description.model import Nat, System

Wish = tuple[str, str, int]
"""A source, a target and a TCP port."""


@dataclass(frozen=True)
class Wanted:
    """What has to be possible, and what may be."""

    required: frozenset[Wish]
    allowed: frozenset[Wish]
    """What is required, and what nobody can have without it: the load balancer is public, so that
    whoever may open HTTPS connections to anywhere reaches it."""


def edge_ports(system: System) -> tuple[int, ...]:
    """Return the ports of the public load balancer."""
    if not system.routed:
        return ()
    return (80,) if system.edge.protocol == "http" else (80, HTTPS)


def wanted(system: System, called: dict[str, set[str]]) -> Wanted:
    """Return what the description of ``system`` wants to be possible.

    ``called`` has the endpoints, by name, that carry what each service calls on AWS.
    """
    required = {*_edge(system), *_calls(system), *_egress(system)}
    endpoints = {
        (service, f"endpoint {name}", HTTPS) for service, names in called.items() for name in names
    }
    if system.network.nat is Nat.NONE:
        required |= endpoints
    elif system.network.has_endpoints:  # what none is known for goes by NAT
        carried = {f"endpoint {name}" for name in KNOWN}
        required |= {wish for wish in endpoints if wish[1] in carried}
    return Wanted(
        frozenset(required),
        frozenset(
            {
                *required,
                *_beside_endpoints(system, {name for names in called.values() for name in names}),
                *_by_the_front_door(system),
            }
        ),
    )


def _edge(system: System) -> Iterator[Wish]:
    for port in edge_ports(system):
        yield INTERNET, EDGE, port
    for name, service in system.services.items():
        if service.routes and service.port:
            yield EDGE, name, service.port


def _calls(system: System) -> Iterator[Wish]:
    for name, service in system.services.items():
        for callee in service.calls:
            yield name, callee, system.services[callee].port or 0


def _ways_out(system: System, service: str) -> Iterator[tuple[IPv4Network, int]]:
    """Yield the ranges and ports that a service may connect to: HTTPS, and what it names."""
    yield ANYWHERE, HTTPS
    yield from ((one.cidr, one.port) for one in system.services[service].egress)


def _egress(system: System) -> Iterator[Wish]:
    outside = system.network.nat is not Nat.NONE
    for name in system.services:
        for cidr, port in _ways_out(system, name):
            target = elsewhere(cidr, system.network.vpc_cidr, is_outside=outside)
            yield name, str(cidr) if target is None else target, port


def _beside_endpoints(system: System, names: Iterable[str]) -> Iterator[Wish]:
    """Yield who reaches an endpoint that somebody needs: whoever is in a private subnet."""
    for endpoint in names if system.network.has_endpoints else ():
        for source in (*system.services, *map(str, system.network.private_ranges())):
            yield source, f"endpoint {endpoint}", HTTPS


def _by_the_front_door(system: System) -> Iterator[Wish]:
    ports, ranges = edge_ports(system), system.network.public_ranges()
    for name in system.services:
        for cidr, port in _ways_out(system, name):
            if port in ports and any(map(cidr.overlaps, ranges)):
                yield name, EDGE, port
