"""How many calls in a second CloudFormation gets from us.

AWS publishes no figure. Seen were 8 to 10 reads a second from one account, of which one was refused
every second or two (github.com/aws-powertools/powertools-lambda-typescript/issues/5404), all
reads counted together (github.com/aws/aws-cdk-cli/issues/1723), and more than a hundred at once
before the first refusal (github.com/aws-amplify/amplify-studio/issues/9). We take half of the
lowest rate, so that a second deployment fits beside this one, and a fifth of the hundred.
"""

import threading
import time
from collections.abc import Callable

PER_SECOND = 4.0
"""Calls a second that we make for long."""
AT_ONCE = 20
"""Calls after a rest that need not wait."""


class Pace:
    """Lets callers through at a rate, whichever thread they are on, and makes the others wait."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._between = 1 / PER_SECOND
        self._rested = self._between * (AT_ONCE - 1)
        self._next = clock() - self._rested
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when one more call may be made."""
        with self._lock:
            now = self._clock()
            turn = max(self._next, now - self._rested)
            self._next = turn + self._between
        if turn > now:
            self._sleep(turn - now)
