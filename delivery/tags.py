"""The tags of a parent stack, which CloudFormation passes on to all that is in it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from delivery.errors import InputError
from delivery.stacks import Stack

CREATED_AT = "CreatedAt"

FROM_ENVIRONMENT = {
    "REPOSITORY": "Repository",
    "COMMIT_AUTHOR": "Author",
    "PR_NUMBER": "PRNumber",
    "TEAM": "Team",
}
"""Environment variables that a CI system sets, and the tags that they become."""

_LONGEST_KEY, _LONGEST_VALUE, _MOST = 128, 256, 50
_NOT_ALLOWED = re.compile(r"[^\w\s.:/=+\-@]")
"""What a tag may not hold. Source: Tagging AWS Resources, "Tag naming limits and requirements"."""


def compose(
    *,
    given: Mapping[str, str],
    file: Mapping[str, str],
    environment: Mapping[str, str],
    stack: Stack | None,
    now: datetime,
) -> dict[str, str]:
    """Return the tags that the stack shall have.

    The strongest wins: ``given`` on the command line, then the ``environment`` variables of a CI
    system, then the parameter ``file``, then what the ``stack`` has already. ``CreatedAt`` is set
    once and never moves, so that a repeated deployment changes nothing.
    Raises ``InputError`` for a tag that AWS would refuse.
    """
    kept = {k: v for k, v in stack.tags.items() if not k.startswith("aws:")} if stack else {}
    named = {
        tag: _allowed(environment[variable])
        for variable, tag in FROM_ENVIRONMENT.items()
        if environment.get(variable)
    }
    created = stack.created if stack else now
    stamp = {CREATED_AT: created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    tags = stamp | kept | dict(file) | named | dict(given)
    for key, value in tags.items():
        _check(key, value)
    if len(tags) > _MOST:
        raise InputError(f"A stack may have {_MOST} tags, these are {len(tags)}. Remove some.")
    return tags


def _allowed(value: str) -> str:
    """Return what AWS accepts of a value that a CI system made, such as ``Ann <a@b.example>``."""
    return " ".join(_NOT_ALLOWED.sub(" ", value).split())[:_LONGEST_VALUE]


def _check(key: str, value: str) -> None:
    if key.lower().startswith("aws:"):
        raise InputError(f"Tag {key}: names that begin with aws: belong to AWS. Use another name.")
    if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
        raise InputError(
            f"Tag {key[:_LONGEST_KEY]}: a name has 1 to {_LONGEST_KEY} characters, "
            f"a value up to {_LONGEST_VALUE}."
        )
    if bad := _NOT_ALLOWED.search(key + value):
        raise InputError(
            f"Tag {key}={value}: {bad[0]!r} is not allowed. "
            "Tags hold letters, digits, spaces and . : / = + - @ _"
        )
