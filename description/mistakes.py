"""Mistakes in descriptions: what is wrong, where, what was found and what is allowed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from description.credentials import may_be_one

Where = tuple[str | int, ...]
"""A place in a description: field names, keys and list indexes from the root on."""

ANY = "*"
"""Stands for any one step in ``Finding.reads``."""

UNSAID = object()
"""Stands for no value in ``Finding.found``."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong at one place of a description."""

    where: Where
    problem: str
    """What is wrong, to be read after the place: ``is missing``; ``{other}`` is the other place."""
    other: Where = ()
    """Another place that has to do with it."""
    found: object = UNSAID
    """The value found, unless the problem says enough."""
    allowed: str = ""
    """What would be right; empty where the problem says it."""
    reads: tuple[Where, ...] | None = None
    """The places whose values led to the finding; none given: only the place itself."""

    def mistake(self, file: Path, line: int) -> "Mistake":
        """Return the finding as a mistake in a line of a file."""
        return Mistake(
            file=file,
            line=line,
            field=dotted(self.where),
            problem=self.problem.replace("{other}", dotted(self.other)),
            found="" if self.found is UNSAID else shown(self.where, self.found),
            allowed=self.allowed,
        )

    def rests_on(self, damaged: Iterable[Where]) -> bool:
        """Return whether the finding read a value that is itself a mistake."""
        read = (self.where,) if self.reads is None else self.reads
        return any(overlap(one, other) for one in read for other in damaged)


@dataclass(frozen=True, kw_only=True, order=True)
class Mistake:
    """A finding in a file."""

    file: Path
    line: int
    """The line, from 1 on; 0 for the file as a whole."""
    field: str
    problem: str
    found: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        """Return the mistake on one line: ``file:line: field: problem. Found: … Allowed: …``."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        what = f"{self.field}: {self.problem}" if self.field else self.problem
        end = "" if what.endswith("?") else "."
        found = f" Found: {self.found}." if self.found else ""
        allowed = f" Allowed: {self.allowed}." if self.allowed else ""
        return f"{place}: {what}{end}{found}{allowed}"


class DescriptionError(Exception):
    """Descriptions have mistakes. ``str()`` lists all of them, one per line."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


def overlap(one: Where, other: Where) -> bool:
    """Return whether a place is at, above or below another."""
    return all(a == b or ANY in (a, b) for a, b in zip(one, other, strict=False))


def dotted(where: Where) -> str:
    """Return a place as people write it: ``services.api.routes[0].priority``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return "".join(steps).removeprefix(".")


def shown(where: Where, value: object) -> str:
    """Return a value as people write it, shortened; of what may be a credential, nothing."""
    if value is None:
        return "nothing"
    if may_be_one(where, value):
        return "a value not shown here"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple) and any(isinstance(one, dict | list) for one in value):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:78]}…"


def close_to(word: str, known: Iterable[str]) -> list[str]:
    """Return the known word that is closest to ``word``, or none where none is close."""
    from difflib import get_close_matches  # only mistakes need it

    return get_close_matches(word, list(known), n=1)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` where a known word is close to ``word``, else nothing."""
    return "".join(f"; did you mean {close}?" for close in close_to(word, known))
