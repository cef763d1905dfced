"""Stack events as CloudFormation writes them, where ministack writes too many or too little."""

from localaws import emulator, pace, stack_policies
from localaws.emulator import Attributes, Properties, Provisioned, Record
from localaws.nest import TYPE
from localaws.nested import update as update_nested
from localaws.replacement import predecessor

Resource = tuple[str, str]  # a stack's id and a logical id in it

_untouched: dict[Resource, Record] = {}
_created_by_update: set[Resource] = set()


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
    stack = emulator.stack_records[stack_name]
    if logical_id and stack["StackStatus"] == "UPDATE_IN_PROGRESS":
        stack_policies.check_change(stack, logical_id, resource_type, old, new)
    if resource_type == TYPE:
        return update_nested(physical_id, new, stack_name)
    if old == new and logical_id:
        _forget_event(stack, logical_id)
    token = predecessor.set(physical_id)
    try:
        return emulator.update_resource(
            resource_type, physical_id, old, new, stack_name, logical_id, old_attributes
        )
    finally:
        predecessor.reset(token)


def _forget_event(stack: Record, logical_id: str) -> None:
    """Take back the UPDATE_IN_PROGRESS of a resource that stays as it is."""
    events = emulator.stack_events.get(stack["StackId"], [])
    if events and events[-1]["LogicalResourceId"] == logical_id:
        events.pop()
        _untouched[stack["StackId"], logical_id] = dict(stack["_resources"][logical_id])


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
    if pace.is_told(logical_id):
        return
    resource = (stack_id, logical_id)
    if resource in _untouched:
        before = _untouched.pop(resource)
        emulator.stack_records[stack_name]["_resources"][logical_id].update(
            {key: before[key] for key in ("ResourceStatus", "Timestamp")}
        )
        return
    emulator.add_event(
        stack_id,
        stack_name,
        logical_id,
        resource_type,
        _true_status(resource, stack_name, status),
        reason,
        physical_id or _known_physical_id(stack_id, logical_id),
        detailed_status,
    )


def _true_status(resource: Resource, stack_name: str, status: str) -> str:
    """Return CREATE_... for a resource that an update creates: ministack calls that an update."""
    _, logical_id = resource
    if logical_id == stack_name or not status.startswith("UPDATE_"):
        return status
    known = emulator.stack_records[stack_name]["_resources"]
    if status == "UPDATE_IN_PROGRESS" and logical_id not in known:
        _created_by_update.add(resource)
    if resource not in _created_by_update:
        return status
    true_status = status.replace("UPDATE_", "CREATE_")
    if status != "UPDATE_IN_PROGRESS":
        _created_by_update.discard(resource)
        if logical_id in known:
            known[logical_id]["ResourceStatus"] = true_status
    return true_status


def _known_physical_id(stack_id: str, logical_id: str) -> str:
    for event in reversed(emulator.stack_events.get(stack_id, [])):
        if event["LogicalResourceId"] == logical_id and event["PhysicalResourceId"]:
            return str(event["PhysicalResourceId"])
    return ""
