"""What is read of a change set, from answers in the shape that the API has."""

import json
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.stub import Stubber

from delivery import reading
from delivery.aws import Aws
from delivery.changes import Cause, Change, Replacement
from delivery.reading import changes, describe

ARN = "arn:aws:cloudformation:us-east-1:111122223333:changeSet/review-1/a"
GROUP = "AWS::EC2::SecurityGroup"


def detail(name: str, recreation: str = "Never", **more: Any) -> dict[str, Any]:
    """A detail about a property; ``Target`` may have more."""
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    said = {"Evaluation": "Static", "ChangeSource": "DirectModification"}
    return {**said, **more, "Target": {**target, **more.get("Target", {})}}


def values(before: str, after: str, path: str) -> dict[str, str]:
    return {"BeforeValue": before, "AfterValue": after, "Path": path}


def read(
    aws: Aws, *details: Any, parameters: dict[str, str] | None = None, **resource: Any
) -> Change:
    """Return what is read of a change set with one modified resource."""
    said = {"Action": "Modify", "LogicalResourceId": "One", "ResourceType": GROUP}
    page = {
        "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/tiny-dev/d",
        "Status": "CREATE_COMPLETE",
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in (parameters or {}).items()
        ],
        "Changes": [
            {"Type": "Resource", "ResourceChange": said | {"Details": list(details)} | resource}
        ],
    }
    with Stubber(aws.cloudformation) as api:
        api.add_response(
            "describe_change_set", page, {"ChangeSetName": ARN, "IncludePropertyValues": True}
        )
        (found,) = changes(aws, ARN, describe(aws, ARN))
    return found


def context(**properties: Any) -> str:
    return json.dumps({"Properties": properties, "Metadata": {}})


def test_the_property_that_replaces_comes_first_with_both_values(aws: Aws) -> None:
    found = read(
        aws,
        detail("Tags"),
        detail("GroupDescription", "Always"),
        Replacement="True",
        PolicyAction="ReplaceAndDelete",
        BeforeContext=context(GroupDescription="a", Tags=[{"Key": "Team", "Value": "x"}]),
        AfterContext=context(GroupDescription="b", Tags=[{"Key": "Team", "Value": "y"}]),
    )
    assert found.replacement == "yes"
    assert found.causes == (
        Cause("GroupDescription", "yes", "a", "b"),
        Cause("Tags/Team/Value", "no", "x", "y"),
    )


def test_what_differs_deep_in_a_property_is_told_and_not_all_of_it(aws: Aws) -> None:
    def containers(image: str, *more: dict[str, str]) -> list[dict[str, Any]]:
        return [
            {"Name": "api", "Image": image, "Environment": [{"Name": "A", "Value": "1"}, *more]}
        ]

    found = read(
        aws,
        detail("ContainerDefinitions", "Always"),
        BeforeContext=context(ContainerDefinitions=containers("x@sha256:1")),
        AfterContext=context(
            ContainerDefinitions=containers("x@sha256:2", {"Name": "B", "Value": "2"})
        ),
    )
    assert found.causes == (
        Cause("ContainerDefinitions/api/Image", "yes", "x@sha256:1", "x@sha256:2"),
        Cause("ContainerDefinitions/api/Environment/B", "yes", None, '{"Name": "B", "Value": "2"}'),
    )


def test_values_are_taken_from_the_details_where_the_whole_resource_is_not_told(aws: Aws) -> None:
    found = read(
        aws,
        detail("Size", Target=values("1", "2", "/Properties/Size")),
        detail("Rules", Target=values('[{"Id": "a", "P": 1}]', '[{"Id": "a", "P": 2}]', "")),
        detail("Cut", Target=values('["long val', '["another', "/Properties/Cut")),
    )
    assert found.causes == (
        Cause("Cut", "no", '["long val', '["another'),
        Cause("Rules/a/P", "no", "1", "2"),
        Cause("Size", "no", "1", "2"),
    )


def test_a_value_that_nobody_knows_yet_says_so_and_what_it_depends_on(aws: Aws) -> None:
    known_later = "{{changeSet:KNOWN_AFTER_APPLY}}"
    found = read(
        aws,
        detail(
            "VpcId",
            "Always",
            Evaluation="Dynamic",
            ChangeSource="ResourceReference",
            CausingEntity="Vpc",
            Target=values("vpc-1", known_later, "/Properties/VpcId"),
        ),
        detail("Other", Evaluation="Dynamic", CausingEntity="Role.Arn"),
        Replacement="Conditional",
    )
    unknown = "(known after the deployment)"
    assert found.replacement == "maybe"
    assert found.causes == (
        Cause("VpcId", "maybe", "vpc-1", unknown, "Vpc"),
        Cause("Other", "no", None, None, "Role.Arn"),
    )


@pytest.mark.parametrize(
    ("evaluations", "recreation", "replaces"),
    [
        (["Dynamic", "Static"], "Always", "yes"),
        (["Dynamic"], "Always", "maybe"),
        (["Static"], "Conditionally", "maybe"),
        (["Static", "Dynamic"], "Never", "no"),
    ],
)
def test_a_property_replaces_where_one_of_its_details_is_sure(
    aws: Aws, evaluations: list[str], recreation: str, replaces: str
) -> None:
    details = [detail("Name", recreation, Evaluation=one) for one in evaluations]
    assert [cause.replaces for cause in read(aws, *details).causes] == [replaces]


def test_tags_and_policies_are_causes_too(aws: Aws) -> None:
    tags = {"Target": {"Attribute": "Tags"}, "Evaluation": "Static"}
    policy = {"Target": {"Attribute": "DeletionPolicy"}, "Evaluation": "Static"}
    assert read(aws, policy, tags).causes == (Cause("DeletionPolicy", "no"), Cause("Tags", "no"))


@pytest.mark.parametrize(
    ("action", "retained"), [("Retain", True), ("ReplaceAndRetain", True), ("Delete", False)]
)
def test_what_stays_in_the_account_is_known(aws: Aws, action: str, retained: bool) -> None:
    assert read(aws, Action="Remove", PolicyAction=action).retained == retained


@pytest.mark.parametrize(
    "path",
    [
        "SecretString",
        "MasterUserPassword",
        "ContainerDefinitions/api/Environment/DB_PASSWORD/Value",
        "Actions/0/AuthenticateOidcConfig/ClientSecret",
        "AuthToken",
    ],
)
def test_what_may_be_a_secret_is_never_shown(aws: Aws, path: str) -> None:
    place = values("old-value", "new-value", f"/Properties/{path}")
    found = read(aws, detail(path.partition("/")[0], Target=place))
    assert found.causes == (Cause(path, "no", "(hidden)", "(hidden)"),)


def test_a_secret_deep_in_a_value_is_not_shown_either(aws: Aws) -> None:
    container = {
        "Name": "api",
        "Environment": [{"Name": "DB_PASSWORD", "Value": "real"}, {"Name": "A", "Value": "1"}],
        "Tags": [{"Key": "token", "Value": "real"}],
        "Nested": {"ClientSecret": "real", "Secrets": [{"ValueFrom": "arn:1"}]},
    }
    found = read(
        aws,
        detail("ContainerDefinitions", "Always"),
        BeforeContext=context(ContainerDefinitions=[]),
        AfterContext=context(ContainerDefinitions=[container]),
    )
    (cause,) = found.causes
    assert cause.after
    assert "real" not in cause.after
    assert cause.after.count("(hidden)") == 3
    assert '{"Name": "A", "Value": "1"}' in cause.after
    assert "arn:1" in cause.after


def test_an_attribute_of_the_resource_has_values_too(aws: Aws) -> None:
    policy = {"Target": {"Attribute": "DeletionPolicy"}, "Evaluation": "Static"}
    found = read(
        aws,
        policy,
        BeforeContext=json.dumps({"DeletionPolicy": "Delete"}),
        AfterContext=json.dumps({"DeletionPolicy": "Retain"}),
    )
    assert found.causes == (Cause("DeletionPolicy", "no", "Delete", "Retain"),)


@pytest.mark.parametrize(
    ("replacement", "afters", "uncertain"),
    [
        ("maybe", ["b"], True),
        ("yes", ["(known after the deployment)"], True),
        ("yes", ["(known after the deployment)", "b"], False),
        ("yes", [], False),
        ("no", ["(known after the deployment)"], False),
    ],
)
def test_a_replacement_because_of_what_nobody_knows_is_uncertain(
    replacement: Replacement, afters: list[str], uncertain: bool
) -> None:
    causes = tuple(Cause("VpcId", "yes", "a", after) for after in afters)
    change = Change((), "One", GROUP, "Modify", replacement, causes=causes)
    assert change.uncertain == uncertain


def test_the_arn_of_a_secret_is_none(aws: Aws) -> None:
    path = "ContainerDefinitions/api/Secrets/DB_PASSWORD/ValueFrom"
    place = values("arn:1", "arn:2", f"/Properties/{path}")
    assert read(aws, detail("ContainerDefinitions", Target=place)).causes[0].after == "arn:2"


def test_what_comes_from_a_masked_parameter_is_never_shown(aws: Aws) -> None:
    found = read(
        aws,
        detail("Plain", CausingEntity="Hidden", Target=values("real", "****", "")),
        detail("Other", CausingEntity="Shown", Target=values("a", "b", "")),
        detail("Joined", Target=values("user:****", "user:*****", "")),
        parameters={"Hidden": "****", "Shown": "b"},
    )
    assert {cause.property: (cause.before, cause.after) for cause in found.causes} == {
        "Plain": ("(hidden)", "(hidden)"),
        "Other": ("a", "b"),
        "Joined": ("(hidden)", "(hidden)"),
    }


class ThreeHundred:
    """Answers of a change set with 300 nested ones, each only when as many as may be are asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at_once = self.most = 0
        self._together = threading.Barrier(reading._AT_ONCE, timeout=10)
        self._lock = threading.Lock()

    def describe_change_set(self, ChangeSetName: str, **_: Any) -> Any:  # noqa: N803
        with self._lock:
            self.asked.append(ChangeSetName)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        if ChangeSetName != ARN and int(ChangeSetName) < 300 - 300 % reading._AT_ONCE:
            self._together.wait()
        with self._lock:
            self.at_once -= 1
        nested = [str(n) for n in range(300)] if ChangeSetName == ARN else []
        return {
            "Changes": [
                {"ResourceChange": {**ONE, "LogicalResourceId": f"S{n}", "ChangeSetId": n}}
                for n in nested
            ]
            or [{"ResourceChange": {**ONE, "LogicalResourceId": "Role"}}]
        }


ONE = {"Action": "Add", "ResourceType": "AWS::X::Y"}


def test_nested_change_sets_are_asked_for_at_the_same_time_a_few_and_each_once() -> None:
    api = ThreeHundred()
    aws = cast("Aws", SimpleNamespace(cloudformation=api))
    found = list(changes(aws, ARN, describe(aws, ARN)))

    assert sorted(api.asked) == sorted([ARN, *(str(n) for n in range(300))])
    assert api.most == reading._AT_ONCE > 1
    assert [one.address for one in found] == [
        address for n in range(300) for address in (f"S{n}", f"S{n}/Role")
    ]


class TwoOfWhichOneIsEmpty:
    """Answers of a change set whose nested ones are ``full`` and ``empty``."""

    def describe_change_set(self, ChangeSetName: str, **_: Any) -> Any:  # noqa: N803
        stacks = {
            name: {**ONE, "LogicalResourceId": name, "ChangeSetId": name, "Action": "Modify"}
            for name in ("full", "empty")
        }
        inside = {ARN: [*stacks.values()], "full": [{**ONE, "LogicalResourceId": "Role"}]}
        return {"Changes": [{"ResourceChange": one} for one in inside.get(ChangeSetName, ())]}


def test_a_nested_stack_in_which_nothing_changes_is_no_change() -> None:
    aws = cast("Aws", SimpleNamespace(cloudformation=TwoOfWhichOneIsEmpty()))
    found = list(changes(aws, ARN, describe(aws, ARN)))
    assert [one.address for one in found] == ["full", "full/Role"]
