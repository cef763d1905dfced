import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from checks.build import Project
from checks.parameter_files import read_all
from checks.rendering import Node, Rendering
from checks.resolved import (
    Place,
    Reference,
    ResolutionError,
    System,
    references,
    resolve,
    samples,
)
from checks.resolved.identity import IDENTITIES, SAME_AS_REF
from checks.walk import nodes
from tests.checks.templates import a_pair, nested, rendering
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered

TOPIC = "AWS::SNS::Topic"
SUFFIX = {"Suffix": "dev"}


def alone(value: Any, **more: Any) -> Rendering:
    """A system of one stack, in which a topic's ``DisplayName`` is ``value``."""
    parent = {
        "Parameters": {
            "Suffix": {"Type": "String"},
            "Number": {"Type": "Number", "Default": 7},
            "Names": {"Type": "CommaDelimitedList", "Default": "a, b"},
            "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stored"},
        },
        "Conditions": {
            "IsDev": {"Fn::Equals": [{"Ref": "Suffix"}, "dev"]},
            "IsSeven": {"Fn::Equals": [{"Ref": "Number"}, 7]},
            "IsNotDev": {"Fn::Not": [{"Condition": "IsDev"}]},
            "IsBoth": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsSeven"}]},
            "IsEither": {"Fn::Or": [{"Condition": "IsNotDev"}, {"Condition": "IsSeven"}]},
        },
        "Mappings": {"Sizes": {"dev": {"Tasks": 1}}},
        "Resources": {
            "Topic": {"Type": TOPIC, "Properties": {"DisplayName": value}},
            "Vpc": {"Type": "AWS::EC2::VPC"},
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "shop"}},
            "Absent": {"Type": TOPIC, "Condition": "IsNotDev"},
        },
    }
    return rendering({"parent.json": {**parent, **more}})


def resolved(value: Any) -> Any:
    return resolve(alone(value), SUFFIX).resources["Topic"].properties.get("DisplayName")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        (7, 7),
        ({"Ref": "Suffix"}, "dev"),
        ({"Ref": "Number"}, "7"),
        ({"Ref": "Names"}, ["a", "b"]),
        ({"Ref": "Stored"}, "{{resolve:ssm:/stored}}"),
        ({"Ref": "AWS::AccountId"}, "111122223333"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Ref": "AWS::NoValue"}, None),
        ([1, {"Ref": "AWS::NoValue"}, 3], [1, 3]),
        ({"Ref": "Vpc"}, Reference("Vpc")),
        ({"Fn::GetAtt": ["Vpc", "VpcId"]}, Reference("Vpc")),
        ({"Fn::GetAtt": "Vpc.CidrBlock"}, Reference("Vpc", "CidrBlock")),
        ({"Ref": "Cluster"}, "shop"),
        ({"Fn::GetAtt": ["Cluster", "Arn"]}, "arn:aws:ecs:us-east-1:111122223333:cluster/shop"),
        ({"Fn::Sub": "${Vpc}"}, Reference("Vpc")),
        ({"Fn::Sub": "x-${Vpc}-${Suffix}"}, "x-${Vpc}-dev"),
        ({"Fn::Sub": "x-${Cluster.Arn}"}, "x-arn:aws:ecs:us-east-1:111122223333:cluster/shop"),
        ({"Fn::Sub": "${!Vpc:x} $5"}, "${Vpc:x} $5"),
        ({"Fn::Sub": ["${A}-${Suffix}", {"A": {"Ref": "Number"}}]}, "7-dev"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Suffix"}, 1]]}, "a-dev-1"),
        ({"Fn::Join": ["-", {"Ref": "Names"}]}, "a-b"),
        ({"Fn::Split": [",", {"Fn::Join": [",", [{"Ref": "Vpc"}, "x"]]}]}, [Reference("Vpc"), "x"]),
        ({"Fn::Select": ["1", {"Ref": "Names"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "us-east-1a"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Suffix"}, "Tasks"]}, 1),
        ({"Fn::If": ["IsDev", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsNotDev", "yes", "no"]}, "no"),
        ({"Fn::If": ["IsBoth", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsEither", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsNotDev", {"Ref": "Absent"}, "no"]}, "no"),
        ({"Deep": {"Fn::If": ["IsDev", {"Ref": "AWS::NoValue"}, 1]}, "B": True}, {"B": True}),
    ],
)
def test_resolves_as_cloudformation_does(value: Any, expected: Any) -> None:
    assert resolved(value) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Ref": "Nothing"}, "'Nothing' is no parameter, resource or known pseudo parameter"),
        ({"Ref": "AWS::StackId"}, "'AWS::StackId' is no parameter"),
        ({"Ref": "Absent"}, "Absent will not be there: its condition does not hold"),
        ({"Fn::GetAtt": ["Nothing", "Arn"]}, "there is no resource 'Nothing'"),
        ({"Fn::GetAtt": ["Topic"]}, "takes the names of a resource and an attribute"),
        ({"Fn::Sub": "${Nothing}"}, "'Nothing' is no parameter"),
        ({"Fn::Sub": "${Names}"}, "must be one text"),
        ({"Fn::Sub": 1}, "takes a text"),
        ({"Fn::Sub": [{"Ref": "AWS::NoValue"}]}, "takes a text"),
        ({"Fn::Join": ["-", "a"]}, "must be a list"),
        ({"Fn::Join": ["-"]}, "takes a list of 2"),
        ({"Fn::Select": [2, {"Ref": "Names"}]}, "a list of 2 has no item 2"),
        ({"Fn::Select": ["x", {"Ref": "Names"}]}, "a list of 2 has no item x"),
        ({"Fn::If": ["Unknown", 1, 2]}, "there is no condition 'Unknown'"),
        ({"Fn::FindInMap": ["Sizes", "prod", "Tasks"]}, "no mapping has 'prod' here"),
        ({"Fn::GetAZs": "eu-west-1"}, "only the zones of the region deployed to"),
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue is not a function that can be followed"),
        ({"Fn::Sub": "x", "More": 1}, "must stand alone"),
    ],
)
def test_refuses_what_it_cannot_resolve_and_says_where(value: Any, reason: str) -> None:
    with pytest.raises(ResolutionError) as refused:
        resolve(alone(value), SUFFIX)

    assert str(refused.value).startswith("shop/parent.json: Resources/Topic/Properties/DisplayName")
    assert reason in str(refused.value)
    assert refused.value.finding("E9500").file == "shop/parent.json"


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "Parameters/Suffix: is not given and has no default"),
        ({**SUFFIX, "More": "x"}, "Parameters/More: is given, but there is no such parameter"),
        ({**SUFFIX, "Number": "x"}, "Parameters/Number: must be a number"),
    ],
)
def test_refuses_parameters_that_cloudformation_would(
    parameters: dict[str, str], reason: str
) -> None:
    with pytest.raises(ResolutionError, match=reason):
        resolve(alone("x"), parameters)


def in_a_circle(first: Node) -> None:
    first["Conditions"] = {"Round": {"Condition": "Round"}}
    first["Resources"]["It"] = {"Type": TOPIC, "Condition": "Round"}


def with_an_odd_condition(first: Node) -> None:
    first["Conditions"] = {"Odd": {"Fn::Contains": []}}
    first["Resources"]["It"] = {"Type": TOPIC, "Condition": "Odd"}


def before_nothing(first: Node) -> None:
    first["Resources"]["It"] = {"Type": TOPIC, "DependsOn": ["Nothing"]}


def named_by_itself(first: Node) -> None:
    name = {"Fn::GetAtt": ["It", "TopicName"]}
    first["Resources"]["It"] = {"Type": TOPIC, "Properties": {"TopicName": name}}


def nesting_nothing(first: Node) -> None:
    first["Resources"]["Child"] = nested("nothing.json")


def nesting_itself(first: Node) -> None:
    first["Parameters"]["Suffix"]["Default"] = ""
    first["Outputs"] = {}
    first["Resources"]["Child"] = nested("parent.json")


def reading_no_output(first: Node) -> None:
    first["Outputs"]["Name"]["Value"] = {"Fn::GetAtt": ["Child", "Outputs.Nothing"]}


def with_tags_that_are_none(first: Node) -> None:
    first["Resources"]["Child"]["Properties"]["Tags"] = {"Owner": "payments"}


def with_a_tag_without_a_key(first: Node) -> None:
    first["Resources"]["Child"]["Properties"]["Tags"] = [{"Value": "payments"}]


def with_a_tag_without_a_value(first: Node) -> None:
    first["Resources"]["Child"]["Properties"]["Tags"] = [{"Key": "Owner"}]


def giving_too_little(first: Node) -> None:
    del first["Resources"]["Child"]["Properties"]["Parameters"]


def a_stack_given_its_own_output(first: Node) -> None:
    given = first["Resources"]["Child"]["Properties"]["Parameters"]
    given["Suffix"] = {"Fn::GetAtt": ["Child", "Outputs.Name"]}


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (in_a_circle, "Conditions/Round: Round depends on itself"),
        (with_an_odd_condition, "Conditions/Odd: is not a condition that can be followed"),
        (before_nothing, "Resources/It/DependsOn: there is no resource 'Nothing'"),
        (named_by_itself, "It/TopicName depends on itself"),
        (nesting_nothing, "Child/Properties/TemplateURL: must be the name of a template"),
        (nesting_itself, "parent.json nests itself"),
        (reading_no_output, "the stack Child has no Outputs.Nothing"),
        (with_tags_that_are_none, "Child/Properties/Tags: must be a list of tags"),
        (with_a_tag_without_a_key, "Child/Properties/Tags: must have a Key and a Value each"),
        (with_a_tag_without_a_value, "Child/Properties/Tags: must have a Key and a Value each"),
        (giving_too_little, "shop/child.json: Parameters/Suffix: is not given"),
        (a_stack_given_its_own_output, "Child depends on itself"),
    ],
)
def test_refuses_templates_that_do_not_fit(spoil: Callable[[Node], None], reason: str) -> None:
    pair = a_pair()
    spoil(pair["parent.json"])

    with pytest.raises(ResolutionError) as refused:
        resolve(rendering(pair), SUFFIX)

    assert reason in str(refused.value)


def test_follows_parameters_and_outputs_through_nested_stacks() -> None:
    system = resolve(rendering(a_pair()), SUFFIX)

    assert system.resources["Child/Topic"].properties == {"TopicName": "shop-dev"}
    assert system.resources["Child/Topic"].file == "shop/child.json"
    assert system.resources["Child/Topic"].stack == "Child"
    assert system.outputs == {"Name": "shop-dev"}
    assert system.stacks.keys() == {"", "Child"}
    assert system.stacks["Child"].parameters == SUFFIX
    assert list(system.resources) == ["Child/Topic"]


def test_what_a_nested_stack_is_given_decides_what_is_in_it_and_nothing_else_does() -> None:
    templates = a_pair()
    templates["parent.json"]["Parameters"]["Other"] = {"Type": "String"}
    templates["parent.json"]["Resources"]["Same"] = nested("child.json", Suffix="x")
    templates["parent.json"]["Resources"]["Child"] = nested("child.json", Suffix={"Ref": "Other"})
    pair, place = rendering(templates), Place(stack_name="shop")
    one, two = (resolve(pair, {**SUFFIX, "Other": other}, place=place) for other in ("a", "b"))

    assert one.outputs == {"Name": "shop-a"}
    assert two.outputs == {"Name": "shop-b"}
    for system in (one, two):
        name = str(system.outputs["Name"])
        topic = system.resources["Child/Topic"]
        assert topic.properties == {"TopicName": name}
        assert system.find(TOPIC, f"arn:aws:sns:us-east-1:111122223333:{name}") is topic
        assert system.stacks["Child"].parameters == {"Suffix": name.removeprefix("shop-")}
    assert one.find(TOPIC, "shop-b") is None
    assert one.resources["Same/Topic"] is two.resources["Same/Topic"]
    assert one.resources["Same/Topic"].properties == {"TopicName": "shop-x"}


def test_leaves_out_what_its_condition_does() -> None:
    pair = a_pair()
    pair["parent.json"]["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
    pair["parent.json"]["Resources"]["Child"]["Condition"] = "Never"
    pair["parent.json"]["Resources"]["It"] = {"Type": TOPIC, "DependsOn": "Child"}
    pair["parent.json"]["Outputs"]["Name"]["Condition"] = "Never"

    system = resolve(rendering(pair), SUFFIX)

    assert list(system.resources) == ["It"]
    assert system.resources["It"].depends_on == ()
    assert system.outputs == {}
    assert list(system.stacks) == [""]


def test_stacks_hand_on_their_tags_and_say_what_they_wait_for() -> None:
    pair = a_pair()
    child = pair["parent.json"]["Resources"]["Child"]
    child["Properties"]["Tags"] = [{"Key": "Team", "Value": {"Ref": "Suffix"}}]
    child["DependsOn"] = "It"
    pair["parent.json"]["Resources"]["It"] = {"Type": TOPIC}

    stack = resolve(rendering(pair), SUFFIX).stacks["Child"]

    assert stack.tags == {"Team": "dev"}
    assert stack.depends_on == ("It",)


def test_the_place_decides_what_pseudo_parameters_give() -> None:
    value = {"Fn::Sub": "${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::StackName}"}
    place = Place(account="222222222222", region="cn-north-1", partition="aws-cn", stack_name="x")

    found = resolve(alone(value), SUFFIX, place=place).resources["Topic"]

    assert found.properties["DisplayName"] == "aws-cn cn-north-1 222222222222 x"


def test_references_are_found_in_texts_and_in_all_that_a_value_has() -> None:
    text = f"a {Reference('Vpc')} b {Reference('LoadBalancer', 'DNSName')} ${{x:y}}"
    value = {"Role": Reference("Roles/Role", "Arn"), "Names": [text, {"Port": 80}, None]}

    assert list(references(text)) == [Reference("Vpc"), Reference("LoadBalancer", "DNSName")]
    assert list(references(value)) == [Reference("Roles/Role", "Arn"), *references(text)]


@pytest.mark.parametrize(("kind", "attribute"), sorted(SAME_AS_REF.items()))
def test_the_attribute_that_is_the_same_as_a_ref_is_the_types_identifier(
    kind: str, attribute: str
) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema

    if kind == "AWS::EC2::SecurityGroup":  # its Id is its GroupId, for a group in a VPC
        assert f"/properties/{attribute}" in schema["readOnlyProperties"]
    else:
        assert schema["primaryIdentifier"] == [f"/properties/{attribute}"]


@pytest.mark.parametrize("kind", sorted(IDENTITIES))
def test_names_and_attributes_of_a_known_form_are_those_of_the_type(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    one = IDENTITIES[kind]
    attributes = {path.removeprefix("/properties/") for path in schema["readOnlyProperties"]}

    assert one.name is None or one.name in schema["properties"]
    assert set(one.attributes) <= attributes | set(schema["properties"])
    assert set(one.others) <= set(schema["properties"])


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    name = request.param
    return resolve(rendered(name), samples(rendered(name)))


def test_nothing_is_left_to_resolve_in_a_system_of_ours(system: System) -> None:
    assert len(system.resources) > 50
    for resource in system.resources.values():
        for path, node in nodes(resource.properties):
            assert not isinstance(node, dict) or not any(
                key == "Ref" or key.startswith("Fn::") for key in node
            ), (resource.address, path)


def test_every_reference_leads_to_a_resource_that_is_there(system: System) -> None:
    found = list(all_references(system))

    assert len(found) > 50
    assert {one.address for one in found} <= system.resources.keys()


def all_references(system: System) -> Iterator[Reference]:
    for resource in system.resources.values():
        for path, node in nodes(resource.properties):
            if path == ("LogFormat",):
                continue  # ${...} there is a field of a flow log
            if isinstance(node, Reference | str):
                yield from references(node)


def test_roles_tasks_and_clusters_are_found_by_what_refers_to_them(system: System) -> None:
    services = system.of_type("AWS::ECS::Service")

    assert len(services) == len(described(system.name).services)
    for service in services:
        task = system.find("AWS::ECS::TaskDefinition", service.properties["TaskDefinition"])
        assert task is not None
        assert task.stack == service.stack
        for role in ("TaskRoleArn", "ExecutionRoleArn"):
            found = system.find("AWS::IAM::Role", task.properties[role])
            assert found is not None
            assert found.logical_id.endswith(role.removesuffix("Arn"))
        assert system.find("AWS::ECS::Cluster", service.properties["Cluster"]) is not None
        assert system.find("AWS::IAM::Role", service.properties["Cluster"]) is None


def test_images_are_pulled_from_the_repositories_of_the_system() -> None:
    system = resolve(rendered("gateway"), samples(rendered("gateway")))
    definitions = system.of_type("AWS::ECS::TaskDefinition")

    images = [task.properties["ContainerDefinitions"][0]["Image"] for task in definitions]

    assert len(set(images)) == 3
    for image in images:
        assert system.find("AWS::ECR::Repository", image.partition("@")[0]) is not None


def test_without_images_there_are_no_services() -> None:
    given = samples(rendered("gateway"))

    first = resolve(rendered("gateway"), given, images=False)
    pinned = {**given, "ApiGatewayImageDigest": f"sha256:{'0' * 64}"}
    second = resolve(rendered("gateway"), pinned, images=False)

    assert first.of_type("AWS::ECS::Service") == []
    assert "ApiGatewayService" not in first.stacks
    assert [one.address for one in second.of_type("AWS::ECS::Service")] == [
        "ApiGatewayService/Service"
    ]
    assert "FraudDetectorServiceName" not in second.outputs


def test_each_parameter_file_resolves() -> None:
    files = read_all(Project(ROOT).parameters, REFERENCES)
    zones = {}

    for file in files:
        found = resolve(rendered(file.system), file.parameters)
        subnet = found.resources["PrivateSubnetA"].properties
        zones[file.path.stem] = subnet.get("AvailabilityZoneId", subnet.get("AvailabilityZone"))
        assert found.place.stack_name == file.path.stem

    assert zones["gateway-dev"] == "us-east-1a"
    # Production has endpoints in each zone, which not every zone of a region can have.
    assert {zones[name] for name in zones if "dev" not in name} == {"use1-az1"}


def test_resolving_leaves_the_templates_as_they_are() -> None:
    before = json.dumps(rendered("payments").templates)

    resolve(rendered("payments"), samples(rendered("payments")))

    assert json.dumps(rendered("payments").templates) == before
