"""What DescribeChangeSet adds with IncludePropertyValues: values before and after.

Source: API reference, ResourceChange and ResourceTargetDefinition.
"""

import copy
import json
from typing import Any

from localaws import emulator, forecast
from localaws.conditions import evaluate
from localaws.emulator import Record
from localaws.shapes import as_text

KNOWN_LATER = "{{changeSet:KNOWN_AFTER_APPLY}}"


def contexts(change_set: Record, logical_id: str) -> dict[str, str]:
    """Return BeforeContext and AfterContext of a resource, those of them that there are."""
    sides = {"BeforeContext": _before(change_set), "AfterContext": _after(change_set)}
    return {
        name: json.dumps({"Properties": resources[logical_id]})
        for name, resources in sides.items()
        if logical_id in resources
    }


def target(change_set: Record, logical_id: str, name: str) -> dict[str, str]:
    """Return what is told of one property that changes: its path and values."""
    before = _before(change_set).get(logical_id, {}).get(name)
    after = _after(change_set).get(logical_id, {}).get(name)
    told = {"Path": f"/Properties/{name}"}
    if before is not None:
        told["BeforeValue"] = as_text(before)
    if after is not None:
        told["AfterValue"] = as_text(after)
    change = "Add" if before is None else "Remove" if after is None else "Modify"
    return {**told, "AttributeChangeType": change}


def remember(change_set: Record) -> None:
    """Keep the properties of both sides as long as the change set: its stack will be another."""
    stack = emulator.stack_records[change_set["StackName"]]
    change_set["_before"] = _resolved(change_set, stack) if stack.get("_resources") else {}
    change_set["_after"] = _resolved(change_set, change_set)


def _before(change_set: Record) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = change_set["_before"]
    return found


def _after(change_set: Record) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = change_set["_after"]
    return found


def _resolved(change_set: Record, side: Record) -> dict[str, dict[str, Any]]:
    """Return each resource's properties with values: of the stack as it is, or as it will be."""
    template, parameters = side["_template"], side["_resolved_params"]
    conditions = evaluate(template, parameters)
    return {
        logical_id: _value(change_set, side, resource.get("Properties", {}), conditions)
        for logical_id, resource in template["Resources"].items()
        if conditions.get(resource.get("Condition"), True)
    }


def _value(change_set: Record, side: Record, value: Any, conditions: dict[str, bool]) -> Any:
    """Return a part of a template with values; what is not known yet is said of that part only."""
    if isinstance(value, list):
        parts = [_value(change_set, side, item, conditions) for item in value]
        return [part for part in parts if part is not emulator.no_value]
    if isinstance(value, dict) and not _is_function(value):
        named = {key: _value(change_set, side, item, conditions) for key, item in value.items()}
        return {key: item for key, item in named.items() if item is not emulator.no_value}
    if side is not change_set:
        return _deployed(side, value, conditions)
    uncertain = set(forecast.uncertain_resources(change_set))
    if uncertain & set(forecast.references(value)):
        return KNOWN_LATER
    found = forecast.resolve(change_set, value, conditions)
    return KNOWN_LATER if forecast.is_unknown(found) else found


def _is_function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _deployed(stack: Record, value: Any, conditions: dict[str, bool]) -> Any:
    """Return a value of a stack as it is."""
    return emulator.resolve_references(
        copy.deepcopy(value),
        stack["_resources"],
        stack["_resolved_params"],
        conditions,
        stack["_template"].get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
