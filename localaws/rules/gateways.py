"""Internet gateways: what has a public address needs its VPC's gateway, and keeps it attached."""

from collections.abc import Iterable, Iterator

from localaws import emulator
from localaws.ec2_answers import one, refusal
from localaws.emulator import Record
from localaws.rules.guard import guard, refuse


def install() -> None:
    """Let EC2's own calls follow these rules."""
    guard(
        emulator.ec2_actions,
        refusal,
        {
            "CreateRoute": lambda request: attached(
                one(request, "RouteTableId"), one(request, "GatewayId")
            ),
            "DeleteInternetGateway": lambda request: keep_attached(
                one(request, "InternetGatewayId")
            ),
            "DetachInternetGateway": lambda request: keep_used(one(request, "VpcId")),
        },
    )


def attached(table_id: str, gateway: str) -> None:
    """Refuse a route to an internet gateway that the VPC of the route table does not have."""
    vpc_id = emulator.ec2_route_tables.get(table_id, {}).get("VpcId", "")
    refuse(
        gateway.startswith("igw-") and gateway not in _gateways_of(vpc_id),
        "InvalidParameterValue",
        f"route table {table_id} and network gateway {gateway} belong to different networks",
    )


def reachable_nat_gateway(vpc_id: str) -> None:
    """Refuse a public NAT gateway in a VPC that has no internet gateway."""
    refuse(
        not _gateways_of(vpc_id),
        "Gateway.NotAttached",
        f"Network {vpc_id} has no Internet gateway attached",
    )


def reachable_balancer(subnets: Iterable[str], scheme: str) -> None:
    """Refuse a load balancer that faces the internet from a VPC without an internet gateway."""
    if scheme == "internal":
        return
    for vpc_id in _vpcs_of(subnets):
        refuse(
            not _gateways_of(vpc_id),
            "InvalidSubnet",
            f"VPC {vpc_id} has no internet gateway",
        )


def _gateways_of(vpc_id: str) -> list[str]:
    return [
        gateway_id
        for gateway_id, gateway in emulator.ec2_internet_gateways.items()
        if any(attachment["VpcId"] == vpc_id for attachment in gateway.get("Attachments", []))
    ]


def keep_attached(gateway: str) -> None:
    """Refuse to delete an internet gateway that a VPC has."""
    refuse(
        emulator.ec2_internet_gateways.get(gateway, {}).get("Attachments"),
        "DependencyViolation",
        f"The internetGateway '{gateway}' has dependencies and cannot be deleted.",
    )


def keep_used(vpc_id: str) -> None:
    """Refuse to detach the internet gateway of a VPC in which something has a public address."""
    refuse(
        vpc_id in set(_public_places()),
        "DependencyViolation",
        f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
        "address(es) before detaching the gateway.",
    )


def _public_places() -> Iterator[str]:
    """Yield the VPC of everything that has a public address."""
    for gateway in emulator.ec2_nat_gateways.values():
        if gateway["State"] != "deleted" and gateway["ConnectivityType"] == "public":
            yield gateway["VpcId"]
    for balancer in emulator.load_balancers.values():
        if balancer["Scheme"] == "internet-facing":
            yield from _vpcs_of(balancer["Subnets"])
    for service in list(emulator.ecs_services.values()):
        network: Record = (service["networkConfiguration"] or {}).get("awsvpcConfiguration", {})
        if service["desiredCount"] and network.get("assignPublicIp") == "ENABLED":
            yield from _vpcs_of(network.get("subnets", []))


def _vpcs_of(subnets: Iterable[str]) -> Iterator[str]:
    return (emulator.ec2_subnets[s]["VpcId"] for s in subnets if s in emulator.ec2_subnets)
