"""Nested stacks as ministack's records hold them: who is whose child."""

import uuid
from collections.abc import Iterator

from localaws import emulator
from localaws.emulator import Properties, Record

TYPE = "AWS::CloudFormation::Stack"


def find(stack_id: str) -> Record | None:
    """Return the record of a stack by its id or name, or None."""
    return next(
        (
            stack
            for name, stack in list(emulator.stack_records.items())
            if stack_id in (name, stack["StackId"])
        ),
        None,
    )


def children_of(stack_id: str) -> list[Record]:
    """Return the nested stacks that are directly below a stack, deleted ones too."""
    return [s for s in list(emulator.stack_records.values()) if s.get("ParentId") == stack_id]


def descendants(stack: Record) -> Iterator[Record]:
    """Yield every nested stack below a stack, a parent before its children."""
    for child in children_of(stack["StackId"]):
        yield child
        yield from descendants(child)


def child_name(parent_name: str, logical_id: str) -> str:
    """Return a new name for a nested stack, as CloudFormation makes it."""
    suffix = uuid.uuid4().hex[:12].upper()
    return f"{parent_name[: 128 - len(logical_id) - len(suffix) - 2]}-{logical_id}-{suffix}"


def adopt(child: Record, parent: Record) -> None:
    """Write into the child's record which stack it belongs to, and what it has from there."""
    child.update(ParentId=parent["StackId"], RootId=parent.get("RootId") or parent["StackId"])
    if "RoleARN" in parent:
        child["RoleARN"] = parent["RoleARN"]


def parameter_list(properties: Properties) -> list[dict[str, str]]:
    """Return a nested stack's parameters as an API request carries them: a list is one text."""
    return [
        {
            "ParameterKey": key,
            "ParameterValue": ",".join(map(str, value)) if isinstance(value, list) else str(value),
        }
        for key, value in (properties.get("Parameters") or {}).items()
    ]
