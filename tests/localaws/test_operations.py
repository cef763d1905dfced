"""DescribeEvents: what was done to a stack, operation by operation."""

from typing import Any

import pytest

from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, template

GOOD = {"Logs": {"Type": "AWS::Logs::LogGroup"}}
BAD = {**GOOD, "Queue": {"Type": "AWS::SQS::Queue", "DependsOn": "Logs"}}


def events(stacks: Stacks, **wanted: Any) -> list[dict[str, Any]]:
    """Return the events of the stack, the oldest first."""
    wanted.setdefault("StackName", "root")
    found: list[dict[str, Any]] = stacks.api.describe_events(**wanted)["OperationEvents"]
    return found[::-1]


def operations(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return type and status of the operations, in order."""
    known = {e["OperationId"]: (e["OperationType"], e["OperationStatus"]) for e in found}
    return list(known.values())


def test_every_operation_has_its_events(stacks: Stacks) -> None:
    stacks.create(template(GOOD))
    stacks.update(template(BAD))
    stack_id = stacks.describe()["StackId"]
    stacks.delete()
    found = events(stacks, StackName=stack_id)
    assert operations(found) == [
        ("CREATE_STACK", "SUCCEEDED"),
        ("UPDATE_STACK", "FAILED"),
        ("DELETE_STACK", "SUCCEEDED"),
    ]
    first = [event for event in found if event["OperationId"] == found[0]["OperationId"]]
    assert [(e["LogicalResourceId"], e["EventType"], e["ResourceStatus"]) for e in first] == [
        ("root", "STACK_EVENT", "CREATE_IN_PROGRESS"),
        ("Logs", "PROGRESS_EVENT", "CREATE_IN_PROGRESS"),
        ("Logs", "PROGRESS_EVENT", "CREATE_COMPLETE"),
        ("root", "STACK_EVENT", "CREATE_COMPLETE"),
    ]
    assert {event["StackId"] for event in found} == {stack_id}
    assert len({event["EventId"] for event in found}) == len(found)


def test_failures_alone_name_the_resource_and_the_reason(stacks: Stacks) -> None:
    stacks.create(template(BAD))
    (failure,) = events(stacks, Filters={"FailedEvents": True})
    assert failure["LogicalResourceId"] == "Queue"
    assert failure["EventType"] == "PROVISIONING_ERROR"
    assert failure["ResourceStatusReason"] == "The local AWS can not create AWS::SQS::Queue"
    assert failure["OperationStatus"] == "FAILED"


def test_an_operation_can_be_asked_for_alone(stacks: Stacks) -> None:
    stacks.create(template(GOOD))
    stacks.update(template(BAD))
    last = events(stacks)[-1]
    found = stacks.api.describe_events(OperationId=last["OperationId"])["OperationEvents"]
    assert {event["OperationType"] for event in found} == {"UPDATE_STACK"}
    assert found[0] == last


def test_a_validation_that_failed_says_where(stacks: Stacks) -> None:
    name = f"taken-{stacks.session.account}"
    stacks.session.client("s3").create_bucket(Bucket=name)
    taken = {"Logs": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}
    stacks.create(template(taken))
    (failure,) = events(stacks, Filters={"FailedEvents": True})
    assert failure["EventType"] == "VALIDATION_ERROR"
    assert failure["ValidationName"] == "NAME_CONFLICT_VALIDATION"
    assert failure["ValidationPath"] == "/Resources/Logs"
    assert failure["OperationStatus"] == "FAILED"
    assert operations(events(stacks)) == [("CREATE_STACK", "FAILED")]


@pytest.mark.parametrize(("after", "status"), [(BAD, "SUCCEEDED"), (GOOD, "FAILED")])
def test_a_change_set_is_an_operation(stacks: Stacks, after: Any, status: str) -> None:
    stacks.create(template(GOOD))
    change_set = stacks.change_set(template(after))
    (event,) = events(stacks, ChangeSetName=change_set["ChangeSetName"])
    assert (event["OperationType"], event["OperationStatus"]) == ("CREATE_CHANGESET", status)
    assert stacks.api.describe_events(ChangeSetName=change_set["ChangeSetId"])["OperationEvents"]


def test_a_rollback_that_is_asked_for_later_is_an_operation_of_its_own(stacks: Stacks) -> None:
    stacks.create(template(GOOD))
    stacks.update(template(BAD), DisableRollback=True)
    stacks.api.rollback_stack(StackName="root")
    stacks.settled("root", "UPDATE_ROLLBACK_")
    kinds = [kind for kind, _ in operations(events(stacks))]
    assert kinds == ["CREATE_STACK", "UPDATE_STACK", "CONTINUE_ROLLBACK"]


def test_a_stack_that_does_not_exist_is_refused(stacks: Stacks) -> None:
    assert code_of(stacks.api.describe_events, StackName="none") == "ValidationError"
