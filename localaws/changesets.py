"""Nested change sets: IncludeNestedStacks, and what a nested stack means in any change set.

A change set of a parent has one change set per child, made by the same API on the child's stack
(or on a stack in REVIEW_IN_PROGRESS if the child does not exist yet).
"""

import copy
import uuid
from typing import Any
from xml.etree import ElementTree

from localaws import emulator
from localaws.api import CallError, call
from localaws.emulator import Parameters, Record, Response
from localaws.nest import TYPE, adopt, child_name, children_of, find, parameter_list

EMPTY = "didn't contain changes"
_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
ElementTree.register_namespace("", _NAMESPACE)

_create = emulator.actions["CreateChangeSet"]
_describe = emulator.actions["DescribeChangeSet"]
_execute = emulator.actions["ExecuteChangeSet"]
_delete = emulator.actions["DeleteChangeSet"]
_describe_stacks = emulator.actions["DescribeStacks"]


def create_change_set(parameters: Parameters) -> Response:
    """CreateChangeSet, with the children's change sets if IncludeNestedStacks is given."""
    response = _create(parameters)
    if response[0] >= 400:
        return response
    change_set = emulator.change_set_records[_text(response, "Id")]
    nested = _one(parameters, "IncludeNestedStacks") == "true"
    change_set["_include_nested_stacks"] = nested
    if nested:
        _create_children(change_set)
    else:
        _announce_automatic_updates(change_set)
    for change in change_set["Changes"]:
        _never_replace_nested_stack(change["ResourceChange"])
    return response


def describe_change_set(parameters: Parameters) -> Response:
    """DescribeChangeSet, with the ids that lead to the parent's and the children's change sets."""
    response = _describe(parameters)
    if response[0] >= 400:
        return response
    change_set = emulator.change_set_records[_text(response, "ChangeSetId")]
    document = ElementTree.fromstring(response[2])  # noqa: S314  written by ministack
    result = document.find(_tag("DescribeChangeSetResult"))
    if result is None:
        return response
    included = str(change_set.get("_include_nested_stacks", False)).lower()
    _append(result, "IncludeNestedStacks", included)
    for name, key in (("ParentChangeSetId", "_parent"), ("RootChangeSetId", "_root")):
        if key in change_set:
            _append(result, name, change_set[key])
    for change in result.iter(_tag("ResourceChange")):
        logical_id = change.findtext(_tag("LogicalResourceId"), "")
        child = change_set.get("_children", {}).get(logical_id)
        if child:
            _append(change, "ChangeSetId", child)
    return response[0], response[1], ElementTree.tostring(document)


def execute_change_set(parameters: Parameters) -> Response:
    """ExecuteChangeSet of a root; a nested one is refused."""
    change_set = _find(parameters)
    if change_set is None:
        return _execute(parameters)
    if "_root" in change_set:
        return _refused("executed", change_set)
    response = _execute(parameters)
    if response[0] < 400:
        stack = emulator.stack_records[change_set["StackName"]]
        stack["_planned_children"] = dict(change_set.get("_children", {}))
    return response


def delete_change_set(parameters: Parameters) -> Response:
    """DeleteChangeSet of a root deletes its children's; a nested one is refused."""
    change_set = _find(parameters)
    if change_set is not None:
        if "_root" in change_set:
            return _refused("deleted", change_set)
        _discard_children(change_set)
    return _delete(parameters)


def describe_stacks(parameters: Parameters) -> Response:
    """DescribeStacks, with ParentId and RootId of a nested stack."""
    response = _describe_stacks(parameters)
    if response[0] >= 400:
        return response
    document = ElementTree.fromstring(response[2])  # noqa: S314  written by ministack
    for member in document.iterfind(f".//{_tag('Stacks')}/{_tag('member')}"):
        stack = find(member.findtext(_tag("StackId"), "")) or {}
        for name in ("ParentId", "RootId"):
            if name in stack:
                _append(member, name, stack[name])
    return response[0], response[1], ElementTree.tostring(document)


def _create_children(change_set: Record) -> None:
    """Create a change set for every nested stack of the template, and merge what they found."""
    template = change_set["_template"]
    conditions = emulator.evaluate_conditions(template, change_set["_resolved_params"])
    change_set["_children"] = {}
    for logical_id in emulator.topological_sort(template["Resources"], conditions):
        resource = template["Resources"][logical_id]
        if resource["Type"] != TYPE or not conditions.get(resource.get("Condition"), True):
            continue
        try:
            child = _create_child(change_set, logical_id, resource["Properties"], conditions)
        except CallError as error:
            _fail(change_set, f"Nested change set {logical_id}: {error.message}")
            return
        change_set["_children"][logical_id] = child["ChangeSetId"]
        if child["Status"] == "FAILED" and EMPTY not in child["StatusReason"]:
            _fail(
                change_set,
                f"Nested change set {child['ChangeSetId']} was not successfully created: "
                f"{child['StatusReason']}",
            )
            return
        _announce(change_set, logical_id, child)
    _settle(change_set)


def _create_child(
    change_set: Record, logical_id: str, properties: Any, conditions: dict[str, bool]
) -> Record:
    parent = emulator.stack_records[change_set["StackName"]]
    existing = _existing_child(parent, logical_id)
    name = existing["StackName"] if existing else child_name(parent["StackName"], logical_id)
    resolved = _resolved_properties(change_set, properties, conditions)
    answer = call(
        "cloudformation",
        "CreateChangeSet",
        StackName=name,
        ChangeSetName=f"{change_set['ChangeSetName'][:80]}-{logical_id[:40]}-{uuid.uuid4().hex[:6]}",
        ChangeSetType="UPDATE" if existing else "CREATE",
        TemplateURL=resolved["TemplateURL"],
        Parameters=parameter_list(resolved),
        Capabilities=change_set["Capabilities"],
        Tags=_inherited_tags(change_set, parent, resolved),
        IncludeNestedStacks=True,
    )
    if not existing:
        adopt(emulator.stack_records[name], parent)
    child = emulator.change_set_records[answer["Id"]]
    child["_parent"] = change_set["ChangeSetId"]
    _set_root(child, change_set.get("_root") or change_set["ChangeSetId"])
    return child


def _set_root(change_set: Record, root: str) -> None:
    change_set["_root"] = root
    for child in change_set.get("_children", {}).values():
        _set_root(emulator.change_set_records[child], root)


def _existing_child(parent: Record, logical_id: str) -> Record | None:
    resource = (parent.get("_resources") or {}).get(logical_id)
    return find(resource["PhysicalResourceId"]) if resource else None


def _inherited_tags(change_set: Record, parent: Record, properties: Any) -> list[dict[str, str]]:
    given = change_set["Tags"] if change_set["_tags_given"] else parent.get("Tags") or []
    tags = {tag["Key"]: tag["Value"] for tag in [*given, *(properties.get("Tags") or [])]}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _resolved_properties(
    change_set: Record, properties: Any, conditions: dict[str, bool]
) -> dict[str, Any]:
    """Resolve what is known; the output of a stack that does not exist yet is a placeholder."""
    parent = emulator.stack_records[change_set["StackName"]]
    template = change_set["_template"]

    def resolve(value: Any) -> Any:
        return emulator.resolve_references(
            copy.deepcopy(value),
            parent.get("_resources") or {},
            change_set["_resolved_params"],
            conditions,
            template.get("Mappings", {}),
            parent["StackName"],
            parent["StackId"],
        )

    known = {}
    for name, value in (properties.get("Parameters") or {}).items():
        try:
            known[name] = resolve(value)
        except Exception:  # noqa: BLE001  ministack raises whatever it meets
            known[name] = f"{{{{IntrinsicFunction:{name}}}}}"
        if known[name] is emulator.no_value:
            del known[name]
    return {
        "TemplateURL": resolve(properties["TemplateURL"]),
        "Parameters": known,
        "Tags": resolve(properties.get("Tags") or []),
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
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": "Modify",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": stack_id,
            "ResourceType": TYPE,
            "Replacement": "False",
            "Scope": ["Properties"],
            "Details": [
                {
                    "Target": {"Attribute": "Properties", "RequiresRecreation": "Never"},
                    "Evaluation": "Dynamic",
                    "ChangeSource": "Automatic",
                }
            ],
        },
    }


def _announce_automatic_updates(change_set: Record) -> None:
    """Without IncludeNestedStacks, CloudFormation says of every child that it may change."""
    parent = emulator.stack_records[change_set["StackName"]]
    listed = {change["ResourceChange"]["LogicalResourceId"] for change in change_set["Changes"]}
    for logical_id, resource in (parent.get("_resources") or {}).items():
        if resource["ResourceType"] == TYPE and logical_id not in listed:
            change_set["Changes"].append(
                _automatic_update(resource["PhysicalResourceId"], logical_id)
            )
    _settle(change_set)


def _settle(change_set: Record) -> None:
    """Make a change set FAILED if nothing changes in it or below it, and only then."""
    empty = change_set["Status"] == "FAILED" and EMPTY in change_set["StatusReason"]
    if empty and change_set["Changes"]:
        change_set.update(Status="CREATE_COMPLETE", ExecutionStatus="AVAILABLE", StatusReason="")
    if not change_set["Changes"] and change_set["Status"] == "CREATE_COMPLETE":
        _fail(
            change_set,
            f"The submitted information {EMPTY}. "
            "Submit different information to create a change set.",
        )


def _never_replace_nested_stack(change: Record) -> None:
    if change["ResourceType"] == TYPE and change.get("Replacement") == "Conditional":
        change["Replacement"] = "False"


def _fail(change_set: Record, reason: str) -> None:
    change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)


def discard_unused(stack: Record) -> None:
    """Remove the nested stacks that were announced below a stack and never created."""
    for child in children_of(stack["StackId"]):
        if child["StackStatus"] == "REVIEW_IN_PROGRESS":
            discard_unused(child)
            emulator.stack_records.pop(child["StackName"], None)
            for change_set_id, change_set in list(emulator.change_set_records.items()):
                if change_set["StackId"] == child["StackId"]:
                    emulator.change_set_records.pop(change_set_id)


def _discard_children(change_set: Record) -> None:
    for child_id in change_set.get("_children", {}).values():
        child = emulator.change_set_records.pop(child_id, None)
        if child is None:
            continue
        _discard_children(child)
        stack = emulator.stack_records.get(child["StackName"], {})
        if stack.get("StackStatus") == "REVIEW_IN_PROGRESS":
            emulator.stack_records.pop(child["StackName"])


def _refused(done: str, change_set: Record) -> Response:
    return emulator.error_response(
        "ValidationError",
        f"Nested change set [{change_set['ChangeSetId']}] cannot be {done} on its own: "
        f"use its root change set [{change_set['_root']}]",
    )


def _find(parameters: Parameters) -> Record | None:
    name = _one(parameters, "ChangeSetName")
    if name in emulator.change_set_records:
        return emulator.change_set_records[name]
    stack = find(_one(parameters, "StackName")) or {}
    for change_set in emulator.change_set_records.values():
        if (change_set["ChangeSetName"], change_set["StackId"]) == (name, stack.get("StackId")):
            return change_set
    return None


def _one(parameters: Parameters, name: str) -> str:
    return (parameters.get(name) or [""])[0]


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _text(response: Response, name: str) -> str:
    document = ElementTree.fromstring(response[2])  # noqa: S314  written by ministack
    return document.findtext(f".//{_tag(name)}", "")


def _append(element: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(element, _tag(name)).text = text
