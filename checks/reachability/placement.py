"""Placement: subnets have a way out as described, and zones really differ."""

from collections.abc import Iterator

from checks.findings import Finding
from checks.reachability.network import Network, Subnet
from checks.reachability.parties import ENDPOINT, SERVICE, Party
from checks.resolved import System
from description.model import Nat
from description.model import System as Description


def mistakes(
    system: System, described: Description, network: Network, parties: list[Party]
) -> Iterator[Finding]:
    """Yield what is wrong with where things are."""
    yield from _addresses(described, network)
    for subnet in network.subnets.values():
        yield from _routing(subnet)
    tasks = {subnet for one in parties if one.resource.type == SERVICE for subnet in one.subnets}
    private = {subnet for subnet in network.subnets.values() if not subnet.is_public} | tasks
    for subnet in private:
        yield from _way_out(described.network.nat, network, subnet)
    gateways = {subnet.gateway.logical_id for subnet in private if subnet.gateway}
    if described.network.nat is Nat.SINGLE and len(gateways) > 1:
        message = f"has {', '.join(sorted(gateways))} as ways out, where one should be: nat: single"
        yield network.vpc.finding("E9507", message)
    for party in parties:
        yield from _exposed(party)
        yield from _zones(described, party)
    for endpoint in system.of_type(ENDPOINT):
        if (
            endpoint.properties.get("VpcEndpointType") == "Interface"
            and endpoint.properties.get("PrivateDnsEnabled") is not True
        ):
            message = "must be true: tasks look up the public names of AWS services"
            yield endpoint.finding("E9509", message, "PrivateDnsEnabled")


def _addresses(described: Description, network: Network) -> Iterator[Finding]:
    if network.cidr != described.network.vpc_cidr:
        message = f"must be {described.network.vpc_cidr} as described, found {network.cidr}"
        yield network.vpc.finding("E9510", message, "CidrBlock")
    wanted = {*described.network.private_ranges(), *described.network.public_ranges()}
    for subnet in network.subnets.values():
        if subnet.cidr not in wanted:
            ranges = ", ".join(sorted(map(str, wanted)))
            message = f"must be one of {ranges} as described, found {subnet.cidr}"
            yield subnet.resource.finding("E9510", message, "CidrBlock")


def _routing(subnet: Subnet) -> Iterator[Finding]:
    if len(subnet.tables) != 1:
        names = ", ".join(table.logical_id for table in subnet.tables) or "none: the VPC's own"
        message = f"must be associated with one route table, found {names}"
        yield subnet.resource.finding("E9505", message)


def _way_out(nat: Nat, network: Network, subnet: Subnet) -> Iterator[Finding]:
    gateway = subnet.gateway
    if gateway is not None and subnet.is_public:
        return  # said by _exposed
    if nat is Nat.NONE and gateway is not None:
        message = f"goes out by {gateway.logical_id}, where the description says nat: none"
        yield subnet.resource.finding("E9507", message)
    elif nat is not Nat.NONE and gateway is None:
        yield subnet.resource.finding("E9507", "has no way out: no route leads to the internet")
    elif gateway is not None:
        regional = gateway.properties.get("AvailabilityMode") == "regional"
        if regional != (nat is Nat.REGIONAL):
            message = f"goes out by {gateway.logical_id}, which is not what nat: {nat} says"
            yield subnet.resource.finding("E9507", message)
        elif nat is Nat.PER_ZONE and network.zone_of(gateway) != subnet.zone:
            message = f"goes out by {gateway.logical_id} in {network.zone_of(gateway)}, "
            yield subnet.resource.finding("E9507", f"{message}must be in its own, {subnet.zone}")


def _exposed(party: Party) -> Iterator[Finding]:
    if party.resource.type not in (SERVICE, ENDPOINT):
        return
    if party.has_public_addresses:
        yield party.resource.finding("E9506", "gives its tasks public addresses")
    for subnet in party.subnets:
        if subnet.is_public:
            message = f"is in {subnet.resource.address}, a public subnet"
            yield party.resource.finding("E9506", message)


def _zones(described: Description, party: Party) -> Iterator[Finding]:
    zones = [subnet.zone or "no zone" for subnet in party.subnets]
    wanted = described.network.zones
    if len(set(zones)) != wanted or len(zones) != wanted or "no zone" in zones:
        message = f"must be in {wanted} zones, found {', '.join(sorted(zones))}"
        yield party.resource.finding("E9508", message)
