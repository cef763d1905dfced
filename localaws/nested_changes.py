"""The change sets of nested stacks, and what they add to their parent's.

Each child gets a change set of its own, made by the same API on the child's stack (or on a new
one in REVIEW_IN_PROGRESS).
"""

import uuid
from typing import Any

from localaws import emulator, forecast
from localaws.api import CallError, call
from localaws.conditions import evaluate
from localaws.emulator import Record
from localaws.nest import TYPE, adopt, child_name, children_of, find, parameter_list

EMPTY = "didn't contain changes"


def resolved_for_diff(
    template: dict[str, Any], parameters: Record, stack_name: str, stack_id: str
) -> Record:
    """Return a template as change sets compare it: without what its conditions leave out."""
    if not template:
        return {}
    resolved = emulator.resolved_for_diff(template, parameters, stack_name, stack_id)
    conditions = evaluate(template, parameters)
    present = {
        logical_id: resource
        for logical_id, resource in resolved["Resources"].items()
        if conditions.get(resource.get("Condition"), True)
    }
    return {**resolved, "Resources": present}


def create_children(change_set: Record) -> None:
    """Create a change set for every nested stack of the template, and merge what they found."""
    template = change_set["_template"]
    conditions = evaluate(template, change_set["_resolved_params"])
    change_set.update(_children={}, _expected={})
    for logical_id in emulator.topological_sort(template["Resources"], conditions):
        resource = template["Resources"][logical_id]
        if resource["Type"] != TYPE or not conditions.get(resource.get("Condition"), True):
            continue
        try:
            child = _create_child(change_set, logical_id, resource["Properties"], conditions)
        except CallError as error:
            fail(change_set, f"Nested change set of {logical_id} failed: {error.message}")
            return
        if child["Status"] == "FAILED" and EMPTY not in child["StatusReason"]:
            fail(
                change_set,
                f"Nested change set {child['ChangeSetId']} was not successfully created: "
                f"{child['StatusReason']}",
            )
            return
        change_set["_expected"][logical_id] = forecast.expected_outputs(child)
        _announce(change_set, logical_id, child)
    settle(change_set)


def _create_child(
    change_set: Record, logical_id: str, properties: Any, conditions: dict[str, bool]
) -> Record:
    parent = emulator.stack_records[change_set["StackName"]]
    resource = (parent.get("_resources") or {}).get(logical_id)
    existing = find(resource["PhysicalResourceId"]) if resource else None
    name = existing["StackName"] if existing else child_name(parent["StackName"], logical_id)
    resolved = _resolve(change_set, properties, conditions)
    answer = call(
        "cloudformation",
        "CreateChangeSet",
        StackName=name,
        ChangeSetName=_change_set_name(change_set, logical_id),
        ChangeSetType="UPDATE" if existing else "CREATE",
        TemplateURL=resolved["TemplateURL"],
        Parameters=parameter_list(resolved),
        Capabilities=change_set["Capabilities"],
        Tags=_inherited_tags(change_set, parent, resolved),
        IncludeNestedStacks=True,
    )
    child = emulator.change_set_records[answer["Id"]]
    change_set["_children"][logical_id] = child["ChangeSetId"]
    child["_parent"] = change_set["ChangeSetId"]
    _set_root(child, change_set.get("_root") or change_set["ChangeSetId"])
    if not existing:
        adopt(emulator.stack_records[name], parent)
    return child


def _change_set_name(change_set: Record, logical_id: str) -> str:
    return f"{change_set['ChangeSetName'][:80]}-{logical_id[:38]}-{uuid.uuid4().hex[:8]}"


def _set_root(change_set: Record, root: str) -> None:
    change_set["_root"] = root
    for child in change_set.get("_children", {}).values():
        _set_root(emulator.change_set_records[child], root)


def _inherited_tags(change_set: Record, parent: Record, properties: Any) -> list[dict[str, str]]:
    given = change_set["Tags"] if change_set["_tags_given"] else parent.get("Tags") or []
    tags = {tag["Key"]: tag["Value"] for tag in [*given, *(properties.get("Tags") or [])]}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _resolve(change_set: Record, properties: Any, conditions: dict[str, bool]) -> dict[str, Any]:
    """Return a nested stack's properties with values, or placeholders for what is not known."""
    uncertain = set(forecast.uncertain_resources(change_set))
    values = {
        name: forecast.unknown(name)
        if uncertain & set(forecast.references(value))
        else forecast.resolve(change_set, value, conditions)
        for name, value in (properties.get("Parameters") or {}).items()
    }
    return {
        "TemplateURL": forecast.resolve(change_set, properties["TemplateURL"], conditions),
        "Parameters": {n: v for n, v in values.items() if v is not emulator.no_value},
        "Tags": forecast.resolve(change_set, properties.get("Tags") or [], conditions),
    }


def _announce(change_set: Record, logical_id: str, child: Record) -> None:
    """List the nested stack in the parent if something in it changes, and only then."""
    own = [
        change
        for change in change_set["Changes"]
        if change["ResourceChange"]["LogicalResourceId"] == logical_id
    ]
    if child["Changes"] and not own:
        change_set["Changes"].append(_automatic_update(child["StackId"], logical_id))
    if not child["Changes"] and own and _is_only_a_guess(own[0]["ResourceChange"]):
        change_set["Changes"].remove(own[0])


def _is_only_a_guess(change: Record) -> bool:
    return change["Action"] == "Modify" and all(
        detail["Evaluation"] == "Dynamic" for detail in change["Details"]
    )


def _automatic_update(stack_id: str, logical_id: str) -> Record:
    detail = {
        "Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
        "Evaluation": "Dynamic",
        "ChangeSource": "Automatic",
    }
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": "Modify",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": stack_id,
            "ResourceType": TYPE,
            "Replacement": "False",
            "Scope": ["Properties"],
            "Details": [detail],
        },
    }


def announce_automatic_updates(change_set: Record) -> None:
    """List every nested stack: without looking into them, each of them may change."""
    parent = emulator.stack_records[change_set["StackName"]]
    listed = {change["ResourceChange"]["LogicalResourceId"] for change in change_set["Changes"]}
    for logical_id, resource in (parent.get("_resources") or {}).items():
        if resource["ResourceType"] == TYPE and logical_id not in listed:
            change_set["Changes"].append(
                _automatic_update(resource["PhysicalResourceId"], logical_id)
            )
    settle(change_set)


def settle(change_set: Record) -> None:
    """Make a change set FAILED if nothing changes in it or below it, and only then."""
    empty = change_set["Status"] == "FAILED" and EMPTY in change_set["StatusReason"]
    if empty and change_set["Changes"]:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
    if not change_set["Changes"] and change_set["Status"] == "CREATE_COMPLETE":
        fail(
            change_set,
            f"The submitted information {EMPTY}. "
            "Submit different information to create a change set.",
        )


def never_replace_nested_stacks(change_set: Record) -> None:
    """Correct what ministack supposes of a nested stack: it is always updated in place."""
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        if described["ResourceType"] == TYPE and described.get("Replacement") == "Conditional":
            described["Replacement"] = "False"


def fail(change_set: Record, reason: str) -> None:
    """Make a change set one that can not be executed, for a reason."""
    change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)


def discard_unused(stack: Record) -> None:
    """Remove the nested stacks that a change set announced and that never came to be."""
    for child in children_of(stack["StackId"]):
        if child["StackStatus"] != "REVIEW_IN_PROGRESS":
            continue
        discard_unused(child)
        emulator.stack_records.pop(child["StackName"], None)
        for change_set_id, change_set in list(emulator.change_set_records.items()):
            if change_set["StackId"] == child["StackId"]:
                emulator.change_set_records.pop(change_set_id)


def discard_children(change_set: Record) -> None:
    """Remove the change sets below one, and the stacks that only existed for them."""
    for child_id in change_set.get("_children", {}).values():
        child = emulator.change_set_records.pop(child_id, None)
        if child is None:
            continue
        discard_children(child)
        stack = emulator.stack_records.get(child["StackName"], {})
        if stack.get("StackStatus") == "REVIEW_IN_PROGRESS":
            emulator.stack_records.pop(child["StackName"])
