"""Stack events as CloudFormation writes them, where ministack writes too many or too little."""

from localaws import emulator
from localaws.emulator import Attributes, Properties, Provisioned
from localaws.nested import TYPE
from localaws.nested import update as update_nested

_untouched: set[tuple[str, str]] = set()


def update_resource(
    resource_type: str,
    physical_id: str,
    old: Properties,
    new: Properties,
    stack_name: str,
    logical_id: str | None = None,
    old_attributes: Attributes | None = None,
) -> Provisioned:
    """Update a resource; one that does not change leaves no event, and a child is always asked."""
    if resource_type == TYPE:
        return update_nested(physical_id, new, stack_name)
    if old == new and logical_id:
        _forget_last_event(emulator.stack_records[stack_name]["StackId"], logical_id)
    return emulator.update_resource(
        resource_type, physical_id, old, new, stack_name, logical_id, old_attributes
    )


def _forget_last_event(stack_id: str, logical_id: str) -> None:
    events = emulator.stack_events.get(stack_id, [])
    if events and events[-1]["LogicalResourceId"] == logical_id:
        events.pop()
        _untouched.add((stack_id, logical_id))


def add_event(
    stack_id: str,
    stack_name: str,
    logical_id: str,
    resource_type: str,
    status: str,
    reason: str = "",
    physical_id: str = "",
    detailed_status: str = "",
) -> None:
    """Record an event; it names the physical resource as soon as that is known."""
    if status == "UPDATE_COMPLETE" and (stack_id, logical_id) in _untouched:
        _untouched.discard((stack_id, logical_id))
        return
    emulator.add_event(
        stack_id,
        stack_name,
        logical_id,
        resource_type,
        status,
        reason,
        physical_id or _known_physical_id(stack_id, logical_id),
        detailed_status,
    )


def _known_physical_id(stack_id: str, logical_id: str) -> str:
    for event in reversed(emulator.stack_events.get(stack_id, [])):
        if event["LogicalResourceId"] == logical_id and event["PhysicalResourceId"]:
            return str(event["PhysicalResourceId"])
    return ""
