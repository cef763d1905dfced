"""AWS::CloudFormation::Stack: a child is a stack of its own, with its own events and rollback.

The child is created, updated and deleted through the CloudFormation API, so the engine that runs
the parent runs the child too. The functions here run on a worker thread of the parent's
operation.
"""

import time
from typing import Any

from localaws import emulator, left_behind, updates
from localaws.api import CallError, call
from localaws.emulator import Properties, Provisioned, Record
from localaws.loops import await_on_loop, on_loop
from localaws.nest import TYPE, adopt, child_name, find, parameter_list

NO_UPDATES = "No updates are to be performed"
DEFAULT_CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_POLL_SECONDS = 0.005


def create(logical_id: str, properties: Properties, parent_name: str) -> Provisioned:
    """Return the id and outputs of a new nested stack.

    Raises ValueError if the creation fails; nothing of the child is then left, but for what could
    not be deleted.
    """
    if not properties.get("TemplateURL"):
        raise ValueError(f"{TYPE} requires TemplateURL")
    parent = emulator.stack_records[parent_name]
    try:
        child = on_loop(_start_creation, logical_id, properties, parent)
    except CallError as error:
        raise ValueError(error.message) from None
    stack_id = child["StackId"]
    emulator.add_event(
        parent["StackId"],
        parent_name,
        logical_id,
        TYPE,
        "CREATE_IN_PROGRESS",
        "Resource creation Initiated",
        stack_id,
    )
    _wait(child, "CREATE_", "ROLLBACK_")
    if child["StackStatus"] == "CREATE_COMPLETE":
        return _finished(child)
    reason = f"Embedded stack {stack_id} was not successfully created: {_failure(child)}"
    if parent.get("DisableRollback"):
        left_behind.add(parent, logical_id, TYPE, stack_id, properties, "CREATE_FAILED")
        raise ValueError(reason)
    try:
        delete(stack_id, properties)
    except ValueError:
        left_behind.add(parent, logical_id, TYPE, stack_id, properties, "DELETE_FAILED")
    raise ValueError(reason)


def update(stack_id: str, new: Properties, parent_name: str) -> Provisioned:
    """Return the id and outputs of an updated nested stack.

    Raises ValueError if the update fails; the child has then gone back to what it was.
    """
    child = on_loop(find, stack_id)
    if child is None:
        raise ValueError(f"Stack [{stack_id}] does not exist")
    parent = emulator.stack_records[parent_name]
    if parent["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS":
        await_on_loop(updates.roll_back(child))
        return _finished(child)
    try:
        on_loop(
            call,
            "cloudformation",
            "UpdateStack",
            StackName=child["StackName"],
            TemplateURL=new["TemplateURL"],
            Parameters=parameter_list(new),
            Capabilities=_capabilities(parent),
            Tags=_user_tags(new),
        )
    except CallError as error:
        if NO_UPDATES in error.message:
            return _finished(child)
        raise ValueError(error.message) from None
    _wait(child, "UPDATE_")
    if child["StackStatus"] != "UPDATE_COMPLETE":
        raise ValueError(
            f"Embedded stack {stack_id} was not successfully updated. "
            f"Currently in {child['StackStatus']} with reason: {_failure(child)}"
        )
    return _finished(child)


def delete(stack_id: str, _properties: Properties) -> None:
    """Delete a nested stack with everything in it; ValueError if something resists."""
    child = on_loop(find, stack_id)
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return
    on_loop(_start_deletion, child)
    _wait(child, "DELETE_")
    if child["StackStatus"] != "DELETE_COMPLETE":
        raise ValueError(
            f"Embedded stack {stack_id} was not successfully deleted: {_failure(child)}"
        )


def _start_deletion(child: Record) -> None:
    """Begin to delete a child; one that could not be deleted before no longer says so."""
    call("cloudformation", "DeleteStack", StackName=child["StackId"])
    child["StackStatus"] = "DELETE_IN_PROGRESS"


def _start_creation(logical_id: str, properties: Properties, parent: Record) -> Record:
    planned = parent.get("_planned_children", {}).pop(logical_id, None)
    if planned in emulator.change_set_records:
        return _execute_planned(emulator.change_set_records[planned], properties)
    name = child_name(parent["StackName"], logical_id)
    call(
        "cloudformation",
        "CreateStack",
        StackName=name,
        TemplateURL=properties["TemplateURL"],
        Parameters=parameter_list(properties),
        Capabilities=_capabilities(parent),
        Tags=_user_tags(properties),
        DisableRollback=bool(parent.get("DisableRollback")),
    )
    child = emulator.stack_records[name]
    adopt(child, parent)
    return child


def _execute_planned(change_set: Record, properties: Properties) -> Record:
    """Create the child that a change set announced; its parameters are only known now."""
    given = [
        {"Key": p["ParameterKey"], "Value": p["ParameterValue"]} for p in parameter_list(properties)
    ]
    try:
        values = emulator.resolve_parameters(change_set["_template"], given)
    except ValueError as error:
        raise CallError("ValidationError", str(error)) from None
    change_set.update(_resolved_params=values, Tags=_user_tags(properties))
    stack = emulator.stack_records[change_set["StackName"]]
    stack["_planned_children"] = dict(change_set.get("_children", {}))
    call_original_execution(change_set)
    return stack


def call_original_execution(change_set: Record) -> None:
    """Execute a change set, a nested one too."""
    parameters = {"ChangeSetName": [change_set["ChangeSetId"]]}
    status, _, body = ORIGINAL_EXECUTION(parameters)
    if status >= 400:
        raise CallError("ValidationError", body.decode())


ORIGINAL_EXECUTION: emulator.Action = emulator.actions["ExecuteChangeSet"]


def _capabilities(parent: Record) -> list[str]:
    return list(parent.get("Capabilities") or DEFAULT_CAPABILITIES)


def _user_tags(properties: Properties) -> list[dict[str, str]]:
    """Return the tags that a child inherits or states, without CloudFormation's own."""
    return [t for t in properties.get("Tags") or [] if not t["Key"].startswith("aws:")]


def _wait(child: Record, *operations: str) -> None:
    """Return when the operation on the child, named by the prefixes of its statuses, has ended."""
    while True:
        status = child["StackStatus"]
        if status.startswith(operations) and status.endswith(("_COMPLETE", "_FAILED")):
            return
        time.sleep(_POLL_SECONDS)


def _finished(stack: Record) -> Provisioned:
    outputs: dict[str, Any] = {
        f"Outputs.{output['OutputKey']}": output["OutputValue"] for output in stack["Outputs"]
    }
    return stack["StackId"], outputs


def _failure(stack: Record) -> str:
    """Return which resources failed in the last operation, as CloudFormation says it."""
    name, verb = stack["StackName"], "create"
    failed: list[str] = []
    for event in reversed(emulator.stack_events.get(stack["StackId"], [])):
        status, logical_id = event["ResourceStatus"], event["LogicalResourceId"]
        if logical_id == name:
            if status.endswith("_FAILED") and event["ResourceStatusReason"]:
                return str(event["ResourceStatusReason"])
            if status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
                break
        elif status.endswith("_FAILED"):
            verb = status.removesuffix("_FAILED").lower()
            failed.insert(0, logical_id)
    if not failed:
        return str(stack.get("StackStatusReason") or stack["StackStatus"])
    return f"The following resource(s) failed to {verb}: [{', '.join(failed)}]. "
