"""What a nested change set can know in advance of the outputs of a child, and what it can not.

The output of a resource that is created or replaced has no value yet. It stands as a placeholder
in the parameters of the next child, and what depends on it there only may change.
"""

import copy
from collections.abc import Iterator
from typing import Any

from localaws import emulator
from localaws.conditions import evaluate
from localaws.emulator import Record
from localaws.nest import TYPE

_PLACEHOLDER = "{{IntrinsicFunction:"
_UNCERTAIN = ("True", "Conditional")


def unknown(what: str) -> str:
    """Return the placeholder of a value that is not known before the execution."""
    return f"{_PLACEHOLDER}{what}}}}}"


def is_unknown(value: Any) -> bool:
    """Return whether a placeholder is in the text."""
    return isinstance(value, str) and _PLACEHOLDER in value


def expected_outputs(change_set: Record) -> dict[str, str]:
    """Return the outputs that a child will have after its change set: values or placeholders."""
    template = change_set["_template"]
    conditions = evaluate(template, change_set["_resolved_params"])
    uncertain = set(uncertain_resources(change_set))
    outputs = {}
    for name, output in (template.get("Outputs") or {}).items():
        if not conditions.get(output.get("Condition"), True):
            continue
        value = unknown(name)
        if not uncertain & set(references(output["Value"])):
            value = str(resolve(change_set, output["Value"], conditions))
        outputs[name] = value
    return outputs


def resolve(change_set: Record, value: Any, conditions: dict[str, bool]) -> Any:
    """Resolve a part of the change set's template against what exists and what is expected.

    Returns a placeholder for what can not be known.
    """
    stack = emulator.stack_records[change_set["StackName"]]
    resources = dict(stack.get("_resources") or {})
    for logical_id, outputs in change_set.get("_expected", {}).items():
        attributes = {f"Outputs.{name}": text for name, text in outputs.items()}
        known = resources.get(logical_id, {"PhysicalResourceId": unknown(logical_id)})
        resources[logical_id] = {**known, "ResourceType": TYPE, "Attributes": attributes}
    try:
        return emulator.resolve_references(
            copy.deepcopy(value),
            resources,
            change_set["_resolved_params"],
            conditions,
            change_set["_template"].get("Mappings", {}),
            stack["StackName"],
            stack["StackId"],
        )
    except Exception:  # noqa: BLE001  ministack raises whatever it meets in a missing resource
        return unknown("/".join(references(value)))


def soften(change_set: Record) -> None:
    """Say "maybe" of every change that is there only because a parameter is not known."""
    doubtful = {
        parameter["ParameterKey"]
        for parameter in change_set["Parameters"]
        if is_unknown(parameter["ParameterValue"])
    }
    if not doubtful:
        return
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        if described["Action"] != "Modify":
            continue
        properties = {
            detail["Target"].get("Name")
            for detail in described["Details"]
            if detail.get("CausingEntity") in doubtful
        }
        for detail in described["Details"]:
            if detail["Target"].get("Name") in properties:
                detail["Evaluation"] = "Dynamic"
        described["Replacement"] = emulator.replacement(described["Details"], False)


def refuse_selection_of_unknown(change_set: Record) -> None:
    """Raise ValueError for Fn::Select on a list that is not known, as CloudFormation does.

    The placeholder is one text, so only its first and only element can be selected.
    """
    doubtful = {
        parameter["ParameterKey"]
        for parameter in change_set["Parameters"]
        if is_unknown(parameter["ParameterValue"])
    }
    for arguments in _find(change_set["_template"], "Fn::Select"):
        match arguments:
            case [index, {"Ref": name}] if name in doubtful and str(index) != "0":
                raise ValueError(
                    f"Template error: Fn::Select cannot select nonexistent value at index {index}"
                )


def uncertain_resources(change_set: Record) -> Iterator[str]:
    """Yield the ids of resources whose attributes may be others afterwards."""
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        if described["ResourceType"] == TYPE:
            continue  # its outputs are in `_expected`
        if described["Action"] == "Add" or described.get("Replacement") in _UNCERTAIN:
            yield described["LogicalResourceId"]


def references(node: Any) -> list[str]:
    """Return the logical ids that are referred to."""
    return [name for name, _ in emulator.intrinsic_references(node)]


def _find(node: Any, function: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == function:
                yield value
            yield from _find(value, function)
    elif isinstance(node, list):
        for item in node:
            yield from _find(item, function)
