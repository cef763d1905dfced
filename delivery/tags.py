"""The tags of a parent stack, which CloudFormation passes on to all that is in it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from checks.parameters import MAX_TAGS, TAG_KEY, TAG_VALUE
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

_CREDENTIALS = re.compile(r"://[^/\s]*@")


def from_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of the environment ``variables`` that become tags, and no others."""
    return {name: variables[name] for name in FROM_ENVIRONMENT if name in variables}


def compose(
    *,
    given: Mapping[str, str],
    file: Mapping[str, str],
    environment: Mapping[str, str],
    stack: Stack | None,
    now: datetime,
    keep: bool = False,
) -> dict[str, str]:
    """Return the tags that the stack shall have; to ``keep`` them, those that it has if it is
    deployed.

    The strongest wins: ``given`` on the command line, then the ``environment`` variables of a CI
    system, then the parameter ``file``, then what the ``stack`` has already. ``CreatedAt`` is set
    once and never moves, so that a repeated deployment changes nothing.
    Raises ``InputError`` for a tag that AWS would refuse.
    """
    kept = stack.own_tags if stack else {}
    if keep and stack and stack.deployed:
        return kept
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
    if len(tags) > MAX_TAGS:
        raise InputError(f"A stack may have {MAX_TAGS} tags, these are {len(tags)}. Remove some.")
    return tags


def _allowed(value: str) -> str:
    """Return what AWS accepts of a value that a CI system made, such as ``Ann <a@b.example>``.

    A URL loses its user and password: CI systems clone with a token in it, and whoever may list
    resources reads their tags.
    """
    public = _CREDENTIALS.sub("://", value)
    kept = "".join(c if TAG_VALUE.fullmatch(c) else " " for c in public)
    return " ".join(kept.split())[:256]


def _check(key: str, value: str) -> None:
    if key.lower().startswith("aws:"):
        raise InputError(f"Tag {key}: names that begin with aws: belong to AWS. Use another name.")
    if not TAG_KEY.fullmatch(key) or not TAG_VALUE.fullmatch(value):
        raise InputError(
            f"Tag {key}=…: AWS takes up to 128 characters as a name and 256 as a value: "
            "letters, digits, spaces and _ . : / = + - @"
        )
