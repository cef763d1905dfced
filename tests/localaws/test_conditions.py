"""Conditions hold as on AWS; what cannot be computed is refused, never taken for true."""

from typing import Any

import pytest

from localaws import LocalAws
from tests.localaws.readback import ref
from tests.localaws.stacks import Stacks, template
from tests.localaws.test_templates import HANDLE, refusal

PARAMETERS = {
    "Empty": {"Type": "String", "Default": ""},
    "Stage": {"Type": "String", "Default": "prod"},
    "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "NoZones": {"Type": "CommaDelimitedList", "Default": ""},
    "Count": {"Type": "Number", "Default": 2},
}
MAPPINGS = {"Size": {"prod": {"Tasks": 2}, "dev": {"Tasks": 1}}}


def equals(left: Any, right: Any) -> dict[str, Any]:
    return {"Fn::Equals": [left, right]}


def negated(condition: Any) -> dict[str, Any]:
    return {"Fn::Not": [condition]}


def join(*values: Any) -> dict[str, Any]:
    return {"Fn::Join": ["+", list(values)]}


TRUE, FALSE = equals("a", "a"), equals("a", "b")


def body(condition: Any) -> dict[str, Any]:
    return template(
        {"H": HANDLE, "Kept": {**HANDLE, "Condition": "Subject"}},
        Parameters=PARAMETERS,
        Mappings=MAPPINGS,
        Conditions={"Subject": condition, "Yes": TRUE, "No": FALSE},
    )


def holds(stacks: Stacks, condition: Any) -> bool:
    """Return whether a resource with the condition is created."""
    stack = stacks.create(body(condition))
    assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.failures()
    found = stacks.api.describe_stack_resources(StackName="root")["StackResources"]
    return "Kept" in {resource["LogicalResourceId"] for resource in found}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (ref("Stage"), "prod"),
        (ref("Count"), "2"),
        (join(ref("Stage"), ref("Empty"), "x"), "prod++x"),
        (join(join(ref("Stage"), "y"), "x"), "prod+y+x"),
        ({"Fn::Join": ["+", ref("Zones")]}, "a+b"),
        ({"Fn::Join": ["", ref("NoZones")]}, ""),
        ({"Fn::Select": [1, ref("Zones")]}, "b"),
        ({"Fn::Select": ["0", ["x", "y"]]}, "x"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", "us-east-1"]}]}, "east"),
        ({"Fn::Sub": "${Stage}-${!Stage}"}, "prod-${Stage}"),
        ({"Fn::Sub": ["${Stage}-${Zone}", {"Zone": {"Fn::Select": [0, ref("Zones")]}}]}, "prod-a"),
        ({"Fn::FindInMap": ["Size", ref("Stage"), "Tasks"]}, "2"),
        (ref("AWS::Region"), "us-east-1"),
        (ref("AWS::Partition"), "aws"),
        (ref("AWS::URLSuffix"), "amazonaws.com"),
        ({"Fn::Sub": "${AWS::Region}a"}, "us-east-1a"),
        (True, "true"),
        (2, "2"),
    ],
)
def test_computes_the_values_that_it_compares(stacks: Stacks, value: Any, text: str) -> None:
    both = {"Fn::And": [equals(value, text), negated(equals(f"{text}?", value))]}
    assert holds(stacks, both)


def test_knows_the_account(local_aws: LocalAws) -> None:
    stacks = Stacks(local_aws.session(account="240000000001"))
    assert holds(stacks, equals(ref("AWS::AccountId"), "240000000001"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (TRUE, True),
        (FALSE, False),
        (negated(TRUE), False),
        (negated(equals(join(ref("Empty"), ref("Stage")), "+prod")), False),
        ({"Fn::And": [TRUE, FALSE]}, False),
        ({"Fn::And": [TRUE, TRUE]}, True),
        ({"Fn::Or": [FALSE, TRUE]}, True),
        ({"Fn::Or": [FALSE, FALSE]}, False),
        ({"Fn::Or": [FALSE, {"Fn::And": [TRUE, negated(FALSE)]}]}, True),
        ({"Fn::And": [{"Condition": "Yes"}, negated({"Condition": "No"})]}, True),
        ({"Condition": "No"}, False),
    ],
)
def test_combines_conditions(stacks: Stacks, condition: Any, expected: bool) -> None:
    assert holds(stacks, condition) is expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (equals({"Fn::Base64": "x"}, "eA=="), "does not know Fn::Base64 in a condition"),
        (equals(join({"Fn::GetAZs": ""}), ""), "does not know Fn::GetAZs in a condition"),
        (
            equals({"Fn::Sub": ["${A}", {"A": {"Fn::ImportValue": "x"}}]}, "x"),
            "does not know Fn::ImportValue in a condition",
        ),
        (equals(ref("AWS::StackName"), "root"), "does not know AWS::StackName in a condition"),
        (equals(ref("H"), ""), "Unresolved dependencies [H]. Cannot reference resources"),
        (equals({"Fn::Sub": "${Missing}"}, ""), "Unresolved dependencies [Missing]."),
        (equals(ref("Zones"), "a,b"), "every Fn::Equals object requires a list of 2 string"),
        (equals({"Fn::Select": [2, ref("Zones")]}, ""), "cannot select nonexistent value at"),
        (equals({"Fn::FindInMap": ["Size", "x", "Tasks"]}, ""), "Unable to get mapping for Size"),
        ({"Condition": "Never"}, "Unresolved condition dependency Never in the Conditions block"),
        ({"Fn::Or": [TRUE, {"Fn::Contains": [["a"], "a"]}]}, "cannot evaluate {'Fn::Contains'"),
        ({"Fn::Not": [TRUE, TRUE]}, "cannot evaluate {'Fn::Not'"),
        ("true", "cannot evaluate true as a condition"),
    ],
)
def test_refuses_what_it_can_not_compute(stacks: Stacks, condition: Any, message: str) -> None:
    assert message in refusal(stacks, body(condition))
