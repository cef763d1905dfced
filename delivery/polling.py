"""How long to wait between two looks at something that takes a while."""

from collections.abc import Iterator

FIRST, GROWTH, LONGEST = 0.25, 1.6, 5.0
"""Seconds, factor, seconds."""


def pauses() -> Iterator[float]:
    """Yield seconds to wait: short at first, growing to the longest, without end."""
    pause = FIRST
    while True:
        yield pause
        pause = min(pause * GROWTH, LONGEST)
