"""What a stack keeps of a creation that failed: all where nothing is rolled back, otherwise what
the rollback could not delete. It ends in ROLLBACK_FAILED then; its deletion tries again.

ministack forgets what the rollback of a creation could not delete, and knows no nested stacks.
Source: CloudFormation User Guide, "Understand CloudFormation stack creation events" (status codes)
and "Delete stack fails".
"""

from localaws import conditions, emulator
from localaws.emulator import Properties, Record
from localaws.nest import TYPE

FAILED = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})
"""The statuses of a stack whose creation failed."""


def add(
    stack: Record,
    logical_id: str,
    resource_type: str,
    physical_id: str,
    properties: Properties,
    status: str,
) -> None:
    """Let a stack know a resource that it has not got rid of, so that its deletion finds it."""
    stack["_resources"][logical_id] = {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": status,
        "LogicalResourceId": logical_id,
        "Properties": properties,
        "Attributes": {},
        "Timestamp": stack["LastUpdatedTime"],
    }


def keep(stack: Record, template: Record, parameters: Record) -> None:
    """Let a stack whose creation failed know what is left of it, and in which order that goes.

    Nothing else runs between the engine's last step and this one.
    """
    if stack["StackStatus"] not in FAILED:
        return
    stack.update(
        _template=template,
        _resolved_params=parameters,
        _conditions=conditions.evaluate(template, parameters),
    )
    if stack["StackStatus"] == "ROLLBACK_FAILED":
        for logical_id, one in stack["_rollback_failed"].items():
            what = (one["ResourceType"], one["PhysicalResourceId"], one["Properties"])
            add(stack, logical_id, *what, "DELETE_FAILED")
    nested = [
        logical_id
        for logical_id, one in stack["_resources"].items()
        if one["ResourceType"] == TYPE and one["ResourceStatus"] == "DELETE_FAILED"
    ]
    if stack["StackStatus"] == "ROLLBACK_COMPLETE" and nested:
        stack["StackStatus"] = "ROLLBACK_FAILED"
        why = f"The following resource(s) failed to delete: [{', '.join(sorted(nested))}]."
        stack["StackStatusReason"] = why
        emulator.stack_events[stack["StackId"]][-1].update(
            ResourceStatus="ROLLBACK_FAILED", ResourceStatusReason=why
        )
