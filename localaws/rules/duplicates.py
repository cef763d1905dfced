"""What can be there only once: routes of a table, tables of a subnet, rules of a group, services.

ministack lets the second one take the place of the first: with the deletion of the first one, which
CloudFormation runs last, both are gone.
"""

from collections.abc import Iterator
from functools import partial

from localaws import emulator
from localaws.api import CallError
from localaws.ec2_answers import one, refusal
from localaws.ec2_gaps import parse_permissions
from localaws.emulator import Parameters, Record
from localaws.replacement import predecessor
from localaws.rules.guard import guard, guarded, refuse


def install() -> None:
    """Let the services' own calls follow these rules."""
    guard(
        emulator.ec2_actions,
        refusal,
        {
            "AssociateRouteTable": lambda request: new_association(
                one(request, "RouteTableId"), one(request, "SubnetId")
            ),
            "AuthorizeSecurityGroupEgress": partial(_new_rules, "IpPermissionsEgress"),
            "AuthorizeSecurityGroupIngress": partial(_new_rules, "IpPermissions"),
            "CreateRoute": lambda request: new_route(
                one(request, "RouteTableId"), one(request, "DestinationCidrBlock")
            ),
        },
    )
    emulator.replace(
        "_create_service",
        guarded(emulator.create_discovery_service, _new_service, emulator.json_error),
        emulator.servicediscovery,
    )


def new_route(table_id: str, destination: str) -> None:
    """Refuse a route to a range of addresses that the route table has a route for."""
    table = emulator.ec2_route_tables.get(table_id)
    if table is None:
        raise CallError(
            "InvalidRouteTableID.NotFound", f"The routeTable ID '{table_id}' does not exist"
        )
    known = {
        route.get(kind)
        for route in table["Routes"]
        for kind in ("DestinationCidrBlock", "DestinationIpv6CidrBlock")
    }
    refuse(
        destination and destination in known,
        "RouteAlreadyExists",
        f"The route identified by {destination} already exists.",
    )


def new_association(table_id: str, subnet_id: str) -> None:
    """Refuse a second route table for a subnet, unless CloudFormation replaces the first one.

    An association whose route table changes is replaced in one step; one whose logical id changes
    meets its predecessor.
    """
    if table_id not in emulator.ec2_route_tables:
        raise CallError(
            "InvalidRouteTableID.NotFound", f"The routeTable ID '{table_id}' does not exist"
        )
    if subnet_id not in emulator.ec2_subnets:
        raise CallError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    taken = any(
        association.get("SubnetId") == subnet_id
        and association["RouteTableAssociationId"] != predecessor.get()
        for table in emulator.ec2_route_tables.values()
        for association in table["Associations"]
    )
    refuse(
        taken,
        "Resource.AlreadyAssociated",
        f"the specified association for route table {table_id} conflicts with an existing "
        "association",
    )


def _new_rules(direction: str, request: Parameters) -> None:
    group = emulator.ec2_security_groups.get(one(request, "GroupId"), {})
    known = set(_single(group.get(direction, [])))
    for rule in _single(parse_permissions(request, "IpPermissions")):
        peer, protocol, first, last = rule
        refuse(
            rule in known,
            "InvalidPermission.Duplicate",
            f'the specified rule "peer: {peer}, {protocol.upper()}, from port: {first}, '
            f'to port: {last}, ALLOW" already exists',
        )


_PEERS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def _single(rules: list[Record]) -> Iterator[tuple[str, str, str, str]]:
    """Yield peer, protocol, first and last port for each peer of each rule."""
    for rule in rules:
        for peers, name in _PEERS.items():
            for peer in rule.get(peers, []):
                ports = (str(rule.get("FromPort")), str(rule.get("ToPort")))
                yield str(peer.get(name)), str(rule["IpProtocol"]), *ports


def _new_service(request: Record) -> None:
    namespace = request.get("NamespaceId")
    refuse(
        any(
            (other["NamespaceId"], other["Name"]) == (namespace, request.get("Name"))
            for other in emulator.discovery_services.values()
        ),
        "ServiceAlreadyExists",
        "The service can't be created because a service with the same name already exists.",
    )
