"""What people are told about a failure: the cause, what was undone, and the next command."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery import changesets, diagnosis
from delivery.aws import Aws
from delivery.errors import DeliveryError
from delivery.events import Event
from delivery.request import Request
from delivery.stacks import Stack
from tests.delivery.test_changesets import INNER, ROOT, STACK_ID, failed

START = datetime(2026, 11, 22, tzinfo=UTC)
NESTED, ROLE, LOGS = "AWS::CloudFormation::Stack", "AWS::IAM::Role", "AWS::Logs::LogGroup"


def stack(status: str) -> Stack:
    return Stack("tiny-dev", STACK_ID, status, START, parameters={"EnvironmentSuffix": "dev"})


def event(second: int, path: str, status: str, reason: str = "", type_: str = ROLE) -> Event:
    *above, logical_id = path.split("/")
    at = START + timedelta(seconds=second)
    return Event(tuple(above), logical_id, type_, status, reason, at)


CAUSE = event(2, "Nest/B", "CREATE_FAILED", "no such thing.")


def told(aws: Aws, status: str, *seen: Event, deleting: bool = False) -> str:
    return diagnosis.failure(aws, "tiny-dev", stack(status), seen, deleting=deleting)


def test_what_was_undone_is_counted_and_what_was_not_is_named(aws: Aws) -> None:
    said = told(
        aws,
        "UPDATE_ROLLBACK_COMPLETE",
        event(1, "Nest/A", "UPDATE_COMPLETE"),
        event(1, "Nest/D", "UPDATE_COMPLETE"),
        event(1, "Nest/New", "CREATE_COMPLETE"),
        CAUSE,
        event(2, "Nest/C", "CREATE_FAILED", "Resource creation cancelled"),
        event(3, "Nest", "UPDATE_ROLLBACK_IN_PROGRESS", type_=NESTED),
        event(4, "Nest/A", "UPDATE_COMPLETE"),
        event(5, "Nest/New", "DELETE_COMPLETE"),
        event(5, "Nest/Other", "DELETE_COMPLETE"),
        event(6, "Nest/Stuck", "DELETE_FAILED", "still in it"),
        event(7, "Nest", "UPDATE_ROLLBACK_COMPLETE", type_=NESTED),
    )
    assert said == (
        "tiny-dev/Nest/B (AWS::IAM::Role) failed: no such thing. "
        "Rolled back: 2 resources were deleted again, 1 were changed back. "
        "Not rolled back: Nest/Stuck. "
        "Stack tiny-dev is now in UPDATE_ROLLBACK_COMPLETE: what ran before is back. "
        "Correct the cause and repeat the command."
    )


def test_what_a_rollback_leaves_in_the_account_is_told(aws: Aws) -> None:
    begun = event(2, "tiny-dev", "ROLLBACK_IN_PROGRESS")
    left = [event(3, name, "DELETE_SKIPPED") for name in "WXYZ"]
    assert (
        "Still there, in the care of no stack: W, X, Y and 1 more. What has a name is in the way"
    ) in told(aws, "ROLLBACK_COMPLETE", CAUSE, begun, *left)
    assert "Still there" not in told(aws, "ROLLBACK_COMPLETE", CAUSE, begun)


def test_without_a_rollback_nothing_is_said_of_one(aws: Aws) -> None:
    said = told(aws, "DELETE_FAILED", event(1, "A", "DELETE_COMPLETE"), CAUSE, deleting=True)
    assert "olled back" not in said


def test_a_deletion_that_failed_does_not_advise_the_same_again(aws: Aws) -> None:
    blocked = event(1, "Repo", "DELETE_FAILED", "it still contains images", "AWS::ECR::Repository")
    assert told(aws, "DELETE_FAILED", blocked, deleting=True) == (
        "tiny-dev/Repo (AWS::ECR::Repository) failed: it still contains images. "
        "Delete the images in it first. "
        "Stack tiny-dev is now in DELETE_FAILED: what is named above is still there. "
        "Mend that and repeat the command, or leave to the account what cannot be deleted: "
        "aws cloudformation delete-stack --stack-name tiny-dev "
        f"--deletion-mode FORCE_DELETE_STACK {aws.cli_options}"
    )


@pytest.mark.parametrize(
    ("status", "end"),
    [
        ("ROLLBACK_COMPLETE", "nothing of it runs. Correct the cause and repeat the command."),
        ("ROLLBACK_FAILED", "Remove what is left with: ./deploy.sh destroy tiny dev {options}"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "then go on with: ./deploy.sh rollback tiny dev {options}",
        ),
    ],
)
def test_the_next_command_reaches_the_same_account_and_region(
    aws: Aws, status: str, end: str
) -> None:
    assert told(aws, status, CAUSE).endswith(end.format(options=aws.cli_options))


@pytest.mark.parametrize(
    ("kind", "reason", "hint"),
    [
        ("AWS::ECS::Service", "Resource did not stabilize", "Its tasks do not stay healthy"),
        ("AWS::ECS::Service", "ECS Deployment Circuit Breaker was triggered", ""),
        ("AWS::ECS::Service", "deployment circuit breaker was triggered", "Its tasks do not stay"),
        (LOGS, "/x already exists in stack", "Something else has that name"),
        (
            ROLE,
            "User: x is not authorized to perform: iam:CreateRole",
            "rights, which lack iam:CreateRole",
        ),
        ("AWS::EC2::EIP", "The maximum number of addresses has been reached.", "Service Quotas"),
        ("AWS::S3::Bucket", "The bucket you tried to delete is not empty", "Delete the objects"),
        ("AWS::EC2::VPC", "The vpc 'vpc-1' has dependencies and cannot be deleted", "still uses"),
        (LOGS, "cannot update a stack when a custom-named resource requires", "deploy.sh diff"),
        (ROLE, "Rate exceeded", "AWS asked for fewer calls"),
    ],
)
def test_a_frequent_cause_comes_with_what_helps(
    aws: Aws, kind: str, reason: str, hint: str
) -> None:
    said = told(aws, "ROLLBACK_COMPLETE", event(1, "A", "CREATE_FAILED", reason, kind))
    assert hint in said


def test_a_cause_that_nobody_foresaw_has_no_hint(aws: Aws) -> None:
    assert told(aws, "ROLLBACK_COMPLETE", CAUSE).startswith(
        "tiny-dev/Nest/B (AWS::IAM::Role) failed: no such thing. Stack tiny-dev is now in"
    )


def operation_event(**more: Any) -> dict[str, Any]:
    return {"EventId": "1", "StackId": STACK_ID, "Timestamp": START, **more}


VALIDATION = operation_event(
    EventType="VALIDATION_ERROR",
    LogicalResourceId="Logs",
    ValidationFailureMode="FAIL",
    ValidationName="PROPERTY_VALIDATION",
    ValidationPath="/Properties/RetentionInDays",
    ValidationStatus="FAILED",
    ValidationStatusReason="31 is not one of the allowed values.",
)


def test_early_validation_tells_what_is_wrong_in_a_change_set(aws: Aws) -> None:
    def not_made(arn: str) -> str:
        return f"Nested change set {arn} was not successfully created: Currently in FAILED."

    early = "The following validation(s) failed: [AWS::EarlyValidation::PropertyValidation]."
    warning = VALIDATION | {"LogicalResourceId": "Other", "ValidationFailureMode": "WARN"}
    hook = operation_event(
        EventType="HOOK_INVOCATION_ERROR",
        LogicalResourceId="Key",
        HookType="Ours::Keys::Rotate",
        HookStatusReason="Keys must rotate",
        HookFailureMode="FAIL",
    )
    with Stubber(aws.cloudformation) as api:
        api.add_response("create_change_set", {"Id": ROOT, "StackId": STACK_ID})
        api.add_response("describe_change_set", failed(ROOT, "tiny-dev", not_made(INNER)))
        api.add_response("describe_change_set", failed(INNER, "tiny-dev-Services", early))
        api.add_response(
            "describe_events",
            {"OperationEvents": [VALIDATION, warning], "NextToken": "more"},
            {"ChangeSetName": INNER, "Filters": {"FailedEvents": True}},
        )
        api.add_response("describe_events", {"OperationEvents": [hook, VALIDATION]})
        api.add_response("delete_change_set", {}, {"ChangeSetName": ROOT})
        with pytest.raises(DeliveryError) as refused:
            changesets.create(aws, Request("tiny-dev", "u", {}, {}), None, print)
        api.assert_no_pending_responses()
    assert str(refused.value) == (
        "The change set of tiny-dev-Services was refused: "
        "Logs/Properties/RetentionInDays: 31 is not one of the allowed values "
        "(PROPERTY_VALIDATION); Key: Keys must rotate (hook Ours::Keys::Rotate)"
    )


def test_a_failure_without_an_event_is_looked_up(aws: Aws) -> None:
    provisioning = operation_event(
        EventType="PROVISIONING_ERROR", LogicalResourceId="A", ResourceStatusReason="Why."
    )
    with Stubber(aws.cloudformation) as api:
        api.add_response(
            "describe_events",
            {"OperationEvents": [provisioning]},
            {"StackName": STACK_ID, "Filters": {"FailedEvents": True}},
        )
        assert told(aws, "UPDATE_ROLLBACK_COMPLETE").startswith("Stack tiny-dev failed: A: Why. ")


def test_who_may_not_look_further_is_told_what_is_known(aws: Aws) -> None:
    with Stubber(aws.cloudformation) as api:
        api.add_client_error("describe_events", "AccessDenied")
        said = told(aws, "UPDATE_ROLLBACK_COMPLETE")
    assert said.startswith("Stack tiny-dev failed: CloudFormation names no resource. ")
