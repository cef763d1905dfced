"""Routes that do not stand in each other's way."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from description.mistakes import Finding, Where
from description.model import Route, System

EVERY_HOST, EVERY_PATH = "*", "/*"
"""What a route without hosts, or without paths, matches."""


@dataclass(frozen=True)
class Placed:
    """A route and its place in the description."""

    where: Where
    route: Route
    pairs: frozenset[tuple[str, str]]
    """The pairs of host and path that make a request match, any of them."""


def routed_services_have_a_port(system: System) -> Iterator[Finding]:
    """Find services with routes and no port."""
    for name, service in system.services.items():
        if service.routes and service.port is None:
            yield Finding(
                where=("services", name, "port"),
                problem="is missing, but the service has routes",
                allowed="the port that its container listens on",
                reads=(("services", name, "port"), ("services", name, "routes")),
            )


MOST_ROUTED = 100
"""Services with routes: each has a target group, and a load balancer has no more of these.

Source: Elastic Load Balancing, "Quotas for your Application Load Balancers": 100 target groups per
load balancer, which AWS raises for nobody.
"""


def a_load_balancer_has_room_for_all(system: System) -> Iterator[Finding]:
    """Find more services with routes than a load balancer has target groups."""
    routed = [name for name, service in system.services.items() if service.routes]
    for name in routed[MOST_ROUTED:]:
        yield Finding(
            where=("services", name, "routes"),
            problem=f"are too many: {MOST_ROUTED} services before have routes",
            allowed=f"routes of {MOST_ROUTED} services, the target groups that a load balancer has",
            reads=(("services", name, "routes"),),
        )


def priorities_differ(system: System) -> Iterator[Finding]:
    """Find routes that share a priority."""
    first: dict[int, Placed] = {}
    for placed in _routes(system):
        other = first.setdefault(placed.route.priority, placed)
        if other is not placed:
            yield Finding(
                where=(*placed.where, "priority"),
                problem="is the priority of {other} too",
                other=other.where,
                found=placed.route.priority,
                allowed="a number that no other route has",
                reads=((*placed.where, "priority"), (*other.where, "priority")),
            )


def requests_match_one_route(system: System) -> Iterator[Finding]:
    """Find routes that match the same host and path."""
    for one, other in combinations(_routes(system), 2):
        for host, path in sorted(one.pairs & other.pairs):
            yield Finding(
                where=other.where,
                problem=f"matches path {path} of host {host}, as {{other}} does",
                other=one.where,
                allowed="each path of a host in one route",
                reads=_patterns(one, other),
            )


def every_route_can_match(system: System) -> Iterator[Finding]:
    """Find routes that come after another one that takes all of their requests."""
    # Routes by what their paths begin with, up to the first wildcard: few can match a given path.
    earlier: dict[str, list[Placed]] = defaultdict(list)
    for later in sorted(_routes(system), key=lambda placed: placed.route.priority):
        first_path = min(later.pairs)[1]
        starts = (first_path[:length] for length in range(len(first_path) + 1))
        for other in (one for start in starts for one in earlier.get(start, ())):
            if _takes_all(other, later):
                yield Finding(
                    where=(*later.where, "priority"),
                    problem="comes after {other}, which takes all of its requests",
                    other=other.where,
                    found=later.route.priority,
                    allowed=f"less than {other.route.priority}",
                    reads=(
                        (*other.where, "priority"),
                        (*later.where, "priority"),
                        *_patterns(other, later),
                    ),
                )
                break
        for start in {_compiled(path)[0] for _, path in later.pairs}:
            earlier[start].append(later)


def _takes_all(earlier: Placed, later: Placed) -> bool:
    """Return whether an earlier route leaves nothing to a later one, and no other rule says so."""
    return (
        earlier.route.priority < later.route.priority
        and not earlier.pairs & later.pairs
        and all(_covered(pair, earlier.pairs) for pair in later.pairs)
    )


def _covered(pair: tuple[str, str], others: Iterable[tuple[str, str]]) -> bool:
    return any(_covers(path, pair[1]) and _covers(host, pair[0]) for host, path in others)


def _covers(pattern: str, other: str) -> bool:
    """Return whether a pattern matches everything that another one matches.

    The other's asterisks stand for themselves; only an asterisk can match them, and it then matches
    all that they stand for.
    """
    start, regex = _compiled(pattern)
    return other.startswith(start) and bool(regex.fullmatch(other))


@cache
def _compiled(pattern: str) -> tuple[str, re.Pattern[str]]:
    """Return the letters before a pattern's first wildcard, and all of it as an expression."""
    parts = {"*": ".*", "?": "[^*]"}
    expression = "".join(parts.get(letter, re.escape(letter)) for letter in pattern)
    return re.split(r"[*?]", pattern, maxsplit=1)[0], re.compile(expression)


def _patterns(*placed: Placed) -> tuple[Where, ...]:
    return tuple((*one.where, field) for one in placed for field in ("paths", "hosts"))


def _routes(system: System) -> list[Placed]:
    return [
        Placed(("services", name, "routes", index), route, _pairs(route))
        for name, service in system.services.items()
        for index, route in enumerate(service.routes)
    ]


def _pairs(route: Route) -> frozenset[tuple[str, str]]:
    hosts = [host.lower() for host in route.hosts] or [EVERY_HOST]
    return frozenset((host, path) for host in hosts for path in route.paths or [EVERY_PATH])


RULES = (
    routed_services_have_a_port,
    a_load_balancer_has_room_for_all,
    priorities_differ,
    requests_match_one_route,
    every_route_can_match,
)
