"""Updates of a nest as one operation: nothing is deleted before the root has succeeded.

ministack finishes every stack on its own: a child that was updated has already deleted what it
replaced when a later sibling fails. On AWS the clean-up of all children waits for the root, and a
rollback finds every old resource. Here a nested update therefore leaves two things on the child's
record: `_cleanup`, the deletions that wait, and `_undo`, how to go back.
"""

from typing import Any

from localaws import emulator, left_behind, pace, stack_policies
from localaws.emulator import Properties, Record
from localaws.nest import TYPE, descendants
from localaws.nested_changes import discard_unused

_UNDO = "_undo"
_CLEANUP = "_cleanup"


async def deploy(
    stack_name: str,
    stack_id: str,
    template: dict[str, Any],
    parameters: dict[str, Any],
    disable_rollback: bool,
    tags: list[dict[str, str]],
    *,
    is_update: bool = False,
    previous_stack: Record | None = None,
    **options: Any,
) -> None:
    """Create or update a stack's resources; ministack's function of the engine, extended."""
    stack = emulator.stack_records[stack_name]
    nested = "ParentId" in stack
    if nested and is_update:
        stack[_CLEANUP] = []
    if not nested:
        _forget(stack)
    if previous_stack and stack_policies.refuses_removals(
        stack, previous_stack, template, parameters, disable_rollback
    ):
        return
    if not is_update:
        await pace.make_ahead(stack, template, parameters)
    await emulator.deploy_stack(
        stack_name,
        stack_id,
        template,
        parameters,
        disable_rollback,
        tags,
        is_update=is_update,
        previous_stack=previous_stack,
        **options,
    )
    left_behind.keep(stack, template, parameters)
    discard_unused(stack)
    stack_policies.forget_override(stack)
    if stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE" and previous_stack:
        stack["_conditions"] = previous_stack["_conditions"]
    if stack["StackStatus"] != "UPDATE_COMPLETE" or not previous_stack:
        return
    if nested:
        stack[_UNDO] = _way_back(stack, previous_stack)
    elif any(_CLEANUP in child for child in descendants(stack)):
        await _clean_up(stack)


def _way_back(stack: Record, previous: Record) -> Record:
    """Return what the engine needs to roll a finished update back."""
    order = emulator.topological_sort(stack["_template"]["Resources"], stack["_conditions"])
    return emulator.failed_operation(
        is_update=True,
        previous_stack=previous,
        created=[logical_id for logical_id in order if logical_id in stack["_resources"]],
        failed_update=None,
        failed_logical_id=None,
        replaced_ids=[],
        cancelled=False,
        template=stack["_template"],
        param_values=stack["_resolved_params"],
        retain_except_on_create=False,
        stack_tags=stack.get("Tags"),
        previous_tags=previous.get("Tags"),
    )


async def roll_back(stack: Record) -> None:
    """Bring a nested stack that was updated back to what it was; nothing to do if it was not."""
    operation = stack.pop(_UNDO, None)
    stack.pop(_CLEANUP, None)
    if operation is None:
        return
    await emulator.roll_back_operation(stack["StackName"], stack["StackId"], stack, operation)
    stack["_conditions"] = operation["previous_stack"]["_conditions"]


def delete_resource(
    resource_type: str,
    physical_id: str,
    properties: Properties,
    stack_name: str | None = None,
    logical_id: str | None = None,
) -> None:
    """Delete a resource, or note it for later if it goes because a nested stack is updated."""
    stack = emulator.stack_records.get(stack_name or "", {})
    deletion = (resource_type, physical_id, properties, stack_name, logical_id)
    if stack.get("StackStatus") == "UPDATE_IN_PROGRESS" and _CLEANUP in stack:
        stack[_CLEANUP].append(deletion)
        return
    emulator.delete_resource(*deletion)


async def _clean_up(root: Record) -> None:
    """Delete what the update of the nest made superfluous; the root is not complete before.

    Nothing else runs between the engine's last step and this one, so no caller has seen the root
    as complete.
    """
    root["StackStatus"] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    emulator.stack_events[root["StackId"]].pop()  # UPDATE_COMPLETE, too early
    _announce(root)
    for child in reversed(list(descendants(root))):
        for deletion in child.pop(_CLEANUP, []):
            await _delete_or_report(child, deletion)
    _forget(root)
    root["StackStatus"] = "UPDATE_COMPLETE"
    _announce(root)


def _announce(root: Record) -> None:
    """Record the status of a stack as an event of it."""
    emulator.add_event(
        root["StackId"],
        root["StackName"],
        root["StackName"],
        TYPE,
        root["StackStatus"],
        physical_id=root["StackId"],
    )


async def _delete_or_report(stack: Record, deletion: tuple[Any, ...]) -> None:
    """Run one deletion; its failure leaves an event and the update stays a success, as on AWS."""
    resource_type, physical_id, _, _, logical_id = deletion
    try:
        await emulator.run_reentrant(emulator.delete_resource, *deletion)
        status, reason = "DELETE_COMPLETE", ""
    except Exception as error:  # noqa: BLE001  whatever a handler raises
        status, reason = "DELETE_FAILED", str(error)
    emulator.add_event(
        stack["StackId"],
        stack["StackName"],
        logical_id,
        resource_type,
        status,
        reason,
        physical_id,
    )


def _forget(stack: Record) -> None:
    for child in descendants(stack):
        child.pop(_UNDO, None)
        child.pop(_CLEANUP, None)
