"""What a look at a deployed system came to."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    UNKNOWN = "unknown"
    """It could not be found out, or it is too early to tell."""
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: State
    checked: str
    """What was looked at, e.g. ``api-gateway-dev: image``."""
    found: str
    advice: str = ""
    """What to do, with the exact command, where something is wrong."""
    heading: str = ""
    """The kind of trouble that it makes."""


def ok(checked: str, found: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(State.OK, checked, found)


def unknown(checked: str, found: str) -> Finding:
    """Return that nobody knows."""
    return Finding(State.UNKNOWN, checked, found)


def wrong(checked: str, found: str, advice: str) -> Finding:
    """Return that something is wrong, and what to do."""
    return Finding(State.WRONG, checked, found, advice)
