"""Patterns of policies: ``*`` is any text, ``?`` any one character.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "… Action".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

_FRESH: Final = "\0"
"""A character that no policy has."""

_FILLS: Final = ("", _FRESH * 64)
"""What stands for ``*`` in examples: nothing, and more than any pattern spells out."""

_WILDCARDS: Final = {"*": ".*", "?": "."}


@lru_cache(maxsize=8192)
def _compiled(pattern: str, ignores_case: bool) -> re.Pattern[str]:
    text = "".join(_WILDCARDS.get(character, re.escape(character)) for character in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignores_case else 0))


def matches(pattern: str, text: str) -> bool:
    """Return whether ``text`` is what ``pattern`` says, in the same case."""
    begin, star, end = pattern.partition("*")
    if "?" in pattern or "*" in end:
        return _compiled(pattern, False).fullmatch(text) is not None
    if not star:
        return pattern == text
    enough = len(text) >= len(begin) + len(end)
    return enough and text.startswith(begin) and text.endswith(end)


@lru_cache(maxsize=8192)
def matches_action(pattern: str, action: str) -> bool:
    """Return whether ``action`` is what ``pattern`` says; case does not count in actions."""
    return _compiled(pattern, True).fullmatch(action) is not None


@lru_cache(maxsize=8192)
def matches_arn(pattern: str, arn: str) -> bool:
    """Return whether ``arn`` is like ``pattern``, each of its six parts on its own.

    Source: IAM User Guide, "IAM JSON policy elements: Condition operators", ArnLike.
    """
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(map(matches, patterns, parts))


def has_wildcard(pattern: str) -> bool:
    """Return whether ``pattern`` is for more than one text."""
    return "*" in pattern or "?" in pattern


def literal_beginning(pattern: str) -> str:
    """Return what all texts begin with that ``pattern`` is for."""
    return re.split("[*?]", pattern, maxsplit=1)[0]


def examples(pattern: str) -> Iterator[str]:
    """Yield texts that ``pattern`` is for, so chosen that another pattern which matches them all
    matches whatever ``pattern`` does.
    """
    fills = _FILLS if "*" in pattern else ("",)
    for fill in fills:
        yield pattern.replace("?", _FRESH).replace("*", fill)


def is_within(pattern: str, scope: str) -> bool:
    """Return whether ``scope`` matches whatever ``pattern`` does."""
    return pattern == scope or all(matches(scope, one) for one in examples(pattern))
