"""What CloudFormation's functions look like in a template."""

from typing import Any

from checks.rendering import Path


def is_function(value: Any) -> bool:
    """Return whether ``value`` is an intrinsic function, a ``Ref`` or a named condition."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    (key,) = value
    return key == "Ref" or str(key).startswith("Fn::")


def inside(path: Path) -> str:
    """Return the function whose argument, or part of it, is at ``path``; empty if none is."""
    for step in reversed(path):
        if isinstance(step, str):
            return step if step == "Ref" or step.startswith("Fn::") else ""
    return ""


def is_literal(path: Path) -> bool:
    """Return whether a text or number at ``path`` stands for itself, in a function or without."""
    match inside(path):
        case "":
            return True
        case "Fn::Join":
            return path[-2:] != ("Fn::Join", 0)
        case "Fn::If":
            return path[-1] != 0
        case "Fn::Equals":
            return True
    return False
