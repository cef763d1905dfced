import json
from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, ref
from tests.localaws.stacks import Stacks, template

ALL = {"DestinationCidrBlock": "0.0.0.0/0"}
VPC = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
NAMED_VPC = {
    "Vpc": {
        "Type": "AWS::EC2::VPC",
        "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True},
    }
}


def subnet(cidr: str) -> dict[str, Any]:
    properties = {"VpcId": ref("Vpc"), "CidrBlock": cidr}
    return {"Type": "AWS::EC2::Subnet", "Properties": properties}


def group(description: str) -> dict[str, Any]:
    properties = {"VpcId": ref("Vpc"), "GroupDescription": description}
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}


SUBNET = {"Subnet": subnet("10.0.0.0/24")}
GATEWAY = {
    "Gateway": {"Type": "AWS::EC2::InternetGateway"},
    "Attachment": {
        "Type": "AWS::EC2::VPCGatewayAttachment",
        "Properties": {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")},
    },
}
ADDRESS = {"Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}}
TABLE = {"Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}}}
NAT: dict[str, dict[str, Any]] = {
    "Nat": {
        "Type": "AWS::EC2::NatGateway",
        "Properties": {
            "SubnetId": ref("Subnet"),
            "AllocationId": get_att("Address", "AllocationId"),
        },
        "DependsOn": "Attachment",
    }
}
GROUPS = {"Group": group("tasks"), "Other": group("load balancer")}


def ec2(session: LocalSession) -> Any:
    return session.client("ec2")


def tags_of(session: LocalSession, resource_id: str) -> list[dict[str, str]]:
    found = ec2(session).describe_tags(Filters=[{"Name": "resource-id", "Values": [resource_id]}])
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in found["Tags"]]


def tags_of_address(session: LocalSession, public_ip: str) -> list[dict[str, str]]:
    return tags_of(session, _address(session, public_ip)["AllocationId"])


def read_vpc(session: LocalSession, vpc_id: str) -> Properties:
    found = ec2(session).describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    flags = {
        name: ec2(session).describe_vpc_attribute(VpcId=vpc_id, Attribute=attribute)[name]["Value"]
        for name, attribute in (
            ("EnableDnsHostnames", "enableDnsHostnames"),
            ("EnableDnsSupport", "enableDnsSupport"),
        )
    }
    return {**only(found, "CidrBlock", "InstanceTenancy"), **flags}


def read_subnet(session: LocalSession, subnet_id: str) -> Properties:
    found = ec2(session).describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]
    return only(found, "AvailabilityZone", "CidrBlock", "MapPublicIpOnLaunch", "VpcId")


def read_subnet_by_zone_id(session: LocalSession, subnet_id: str) -> Properties:
    found = ec2(session).describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]
    return only(found, "AvailabilityZoneId", "CidrBlock", "VpcId")


def read_internet_gateway(session: LocalSession, gateway_id: str) -> Properties:
    found = ec2(session).describe_internet_gateways(InternetGatewayIds=[gateway_id])
    assert len(found["InternetGateways"]) == 1
    return {}


def read_attachment(session: LocalSession, _physical_id: str) -> Properties:
    for gateway in ec2(session).describe_internet_gateways()["InternetGateways"]:
        for attachment in gateway["Attachments"]:
            if attachment["State"] == "available" and gateway["OwnerId"] == session.account:
                found = {"VpcId": attachment["VpcId"]}
                if gateway["InternetGatewayId"] not in _default_gateways(session):
                    return {**found, "InternetGatewayId": gateway["InternetGatewayId"]}
    return {}


def _default_gateways(session: LocalSession) -> set[str]:
    default = {vpc["VpcId"] for vpc in ec2(session).describe_vpcs()["Vpcs"] if vpc["IsDefault"]}
    return {
        gateway["InternetGatewayId"]
        for gateway in ec2(session).describe_internet_gateways()["InternetGateways"]
        if {attachment["VpcId"] for attachment in gateway["Attachments"]} & default
    }


def _address(session: LocalSession, public_ip: str) -> Any:
    found = ec2(session).describe_addresses()["Addresses"]
    return next(address for address in found if address["PublicIp"] == public_ip)


def read_address(session: LocalSession, public_ip: str) -> Properties:
    return only(_address(session, public_ip), "Domain")


def read_nat_gateway(session: LocalSession, gateway_id: str) -> Properties:
    found = ec2(session).describe_nat_gateways(NatGatewayIds=[gateway_id])["NatGateways"][0]
    regional = found["AvailabilityMode"] == "regional"
    names = ["AvailabilityMode", "ConnectivityType", "VpcId" if regional else "SubnetId"]
    addresses = found.get("NatGatewayAddresses", [])
    return {**only(found, *names), **(only(addresses[0], "AllocationId") if addresses else {})}


def read_route_table(session: LocalSession, table_id: str) -> Properties:
    found = ec2(session).describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]
    return only(found, "VpcId")


def read_route(session: LocalSession, physical_id: str) -> Properties:
    table_id, _, destination = physical_id.partition("|")
    found = ec2(session).describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0]
    for route in found["Routes"]:
        if destination in (route.get("DestinationCidrBlock"), _ipv6(route)):
            return {
                "RouteTableId": table_id,
                **only(
                    route,
                    "DestinationCidrBlock",
                    "DestinationIpv6CidrBlock",
                    "GatewayId",
                    "NatGatewayId",
                ),
            }
    return {}


def _ipv6(route: dict[str, Any]) -> str | None:
    return route.get("DestinationIpv6CidrBlock")


def read_association(session: LocalSession, association_id: str) -> Properties:
    for table in ec2(session).describe_route_tables()["RouteTables"]:
        for association in table["Associations"]:
            if association["RouteTableAssociationId"] == association_id:
                return only(association, "RouteTableId", "SubnetId")
    return {}


def read_group(session: LocalSession, group_id: str) -> Properties:
    found = ec2(session).describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]
    return {
        **only(found, "GroupName", "VpcId"),
        "GroupDescription": found["Description"],
        "SecurityGroupEgress": _rules(found["IpPermissionsEgress"], "Destination"),
        "SecurityGroupIngress": _rules(found["IpPermissions"], "Source"),
    }


def _rules(permissions: list[dict[str, Any]], side: str) -> list[Properties]:
    rules = []
    for permission in permissions:
        base = only(permission, "IpProtocol", "FromPort", "ToPort")
        for ranges, name, target in (
            ("IpRanges", "CidrIp", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
            ("PrefixListIds", "PrefixListId", f"{side}PrefixListId"),
            ("UserIdGroupPairs", "GroupId", f"{side}SecurityGroupId"),
        ):
            rules += [
                {**base, target: entry[name], **only(entry, "Description")}
                for entry in permission.get(ranges, [])
            ]
    return rules


def read_rule(session: LocalSession, rule_id: str) -> Properties:
    for candidate in ec2(session).describe_security_groups()["SecurityGroups"]:
        found = ec2(session).describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [candidate["GroupId"]]}]
        )["SecurityGroupRules"]
        for rule in found:
            if rule["SecurityGroupRuleId"] == rule_id:
                side = "Destination" if rule["IsEgress"] else "Source"
                return {**_rule(rule, side), **_prefix_list(candidate, side)}
    return {}


def _prefix_list(found: dict[str, Any], side: str) -> Properties:
    """Only the group itself shows a prefix list, not the list of rules."""
    permissions = found["IpPermissionsEgress" if side == "Destination" else "IpPermissions"]
    rules = [rule for rule in _rules(permissions, side) if f"{side}PrefixListId" in rule]
    return rules[0] if rules else {}


def _rule(rule: dict[str, Any], side: str) -> Properties:
    found = only(rule, "GroupId", "IpProtocol", "Description", "FromPort", "ToPort")
    found |= only({"CidrIp": rule.get("CidrIpv4"), "CidrIpv6": rule.get("CidrIpv6")}, "CidrIp")
    found |= only({"CidrIpv6": rule.get("CidrIpv6")}, "CidrIpv6")
    if rule.get("ReferencedGroupInfo"):
        found[f"{side}SecurityGroupId"] = rule["ReferencedGroupInfo"]["GroupId"]
    return found


def read_endpoint(session: LocalSession, endpoint_id: str) -> Properties:
    found = ec2(session).describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]
    properties = only(
        found,
        "PrivateDnsEnabled",
        "RouteTableIds",
        "ServiceName",
        "SubnetIds",
        "VpcEndpointType",
        "VpcId",
    )
    if found.get("Groups"):
        properties["SecurityGroupIds"] = [group["GroupId"] for group in found["Groups"]]
    if found.get("PolicyDocument"):
        properties["PolicyDocument"] = json.loads(found["PolicyDocument"])
    return properties


POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
PORT = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Description": "TLS"}

CASES = [
    Case(
        "AWS::EC2::VPC",
        {
            "CidrBlock": "10.0.0.0/16",
            "EnableDnsHostnames": True,
            "EnableDnsSupport": True,
            "InstanceTenancy": "default",
        },
        read_vpc,
        tags_of,
        changed={"EnableDnsHostnames": False},
    ),
    Case(
        "AWS::EC2::Subnet",
        {
            "AvailabilityZone": "us-east-1b",
            "CidrBlock": "10.0.1.0/24",
            "MapPublicIpOnLaunch": True,
            "VpcId": ref("Vpc"),
        },
        read_subnet,
        tags_of,
        VPC,
        changed={"MapPublicIpOnLaunch": False},
    ),
    Case(
        "AWS::EC2::Subnet",
        {"AvailabilityZoneId": "use1-az2", "CidrBlock": "10.0.1.0/24", "VpcId": ref("Vpc")},
        read_subnet_by_zone_id,
        tags_of,
        VPC,
    ),
    Case("AWS::EC2::InternetGateway", {}, read_internet_gateway, tags_of),
    Case(
        "AWS::EC2::VPCGatewayAttachment",
        {"InternetGatewayId": ref("Gateway"), "VpcId": ref("Vpc")},
        read_attachment,
        around={**VPC, "Gateway": GATEWAY["Gateway"]},
    ),
    Case("AWS::EC2::EIP", {"Domain": "vpc"}, read_address, tags_of_address),
    Case(
        "AWS::EC2::NatGateway",
        {
            "AllocationId": get_att("Address", "AllocationId"),
            "AvailabilityMode": "zonal",
            "ConnectivityType": "public",
            "SubnetId": ref("Subnet"),
        },
        read_nat_gateway,
        tags_of,
        {**VPC, **SUBNET, **ADDRESS, **GATEWAY},
        depends_on=["Attachment"],
    ),
    Case(
        "AWS::EC2::NatGateway",
        {"AvailabilityMode": "regional", "ConnectivityType": "public", "VpcId": ref("Vpc")},
        read_nat_gateway,
        tags_of,
        {**VPC, **GATEWAY},
        depends_on=["Attachment"],
    ),
    Case("AWS::EC2::RouteTable", {"VpcId": ref("Vpc")}, read_route_table, tags_of, VPC),
    Case(
        "AWS::EC2::Route",
        {**ALL, "RouteTableId": ref("Table"), "NatGatewayId": ref("Nat")},
        read_route,
        around={**VPC, **SUBNET, **ADDRESS, **TABLE, **NAT, **GATEWAY},
        changed={"NatGatewayId": None, "GatewayId": ref("Gateway")},
    ),
    Case(
        "AWS::EC2::Route",
        {
            "DestinationIpv6CidrBlock": "::/0",
            "RouteTableId": ref("Table"),
            "GatewayId": ref("Gateway"),
        },
        read_route,
        around={**VPC, **TABLE, **GATEWAY},
    ),
    Case(
        "AWS::EC2::SubnetRouteTableAssociation",
        {"RouteTableId": ref("Table"), "SubnetId": ref("Subnet")},
        read_association,
        around={**VPC, **SUBNET, **TABLE},
    ),
    Case(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": "all kinds of rules",
            "GroupName": "named",
            "VpcId": ref("Vpc"),
            "SecurityGroupEgress": [
                {**PORT, "CidrIp": "10.0.0.0/16"},
                {**PORT, "CidrIpv6": "::/0"},
                {**PORT, "DestinationPrefixListId": "pl-1"},
                {**PORT, "DestinationSecurityGroupId": ref("Other")},
            ],
            "SecurityGroupIngress": [
                {**PORT, "CidrIp": "10.0.0.0/16"},
                {**PORT, "CidrIpv6": "::/0"},
                {**PORT, "SourcePrefixListId": "pl-1"},
                {**PORT, "SourceSecurityGroupId": ref("Other")},
            ],
        },
        read_group,
        tags_of,
        {**VPC, **GROUPS},
        changed={"SecurityGroupIngress": [{**PORT, "CidrIp": "10.1.0.0/16"}]},
    ),
    *(
        Case(
            f"AWS::EC2::SecurityGroup{direction}",
            {**PORT, "GroupId": ref("Group"), **source},
            read_rule,
            around={**VPC, **GROUPS},
            changed={"Description": "changed"},
        )
        for direction, side in (("Ingress", "Source"), ("Egress", "Destination"))
        for source in (
            {"CidrIp": "10.0.0.0/16"},
            {"CidrIpv6": "::/0"},
            {f"{side}PrefixListId": "pl-1"},
            {f"{side}SecurityGroupId": ref("Other")},
        )
    ),
    Case(
        "AWS::EC2::VPCEndpoint",
        {
            "PolicyDocument": POLICY,
            "PrivateDnsEnabled": False,
            "RouteTableIds": [ref("Table")],
            "ServiceName": "com.amazonaws.us-east-1.s3",
            "VpcEndpointType": "Gateway",
            "VpcId": ref("Vpc"),
        },
        read_endpoint,
        tags_of,
        {**VPC, **TABLE},
        changed={"PolicyDocument": {**POLICY, "Statement": []}},
    ),
    Case(
        "AWS::EC2::VPCEndpoint",
        {
            "PrivateDnsEnabled": True,
            "SecurityGroupIds": [ref("Group")],
            "ServiceName": "com.amazonaws.us-east-1.logs",
            "SubnetIds": [ref("Subnet")],
            "VpcEndpointType": "Interface",
            "VpcId": ref("Vpc"),
        },
        read_endpoint,
        tags_of,
        {**NAMED_VPC, **SUBNET, **GROUPS},
        changed={"SecurityGroupIds": [ref("Other")]},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_a_group_without_egress_rules_lets_everything_out(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **GROUPS}))
    found = read_group(stacks.session, stacks.physical_id("Group"))
    assert found["SecurityGroupEgress"] == [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"AllocationId": "eipalloc-1"}, "The allocation ID 'eipalloc-1' does not exist"),
        ({"SubnetId": "subnet-1"}, "The subnet ID 'subnet-1' does not exist"),
        ({"AvailabilityMode": "regional"}, "not supported for a regional NAT gateway"),
    ],
)
def test_a_nat_gateway_without_its_place_is_refused(
    stacks: Stacks, changed: dict[str, str], reason: str
) -> None:
    nat = {"Type": NAT["Nat"]["Type"], "Properties": {**NAT["Nat"]["Properties"], **changed}}
    stacks.create(template({**VPC, **SUBNET, **ADDRESS, "Nat": nat}))
    assert reason in stacks.failures()["Nat"]


def test_two_nat_gateways_can_not_share_an_address(stacks: Stacks) -> None:
    second = {**NAT["Nat"], "DependsOn": "Nat"}
    stacks.create(template({**VPC, **SUBNET, **GATEWAY, **ADDRESS, **NAT, "Second": second}))
    assert "is already associated" in stacks.failures()["Second"]
