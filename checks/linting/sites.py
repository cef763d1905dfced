"""Where parts of templates have names of services, so that the length of these matters.

cfn-lint compares the length of a text with what its place allows, wherever else the part differs.
So of all parts that have a name at the same *site*, the one with the longest and the one with the
shortest stand for the others, be they alike or not.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from checks.linting.parts import Part

Site = tuple[str, str, int]
"""A path, what the text there is but for names, and which of the names; -1 for all together."""

_PLACE = re.compile("\0((?:variable|id|name|[*#]) [0-9]+)\0")


def sites(section: str, part: Part, given: str) -> dict[tuple[str, ...], set[Site]]:
    """Return the sites of a part in this section of a template, by what stands there: keys of
    ``part.sizes``, several where names are in one text or are put together by one function. What
    values the part is ``given`` by others may be put together with it.
    """
    # What is compared with what a parameter allows, is in no other parameter.
    root = part.texts[0] if section == "Parameters" else section
    found: dict[tuple[str, ...], set[Site]] = {}
    for text in part.texts:
        value = json.loads(text, strict=False)
        kind = value.get("Type") if section == "Resources" and isinstance(value, dict) else ""
        for path, one in _texts(value, f"{root} {kind} {given}"):
            places = _PLACE.findall(one)
            pattern = _numbered(one)
            for nth, place in enumerate(dict.fromkeys(places)):
                found.setdefault((place,), set()).add((path, pattern, nth))
            if len(places) > 1:
                found.setdefault(tuple(places), set()).add((path, pattern, -1))
    return found


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield every text below ``value`` with its path, and all that is in a function as one."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, f"{path}/*")
    elif isinstance(value, dict):
        for key, one in value.items():
            below = f"{path}/{_PLACE.sub('*', key)}"
            if key.startswith("Fn::"):
                yield below, "\n".join(text for _, text in _texts(one, ""))
            yield from _texts(one, below)


def _numbered(text: str) -> str:
    """Return a text whose names are numbered by their turn in it."""
    turns: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        kind, _, turn = match[1].partition(" ")
        return f"\0{kind} {turns.setdefault(turn, len(turns))}\0"

    return _PLACE.sub(numbered, text)
