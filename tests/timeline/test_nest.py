"""What CloudFormation waits for, read from templates."""

import json
from typing import Any

from checks.rendering import Rendering
from checks.resolved import resolve, samples
from tests.systems_under_test import rendered
from timeline.nest import deployment
from timeline.steps import Action, Step

ALARM = "AWS::CloudWatch::Alarm"


def steps_of(templates: dict[str, Any], **parameters: str) -> dict[str, Step]:
    rendering = Rendering("test", {name: json.dumps(t).encode() for name, t in templates.items()})
    system = resolve(rendering, parameters, names=False)
    root = deployment(rendering, system, lambda _address: Action.CREATE)
    return {step.address: step for step in root.family()}


def key(**more: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {}, **more}


def test_ref_get_att_and_sub_are_references_and_depends_on_is_more() -> None:
    alarm = {
        "Type": ALARM,
        "Properties": {
            "AlarmName": {"Fn::Sub": "${A}-${AWS::Region}-${!Not}-${B.Arn}"},
            "AlarmActions": [{"Ref": "C"}, {"Fn::GetAtt": ["D", "Arn"]}, {"Ref": "Given"}],
        },
        "DependsOn": ["E"],
    }
    parent = {
        "Parameters": {"Given": {"Type": "String"}},
        "Resources": {**{name: key() for name in "ABCDE"}, "Alarm": alarm},
    }
    step = steps_of({"parent.json": parent}, Given="x")["Alarm"]
    assert step.after == {"A", "B", "C", "D"}
    assert step.after_all_of == {"E"}


def test_what_a_condition_leaves_out_is_neither_there_nor_waited_for() -> None:
    parent = {
        "Parameters": {"Wanted": {"Type": "String"}},
        "Conditions": {"IsWanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        "Resources": {"Key": key(Condition="IsWanted"), "Other": key(DependsOn="Key")},
    }
    assert steps_of({"parent.json": parent}, Wanted="yes")["Other"].after_all_of == {"Key"}
    without = steps_of({"parent.json": parent}, Wanted="no")
    assert without.keys() == {"", "Other"}
    assert not without["Other"].after_all_of


def test_a_nested_stack_waits_for_what_its_parameters_refer_to() -> None:
    child = {
        "Parameters": {"Arn": {"Type": "String", "Default": ""}},
        "Resources": {"Key": key()},
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}}},
    }
    stack = {"Type": "AWS::CloudFormation::Stack"}
    given = {"Arn": {"Fn::GetAtt": ["First", "Outputs.Arn"]}}
    parent = {
        "Resources": {
            "First": {**stack, "Properties": {"TemplateURL": "child.json"}},
            "Second": {**stack, "Properties": {"TemplateURL": "child.json", "Parameters": given}},
        }
    }
    steps = steps_of({"parent.json": parent, "child.json": child})
    assert steps["Second"].after == {"First"}
    assert not steps["First"].after
    assert not steps["Second/Key"].after


def test_all_that_the_resolved_system_has_is_deployed() -> None:
    gateway = rendered("gateway")
    system = resolve(gateway, samples(gateway) | {"AlarmEmail": "a@example.com"}, names=False)
    root = deployment(gateway, system, lambda _address: Action.CREATE)
    steps = {step.address: step for step in root.family()}
    assert {a for a, step in steps.items() if not step.is_stack} == system.resources.keys()
    assert {a for a, step in steps.items() if step.is_stack} == system.stacks.keys()
