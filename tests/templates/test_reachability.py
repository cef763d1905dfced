"""Who can reach whom: the security groups say what the description says, and no more."""

from collections.abc import Iterator

import pytest

from checks.rendering import Node
from description.model import System
from templates.names import pascal, stack_of
from tests.resolved import Resources, deployed, of_type
from tests.systems_under_test import SYSTEMS, described

INGRESS = "AWS::EC2::SecurityGroupIngress"
EGRESS = "AWS::EC2::SecurityGroupEgress"
EDGE = "LoadBalancerSecurityGroup"


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    return described(request.param)


def group(service: str) -> str:
    return f"Services/{pascal(service)}SecurityGroup"


def connections(system: System) -> Iterator[tuple[str, str, int]]:
    """Yield the source, the target and the port of each connection that the description names."""
    for name, spec in system.services.items():
        for callee in spec.calls:
            yield group(name), group(callee), system.services[callee].port or 0
        if spec.routes:
            yield EDGE, group(name), spec.port or 0


def between(resources: Resources, kind: str, here: str, there: str) -> list[tuple[object, ...]]:
    rules = of_type(resources, kind).values()
    assert all(rule["IpProtocol"] == "tcp" for rule in rules)
    assert all(rule["FromPort"] == rule["ToPort"] for rule in rules)
    return [(rule[here], rule[there], rule["FromPort"]) for rule in rules]


def test_what_the_description_connects_is_let_in_and_nothing_else(system: System) -> None:
    rules = between(deployed(system), INGRESS, "SourceSecurityGroupId", "GroupId")

    assert sorted(rules, key=str) == sorted(connections(system), key=str)


def test_what_the_description_connects_is_let_out_and_nothing_else(system: System) -> None:
    rules = between(deployed(system), EGRESS, "GroupId", "DestinationSecurityGroupId")

    assert sorted(rules, key=str) == sorted(connections(system), key=str)


def test_the_reference_systems_connect_something() -> None:
    assert len(list(connections(described("gateway")))) == 3
    assert len(list(connections(described("payments")))) == 3


def inline(rules: list[Node]) -> set[tuple[object, ...]]:
    return {(r["IpProtocol"], r.get("FromPort"), r.get("ToPort"), r["CidrIp"]) for r in rules}


def test_tasks_let_nothing_in_by_themselves_and_https_out(system: System) -> None:
    groups = of_type(deployed(system), "AWS::EC2::SecurityGroup")

    for name in system.services:
        own = groups[group(name)]
        assert "SecurityGroupIngress" not in own
        besides = {("tcp", e.port, e.port, str(e.cidr)) for e in system.services[name].egress}
        assert inline(own["SecurityGroupEgress"]) == {("tcp", 443, 443, "0.0.0.0/0")} | besides


def test_the_payment_processor_and_nobody_else_reaches_the_database() -> None:
    groups = of_type(deployed("gateway"), "AWS::EC2::SecurityGroup")
    reaching = {
        address
        for address, properties in groups.items()
        if ("tcp", 5432, 5432, "10.0.0.0/16") in inline(properties["SecurityGroupEgress"])
    }

    assert reaching == {"Services/PaymentProcessorSecurityGroup"}


@pytest.mark.parametrize("name", ["gateway", "payments"])
def test_the_load_balancer_lets_http_and_https_in_and_nothing_out_by_itself(name: str) -> None:
    own = deployed(name)["LoadBalancerSecurityGroup"]["Properties"]

    assert inline(own["SecurityGroupIngress"]) == {
        ("tcp", 80, 80, "0.0.0.0/0"),
        ("tcp", 443, 443, "0.0.0.0/0"),
    }
    assert inline(own["SecurityGroupEgress"]) == {("-1", None, None, "127.0.0.1/32")}


def test_tasks_run_in_private_subnets_without_public_addresses(system: System) -> None:
    services = of_type(deployed(system), "AWS::ECS::Service")

    assert len(services) == len(system.services)
    for service in services.values():
        vpc = service["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert vpc["AssignPublicIp"] == "DISABLED"
        assert all(subnet.startswith("PrivateSubnet") for subnet in vpc["Subnets"])
        assert len(vpc["Subnets"]) == system.network.zones


def test_each_service_runs_in_its_own_security_group(system: System) -> None:
    for name in system.services:
        service = deployed(system)[f"{stack_of(name)}/Service"]["Properties"]
        vpc = service["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert vpc["SecurityGroups"] == [group(name)]


def test_connections_are_there_before_the_tasks_that_use_them(system: System) -> None:
    resources = deployed(system)
    rules = [a for a, r in resources.items() if r["Type"] in {INGRESS, EGRESS}]

    for address in rules:
        stack = address.rpartition("/")[0]
        assert address in resources[f"{stack}/Service"]["DependsOn"], address
