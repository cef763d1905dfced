"""CloudFormation's calls around change sets, with what nested stacks need of them."""

from xml.etree import ElementTree

from localaws import emulator, forecast, limits, nested_changes, property_values
from localaws.emulator import Parameters, Record, Response
from localaws.nest import find

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
ElementTree.register_namespace("", _NAMESPACE)

_create = emulator.actions["CreateChangeSet"]
_create_stack = emulator.actions["CreateStack"]
_delete = emulator.actions["DeleteChangeSet"]
_delete_stack = emulator.actions["DeleteStack"]
_describe = emulator.actions["DescribeChangeSet"]
_describe_stacks = emulator.actions["DescribeStacks"]
_execute = emulator.actions["ExecuteChangeSet"]


def install() -> None:
    """Answer these calls from here."""
    emulator.actions.update(
        CreateChangeSet=create_change_set,
        CreateStack=create_stack,
        DeleteChangeSet=delete_change_set,
        DeleteStack=delete_stack,
        DescribeChangeSet=describe_change_set,
        DescribeStacks=describe_stacks,
        ExecuteChangeSet=execute_change_set,
    )


def create_change_set(parameters: Parameters) -> Response:
    """CreateChangeSet, with the children's change sets if IncludeNestedStacks is given."""
    existing = find(_one(parameters, "StackName"))
    if existing and (refused := _refuse_status(existing, parameters)):
        return refused
    response = _create(parameters)
    if existing and existing["StackStatus"] == "REVIEW_IN_PROGRESS":
        response = _keep_stack_in_review(existing, response)
    if response[0] >= 400:
        return response
    change_set = emulator.change_set_records[_text(response, "Id")]
    nested = _one(parameters, "IncludeNestedStacks") == "true"
    change_set["_include_nested_stacks"] = nested
    try:
        forecast.refuse_selection_of_unknown(change_set)
    except ValueError as error:
        nested_changes.fail(change_set, str(error))
        return response
    forecast.soften(change_set)
    if nested:
        nested_changes.create_children(change_set)
    else:
        nested_changes.announce_automatic_updates(change_set)
    nested_changes.never_replace_nested_stacks(change_set)
    if refusal := limits.change_set_is_too_large(change_set):
        nested_changes.fail(change_set, refusal)
    property_values.remember(change_set)
    return response


def create_stack(parameters: Parameters) -> Response:
    """CreateStack, refused for every stack that exists: one that was rolled back too."""
    stack = find(_one(parameters, "StackName"))
    if stack is not None and stack["StackStatus"] != "DELETE_COMPLETE":
        message = f"Stack [{stack['StackName']}] already exists"
        return emulator.error_response("AlreadyExistsException", message)
    return _create_stack(parameters)


_CAN_BE_UPDATED = frozenset(
    f"{operation}_COMPLETE"
    for operation in ("CREATE", "UPDATE", "UPDATE_ROLLBACK", "IMPORT", "IMPORT_ROLLBACK")
)


def _refuse_status(stack: Record, parameters: Parameters) -> Response | None:
    """Return the refusal of a change set for what its stack went through, or None."""
    status = stack["StackStatus"]
    if status == "DELETE_COMPLETE":
        return None
    if _one(parameters, "ChangeSetType") == "CREATE":
        if status == "REVIEW_IN_PROGRESS":
            return None
        message = (
            f"Stack [{stack['StackName']}] already exists and cannot be created again with the "
            f"changeSet [{_one(parameters, 'ChangeSetName')}]."
        )
        return emulator.error_response("ValidationError", message)
    if status in _CAN_BE_UPDATED:
        return None
    message = f"Stack:{stack['StackId']} is in {status} state and can not be updated."
    return emulator.error_response("ValidationError", message)


def _keep_stack_in_review(stack: Record, response: Response) -> Response:
    """Return the answer with the stack that was in review already: ministack makes a new one."""
    new = emulator.stack_records.get(stack["StackName"])
    emulator.stack_records[stack["StackName"]] = stack
    if new is None or response[0] >= 400:
        return response
    emulator.stack_events.pop(new["StackId"], None)
    change_set = emulator.change_set_records[_text(response, "Id")]
    change_set["StackId"] = stack["StackId"]
    stack["Tags"] = new["Tags"]
    body = response[2].replace(new["StackId"].encode(), stack["StackId"].encode())
    return response[0], response[1], body


def describe_change_set(parameters: Parameters) -> Response:
    """DescribeChangeSet, with the ids that lead to the parent's and the children's change sets."""
    response = _describe(parameters)
    if response[0] >= 400:
        return response
    change_set = emulator.change_set_records[_text(response, "ChangeSetId")]
    document = _parse(response)
    result = next(document.iter(_tag("DescribeChangeSetResult")))
    _tell_parameters(result, change_set)
    _append(result, "IncludeNestedStacks", str(change_set["_include_nested_stacks"]).lower())
    for name, key in (("ParentChangeSetId", "_parent"), ("RootChangeSetId", "_root")):
        if key in change_set:
            _append(result, name, change_set[key])
    for change in result.iter(_tag("ResourceChange")):
        logical_id = change.findtext(_tag("LogicalResourceId"), "")
        child = change_set.get("_children", {}).get(logical_id)
        if child:
            _append(change, "ChangeSetId", child)
        if _one(parameters, "IncludePropertyValues") == "true":
            _add_values(change, change_set, logical_id)
    return response[0], response[1], ElementTree.tostring(document)


def _tell_parameters(described: ElementTree.Element, record: Record) -> None:
    """Tell a parameter's value as AWS does: the name of one that Systems Manager holds, with what
    it holds beside it, and asterisks for one that nobody may see.

    Source: API reference, Parameter.
    """
    values = record.get("_resolved_params", {})
    for parameter in described.findall(f"{_tag('Parameters')}/{_tag('member')}"):
        value = values.get(parameter.findtext(_tag("ParameterKey"), ""), {})
        told = parameter.find(_tag("ParameterValue"))
        if told is None:
            continue
        if value.get("NoEcho"):
            told.text = "****"
        elif name := value.get("SsmName"):
            _append(parameter, "ResolvedValue", told.text or "")
            told.text = name


def _add_values(change: ElementTree.Element, change_set: Record, logical_id: str) -> None:
    for name, text in property_values.contexts(change_set, logical_id).items():
        _append(change, name, text)
    for target in change.iter(_tag("Target")):
        if named := target.findtext(_tag("Name")):
            told = property_values.target(change_set, logical_id, named)
            for name, text in told.items():
                _append(target, name, text)


def execute_change_set(parameters: Parameters) -> Response:
    """ExecuteChangeSet of a root; a nested one is refused."""
    change_set = find_change_set(parameters)
    if change_set is not None and "_root" in change_set:
        return _refused("executed", change_set)
    others = [
        other
        for other in emulator.change_set_records.values()
        if change_set and other is not change_set and other["StackId"] == change_set["StackId"]
    ]
    response = _execute(parameters)
    if response[0] < 400 and change_set is not None:
        for other in others:
            nested_changes.discard_children(other)
        stack = emulator.stack_records[change_set["StackName"]]
        stack["_planned_children"] = dict(change_set.get("_children", {}))
        stack["_change_set"] = change_set["ChangeSetId"]
    return response


def delete_change_set(parameters: Parameters) -> Response:
    """DeleteChangeSet of a root deletes its children's; a nested one is refused."""
    change_set = find_change_set(parameters)
    if change_set is not None:
        if "_root" in change_set:
            return _refused("deleted", change_set)
        nested_changes.discard_children(change_set)
    return _delete(parameters)


def delete_stack(parameters: Parameters) -> Response:
    """DeleteStack, with the nested stacks that were only announced.

    A stack that is being deleted is not deleted a second time.
    """
    stack = find(_one(parameters, "StackName"))
    if stack is not None and stack["StackStatus"] == "DELETE_IN_PROGRESS":
        return _NOTHING_TO_DELETE
    if stack and "ParentId" not in stack and (why := limits.stack_is_too_large(stack)):
        return emulator.error_response("ValidationError", why)
    response = _delete_stack(parameters)
    if response[0] < 400 and stack is not None:
        nested_changes.discard_unused(stack)
    return response


_NOTHING_TO_DELETE = (
    200,
    {"Content-Type": "text/xml"},
    f'<DeleteStackResponse xmlns="{_NAMESPACE}"></DeleteStackResponse>'.encode(),
)


def describe_stacks(parameters: Parameters) -> Response:
    """DescribeStacks, with what ministack leaves out: parents, change set, role and topics."""
    response = _describe_stacks(parameters)
    if response[0] >= 400:
        return response
    document = _parse(response)
    for member in document.iterfind(f".//{_tag('Stacks')}/{_tag('member')}"):
        stack = find(member.findtext(_tag("StackId"), "")) or {}
        _tell_parameters(member, stack)
        for name, key in (
            ("ParentId", "ParentId"),
            ("RoleARN", "RoleARN"),
            ("RootId", "RootId"),
            ("ChangeSetId", "_change_set"),
        ):
            if key in stack:
                _append(member, name, stack[key])
        topics = ElementTree.SubElement(member, _tag("NotificationARNs"))
        for topic in stack.get("NotificationARNs", []):
            _append(topics, "member", topic)
    return response[0], response[1], ElementTree.tostring(document)


def _refused(done: str, change_set: Record) -> Response:
    return emulator.error_response(
        "ValidationError",
        f"Nested change set [{change_set['ChangeSetId']}] cannot be {done} on its own: "
        f"use its root change set [{change_set['_root']}]",
    )


def find_change_set(parameters: Parameters) -> Record | None:
    """Return the change set that a request names, by its id or with its stack."""
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


def _parse(response: Response) -> ElementTree.Element:
    return ElementTree.fromstring(response[2])  # noqa: S314  written by ministack


def _text(response: Response, name: str) -> str:
    return _parse(response).findtext(f".//{_tag(name)}", "")


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def _append(element: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(element, _tag(name)).text = text
