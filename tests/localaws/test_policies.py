"""DeletionPolicy and UpdateReplacePolicy, and what replaces a resource."""

from typing import Any

import pytest

from localaws.replacement import recreation
from tests.localaws.stacks import Stacks, child, template

REFUSED = {"Type": "AWS::EC2::VPC", "Properties": {"Ipv4IpamPoolId": "refused"}}


def logs(name: str = "/a", **attributes: str) -> dict[str, Any]:
    properties = {"LogGroupName": name, "RetentionInDays": 30}
    return {"Type": "AWS::Logs::LogGroup", "Properties": properties, **attributes}


def log_groups(stacks: Stacks) -> set[str]:
    found = stacks.session.client("logs").describe_log_groups()["logGroups"]
    return {group["logGroupName"] for group in found}


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Delete", set()), ("Retain", {"/a"}), ("RetainExceptOnCreate", {"/a"})],
)
def test_deleting_a_nest_keeps_what_its_policy_says(
    stacks: Stacks, policy: str, left: set[str]
) -> None:
    url = stacks.publish("c.json", template({"Logs": logs(DeletionPolicy=policy)}))
    stacks.create(template({"Child": child(url)}))
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    assert log_groups(stacks) == left


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Delete", set()), ("Retain", {"/a"}), ("RetainExceptOnCreate", set())],
)
def test_a_failed_creation_keeps_what_its_policy_says(
    stacks: Stacks, policy: str, left: set[str]
) -> None:
    resources = {"Logs": logs(DeletionPolicy=policy), "Bad": {**REFUSED, "DependsOn": "Logs"}}
    url = stacks.publish("c.json", template(resources))
    root = stacks.create(template({"Child": child(url)}))
    assert root["StackStatus"] == "ROLLBACK_COMPLETE"
    assert log_groups(stacks) == left


@pytest.mark.parametrize(("policy", "left"), [("Delete", {"/b"}), ("Retain", {"/a", "/b"})])
def test_a_replaced_resource_stays_if_its_policy_says_so(
    stacks: Stacks, policy: str, left: set[str]
) -> None:
    first = stacks.publish("1.json", template({"Logs": logs(UpdateReplacePolicy=policy)}))
    second = stacks.publish("2.json", template({"Logs": logs("/b", UpdateReplacePolicy=policy)}))
    stacks.create(template({"Child": child(first)}))
    assert stacks.update(template({"Child": child(second)}))["StackStatus"] == "UPDATE_COMPLETE"
    assert log_groups(stacks) == left


@pytest.mark.parametrize(("policy", "left"), [("Delete", set()), ("Retain", {"/a"})])
def test_a_removed_resource_stays_if_its_policy_says_so(
    stacks: Stacks, policy: str, left: set[str]
) -> None:
    body = template({"Logs": logs(DeletionPolicy=policy), "Other": logs("/other")})
    stacks.create(body)
    del body["Resources"]["Logs"]
    stacks.update(body)
    assert log_groups(stacks) == {"/other", *left}


def test_a_failed_replacement_keeps_the_old_resource(stacks: Stacks) -> None:
    stacks.create(template({"Logs": logs()}))
    bad = {**REFUSED, "DependsOn": "Logs"}
    updated = stacks.update(template({"Logs": logs("/b"), "Bad": bad}))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert log_groups(stacks) == {"/a"}
    assert stacks.physical_id("Logs") == "/a"


@pytest.mark.parametrize(
    ("resource_type", "name", "expected"),
    [
        ("AWS::ECS::Service", "ServiceName", "Always"),
        ("AWS::ECS::Service", "LaunchType", "Conditionally"),
        ("AWS::ECS::Service", "DesiredCount", "Never"),
        ("AWS::ECS::TaskDefinition", "ContainerDefinitions", "Always"),
        ("AWS::ECS::TaskDefinition", "Tags", "Never"),
        ("AWS::EC2::NatGateway", "AvailabilityMode", "Always"),
        ("AWS::EC2::SecurityGroup", "GroupDescription", "Always"),
        ("AWS::ECR::Repository", "EncryptionConfiguration", "Always"),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", "Always"),
        ("AWS::CloudFormation::Stack", "TemplateURL", "Never"),
    ],
)
def test_knows_which_change_replaces(resource_type: str, name: str, expected: str) -> None:
    assert recreation(resource_type, name) == expected
