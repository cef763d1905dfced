from collections.abc import Callable
from typing import Any

import pytest

from checks import contracts
from checks.rendering import Node
from tests.checks.templates import a_pair, nested, rendering
from tests.systems_under_test import SYSTEMS, rendered

Pair = dict[str, Node]


def found(pair: Pair) -> set[tuple[str, str, str]]:
    return {
        (one.rule, one.file.removeprefix("shop/"), one.path)
        for one in contracts.check(rendering(pair))
    }


def an_unknown_parameter(pair: Pair) -> None:
    pair["parent.json"]["Resources"]["Child"]["Properties"]["Parameters"]["Extra"] = "x"


def a_missing_parameter(pair: Pair) -> None:
    pair["child.json"]["Parameters"]["Extra"] = {"Type": "String"}


def an_unknown_output(pair: Pair) -> None:
    pair["parent.json"]["Outputs"]["More"] = {"Value": {"Fn::GetAtt": "Child.Outputs.More"}}


def an_unknown_output_in_a_text(pair: Pair) -> None:
    pair["parent.json"]["Outputs"]["More"] = {"Value": {"Fn::Sub": "x-${Child.Outputs.More}"}}


def an_output_that_nobody_reads(pair: Pair) -> None:
    pair["child.json"]["Outputs"]["More"] = {"Value": "x"}


def a_default_in_a_nested_template(pair: Pair) -> None:
    pair["child.json"]["Parameters"]["Extra"] = {"Type": "String", "Default": ""}


def an_export(pair: Pair) -> None:
    pair["child.json"]["Outputs"]["Name"]["Export"] = {"Name": "x"}


def an_import(pair: Pair) -> None:
    topic = pair["child.json"]["Resources"]["Topic"]["Properties"]
    topic["DisplayName"] = {"Fn::ImportValue": "x"}


def a_transform(pair: Pair) -> None:
    pair["child.json"]["Transform"] = "AWS::LanguageExtensions"


def a_transform_inside(pair: Pair) -> None:
    topic = pair["child.json"]["Resources"]["Topic"]["Properties"]
    topic["DisplayName"] = {"Fn::Transform": {"Name": "AWS::Include"}}


def a_template_that_is_not_there(pair: Pair) -> None:
    pair["parent.json"]["Resources"]["Other"] = nested("other.json")


def a_template_somewhere_else(pair: Pair) -> None:
    pair["parent.json"]["Resources"]["Other"] = nested({"Fn::Sub": "https://${Bucket}"})


def a_template_that_nobody_nests(pair: Pair) -> None:
    pair["orphan.json"] = {"Resources": {}}


CHILD = "Resources/Child/Properties"
TOPIC = "Resources/Topic/Properties/DisplayName"


@pytest.mark.parametrize(
    ("mistake", "rule", "file", "path"),
    [
        (an_unknown_parameter, "E9201", "parent.json", f"{CHILD}/Parameters/Extra"),
        (a_missing_parameter, "E9202", "parent.json", f"{CHILD}/Parameters"),
        (an_unknown_output, "E9203", "parent.json", "Outputs/More/Value"),
        (an_unknown_output_in_a_text, "E9203", "parent.json", "Outputs/More/Value"),
        (an_output_that_nobody_reads, "E9204", "parent.json", "Resources/Child"),
        (an_export, "E9205", "child.json", "Outputs/Name/Export"),
        (an_import, "E9205", "child.json", TOPIC),
        (a_transform, "E9206", "child.json", "Transform"),
        (a_transform_inside, "E9206", "child.json", TOPIC),
        (
            a_template_that_is_not_there,
            "E9208",
            "parent.json",
            "Resources/Other/Properties/TemplateURL",
        ),
        (
            a_template_somewhere_else,
            "E9208",
            "parent.json",
            "Resources/Other/Properties/TemplateURL",
        ),
        (a_template_that_nobody_nests, "E9209", "orphan.json", ""),
        (
            a_default_in_a_nested_template,
            "E9210",
            "child.json",
            "Parameters/Extra/Default",
        ),
    ],
)
def test_finds_what_does_not_fit(
    mistake: Callable[[Pair], None], rule: str, file: str, path: str
) -> None:
    pair = a_pair()
    assert found(pair) == set()
    mistake(pair)
    assert found(pair) == {(rule, file, path)}


def test_the_parent_may_export() -> None:
    pair = a_pair()
    pair["parent.json"]["Outputs"]["Name"]["Export"] = {"Name": "x"}
    assert found(pair) == set()


def select(source: Any) -> Node:
    return {"Fn::Select": [0, source]}


OUTPUT = {"Fn::GetAtt": ["Child", "Outputs.Name"]}


@pytest.mark.parametrize(
    "source", [OUTPUT, {"Fn::Split": [",", OUTPUT]}, {"Fn::Sub": "${Child.Outputs.Name}"}]
)
def test_refuses_to_select_from_another_stacks_output(source: Node) -> None:
    pair = a_pair()
    pair["parent.json"]["Outputs"]["Name"]["Value"] = select(source)
    assert ("E9207", "parent.json", "Outputs/Name/Value") in found(pair)


@pytest.mark.parametrize(
    "inside", [{"Ref": "Names"}, {"Fn::Split": [",", {"Fn::Sub": "${Names}"}]}]
)
def test_follows_an_output_through_parameters_over_several_stacks(inside: Node) -> None:
    pair = a_pair()
    stacks = pair["parent.json"]["Resources"]
    stacks["Second"] = nested("second.json", Names=OUTPUT)
    pair["second.json"] = {
        "Parameters": {"Names": {"Type": "String"}},
        "Resources": {"Third": nested("third.json", Names={"Ref": "Names"})},
    }
    pair["third.json"] = {
        "Parameters": {"Names": {"Type": "String"}},
        "Resources": {
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"DisplayName": select(inside)},
            }
        },
    }
    assert found(pair) == {("E9207", "third.json", TOPIC)}
    assert found(dict(reversed(pair.items()))) == {("E9207", "third.json", TOPIC)}
    stacks["Second"]["Properties"]["Parameters"]["Names"] = "known,before"
    pair["parent.json"]["Outputs"]["Known"] = {"Value": OUTPUT}
    assert found(pair) == set()


def test_selecting_zones_is_no_output() -> None:
    pair = a_pair()
    pair["parent.json"]["Outputs"]["Zone"] = {"Value": select({"Fn::GetAZs": ""})}
    assert found(pair) == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_our_own_systems_fit_together(system: str) -> None:
    assert len(rendered(system).templates) > 5
    assert contracts.check(rendered(system)) == []
