"""Stops what CloudFormation does to a shop until somebody has looked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from localaws import emulator, nested
from localaws.nest import TYPE as NESTED
from tests.faults.proxy import Call
from tests.faults.shop import Shop

_LONG = 120.0
"""Seconds after which a test has failed that forgot to open the door."""


@dataclass
class Hold:
    """A door before each nested stack of an account: what comes there waits until it is opened."""

    account: str
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Return when something has come to the door."""
        assert self.reached.wait(_LONG), "nothing came to the door"

    def open_when_watched(self, call: Call) -> None:
        """Open the door when somebody looks at events for the second time: a script."""
        if call.place == ("DescribeStackEvents", 2):
            self.opened.set()

    def pass_through(self, do: Callable[..., object], *given: object) -> object:
        """Carry something out when the door is open."""
        if emulator.account_id() == self.account:
            self.reached.set()
            assert self.opened.wait(_LONG)
        return do(*given)


@contextmanager
def held(shop: Shop) -> Iterator[Hold]:
    """Let CloudFormation begin, and not end, what it does to stacks of the shop's account."""
    hold = Hold(shop.session.account)
    with pytest.MonkeyPatch.context() as patch:
        handlers = emulator.resource_handlers[NESTED]
        for name, do in list(handlers.items()):
            patch.setitem(handlers, name, partial(hold.pass_through, do))
        update = partial(hold.pass_through, nested.update)
        patch.setattr("localaws.events.update_nested", update)
        try:
            yield hold
        finally:
            hold.opened.set()
