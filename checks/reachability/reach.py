"""The check itself: a system, resolved with one set of parameters, against its description."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from checks.findings import Finding
from checks.reachability import listeners, placement
from checks.reachability.connections import Connection, Connections
from checks.reachability.groups import Rules, tcp
from checks.reachability.needs import called
from checks.reachability.network import CannotFollowError, Network
from checks.reachability.parties import SERVICE, Party, parties, service_name
from checks.reachability.wanted import Wanted, Wish, wanted
from checks.rendering import Rendering
from checks.resolved import ResolutionError, System, resolve
from description.model import System as Description
from description.names import stack_of


@dataclass(frozen=True)
class Reach:
    """Who reaches whom in one environment."""

    system: str
    environment: str
    connections: frozenset[Connection]
    findings: tuple[Finding, ...]


def reach(
    rendering: Rendering, described: Description, environment: str, parameters: Mapping[str, str]
) -> Reach:
    """Return who can reach whom once all images are known, and what is wrong with that."""
    names = {stack_of(name): name for name in described.services}
    try:
        system = resolve(rendering, parameters)
        network = Network(system)
        who = parties(system, network, names)
        connections = Connections(system, network, who, Rules(system))
    except ResolutionError as error:
        return Reach(rendering.system, environment, frozenset(), (error.finding("E9500"),))
    except CannotFollowError as error:
        return Reach(rendering.system, environment, frozenset(), (error.finding,))
    needs = {service_name(one, names): called(system, one) for one in system.of_type(SERVICE)}
    wishes = wanted(described, needs)
    findings = (
        *_missing(wishes.required, connections.all, who, system),
        *_unwanted(wishes, connections.all),
        *(
            rule.finding("E9503", "leads nowhere: no connection uses it")
            for rule in connections.unused
        ),
        *listeners.differences(system, described, names),
        *placement.mistakes(system, described, network, who),
    )
    return Reach(rendering.system, environment, frozenset(connections.all), findings)


def _missing(
    required: Iterable[Wish], found: Iterable[Connection], who: list[Party], system: System
) -> Iterator[Finding]:
    """Yield what should be possible and is not."""
    places = {party.name: party.resource for party in who}
    somewhere = next(iter(system.resources.values()))
    ways: dict[tuple[str, str], list[Connection]] = {}
    for one in found:
        ways.setdefault((one.source, one.target), []).append(one)
    for source, target, port in sorted(required):
        if any(one.is_whole and one.ports.has(port) for one in ways.get((source, target), ())):
            continue
        place = places.get(source) or places.get(target) or somewhere
        yield place.finding("E9501", f"{source} must reach {target} on port {port}, and cannot")


def _unwanted(wishes: Wanted, found: Iterable[Connection]) -> Iterator[Finding]:
    """Yield what should not be possible and is."""
    allowed = {(source, target, tcp(port)) for source, target, port in wishes.allowed}
    for one in found:
        if (one.source, one.target, one.ports) not in allowed:
            message = f"{one.source} reaches {one.target} on port {one.ports}"
            yield one.rule.finding("E9502", f"{message}, which the description does not say")
