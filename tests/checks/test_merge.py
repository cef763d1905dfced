from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.linting.linter import Linter
from checks.parameter_files import read_all
from checks.rendering import Rendering
from checks.resolved import Reference, ResolutionError, System, merge, references, resolve
from tests.checks.templates import a_pair, rendering
from tests.systems_under_test import REFERENCES, ROOT, rendered

TOPIC = "AWS::SNS::Topic"
SUFFIX = {"Suffix": "dev"}
ENVIRONMENTS = [
    (file.system, file.environment, file.parameters)
    for file in read_all(ROOT / "parameters", REFERENCES)
]


def test_one_template_has_all_that_a_system_will_be() -> None:
    merged = merge(rendering(a_pair()), SUFFIX)

    assert merged.template["Resources"] == {
        "ChildTopic": {"Type": TOPIC, "Properties": {"TopicName": "shop-dev"}}
    }
    assert merged.template["Outputs"] == {
        "Name": {"Value": {"Fn::GetAtt": ["ChildTopic", "TopicName"]}}
    }
    assert merged.addresses == {"ChildTopic": "Child/Topic"}


def beside_the_child(value: Any, **more: Any) -> Rendering:
    """A pair of templates, and beside the child a topic with a display name."""
    pair = a_pair()
    parent = pair["parent.json"]
    parent["Parameters"]["Count"] = {"Type": "Number", "Default": 7}
    parent["Resources"]["It"] = {"Type": TOPIC, "Properties": {"DisplayName": value}, **more}
    pair["child.json"]["Outputs"]["Topic"] = {"Value": {"Ref": "Topic"}}
    return rendering(pair)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Suffix"}, "dev"),
        ({"Ref": "Count"}, 7),
        ({"Fn::Sub": "${Count} of ${AWS::StackName}"}, "7 of shop"),
        ({"Fn::GetAtt": ["Child", "Outputs.Topic"]}, {"Ref": "ChildTopic"}),
        (
            {"Fn::GetAtt": ["Child", "Outputs.Name"]},
            {"Fn::GetAtt": ["ChildTopic", "TopicName"]},
        ),
        (
            {"Fn::Join": ["-", ["a", {"Fn::GetAtt": ["Child", "Outputs.Topic"]}]]},
            {"Fn::Sub": "a-${ChildTopic}"},
        ),
        (
            {"Fn::Join": ["-", ["${aws:name}", {"Fn::GetAtt": ["Child", "Outputs.Name"]}]]},
            {"Fn::Sub": "${!aws:name}-${ChildTopic.TopicName}"},
        ),
        ("${aws:name}", "${aws:name}"),
        ({"Ref": "AWS::NoValue"}, None),
    ],
)
def test_references_stay_and_everything_else_is_its_value(value: Any, expected: Any) -> None:
    merged = merge(beside_the_child(value), SUFFIX)

    assert merged.template["Resources"]["It"]["Properties"].get("DisplayName") == expected


def test_what_waits_for_a_stack_waits_for_everything_in_it() -> None:
    system = beside_the_child("", DependsOn="Child", DeletionPolicy="Retain")

    it = merge(system, SUFFIX).template["Resources"]["It"]

    assert it["DependsOn"] == ["ChildTopic"]
    assert it["DeletionPolicy"] == "Retain"


def test_everything_in_a_stack_waits_for_what_the_stack_waits_for() -> None:
    pair = a_pair()
    pair["parent.json"]["Resources"]["It"] = {"Type": TOPIC}
    pair["parent.json"]["Resources"]["Child"]["DependsOn"] = "It"

    assert merge(rendering(pair), SUFFIX).template["Resources"]["ChildTopic"]["DependsOn"] == ["It"]


def test_does_not_wait_by_name_for_what_it_refers_to() -> None:
    value = {"Fn::Sub": ["x${Topic}", {"Topic": {"Fn::GetAtt": ["Child", "Outputs.Topic"]}}]}
    system = beside_the_child(value, DependsOn="Child")

    assert "DependsOn" not in merge(system, SUFFIX).template["Resources"]["It"]


def test_two_addresses_never_become_one_logical_id() -> None:
    pair = a_pair()
    pair["parent.json"]["Resources"]["ChildTopic"] = {"Type": TOPIC}

    merged = merge(rendering(pair), SUFFIX)

    assert sorted(merged.addresses.values()) == ["Child/Topic", "ChildTopic"]
    assert merged.template["Resources"].keys() == merged.addresses.keys()


@pytest.mark.parametrize("text", ["${Child}", "about ${Child}"])
def test_refuses_the_id_of_a_nested_stack(text: str) -> None:
    with pytest.raises(ResolutionError, match="It/Properties/DisplayName: refers to the stack"):
        merge(beside_the_child({"Fn::Sub": text}), SUFFIX)


@pytest.mark.parametrize(("system", "environment", "parameters"), ENVIRONMENTS)
def test_a_system_in_one_template_is_the_same_system(
    system: str, environment: str, parameters: Mapping[str, str]
) -> None:
    nested_stacks = resolve(rendered(system), parameters, names=False)

    merged = merge(rendered(system), parameters)
    alone = resolve(
        rendering({"parent.json": merged.template}), {}, names=False, place=nested_stacks.place
    )

    assert len(alone.resources) > 50, environment
    assert seen(alone, dict(merged.addresses)) == seen(nested_stacks, {})


def seen(system: System, addresses: Mapping[str, str]) -> dict[str, Any]:
    """What a system has by address, with the addresses of another form of it."""

    def named(value: Any) -> Any:
        match value:
            case dict():
                return {key: named(item) for key, item in value.items()}
            case list():
                return [named(item) for item in value]
            case Reference():
                address = addresses.get(value.address, value.address)
                return Reference(address, value.attribute)
            case str():
                for one in references(value):
                    value = value.replace(str(one), str(named(one)))
        return value

    return {
        addresses.get(one.address, one.address): (one.type, named(one.properties), one.attributes)
        for one in system.resources.values()
    } | {"": named(dict(system.outputs))}


@pytest.mark.slow(reason="cfn-lint reads every system as one template")
def test_cfn_lint_finds_nothing_in_the_merged_templates_but_what_is_explained(
    tmp_path: Path,
) -> None:
    systems = []
    for system, environment, parameters in ENVIRONMENTS:
        if environment == "staging":
            continue  # as prod, but for a number
        merged = merge(rendered(system), parameters).template
        systems.append(rendering({"parent.json": merged}, f"{system}-{environment}"))
        (tmp_path / systems[-1].system).mkdir()
        (tmp_path / systems[-1].file("parent.json")).write_bytes(systems[-1].files["parent.json"])

    with Linter(tmp_path / "cache") as linter:
        found = linter.lint(tmp_path, systems)

    explained = {
        "I3042": "the partition is written out",
        "W3010": "zones that the template takes from Fn::GetAZs are written out",
    }
    assert {one.rule for one in found} == explained.keys(), found
