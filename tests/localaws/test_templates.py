"""What AWS refuses in a template or its parameters, and how it reads the rest."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localaws.stacks import Stacks, Template, child, output, template

LOGS: dict[str, Any] = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 30}}
HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def refusal(stacks: Stacks, body: Template, **options: Any) -> str:
    with pytest.raises(ClientError) as refused:
        stacks.create(body, **options)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert stacks.alive() == []
    return str(refused.value.response["Error"]["Message"])


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (template({}), "At least one Resources member must be defined"),
        (
            template({"H": HANDLE}, Resouces={}),
            "Invalid template property or properties [Resouces]",
        ),
        (
            template({"L": {**LOGS, "Properties": {"RetentionInDays": {"Ref": "Days"}}}}),
            "Unresolved resource dependencies [Days] in the Resources block",
        ),
        (
            template({"L": {**LOGS, "Properties": {"LogGroupName": {"Fn::Sub": "/a/${Name}"}}}}),
            "Unresolved resource dependencies [Name] in the Resources block",
        ),
        (
            template({"L": {**LOGS, "DependsOn": ["Nothing"]}}),
            "Unresolved resource dependencies [Nothing] in the Resources block",
        ),
        (
            template({"L": {**LOGS, "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}}}),
            "instance of Fn::GetAtt references undefined resource Key",
        ),
        (
            template({"L": {**LOGS, "Condition": "Never"}}),
            "Unresolved condition dependency Never in the Resources block",
        ),
        (
            template(
                {"L": {**LOGS, "Properties": {"RetentionInDays": {"Fn::If": ["Long", 400, 30]}}}}
            ),
            "Unresolved condition dependency Long in the Resources block",
        ),
        (
            template({"H": HANDLE}, Outputs={"O": output({"Ref": "Missing"})}),
            "Unresolved resource dependencies [Missing] in the Outputs block",
        ),
        (
            template({"H": HANDLE}, Outputs={"O": {"Value": "x", "Condition": "Never"}}),
            "Unresolved condition dependency Never in the Outputs block",
        ),
        (
            template(
                {"A": {**HANDLE, "DependsOn": "B"}, "B": {**HANDLE, "DependsOn": "A"}},
            ),
            "ircular",
        ),
    ],
)
def test_refuses_a_broken_template(stacks: Stacks, body: Template, message: str) -> None:
    assert message in refusal(stacks, body)


@pytest.mark.parametrize(
    ("declared", "values", "message"),
    [
        ({"Type": "String"}, {}, "Parameters: [P] must have values"),
        ({"Type": "String"}, {"P": "x", "Q": "y"}, "Parameters: [Q] do not exist in the template"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, {"P": "A1"}, "must match pattern [a-z]+"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, {"P": "c"}, "AllowedValues"),
        ({"Type": "Number"}, {"P": "many"}, "not a valid Number"),
        ({"Type": "Number", "MinValue": 2}, {"P": "1"}, "must be a number not less than 2"),
        (
            {"Type": "AWS::SSM::Parameter::Value<String>"},
            {"P": "/not/there"},
            "'/not/there' does not exist",
        ),
    ],
)
def test_refuses_a_wrong_parameter(
    stacks: Stacks, declared: dict[str, Any], values: dict[str, str], message: str
) -> None:
    body = template({"H": HANDLE}, Parameters={"P": declared})
    assert message in refusal(stacks, body, Parameters=given(**values))


def test_a_child_with_a_wrong_parameter_fails_its_parent(stacks: Stacks) -> None:
    url = stacks.publish("c.json", template({"H": HANDLE}, Parameters={"P": {"Type": "String"}}))
    stacks.create(template({"Child": child(url, {"P": "x", "Misspelt": "y"})}))
    assert stacks.failures()["Child"] == "Parameters: [Misspelt] do not exist in the template"
    assert stacks.alive() == ["root"]


def test_reads_a_value_from_the_parameter_store_at_each_operation(stacks: Stacks) -> None:
    ssm = stacks.session.client("ssm")
    ssm.put_parameter(Name="/image", Value="one", Type="String")
    body = template(
        {"H": HANDLE},
        Parameters={"Image": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/image"}},
        Outputs={"Image": output({"Ref": "Image"})},
    )
    stacks.create(body)
    assert stacks.outputs() == {"Image": "one"}
    ssm.put_parameter(Name="/image", Value="two", Type="String", Overwrite=True)
    stacks.update(body)
    assert stacks.outputs() == {"Image": "two"}


def test_keeps_the_previous_values_on_request(stacks: Stacks) -> None:
    body = template(
        {"H": HANDLE},
        Parameters={"A": {"Type": "String"}, "B": {"Type": "String"}},
        Outputs={"Both": output({"Fn::Sub": "${A} ${B}"})},
    )
    stacks.create(body, Parameters=given(A="1", B="2"))
    previous = {"ParameterKey": "A", "UsePreviousValue": True}
    stacks.update(body, Parameters=[previous, *given(B="3")])
    assert stacks.outputs() == {"Both": "1 3"}


def test_a_list_reaches_a_child_as_one_text(stacks: Stacks) -> None:
    leaf = template(
        {"H": HANDLE},
        Parameters={"Zones": {"Type": "CommaDelimitedList"}},
        Outputs={
            "Second": output({"Fn::Select": [1, {"Ref": "Zones"}]}),
            "All": output({"Fn::Join": ["+", {"Ref": "Zones"}]}),
        },
    )
    zones = {"Fn::GetAZs": ""}
    stacks.create(template({"Child": child(stacks.publish("leaf.json", leaf), {"Zones": zones})}))
    found = stacks.outputs(stacks.physical_id("Child"))
    assert found["Second"] == "us-east-1b"
    assert found["All"].startswith("us-east-1a+us-east-1b+")


def test_leaves_out_what_a_condition_excludes(stacks: Stacks) -> None:
    kept = {"Fn::If": ["Production", 400, {"Ref": "AWS::NoValue"}]}
    body = template(
        {
            "Logs": {**LOGS, "Properties": {"LogGroupName": "/a", "RetentionInDays": kept}},
            "Extra": {**HANDLE, "Condition": "Production"},
        },
        Parameters={"Stage": {"Type": "String", "Default": "dev"}},
        Conditions={"Production": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        Outputs={"Extra": {"Condition": "Production", "Value": {"Ref": "Extra"}}},
    )
    logs = stacks.session.client("logs")
    stacks.create(body)
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    assert stacks.outputs() == {}
    stacks.update(body, Parameters=given(Stage="prod"))
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 400
    assert set(stacks.outputs()) == {"Extra"}


def test_knows_the_pseudo_parameters(stacks: Stacks) -> None:
    text = "${AWS::AccountId} ${AWS::Region} ${AWS::Partition} ${AWS::URLSuffix} ${AWS::StackName}"
    body = template({"H": HANDLE}, Outputs={"All": output({"Fn::Sub": text})})
    stacks.create(body)
    account = stacks.session.account
    assert stacks.outputs()["All"] == f"{account} us-east-1 aws amazonaws.com root"


@pytest.mark.parametrize(
    "address",
    [
        "https://s3.us-east-1.amazonaws.com/{bucket}/t.json",
        "https://{bucket}.s3.us-east-1.amazonaws.com/t.json",
        "https://{bucket}.s3.amazonaws.com/t.json",
    ],
)
def test_takes_a_template_from_either_form_of_an_address(stacks: Stacks, address: str) -> None:
    bucket = stacks.publish("t.json", template({"H": HANDLE})).split("/")[-2]
    stacks.api.create_stack(StackName="root", TemplateURL=address.format(bucket=bucket))
    assert stacks.settled("root")["StackStatus"] == "CREATE_COMPLETE"


def test_stores_templates_with_the_checks_that_publishing_asks_for(stacks: Stacks) -> None:
    s3 = stacks.session.client("s3")
    s3.create_bucket(Bucket=f"checked-{stacks.session.account}")
    put = {
        "Bucket": f"checked-{stacks.session.account}",
        "Key": "t.json",
        "Body": b"{}",
        "ChecksumAlgorithm": "SHA256",
        "ExpectedBucketOwner": stacks.session.account,
        "IfNoneMatch": "*",
    }
    s3.put_object(**put)
    with pytest.raises(ClientError) as second:
        s3.put_object(**put)
    assert second.value.response["Error"]["Code"] == "PreconditionFailed"
