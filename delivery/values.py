"""The values of properties before and after, as far as they may be shown."""

import json
import re
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
