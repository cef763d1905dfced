"""What is true of every template of every system, whoever wrote it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from checks.rendering import STACK, Node, Rendering
from description.guardduty import AGENT_ACCOUNTS
from templates.render import render
from tests.resolved import as_deployed, deployed, of_type
from tests.systems_under_test import SYSTEMS, described, rendered

STATEFUL = {
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
}


DELETED = ("Delete", "Delete")


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SYSTEMS)
def rendering(request: pytest.FixtureRequest) -> Rendering:
    return rendered(request.param)


@pytest.fixture(params=SYSTEMS)
def resources(request: pytest.FixtureRequest) -> dict[str, Node]:
    return dict(deployed(request.param))


def walk(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from walk(child)


def statements(node: Any) -> list[Node]:
    return [one for one in walk(node) if "Effect" in one]


def test_only_known_statements_allow_every_resource(rendering: Rendering) -> None:
    allowed = [one for t in rendering.templates.values() for one in statements(t)]
    everywhere = {one["Sid"] for one in allowed if "*" in one.get("Resource", [])}

    assert len(allowed) > 5
    # A registry token has no resource; in a key policy "*" is the key itself; what passes through
    # an endpoint is still for the policies of roles to allow.
    assert everywhere <= {
        "AuthenticateToEcr",
        "AdministerKeyByIam",
        "EncryptLogGroups",
        "GrantToServicesOnly",
        "StartTasks",
        "EncryptAlarms",
    }


def test_a_token_for_the_registry_is_all_that_comes_with_every_resource(
    rendering: Rendering,
) -> None:
    tokens = [
        one
        for template in rendering.templates.values()
        for one in statements(template)
        if one["Sid"] == "AuthenticateToEcr"
    ]

    assert [one["Action"] for one in tokens] == [["ecr:GetAuthorizationToken"]] * len(
        described(rendering.system).services
    )


def test_no_action_of_a_role_has_a_wildcard(resources: dict[str, Node]) -> None:
    actions = [
        action
        for role in of_type(resources, "AWS::IAM::Role").values()
        for one in statements(role)
        for action in one["Action"]
    ]

    assert len(actions) > 5
    assert [action for action in actions if "*" in action] == []


def test_every_statement_has_a_sid(rendering: Rendering) -> None:
    found = [one for t in rendering.templates.values() for one in statements(t)]

    assert found
    assert [one for one in found if not one.get("Sid")] == []


def test_state_says_what_becomes_of_it(resources: dict[str, Node]) -> None:
    stateful = {a: r for a, r in resources.items() if r["Type"] in STATEFUL}

    assert stateful
    for address, resource in stateful.items():
        assert {"DeletionPolicy", "UpdateReplacePolicy"} <= resource.keys(), address


def test_state_stays_or_goes_as_described(system: str) -> None:
    spec = described(system)
    kept = ("RetainExceptOnCreate", "Retain") if spec.removal_policy == "retain" else DELETED

    for address, resource in deployed(system).items():
        if resource["Type"] in STATEFUL:
            found = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            # The topic of alarms holds nothing, so its key goes with it.
            assert found == (DELETED if address == "Security/TopicKey" else kept), address


def test_log_groups_and_keys_have_nothing_but_what_they_need(resources: dict[str, Node]) -> None:
    needed = {
        "AWS::Logs::LogGroup": {"LogGroupName", "RetentionInDays", "KmsKeyId", "Tags"},
        "AWS::KMS::Key": {"Description", "EnableKeyRotation", "KeyPolicy", "Tags"},
    }

    for kind, names in needed.items():
        for properties in of_type(resources, kind).values():
            assert properties.keys() <= names


def test_arns_are_of_the_partition_that_they_are_deployed_to(rendering: Rendering) -> None:
    texts = [
        node["Fn::Sub"]
        for template in rendering.templates.values()
        for node in walk(template)
        if isinstance(node.get("Fn::Sub"), str) and node["Fn::Sub"].startswith("arn:")
    ]

    assert texts
    assert [one for one in texts if not one.startswith("arn:${AWS::Partition}:")] == []


def test_stacks_go_with_their_parent_and_tasks_can_be_rolled_back(rendering: Rendering) -> None:
    found = {
        (one["Type"], one.get("DeletionPolicy"), one.get("UpdateReplacePolicy"))
        for template in rendering.templates.values()
        for one in template["Resources"].values()
        if one["Type"] in (STACK, "AWS::ECS::TaskDefinition")
    }

    assert found == {(STACK, "Delete", "Delete"), ("AWS::ECS::TaskDefinition", "Delete", "Retain")}


def test_nothing_else_outlives_its_stack(resources: dict[str, Node]) -> None:
    kept = {one["Type"] for one in resources.values() if "DeletionPolicy" in one}

    assert kept <= STATEFUL | {"AWS::ECS::TaskDefinition", "AWS::S3::BucketPolicy"}


def test_logs_expire(rendering: Rendering) -> None:
    groups = of_type(as_deployed(rendering, LogRetentionDays="731"), "AWS::Logs::LogGroup")

    assert groups
    assert {group["RetentionInDays"] for group in groups.values()} == {731}


def test_no_value_of_a_secret_is_in_a_template(rendering: Rendering) -> None:
    for name, template in rendering.templates.items():
        assert "SecretString" not in {key for node in walk(template) for key in node}, name
        assert not any(p.get("NoEcho") for p in template.get("Parameters", {}).values()), name


def test_no_account_id_is_in_a_template_but_those_of_aws(rendering: Rendering) -> None:
    for name, body in rendering.files.items():
        found = set(re.findall(r"\b\d{12}\b", body.decode()))
        assert found <= set(AGENT_ACCOUNTS.values()), name


def test_children_use_nothing_that_breaks_nested_change_sets(rendering: Rendering) -> None:
    children = {n: t for n, t in rendering.templates.items() if n != "parent.json"}

    assert len(children) > 2
    for name, template in children.items():
        keys = {key for node in walk(template) for key in node}
        assert not keys & {"Transform", "Fn::Transform", "Export", "Fn::ImportValue"}, name


def test_conditions_are_few(rendering: Rendering) -> None:
    for name, template in rendering.templates.items():
        of_images = [one for one in template.get("Conditions", {}) if one.endswith("ImageIsKnown")]
        assert len(template.get("Conditions", {})) <= 2 + len(of_images), name
        assert not of_images or name == "parent.json"


def test_logical_ids_are_pascal_case_nouns(rendering: Rendering) -> None:
    for name, template in rendering.templates.items():
        for section in ("Parameters", "Resources", "Outputs", "Conditions"):
            for logical_id in template.get(section, {}):
                assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", logical_id), (name, logical_id)


def test_no_name_stands_in_the_way_of_a_replacement(resources: dict[str, Node]) -> None:
    unnamed = {
        "AWS::EC2::SecurityGroup": "GroupName",
        "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
        "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
        "AWS::IAM::Role": "RoleName",
    }

    assert {r["Type"] for r in resources.values()} & unnamed.keys()
    for address, resource in resources.items():
        forbidden = unnamed.get(resource["Type"])
        assert forbidden not in resource["Properties"], address


def test_the_description_of_every_template_fits(rendering: Rendering) -> None:
    for name, template in rendering.templates.items():
        assert 0 < len(template["Description"].encode()) <= 1024, name


def test_rendering_twice_gives_the_same_bytes(rendering: Rendering) -> None:
    assert render(described(rendering.folder)) == rendering.files


def test_templates_read_as_json_with_stable_order(rendering: Rendering) -> None:
    for body in rendering.files.values():
        assert json.loads(body)["AWSTemplateFormatVersion"] == "2010-09-09"
