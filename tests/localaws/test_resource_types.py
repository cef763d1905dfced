"""The list of types and properties is complete, proven, and says so loudly when it ends."""

from collections.abc import Iterator
from typing import Any

import pytest

from checks.schemas import schema
from localaws.extension import RESOURCE_TYPES
from localaws.resources.registry import ResourceType
from tests.localaws import (
    test_container_types,
    test_load_balancing_types,
    test_monitoring_types,
    test_network_types,
    test_other_types,
    test_rotation,
    test_storage_types,
    test_web_acl_types,
)
from tests.localaws.stacks import Stacks, template

CASES = [
    case
    for module in (
        test_container_types,
        test_load_balancing_types,
        test_monitoring_types,
        test_network_types,
        test_other_types,
        test_rotation,
        test_storage_types,
        test_web_acl_types,
    )
    for case in module.CASES
]
# What can not be read back, and where it is tested instead.
PROVEN_ELSEWHERE = {
    "AWS::CloudFormation::Stack": {"Parameters", "TemplateURL"},  # test_nested_stacks
    "AWS::ECR::Repository": {"EmptyOnDelete"},
    "AWS::ECS::Service": {  # test_container_types
        "ForceNewDeployment.EnableForceNewDeployment",
        "ForceNewDeployment.ForceNewDeploymentNonce",
    },
    "AWS::KMS::Key": {"PendingWindowInDays"},
    "AWS::SecretsManager::RotationSchedule": {"RotateImmediatelyOnUpdate"},
    "AWS::SecretsManager::Secret": {
        f"GenerateSecretString.{name}"
        for name in (
            "ExcludeLowercase",
            "ExcludeNumbers",
            "ExcludeUppercase",
            "IncludeSpace",
            "RequireEachIncludedType",
        )
    },
}
# They carry nothing to read back.
WITHOUT_A_CASE = {"AWS::CloudFormation::Stack", "AWS::CloudFormation::WaitConditionHandle"}


def used_paths(kind: ResourceType, value: Any, path: str = "") -> Iterator[str]:
    if path in kind.paths:
        yield path
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from used_paths(kind, item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from used_paths(kind, item, path)


@pytest.mark.parametrize("kind", RESOURCE_TYPES, ids=lambda kind: kind.name)
def test_every_property_on_the_list_is_read_back_by_a_case(kind: ResourceType) -> None:
    cases = [case for case in CASES if case.type == kind.name]
    assert bool(cases) != (kind.name in WITHOUT_A_CASE)
    proven = {
        path
        for case in cases
        for path in used_paths(kind, {**case.properties, "Tags": [] if case.tags else None})
    }
    if kind.tags:
        assert not cases or any(case.tags for case in cases)
        proven.add("Tags")
    assert proven | PROVEN_ELSEWHERE.get(kind.name, set()) == kind.paths


@pytest.mark.parametrize("kind", RESOURCE_TYPES, ids=lambda kind: kind.name)
def test_every_property_on_the_list_exists(kind: ResourceType) -> None:
    names = {path.split(".")[0] for path in kind.paths}
    assert names <= set(schema(kind.name)["properties"])
    assert names.isdisjoint(
        pointer.removeprefix("/properties/")
        for pointer in schema(kind.name).get("readOnlyProperties", [])
    )


def test_a_type_that_it_can_not_do_fails(stacks: Stacks) -> None:
    stacks.create(template({"Queue": {"Type": "AWS::SQS::Queue"}}))
    assert stacks.failures()["Queue"] == "The local AWS can not create AWS::SQS::Queue"
    assert stacks.describe()["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_type_that_does_not_exist_is_refused_at_once(stacks: Stacks) -> None:
    with pytest.raises(stacks.api.exceptions.ClientError, match="Unrecognized resource types"):
        stacks.create(template({"Thing": {"Type": "AWS::ECS::Invented"}}))
    assert stacks.alive() == []


def test_a_property_that_it_does_not_keep_fails(stacks: Stacks) -> None:
    properties = {"CidrBlock": "10.0.0.0/16", "Ipv4IpamPoolId": "ipam"}
    stacks.create(template({"Vpc": {"Type": "AWS::EC2::VPC", "Properties": properties}}))
    reason = "The local AWS does not keep AWS::EC2::VPC Ipv4IpamPoolId"
    assert stacks.failures()["Vpc"] == reason


def test_an_update_to_a_property_that_it_does_not_keep_fails(stacks: Stacks) -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}
    stacks.create(template({"Group": group}))
    changed = {"RetentionInDays": 60, "FieldIndexPolicies": [{}]}
    stacks.update(template({"Group": {**group, "Properties": changed}}))
    reason = "The local AWS does not keep AWS::Logs::LogGroup FieldIndexPolicies"
    assert stacks.failures()["Group"] == reason
    assert stacks.describe()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    found = stacks.session.client("logs").describe_log_groups()["logGroups"]
    assert [each["retentionInDays"] for each in found] == [30]


def test_names_the_property_deep_inside() -> None:
    kind = ResourceType("AWS::Test::Type", "A.B.C A.D Free", tags="")
    kind.check({"A": [{"B": {"C": 1}}, {"D": {"anything": 1}}], "Free": {"x": [1]}})
    assert kind.unknown({"A": [{"B": {"X": 1}}, {"E": 1}], "Other": 1}) == ["A.B.X", "A.E", "Other"]
    with pytest.raises(ValueError, match=r"does not keep AWS::Test::Type A\.E"):
        kind.check({"A": {"E": 1}})


NAMED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", "errors", test_monitoring_types.ALARM),
    "AWS::ECR::Repository": ("RepositoryName", "payments/api", {}),
    "AWS::ECS::Cluster": ("ClusterName", "payments", {}),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", "public", {"Type": "network"}),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", "api", {"VpcId": "vpc-1"}),
    "AWS::IAM::Role": (
        "RoleName",
        "api",
        {"AssumeRolePolicyDocument": test_other_types.TRUST},
    ),
    "AWS::KMS::Alias": ("AliasName", "alias/logs", {"TargetKeyId": "1"}),
    "AWS::Logs::LogGroup": ("LogGroupName", "/ecs/api", {}),
    "AWS::SNS::Topic": ("TopicName", "alarms", {}),
    "AWS::SecretsManager::Secret": ("Name", "api", {}),
    "AWS::WAFv2::WebACL": ("Name", "edge", test_web_acl_types.PLAIN),
}


@pytest.mark.parametrize("resource_type", NAMED)
def test_a_name_that_is_taken_fails(stacks: Stacks, resource_type: str) -> None:
    property_name, name, others = NAMED[resource_type]
    resource = {"Type": resource_type, "Properties": {property_name: name, **others}}
    assert stacks.create(template({"R": resource}))["StackStatus"] == "CREATE_COMPLETE"
    second = stacks.create(template({"R": resource}), "second")
    assert second["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = f"Resource of type '{resource_type}' with identifier '{name}' already exists."
    assert stacks.failures("second")["R"] == reason
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    third = stacks.create(template({"R": resource}), "third")
    assert third["StackStatus"] == "CREATE_COMPLETE"
