"""Stops what CloudFormation does to a shop until somebody has looked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from localaws import emulator
from localaws.nest import TYPE as NESTED
from tests.faults.proxy import Call
from tests.faults.shop import Shop


@dataclass
class Hold:
    """A door before each nested stack of an account: what comes there waits until it is opened."""

    account: str
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def open_when_watched(self, call: Call) -> None:
        """Open the door when somebody looks at events for the second time: a script."""
        if call.place == ("DescribeStackEvents", 2):
            self.opened.set()

    def pass_through(self, do: Callable[..., object], *given: object) -> object:
        """Carry something out when the door is open."""
        if emulator.account_id() == self.account:
            self.reached.set()
            self.opened.wait()
        return do(*given)


@contextmanager
def held(shop: Shop) -> Iterator[Hold]:
    """Let CloudFormation begin, and not end, what it does to stacks of the shop's account."""
    handlers = emulator.resource_handlers[NESTED]
    before = dict(handlers)
    hold = Hold(shop.session.account)
    handlers.update({name: partial(hold.pass_through, do) for name, do in before.items()})
    try:
        yield hold
    finally:
        hold.opened.set()
        handlers.update(before)
