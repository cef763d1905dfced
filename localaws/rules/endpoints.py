"""VPC endpoints: one for a service in a VPC where its private name leads, or in a route table."""

from collections.abc import Iterable, Iterator

from localaws import emulator
from localaws.emulator import Properties, Record
from localaws.rules.guard import refuse
from localaws.shapes import is_true


def free(properties: Properties, endpoint_id: str = "") -> None:
    """Refuse an endpoint (a new one, or the one of that id) where another one stands in its way."""
    others = [
        other
        for other in emulator.ec2_endpoints.values()
        if other["VpcEndpointId"] != endpoint_id
        and (other["VpcId"], other["ServiceName"])
        == (properties["VpcId"], properties["ServiceName"])
    ]
    if properties.get("VpcEndpointType", "Gateway") == "Gateway":
        _one_per_route_table(properties.get("RouteTableIds") or [], others)
        return
    _one_subnet_per_zone(properties.get("SubnetIds") or [])
    if is_true(properties.get("PrivateDnsEnabled", False)):
        _names_lead_here(properties, others)


def _one_per_route_table(tables: Iterable[str], others: Iterable[Record]) -> None:
    taken = {table for other in others for table in other["RouteTableIds"]}
    for table in taken.intersection(tables):
        refuse(
            table,
            "RouteAlreadyExists",
            f"route table {table} already has a route with destination-prefix-list-id of "
            "that service",
        )


def _one_subnet_per_zone(subnets: Iterable[str]) -> None:
    zones: set[str] = set()
    for subnet in subnets:
        zone = emulator.ec2_subnets[subnet]["AvailabilityZone"]
        refuse(
            zone in zones,
            "DuplicateSubnetsInSameZone",
            f"Found another VPC endpoint subnet in the availability zone of {subnet}. VPC endpoint "
            "subnets should be in different availability zones supported by the VPC endpoint "
            "service.",
        )
        zones.add(zone)


def _names_lead_here(properties: Properties, others: Iterable[Record]) -> None:
    vpc_id, service = properties["VpcId"], properties["ServiceName"]
    vpc = emulator.ec2_vpcs.get(vpc_id, {})
    named = vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)
    refuse(
        not named,
        "InvalidParameter",
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes "
        f"set to true for {vpc_id}",
    )
    refuse(
        any(_with_names(others)),
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        f"{service} in the VPC {vpc_id}",
    )


def _with_names(endpoints: Iterable[Record]) -> Iterator[Record]:
    return (each for each in endpoints if is_true(each.get("PrivateDnsEnabled", False)))
