"""The number of resources that one operation on a nest of stacks may create, update or delete.

Source: CloudFormation User Guide, "Understand CloudFormation quotas", on nested stacks. It does not
say when or how AWS refuses one that is too large; here nothing of it begins.
"""

from checks.quotas import NEST_RESOURCES
from localaws import emulator
from localaws.emulator import Record
from localaws.nest import TYPE, descendants, find


def change_set_is_too_large(change_set: Record) -> str:
    """Return why a change set with those below it cannot be executed, or nothing."""
    return _refusal(_changes(change_set))


def stack_is_too_large(stack: Record) -> str:
    """Return why a stack cannot be deleted at once with those nested in it, or nothing."""
    return _refusal(_size(stack))


def _changes(change_set: Record) -> int:
    """Return how many resources a change set touches; with a nested stack goes what is in it."""
    below = change_set.get("_children", {})
    count = sum(_changes(emulator.change_set_records[one]) for one in below.values())
    for change in change_set["Changes"]:
        described = change["ResourceChange"]
        count += 1
        if described["Action"] == "Remove" and described["ResourceType"] == TYPE:
            removed = find(described["PhysicalResourceId"])
            count += _size(removed) if removed else 0
    return count


def _size(stack: Record) -> int:
    found = [stack, *descendants(stack)]
    there = [one for one in found if one["StackStatus"] != "DELETE_COMPLETE"]
    return sum(len(one.get("_resources") or {}) for one in there)


def _refusal(count: int) -> str:
    if count <= NEST_RESOURCES:
        return ""
    return (
        f"Limit on the number of resources in a single stack operation exceeded: {count} resources "
        f"in this stack and those nested in it, at most {NEST_RESOURCES} are allowed"
    )
