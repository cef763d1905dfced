"""Wiring that cannot be written: each line below must fail mypy and the build.

mypy reports an unused ``type: ignore``, so that a line which it would let pass fails its run.
"""

import ast
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
from troposphere import Output, Ref, ec2

import templates
from templates import network, registry, routing
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import EnvironmentSuffix, KeyArn, SecretArn, SubnetIds, Text, VpcId, ZoneIds
from tests.systems_under_test import described, rendered

SUFFIX = EnvironmentSuffix("test")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    vpc_id: VpcId
    subnet_ids: SubnetIds
    secret_arn: Each[SecretArn]
    key_arn: KeyArn | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    label: Text
    subnet_ids: SubnetIds


def build(t: StackTemplate, given: Inputs) -> Outputs:
    t.add_resource(ec2.RouteTable("Routes", VpcId=given.vpc_id))
    return Outputs(label=Text(Ref("Routes")), subnet_ids=given.subnet_ids)


STACK = Stack("sample", "A sample", build)
GIVEN = Inputs(
    vpc_id=VpcId("vpc-1"),
    subnet_ids=SubnetIds(["subnet-1", "subnet-2"]),
    secret_arn={"api-keys": SecretArn("arn:secret")},
    key_arn=None,
)


def test_an_output_that_does_not_exist() -> None:
    made = StackTemplate("parent", "").nest("Sample", STACK, GIVEN)

    with pytest.raises(AttributeError):
        made.lable  # type: ignore[attr-defined]  # noqa: B018


def test_an_input_that_is_missing() -> None:
    with pytest.raises(TypeError, match="vpc_id"):
        network.Inputs(environment_suffix=SUFFIX)  # type: ignore[call-arg]


def test_an_input_that_does_not_exist() -> None:
    with pytest.raises(TypeError, match="enviroment"):
        registry.Inputs(enviroment_suffix=SUFFIX)  # type: ignore[call-arg]


def test_an_input_of_the_wrong_kind() -> None:
    given = registry.Inputs(environment_suffix=ZoneIds(""))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="environment_suffix takes EnvironmentSuffix, not ZoneIds"):
        StackTemplate("parent", "").nest("Registry", registry.stack(described("gateway")), given)


def test_a_mapping_of_the_wrong_kind() -> None:
    given = Inputs(
        vpc_id=GIVEN.vpc_id,
        subnet_ids=GIVEN.subnet_ids,
        secret_arn={"api-keys": KeyArn("arn:key")},  # type: ignore[dict-item]
        key_arn=None,
    )

    with pytest.raises(TypeError, match="secret_arn takes SecretArn, not KeyArn"):
        StackTemplate("parent", "").nest("Sample", STACK, given)


def test_nothing_where_something_is_needed() -> None:
    given = registry.Inputs(environment_suffix=None)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="takes EnvironmentSuffix, not NoneType"):
        StackTemplate("parent", "").nest("Registry", registry.stack(described("gateway")), given)


@dataclass(frozen=True, kw_only=True)
class Grouped:
    labels: Outputs | None


def test_a_value_where_a_group_belongs() -> None:
    stack = Stack[Grouped, Grouped]("sample", "A sample", lambda _, given: given)

    given = Grouped(labels=Text("label"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="labels takes a group, not Text"):
        StackTemplate("parent", "").nest("Sample", stack, given)


def test_an_edge_that_is_no_dataclass() -> None:
    stack = Stack[str, str]("sample", "A sample", lambda _, given: given)

    with pytest.raises(TypeError, match="an edge is a dataclass, not str"):
        StackTemplate("parent", "").nest("Sample", stack, "label")


def test_inputs_of_another_stack() -> None:
    given = registry.Inputs(environment_suffix=SUFFIX)
    stack = network.stack(described("gateway"))

    with pytest.raises(AttributeError):
        StackTemplate("parent", "").nest("Network", stack, given)  # type: ignore[misc]


def test_a_list_crosses_as_one_string_and_arrives_as_a_list() -> None:
    parent = StackTemplate("parent", "")
    made = parent.nest("Sample", STACK, GIVEN)
    parent.add_output(Output("SubnetIds", Value=made.subnet_ids.as_string()))
    (child,) = parent.children

    nested = parent.to_dict()["Resources"]["Sample"]["Properties"]
    inside = child.to_dict()
    assert nested["Parameters"]["SubnetIds"] == {"Fn::Join": [",", ["subnet-1", "subnet-2"]]}
    assert inside["Parameters"]["SubnetIds"] == {"Type": "CommaDelimitedList"}
    assert inside["Outputs"]["SubnetIds"]["Value"] == {"Fn::Join": [",", {"Ref": "SubnetIds"}]}
    assert made.subnet_ids.to_dict() == {
        "Fn::Split": [",", {"Fn::GetAtt": ["Sample", "Outputs.SubnetIds"]}]
    }
    assert parent.to_dict()["Outputs"]["SubnetIds"]["Value"] == {
        "Fn::GetAtt": ["Sample", "Outputs.SubnetIds"]
    }


def test_a_mapping_crosses_name_by_name_and_nothing_does_not_cross() -> None:
    parent = StackTemplate("parent", "")
    parent.nest("Sample", STACK, GIVEN)

    passed = parent.to_dict()["Resources"]["Sample"]["Properties"]["Parameters"]
    assert passed["ApiKeysSecretArn"] == "arn:secret"
    assert set(passed) == {"VpcId", "SubnetIds", "ApiKeysSecretArn"}


def test_a_group_crosses_field_by_field() -> None:
    parameters = rendered("gateway").templates["service-api-gateway.json"]["Parameters"]

    assert {field.name for field in fields(routing.Inputs)} >= {"listener_arn", "vpc_id"}
    assert {"ListenerArn", "VpcId"} <= parameters.keys()


def test_stack_modules_do_not_import_one_another() -> None:
    stacks = {"network", "security", "registry"}
    folder = Path(templates.__file__).parent
    imported = {
        (path.stem, alias.name)
        for path in folder.glob("*.py")
        if path.stem in stacks
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "templates"
        for alias in node.names
    }

    assert imported, "nothing was looked at"
    assert {pair for pair in imported if pair[1] in stacks} == set()
