"""DescribeEvents: the events of a stack by operation; ministack has those of validation only."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from localaws import emulator
from localaws.ec2_answers import elements, one
from localaws.emulator import Parameters, Record, Response
from localaws.nest import find

_BEGINS = {
    "CREATE_IN_PROGRESS": "CREATE_STACK",
    "DELETE_IN_PROGRESS": "DELETE_STACK",
    "UPDATE_IN_PROGRESS": "UPDATE_STACK",
}
_BEGINS_LATER = {  # only if nothing is under way
    "ROLLBACK_IN_PROGRESS": "ROLLBACK",
    "UPDATE_ROLLBACK_IN_PROGRESS": "CONTINUE_ROLLBACK",
}
_SUCCESS = {
    "CREATE_STACK": "CREATE_COMPLETE",
    "CONTINUE_ROLLBACK": "UPDATE_ROLLBACK_COMPLETE",
    "DELETE_STACK": "DELETE_COMPLETE",
    "ROLLBACK": "ROLLBACK_COMPLETE",
    "UPDATE_STACK": "UPDATE_COMPLETE",
}
_FIELDS = (
    "ClientRequestToken",
    "DetailedStatus",
    "EventId",
    "LogicalResourceId",
    "PhysicalResourceId",
    "ResourceStatus",
    "ResourceStatusReason",
    "ResourceType",
    "StackId",
    "Timestamp",
    "ValidationFailureMode",
    "ValidationName",
    "ValidationPath",
    "ValidationStatus",
    "ValidationStatusReason",
)
_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


@dataclass
class Operation:
    """What was done to a stack: its kind, as CloudFormation names it, and its events in order."""

    kind: str
    events: list[Record] = field(default_factory=list)
    ended: str = ""

    @property
    def id(self) -> str:
        """An id that stays the same."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.events[0]["EventId"]))

    @property
    def status(self) -> str:
        """How it went, as far as that is known."""
        if not self.ended:
            return "IN_PROGRESS"
        return "SUCCEEDED" if self.ended == _SUCCESS[self.kind] else "FAILED"


def install() -> None:
    """Answer the call from here."""
    emulator.actions["DescribeEvents"] = describe_events


def describe_events(parameters: Parameters) -> Response:
    """DescribeEvents, the newest event first and all of them in one answer."""
    name = one(parameters, "StackName")
    stack = find(name)
    if stack is None and name:
        message = f"Stack [{name}] does not exist"
        return emulator.error_response("ValidationError", message)
    stacks = [stack] if stack else list(emulator.stack_records.values())
    found = [event for each in stacks for event in _events(each)]
    change_set = one(parameters, "ChangeSetName")
    if change_set:
        ids = [each["StackId"] for each in stacks]
        found = list(_of_change_sets(change_set, ids))
    wanted = one(parameters, "OperationId")
    failed_only = one(parameters, "Filters.FailedEvents") == "true"
    members = "".join(
        f"<member>{elements(event)}</member>"
        for event in reversed(found)
        if (not wanted or event["OperationId"] == wanted)
        and (not failed_only or event["EventType"].endswith("_ERROR"))
    )
    body = (
        f'<DescribeEventsResponse xmlns="{_NAMESPACE}"><DescribeEventsResult>'
        f"<OperationEvents>{members}</OperationEvents>"
        "</DescribeEventsResult></DescribeEventsResponse>"
    )
    return 200, {"Content-Type": "text/xml"}, body.encode()


def operations_of(stack: Record) -> list[Operation]:
    """Return what was done to a stack, the oldest first."""
    found: list[Operation] = []
    for event in emulator.stack_events.get(stack["StackId"], []):
        status = event["ResourceStatus"]
        of_stack = event["PhysicalResourceId"] == stack["StackId"]
        if of_stack:
            kind = _BEGINS.get(status)
            if kind is None and found and found[-1].ended:
                kind = _BEGINS_LATER.get(status)
            if kind:
                found.append(Operation(kind))
        if not found:
            continue
        found[-1].events.append(event)
        validating = event.get("DetailedStatus") == "VALIDATION_FAILED"
        if of_stack and status.endswith(("_COMPLETE", "_FAILED")) and not validating:
            found[-1].ended = status
    return found


def _events(stack: Record) -> Iterator[dict[str, str]]:
    errors = [
        event
        for event in stack.get("_operation_events", [])
        if event["EventType"] == "VALIDATION_ERROR"
    ]
    for operation in operations_of(stack):
        about = {
            "OperationId": operation.id,
            "OperationStatus": operation.status,
            "OperationType": operation.kind,
        }
        validated = any(
            "VALIDATION_FAILED" in e.get("DetailedStatus", "") for e in operation.events
        )
        for event in [*operation.events, *(errors if validated else [])]:
            said = {name: str(event[name]) for name in _FIELDS if event.get(name)}
            yield {**said, **about, "EventType": _type_of(event, stack)}


_OF_CHANGE_SET = {"CREATE_COMPLETE": "SUCCEEDED", "FAILED": "FAILED"}


def _of_change_sets(name: str, stack_ids: list[str]) -> Iterator[dict[str, str]]:
    """Yield how the creation of the change sets of that name or id went."""
    for change_set in emulator.change_set_records.values():
        if change_set["StackId"] in stack_ids and name in (
            change_set["ChangeSetName"],
            change_set["ChangeSetId"],
        ):
            event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, change_set["ChangeSetId"]))
            yield {
                "EventId": event_id,
                "EventType": "STACK_EVENT",
                "OperationId": event_id,
                "OperationStatus": _OF_CHANGE_SET.get(change_set["Status"], "IN_PROGRESS"),
                "OperationType": "CREATE_CHANGESET",
                "StackId": change_set["StackId"],
                "Timestamp": change_set["CreationTime"],
            }


def _type_of(event: Record, stack: Record) -> str:
    if "EventType" in event:
        return str(event["EventType"])
    if event["PhysicalResourceId"] == stack["StackId"]:
        return "STACK_EVENT"
    failed = event["ResourceStatus"].endswith("_FAILED")
    return "PROVISIONING_ERROR" if failed else "PROGRESS_EVENT"
