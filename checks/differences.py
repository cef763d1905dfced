"""Where two values differ: properties of a resource before and after a change."""

from collections.abc import Iterator
from typing import Any

_NAMES = ("Name", "Key", "Id", "Sid")
"""Properties that tell one object of a list from another."""

Difference = tuple[str, Any, Any]
"""A path, the value before and the value after; None is no value."""


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Yield what differs, as deep as it can be named: ``Environment/LEVEL`` and not all of it."""
    if before == after:
        return
    old, new = _named(before), _named(after)
    if old is None or new is None:
        yield path, before, after
        return
    for key in [*old, *(key for key in new if key not in old)]:
        yield from differences(old.get(key), new.get(key), f"{path}/{key}" if path else key)


def _named(value: Any) -> dict[str, Any] | None:
    """Return the parts of a value by name; None where it has none."""
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    for name in _NAMES:
        keys = [item.get(name) for item in value]
        if all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys):
            return dict(zip(map(str, keys), value, strict=True))
    return {str(index): item for index, item in enumerate(value)}
