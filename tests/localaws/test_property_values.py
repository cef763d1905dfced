"""A change set tells values before and after, where it is asked for them."""

import json
from typing import Any

from tests.localaws.stacks import Stacks, template

LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


def body(cidr: str, days: int) -> Any:
    return template(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupDescription": {"Fn::Sub": "tasks of ${AWS::StackName}"},
                    "VpcId": {"Ref": "Vpc"},
                },
            },
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}},
        }
    )


def described(stacks: Stacks, before: Any, after: Any, *, values: bool = True) -> dict[str, Any]:
    """Return the changes of an update by logical id."""
    stacks.create(before)
    made = stacks.change_set(after)
    found = stacks.api.describe_change_set(
        ChangeSetName=made["ChangeSetId"], IncludePropertyValues=values
    )
    changes = [change["ResourceChange"] for change in found["Changes"]]
    return {change["LogicalResourceId"]: change for change in changes}


def test_a_changed_property_has_its_path_and_both_values(stacks: Stacks) -> None:
    logs = described(stacks, body("10.0.0.0/16", 7), body("10.0.0.0/16", 30))["Logs"]
    assert logs["Details"][0]["Target"] == {
        "Attribute": "Properties",
        "Name": "RetentionInDays",
        "RequiresRecreation": "Never",
        "Path": "/Properties/RetentionInDays",
        "BeforeValue": "7",
        "AfterValue": "30",
        "AttributeChangeType": "Modify",
    }
    assert json.loads(logs["BeforeContext"]) == {"Properties": {"RetentionInDays": 7}}
    assert json.loads(logs["AfterContext"]) == {"Properties": {"RetentionInDays": 30}}


def test_what_follows_from_a_replacement_is_known_later(stacks: Stacks) -> None:
    changes = described(stacks, body("10.0.0.0/16", 7), body("10.1.0.0/16", 7))
    before, after = (
        json.loads(changes["Group"][side])["Properties"]
        for side in ("BeforeContext", "AfterContext")
    )
    assert before == {
        "GroupDescription": "tasks of root",
        "VpcId": stacks.physical_id("Vpc"),
    }
    assert after == {"GroupDescription": "tasks of root", "VpcId": LATER}


def test_what_comes_and_what_goes_has_one_side(stacks: Stacks) -> None:
    before, after = body("10.0.0.0/16", 7), body("10.0.0.0/16", 7)
    del before["Resources"]["Logs"], after["Resources"]["Group"]
    changes = described(stacks, before, after)
    assert "BeforeContext" not in changes["Logs"]
    assert "AfterContext" not in changes["Group"]
    assert json.loads(changes["Logs"]["AfterContext"]) == {"Properties": {"RetentionInDays": 7}}


def test_nobody_is_told_values_without_asking(stacks: Stacks) -> None:
    change = described(stacks, body("10.0.0.0/16", 7), body("10.0.0.0/16", 30), values=False)
    assert "BeforeContext" not in change["Logs"]
    assert "BeforeValue" not in change["Logs"]["Details"][0]["Target"]


def parameters(described: Any) -> dict[str, Any]:
    return {one.pop("ParameterKey"): one for one in described["Parameters"]}


def test_parameters_are_told_by_the_name_that_systems_manager_has_and_secret_ones_not(
    stacks: Stacks,
) -> None:
    stacks.session.client("ssm").put_parameter(Name="/days", Value="7", Type="String")
    whole = body("10.0.0.0/16", 7)
    whole["Parameters"] = {
        "Days": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/days"},
        "Hidden": {"Type": "String", "Default": "nobody-knows", "NoEcho": True},
        "Plain": {"Type": "String", "Default": "1"},
    }
    whole["Resources"]["Logs"]["Properties"]["RetentionInDays"] = {"Ref": "Days"}
    change_set = stacks.change_set(whole, "CREATE")
    expected = {
        "Days": {"ParameterValue": "/days", "ResolvedValue": "7"},
        "Hidden": {"ParameterValue": "****"},
        "Plain": {"ParameterValue": "1"},
    }
    assert parameters(change_set) == expected
    assert parameters(stacks.execute(change_set)) == expected


def test_a_stack_names_the_change_set_that_was_carried_out(stacks: Stacks) -> None:
    stacks.create(body("10.0.0.0/16", 7))
    assert "ChangeSetId" not in stacks.describe()
    change_set = stacks.change_set(body("10.0.0.0/16", 30))
    assert stacks.execute(change_set)["ChangeSetId"] == change_set["ChangeSetId"]
