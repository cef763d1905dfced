"""The values of properties before and after, as far as they may be shown."""

import json
import re
from collections.abc import Iterator
from typing import Any

HIDDEN = "(hidden)"
UNKNOWN = "(known after the deployment)"

_MASKED = re.compile(r"\*{2,}")
"""What CloudFormation shows in place of the value of a ``NoEcho`` parameter."""
_KNOWN_LATER = re.compile(r"\{\{(changeSet:KNOWN_AFTER_APPLY|IntrinsicFunction:.*)\}\}")
"""What CloudFormation shows in place of a value that it does not know yet."""
_SECRET = re.compile(
    r"(passw(or)?d|passphrase|secret(_?string)?|token|(private|api)_?key)$", re.IGNORECASE
)
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


def text(value: Any) -> str | None:
    """Return a value as people read it; None where there is none. What is masked stays so."""
    if value is None:
        return None
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if _KNOWN_LATER.search(written):
        return UNKNOWN
    return HIDDEN if _MASKED.search(written) else written


def masked(value: str) -> bool:
    """Return whether CloudFormation shows asterisks in place of a parameter's value."""
    return _MASKED.fullmatch(value) is not None


def secret(path: str) -> bool:
    """Return whether what is at ``path`` may be a secret, as its name says it.

    ``Environment/DB_PASSWORD/Value`` may; ``Secrets/DB_PASSWORD/ValueFrom`` is the ARN of one.
    """
    *_, last = steps = path.split("/")
    return last != "ValueFrom" and any(_SECRET.search(step) for step in steps)
