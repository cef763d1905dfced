"""How long to wait between two looks at something that takes a while."""

import time
from collections.abc import Callable, Iterator

FIRST, GROWTH, LONGEST = 0.25, 1.6, 5.0
"""Seconds, factor, seconds."""

HEARTBEAT = 30.0
"""Seconds of silence after which people are told what is still waited for."""


def pauses(tell: Callable[[], object] | None = None) -> Iterator[float]:
    """Yield seconds to wait: short at first, growing to the longest, without end.

    ``tell`` is called whenever these add up to more than a ``HEARTBEAT``.
    """
    pause, silent = FIRST, 0.0
    while True:
        yield pause
        silent += pause
        if tell and silent > HEARTBEAT:
            tell()
            silent = 0.0
        pause = min(pause * GROWTH, LONGEST)


def wait_until(done: Callable[[], bool], tell: Callable[[], object] | None = None) -> None:
    """Return as soon as ``done`` is seen to return true; look at it at once and after each pause.

    ``tell`` is called whenever these add up to more than a ``HEARTBEAT``.
    """
    for pause in pauses(tell):
        if done():
            return
        time.sleep(pause)
