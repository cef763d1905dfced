"""Parameter values of a stack, checked as AWS checks them."""

from typing import Any

from localaws import emulator
from localaws.forecast import is_unknown

_CONSTRAINTS = ("AllowedPattern", "AllowedValues")
_FREE_TYPES = {"Number": "String", "List<Number>": "CommaDelimitedList"}


def resolve(
    template: dict[str, Any],
    provided: list[dict[str, Any]],
    previous: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the values of a stack's parameters; ValueError for a missing or an unknown one."""
    declared = template.get("Parameters") or {}
    given = {parameter["Key"] for parameter in provided if "Key" in parameter}
    undeclared = sorted(given - set(declared))
    if undeclared:
        raise ValueError(f"Parameters: [{', '.join(undeclared)}] do not exist in the template")
    missing = [name for name, how in declared.items() if name not in given and "Default" not in how]
    if missing:
        raise ValueError(f"Parameters: [{', '.join(missing)}] must have values")
    unknown = {p["Key"] for p in provided if is_unknown(p.get("Value"))}
    free = {
        name: _without_constraints(how) if name in unknown else how
        for name, how in declared.items()
    }
    return emulator.resolve_parameters({**template, "Parameters": free}, provided, previous)


def _without_constraints(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return how a parameter is declared, for a value that nobody knows yet."""
    kind = parameter.get("Type", "String")
    return {**parameter, **dict.fromkeys(_CONSTRAINTS), "Type": _FREE_TYPES.get(kind, kind)}
