"""The values of properties before and after, as far as they may be shown."""

import json
import re
from typing import Any

from delivery.changes import UNKNOWN

HIDDEN = "(hidden)"

_MASKED = re.compile(r"\*{2,}")
"""What CloudFormation shows in place of the value of a ``NoEcho`` parameter."""
_KNOWN_LATER = re.compile(r"\{\{(changeSet:KNOWN_AFTER_APPLY|IntrinsicFunction:.*)\}\}")
"""What CloudFormation shows in place of a value that it does not know yet."""
_SECRET = re.compile(
    r"(passw(or)?d|passphrase|secret(_?string)?|token|(private|api)_?key)$", re.IGNORECASE
)


def shown(path: str, value: Any, *, hidden: bool = False) -> str | None:
    """Return the value at ``path`` as people may read it; None where there is none.

    What CloudFormation masks stays masked. What may be a secret by its name is ``HIDDEN``, also
    deep in a value, and so is everything if it is to be ``hidden``.
    """
    if value is None:
        return None
    if hidden or _may_be_secret(path):
        return HIDDEN
    scrubbed = _scrubbed(value)
    text = scrubbed if isinstance(scrubbed, str) else json.dumps(scrubbed, ensure_ascii=False)
    if _KNOWN_LATER.search(text):
        return UNKNOWN
    return HIDDEN if _MASKED.search(text) else text


def _scrubbed(value: Any) -> Any:
    """Return a value without what may be secret in it."""
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = str(value.get("Name", value.get("Key", "")))
    return {
        key: HIDDEN
        if _SECRET.search(key) or (key == "Value" and _SECRET.search(named))
        else _scrubbed(item)
        for key, item in value.items()
    }


def masked(value: str) -> bool:
    """Return whether CloudFormation shows asterisks in place of a parameter's value."""
    return _MASKED.fullmatch(value) is not None


def _may_be_secret(path: str) -> bool:
    """Return whether what is at ``path`` may be a secret, as its name says it.

    ``Environment/DB_PASSWORD/Value`` may; ``Secrets/DB_PASSWORD/ValueFrom`` is the ARN of one.
    """
    *_, last = steps = path.split("/")
    return last != "ValueFrom" and any(_SECRET.search(step) for step in steps)
