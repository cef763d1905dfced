"""How a running operation looks: a line for each resource that is done, and who is at work."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from delivery.events import Event
from delivery.polling import HEARTBEAT
from delivery.stacks import NESTED

_SHOWN_AT_WORK = 3


def show(console: Console, stack_name: str, batches: Iterable[list[Event]]) -> list[Event]:
    """Print events while they come, and return them all.

    A terminal also gets a last line for each stack that is at work; elsewhere that is told now and
    then, so that a log is never silent for long. In the end there is a line with the time that each
    stack took.
    """
    view = View(stack_name)
    last_word = time.monotonic()
    with ExitStack() as screen:
        if console.is_terminal:
            live = Live(console=console, get_renderable=view.rendered, transient=True)
            screen.enter_context(live)
        for batch in batches:
            for event in batch:
                elapsed = view.take(event)
                if event.finished:
                    line = _line(stack_name, event, elapsed)
                    _print(console, line, whole=event.failed)
                    last_word = time.monotonic()
            if not console.is_terminal and time.monotonic() - last_word > HEARTBEAT:
                console.print(Text(view.news()), soft_wrap=True)
                last_word = time.monotonic()
    if view.seen:
        console.print(Text(view.summary()), soft_wrap=True)
    return view.seen


class View:
    """What is known of an operation: what is at work since when, and how long stacks took."""

    def __init__(self, stack_name: str) -> None:
        self._name = stack_name
        self._began = datetime.now(UTC)
        self._at_work: dict[str, datetime] = {}
        self._stacks: dict[str, datetime] = {}
        """Stacks at work by path, the root under the empty one."""
        self._took: dict[str, timedelta] = {}
        self.seen: list[Event] = []

    def take(self, event: Event) -> timedelta | None:
        """Add an event; return how long its resource took if it has ended and began in time."""
        if not self.seen:
            self._began = event.at
        self.seen.append(event)
        elapsed = None
        for known, key in self._places(event):
            if not event.finished:
                known.setdefault(key, event.at)
            elif key in known:
                elapsed = event.at - known.pop(key)
                if known is self._stacks:
                    self._took[key] = self._took.get(key, timedelta()) + elapsed
        return elapsed

    def _places(self, event: Event) -> Iterator[tuple[dict[str, datetime], str]]:
        """Yield where an event's resource is kept while it is at work, and under which name."""
        if not event.path and event.logical_id == self._name:
            yield self._stacks, ""
            return
        yield self._at_work, event.address
        if event.type == NESTED:
            yield self._stacks, event.address

    def news(self) -> str:
        """Return one line: the time since the beginning, and what is at work."""
        names = _names(self._at_work, set(self._at_work))
        return f"{self._name}: {_clock(datetime.now(UTC) - self._began)}{names}"

    def rendered(self) -> Group:
        """Return a line for each stack at work: its time, and what is at work in it."""
        now = datetime.now(UTC)
        lines = []
        for path, since in sorted(self._stacks.items()):
            own = {a for a in self._at_work if a.rpartition("/")[0] == path}
            where = f"{self._name}/{path}" if path else self._name
            names = _names(self._at_work, own - self._stacks.keys())
            if names or not path:
                lines.append(Text(f"{_clock(now - since)}  {where}{names}", no_wrap=True))
        return Group(*lines)

    def summary(self) -> str:
        """Return the time that the operation took, and each nested stack in it."""
        whole = self._took.get("") or self.seen[-1].at - self._began
        nested = [f"{path} {_clock(took)}" for path, took in sorted(self._took.items()) if path]
        inside = f" ({', '.join(nested)})" if nested else ""
        return f"{self._name}: {_clock(whole)}{inside}"


def _print(console: Console, line: Text, *, whole: bool) -> None:
    """Print an event on one line, cut to a terminal's width unless it is wanted ``whole``."""
    if console.is_terminal and not whole:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=True)


def _line(stack_name: str, event: Event, elapsed: timedelta | None) -> Text:
    """Return ``12:30:05  CREATE_COMPLETE  gateway-dev/Vpc  AWS::EC2::VPC  0:12``."""
    where = event.address if event.path or event.logical_id != stack_name else ""
    style = "red" if event.failed else "yellow" if "ROLLBACK" in event.status else "green"
    line = Text.assemble(
        (event.at.astimezone().strftime("%H:%M:%S"), "dim"),
        "  ",
        (event.status.ljust(16), style),
        "  ",
        "/".join(part for part in (stack_name, where) if part),
        "  ",
        (event.type, "dim"),
        ("" if elapsed is None else f"  {_clock(elapsed)}", "dim"),
    )
    if event.failed and event.reason:
        line.append(f"  {event.reason}", "red")
    return line


def _clock(elapsed: timedelta) -> str:
    seconds = max(0, int(elapsed.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


def _names(since: dict[str, datetime], among: set[str]) -> str:
    """Return the addresses that have been at work longest, deepest stacks only."""
    leaves = [a for a in among if not any(b.startswith(f"{a}/") for b in since)]
    oldest = sorted(leaves, key=lambda address: (since[address], address))
    more = f" and {len(oldest) - _SHOWN_AT_WORK} more" if len(oldest) > _SHOWN_AT_WORK else ""
    return f", at work: {', '.join(oldest[:_SHOWN_AT_WORK])}{more}" if oldest else ""
