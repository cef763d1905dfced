"""The network: zones, subnets, the way in and the way out."""

import pytest

from checks.rendering import Rendering
from description.model import Nat, System
from templates.render import render
from tests.resolved import Resources, as_deployed, deployed, of_type, the
from tests.systems_under_test import REFERENCES, described, rendered

NETWORKS = {"gateway": ("A",), "payments": ("A", "B", "C")}
"""System to the zones that have a NAT gateway."""


def with_nat(nat: Nat) -> Resources:
    system = described("gateway")
    network = system.network.model_copy(update={"nat": nat})
    changed: System = system.model_copy(update={"network": network})
    return as_deployed(Rendering("gateway", render(changed)))


def test_the_vpc_has_the_range_of_the_description_and_resolves_names() -> None:
    vpc = the(deployed("gateway"), "AWS::EC2::VPC")

    assert vpc["CidrBlock"] == "10.0.0.0/16"
    assert vpc["EnableDnsHostnames"] is True
    assert vpc["EnableDnsSupport"] is True


def test_the_gateway_has_the_six_subnets_of_its_text() -> None:
    subnets = of_type(deployed("gateway"), "AWS::EC2::Subnet")

    assert {address: subnet["CidrBlock"] for address, subnet in subnets.items()} == {
        "PublicSubnetA": "10.0.0.0/24",
        "PublicSubnetB": "10.0.1.0/24",
        "PublicSubnetC": "10.0.2.0/24",
        "PrivateSubnetA": "10.0.10.0/24",
        "PrivateSubnetB": "10.0.11.0/24",
        "PrivateSubnetC": "10.0.12.0/24",
    }


@pytest.mark.parametrize("system", REFERENCES)
def test_each_zone_has_a_public_and_a_private_subnet(system: str) -> None:
    zones = ("euw3-az3", "euw3-az1", "euw3-az2")
    subnets = of_type(deployed(system), "AWS::EC2::Subnet")
    chosen = as_deployed(rendered(system), AvailabilityZoneIds=",".join(zones))

    for letter, first, zone in zip("ABC", "abc", zones, strict=True):
        for side in ("Public", "Private"):
            name = f"{side}Subnet{letter}"
            subnet = chosen[name]["Properties"]
            assert subnets[name]["AvailabilityZone"] == f"eu-west-3{first}"
            assert "AvailabilityZoneId" not in subnets[name]
            assert subnet["AvailabilityZoneId"] == zone
            assert "AvailabilityZone" not in subnet


@pytest.mark.parametrize("system", REFERENCES)
def test_no_subnet_gives_out_public_addresses(system: str) -> None:
    subnets = of_type(deployed(system), "AWS::EC2::Subnet").values()

    assert len(subnets) == 6
    assert {subnet["MapPublicIpOnLaunch"] for subnet in subnets} == {False}


@pytest.mark.parametrize("system", REFERENCES)
def test_every_subnet_has_a_route_to_the_internet(system: str) -> None:
    resources = deployed(system)
    table_of = {
        one["SubnetId"]: one["RouteTableId"]
        for one in of_type(resources, "AWS::EC2::SubnetRouteTableAssociation").values()
    }
    route_of = {one["RouteTableId"]: one for one in of_type(resources, "AWS::EC2::Route").values()}

    assert set(table_of) == set(of_type(resources, "AWS::EC2::Subnet"))
    for subnet, table in table_of.items():
        route = route_of[table]
        assert route["DestinationCidrBlock"] == "0.0.0.0/0"
        way = "GatewayId" if "Public" in subnet else "NatGatewayId"
        assert way in route, subnet


@pytest.mark.parametrize("system", REFERENCES)
def test_private_subnets_leave_by_the_nat_gateways_that_the_text_asks_for(system: str) -> None:
    resources = deployed(f"{system}/development")
    zones = NETWORKS[system]
    nats = of_type(resources, "AWS::EC2::NatGateway")

    assert set(nats) == {f"Network/NatGateway{zone}" for zone in zones}
    for zone in zones:
        nat = nats[f"Network/NatGateway{zone}"]
        assert nat["SubnetId"] == f"PublicSubnet{zone}"
        assert nat["AllocationId"] == f"Network/NatAddress{zone}.AllocationId"
    for index, letter in enumerate("ABC"):
        route = resources[f"Network/Private{letter}RouteToInternet"]["Properties"]
        assert route["RouteTableId"] == f"Network/PrivateRouteTable{letter}"
        assert route["NatGatewayId"] == f"Network/NatGateway{zones[index % len(zones)]}"


@pytest.mark.parametrize("system", REFERENCES)
def test_what_needs_the_internet_gateway_waits_for_it(system: str) -> None:
    resources = deployed(system)
    needy = {"AWS::EC2::EIP", "AWS::EC2::NatGateway"}
    stacks = {a.partition("/")[0] for a, r in resources.items() if r["Type"] in needy}
    network = rendered(system).templates["parent.json"]["Resources"]["Network"]

    assert stacks == {"Network"}
    for one in (network, resources["PublicRouteToInternet"], resources["LoadBalancer"]):
        assert "InternetGatewayAttachment" in one["DependsOn"]


def test_a_regional_nat_gateway_serves_every_zone() -> None:
    resources = with_nat(Nat.REGIONAL)
    nat = the(resources, "AWS::EC2::NatGateway")
    routes = [r for r in of_type(resources, "AWS::EC2::Route").values() if "NatGatewayId" in r]

    assert nat["AvailabilityMode"] == "regional"
    assert nat["VpcId"] == "Vpc"
    assert "SubnetId" not in nat
    assert {route["NatGatewayId"] for route in routes} == {"Network/NatGateway"}
    assert len(routes) == 3
    assert of_type(resources, "AWS::EC2::EIP") == {}


def test_without_nat_endpoints_carry_what_tasks_need() -> None:
    resources = with_nat(Nat.NONE)
    endpoints = of_type(resources, "AWS::EC2::VPCEndpoint").values()
    names = {one["ServiceName"].removeprefix("com.amazonaws.eu-west-3."): one for one in endpoints}

    assert set(names) == {"s3", "ecr.api", "ecr.dkr", "logs", "secretsmanager"}
    assert of_type(resources, "AWS::EC2::NatGateway") == {}
    assert not any("NatGatewayId" in r for r in of_type(resources, "AWS::EC2::Route").values())
    assert len(names["s3"]["RouteTableIds"]) == 3
    for name in names.keys() - {"s3"}:
        assert names[name]["PrivateDnsEnabled"] is True
        assert len(names[name]["SubnetIds"]) == 3
        assert names[name]["SecurityGroupIds"] == ["Network/EndpointSecurityGroup"]


def test_endpoints_take_https_from_private_subnets_only() -> None:
    group = with_nat(Nat.NONE)["Network/EndpointSecurityGroup"]["Properties"]

    assert {
        (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupIngress"]
    } == {(f"10.0.{third}.0/24", 443, 443) for third in (10, 11, 12)}
