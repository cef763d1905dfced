"""Ranges of subnets, routes, rules of a group, endpoints and gateways: what stands in the way."""

from typing import Any

import pytest

from tests.localaws.readback import ref
from tests.localaws.refusals import code_of, refuses_update, renamed
from tests.localaws.stacks import Stacks, template
from tests.localaws.test_container_types import CLUSTER, SMALL_TASK

VPC: dict[str, Any] = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}


def subnet(cidr: str, zone: str = "us-east-1a", **changed: Any) -> dict[str, Any]:
    properties = {"VpcId": ref("Vpc"), "CidrBlock": cidr, "AvailabilityZone": zone, **changed}
    return {"Type": "AWS::EC2::Subnet", "Properties": properties}


REFUSED = [
    ("10.0.1.0/24", "InvalidSubnet.Conflict", "The CIDR '10.0.1.0/24' conflicts with another"),
    ("10.0.1.128/25", "InvalidSubnet.Conflict", "conflicts with another subnet"),
    ("10.0.0.0/20", "InvalidSubnet.Conflict", "conflicts with another subnet"),
    ("10.1.0.0/24", "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid."),
    ("10.0.0.0/15", "InvalidSubnet.Range", "is invalid"),
    ("10.0.2.0/29", "InvalidSubnet.Range", "is invalid"),
    ("10.0.2.0", "InvalidSubnet.Range", "is invalid"),
    ("ten", "InvalidParameterValue", "This is not a valid CIDR block"),
]


@pytest.mark.parametrize(("cidr", "code", "reason"), REFUSED)
def test_a_subnet_without_room_in_its_vpc_is_refused(
    stacks: Stacks, cidr: str, code: str, reason: str
) -> None:
    first = {**VPC, "First": subnet("10.0.1.0/24")}
    stacks.create(template({**first, "Second": {**subnet(cidr), "DependsOn": "First"}}))
    assert reason in stacks.failures()["Second"]
    assert code in stacks.failures()["Second"]

    ec2 = stacks.session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
    assert code_of(ec2.create_subnet, VpcId=vpc, CidrBlock=cidr) == code


def test_subnets_beside_each_other_fill_a_vpc(stacks: Stacks) -> None:
    halves = {"First": subnet("10.0.0.0/17"), "Second": subnet("10.0.128.0/17")}
    created = stacks.create(template({**VPC, **halves}))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()


def test_two_vpcs_can_have_subnets_of_one_range(stacks: Stacks) -> None:
    other = {"Other": VPC["Vpc"], "Second": subnet("10.0.1.0/24", VpcId=ref("Other"))}
    created = stacks.create(template({**VPC, "First": subnet("10.0.1.0/24"), **other}))
    assert created["StackStatus"] == "CREATE_COMPLETE", stacks.failures()


def test_a_subnet_of_a_vpc_that_does_not_exist_is_refused(stacks: Stacks) -> None:
    stacks.create(template({"Subnet": subnet("10.0.1.0/24", VpcId="vpc-1")}))
    assert "InvalidVpcID.NotFound" in stacks.failures()["Subnet"]
    create = stacks.session.client("ec2").create_subnet
    assert code_of(create, VpcId="vpc-1", CidrBlock="10.0.1.0/24") == "InvalidVpcID.NotFound"


def test_a_subnet_can_not_be_replaced_by_one_of_its_range(stacks: Stacks) -> None:
    before = {**VPC, "Subnet": subnet("10.0.1.0/24")}
    after = {**VPC, "Subnet": subnet("10.0.1.0/24", "us-east-1b")}
    assert "InvalidSubnet.Conflict" in refuses_update(stacks, before, after)["Subnet"]


def test_a_subnet_can_not_change_its_logical_id(stacks: Stacks) -> None:
    before = {**VPC, "Subnet": subnet("10.0.1.0/24")}
    failures = refuses_update(stacks, before, renamed(before, "Subnet", "SubnetA"))
    assert "InvalidSubnet.Conflict" in failures["SubnetA"]


def test_a_subnet_can_move_to_another_range_and_zone(stacks: Stacks) -> None:
    stacks.create(template({**VPC, "Subnet": subnet("10.0.1.0/24")}))
    updated = stacks.update(template({**VPC, "Subnet": subnet("10.0.2.0/24", "us-east-1b")}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    subnets = stacks.session.client("ec2").describe_subnets(
        Filters=[{"Name": "vpc-id", "Values": [stacks.physical_id("Vpc")]}]
    )["Subnets"]
    assert [found["CidrBlock"] for found in subnets] == ["10.0.2.0/24"]


ROUTED: dict[str, Any] = {
    **VPC,
    "Gateway": {"Type": "AWS::EC2::InternetGateway"},
    "Attachment": {
        "Type": "AWS::EC2::VPCGatewayAttachment",
        "Properties": {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
    },
    "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
    "Route": {
        "Type": "AWS::EC2::Route",
        "Properties": {
            "RouteTableId": ref("Table"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": ref("Gateway"),
        },
        "DependsOn": "Attachment",
    },
}


def test_a_route_can_not_change_its_logical_id(stacks: Stacks) -> None:
    failures = refuses_update(stacks, ROUTED, renamed(ROUTED, "Route", "Default"))
    assert "RouteAlreadyExists" in failures["Default"]
    ec2 = stacks.session.client("ec2")
    table = stacks.physical_id("Table")
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert "0.0.0.0/0" in {route["DestinationCidrBlock"] for route in routes}
    wanted = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": stacks.physical_id("Gateway")}
    assert code_of(ec2.create_route, RouteTableId=table, **wanted) == "RouteAlreadyExists"


def test_a_route_of_a_table_that_does_not_exist_is_refused(stacks: Stacks) -> None:
    properties = {**ROUTED["Route"]["Properties"], "RouteTableId": "rtb-1"}
    route = {"Type": "AWS::EC2::Route", "Properties": properties}
    stacks.create(template({**ROUTED, "Route": route}))
    assert "InvalidRouteTableID.NotFound" in stacks.failures()["Route"]


def group(name: str) -> dict[str, Any]:
    properties = {"VpcId": ref("Vpc"), "GroupDescription": name}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_rule_of_a_group_can_not_change_its_logical_id(stacks: Stacks, direction: str) -> None:
    peer = {"Ingress": "SourceSecurityGroupId", "Egress": "DestinationSecurityGroupId"}[direction]
    properties = {
        "GroupId": ref("Tasks"),
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        peer: ref("Balancer"),
    }
    rule = {"Type": f"AWS::EC2::SecurityGroup{direction}", "Properties": properties}
    before = {**VPC, "Tasks": group("tasks"), "Balancer": group("balancer"), "Rule": rule}
    other_words = {**rule, "Properties": {**properties, "Description": "other words"}}
    after = {**renamed(before, "Rule", "Other"), "Other": other_words}
    failures = refuses_update(stacks, before, after)
    assert "TCP, from port: 443, to port: 443" in failures["Other"]
    assert "InvalidPermission.Duplicate" in failures["Other"]


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"SubnetIds": ["subnet-1"]}, "InvalidSubnetId.NotFound"),
        ({"SecurityGroupIds": ["sg-1"]}, "InvalidGroup.NotFound"),
    ],
)
def test_an_endpoint_without_its_network_is_refused(
    stacks: Stacks, properties: dict[str, Any], code: str
) -> None:
    service = "com.amazonaws.us-east-1.logs"
    about = {"ServiceName": service, "VpcEndpointType": "Interface", "VpcId": ref("Vpc")}
    endpoint = {"Type": "AWS::EC2::VPCEndpoint", "Properties": {**about, **properties}}
    stacks.create(template({**VPC, "Endpoint": endpoint}))
    assert code in stacks.failures()["Endpoint"]


ASSOCIATED: dict[str, Any] = {
    **VPC,
    "Subnet": subnet("10.0.1.0/24"),
    **{
        name: {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}}
        for name in ("Table", "Other")
    },
}


def association(table: Any) -> dict[str, Any]:
    properties = {"RouteTableId": table, "SubnetId": ref("Subnet")}
    return {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": properties}


def tables_of(stacks: Stacks) -> list[str]:
    """Return the route tables that the subnet is associated with."""
    subnet_id = stacks.physical_id("Subnet")
    return [
        table["RouteTableId"]
        for table in stacks.session.client("ec2").describe_route_tables()["RouteTables"]
        for each in table["Associations"]
        if each.get("SubnetId") == subnet_id
    ]


def test_a_subnet_has_one_route_table(stacks: Stacks) -> None:
    before = {**ASSOCIATED, "First": association(ref("Table"))}
    after = {**before, "Second": association(ref("Other"))}
    assert "Resource.AlreadyAssociated" in refuses_update(stacks, before, after)["Second"]
    ec2 = stacks.session.client("ec2")
    where = {"RouteTableId": stacks.physical_id("Other"), "SubnetId": stacks.physical_id("Subnet")}
    assert code_of(ec2.associate_route_table, **where) == "Resource.AlreadyAssociated"
    assert tables_of(stacks) == [stacks.physical_id("Table")]


def test_an_association_can_not_change_its_logical_id(stacks: Stacks) -> None:
    before = {**ASSOCIATED, "First": association(ref("Table"))}
    failures = refuses_update(stacks, before, renamed(before, "First", "Second"))
    assert "Resource.AlreadyAssociated" in failures["Second"]


def test_an_association_can_change_its_route_table(stacks: Stacks) -> None:
    stacks.create(template({**ASSOCIATED, "First": association(ref("Table"))}))
    first = stacks.physical_id("First")
    updated = stacks.update(template({**ASSOCIATED, "First": association(ref("Other"))}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE", stacks.failures()
    assert tables_of(stacks) == [stacks.physical_id("Other")]
    assert stacks.physical_id("First") != first


@pytest.mark.parametrize(
    ("table", "code"), [("rtb-1", "InvalidRouteTableID"), (ref("Table"), "InvalidSubnetID")]
)
def test_an_association_without_its_ends_is_refused(stacks: Stacks, table: Any, code: str) -> None:
    lost = association(table)
    lost["Properties"]["SubnetId"] = "subnet-1"
    stacks.create(template({**ASSOCIATED, "First": lost}))
    assert f"{code}.NotFound" in stacks.failures()["First"]


def named_vpc(**attributes: bool) -> dict[str, Any]:
    properties = {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True, **attributes}
    return {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": properties}}


ENDPOINTS: dict[str, Any] = {
    **named_vpc(),
    "A": subnet("10.0.1.0/24"),
    "AlsoA": subnet("10.0.2.0/24"),
    "B": subnet("10.0.3.0/24", "us-east-1b"),
    "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
}


def endpoint(service: str, **changed: Any) -> dict[str, Any]:
    properties = {
        "PrivateDnsEnabled": True,
        "ServiceName": f"com.amazonaws.us-east-1.{service}",
        "SubnetIds": [ref("A"), ref("B")],
        "VpcEndpointType": "Interface",
        "VpcId": ref("Vpc"),
        **changed,
    }
    return {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}


def test_a_private_name_leads_to_one_endpoint(stacks: Stacks) -> None:
    before = {**ENDPOINTS, "Logs": endpoint("logs"), "Kms": endpoint("kms")}
    failures = refuses_update(stacks, before, renamed(before, "Logs", "Renamed"))
    assert "already a conflicting DNS domain" in failures["Renamed"]


def test_a_second_endpoint_without_the_private_name_is_no_conflict(stacks: Stacks) -> None:
    second = endpoint("logs", PrivateDnsEnabled=False)
    made = stacks.create(template({**ENDPOINTS, "Logs": endpoint("logs"), "Second": second}))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    named = endpoint("logs")
    updated = stacks.update(template({**ENDPOINTS, "Logs": endpoint("logs"), "Second": named}))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "already a conflicting DNS domain" in stacks.failures()["Second"]


@pytest.mark.parametrize("attribute", ["EnableDnsHostnames", "EnableDnsSupport"])
def test_a_private_name_needs_the_names_of_its_vpc(stacks: Stacks, attribute: str) -> None:
    nameless = {**ENDPOINTS, **named_vpc(**{attribute: False})}
    stacks.create(template({**nameless, "Logs": endpoint("logs")}))
    assert "Enabling private DNS requires both" in stacks.failures()["Logs"]


def test_an_endpoint_stands_once_in_a_zone(stacks: Stacks) -> None:
    twice = endpoint("logs", SubnetIds=[ref("A"), ref("AlsoA")])
    stacks.create(template({**ENDPOINTS, "Logs": twice}))
    assert "DuplicateSubnetsInSameZone" in stacks.failures()["Logs"]


def test_a_route_table_leads_to_one_gateway_endpoint_of_a_service(stacks: Stacks) -> None:
    about = {"RouteTableIds": [ref("Table")], "VpcEndpointType": "Gateway"}
    gateway = endpoint("s3", SubnetIds=[], PrivateDnsEnabled=False, **about)
    before = {**ENDPOINTS, "S3": gateway}
    failures = refuses_update(stacks, before, renamed(before, "S3", "Renamed"))
    assert "RouteAlreadyExists" in failures["Renamed"]


def test_a_route_leads_to_a_gateway_of_the_same_vpc(stacks: Stacks) -> None:
    detached = {name: about for name, about in ROUTED.items() if name != "Attachment"}
    route = {name: about for name, about in ROUTED["Route"].items() if name != "DependsOn"}
    stacks.create(template({**detached, "Route": route}))
    assert "belong to different networks" in stacks.failures()["Route"]


ADDRESS = {"Address": {"Type": "AWS::EC2::EIP"}}
NAT: dict[str, Any] = {
    "Type": "AWS::EC2::NatGateway",
    "Properties": {
        "SubnetId": ref("Subnet"),
        "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
    },
}


def test_a_nat_gateway_needs_an_internet_gateway(stacks: Stacks) -> None:
    alone = {**VPC, "Subnet": subnet("10.0.1.0/24"), **ADDRESS, "Nat": NAT}
    stacks.create(template(alone))
    assert "has no Internet gateway attached" in stacks.failures()["Nat"]
    private = {**NAT, "Properties": {"SubnetId": ref("Subnet"), "ConnectivityType": "private"}}
    made = stacks.create(template({**alone, "Nat": private}), "second")
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.failures("second")


def test_an_internet_gateway_in_use_stays(stacks: Stacks) -> None:
    without_order = {**ROUTED, "Subnet": subnet("10.0.1.0/24"), **ADDRESS}
    stacks.create(template({**without_order, "Nat": {**NAT, "DependsOn": "Attachment"}}))
    ec2 = stacks.session.client("ec2")
    place = {"InternetGatewayId": stacks.physical_id("Gateway"), "VpcId": stacks.physical_id("Vpc")}
    assert code_of(ec2.detach_internet_gateway, **place) == "DependencyViolation"
    gateway = place["InternetGatewayId"]
    assert code_of(ec2.delete_internet_gateway, InternetGatewayId=gateway) == "DependencyViolation"
    routed = {name: about for name, about in without_order.items() if name != "Attachment"}
    routed["Route"] = {n: v for n, v in ROUTED["Route"].items() if n != "DependsOn"}
    updated = stacks.update(template({**routed, "Nat": NAT}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    assert "has some mapped public address(es)" in stacks.failures()["Attachment"]


PUBLIC = {"Scheme": "internet-facing", "Subnets": [ref("Subnet"), ref("OtherSubnet")]}
PRIVATE = {**PUBLIC, "Scheme": "internal"}
OUTSIDE = {"AssignPublicIp": "ENABLED", "Subnets": [ref("Subnet")]}
USERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "a public load balancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", PUBLIC, True),
    "a private load balancer": ("AWS::ElasticLoadBalancingV2::LoadBalancer", PRIVATE, False),
    "a private NAT gateway": (
        "AWS::EC2::NatGateway",
        {"SubnetId": ref("Subnet"), "ConnectivityType": "private"},
        False,
    ),
    "public tasks": ("AWS::ECS::Service", {"AwsvpcConfiguration": OUTSIDE}, True),
    "private tasks": (
        "AWS::ECS::Service",
        {"AwsvpcConfiguration": {**OUTSIDE, "AssignPublicIp": "DISABLED"}},
        False,
    ),
}


@pytest.mark.parametrize("user", USERS)
def test_what_has_a_public_address_keeps_the_gateway(stacks: Stacks, user: str) -> None:
    kind, properties, keeps = USERS[user]
    if kind == "AWS::ECS::Service":
        tasks = {"Cluster": ref("Cluster"), "TaskDefinition": ref("Task")}
        properties = {**tasks, "NetworkConfiguration": properties}
    places = {
        "Subnet": subnet("10.0.1.0/24"),
        "OtherSubnet": subnet("10.0.2.0/24", "us-east-1b"),
        **CLUSTER,
        "Task": SMALL_TASK,
    }
    resource = {"Type": kind, "Properties": properties, "DependsOn": "Attachment"}
    made = stacks.create(template({**ROUTED, **places, "User": resource}))
    assert made["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    detach = stacks.session.client("ec2").detach_internet_gateway
    place = {"InternetGatewayId": stacks.physical_id("Gateway"), "VpcId": stacks.physical_id("Vpc")}
    if keeps:
        assert code_of(detach, **place) == "DependencyViolation"
    else:
        detach(**place)


def test_whole_networks_go_in_their_order(stacks: Stacks) -> None:
    nat = {**NAT, "DependsOn": "Attachment"}
    stacks.create(template({**ROUTED, "Subnet": subnet("10.0.1.0/24"), **ADDRESS, "Nat": nat}))
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE", stacks.failures()
