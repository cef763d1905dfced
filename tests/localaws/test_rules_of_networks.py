"""Ranges of subnets, routes to one destination, rules of a group that are there already."""

from typing import Any

import pytest

from tests.localaws.readback import ref
from tests.localaws.refusals import code_of, refuses_update, renamed
from tests.localaws.stacks import Stacks, template

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
    "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
    "Route": {
        "Type": "AWS::EC2::Route",
        "Properties": {
            "RouteTableId": ref("Table"),
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": ref("Gateway"),
        },
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
