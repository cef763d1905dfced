"""How a running operation looks: a line for each resource that is done, and who is at work."""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime

from rich.console import Console
from rich.status import Status
from rich.text import Text

from delivery.events import Event
from delivery.polling import HEARTBEAT

_SHOWN_AT_WORK = 3


def show(console: Console, stack_name: str, batches: Iterable[list[Event]]) -> list[Event]:
    """Print events while they come, and return them all.

    A terminal also gets a last line that tells the time and what is at work; elsewhere that is
    told now and then, so that a log is never silent for long.
    """
    seen: list[Event] = []
    at_work: dict[str, datetime] = {}
    began = last_word = time.monotonic()
    with ExitStack() as screen:
        status: Status | None = None
        if console.is_terminal:
            status = screen.enter_context(console.status(f"{stack_name}: begins"))
        for batch in batches:
            seen += batch
            for event in batch:
                if event.finished:
                    at_work.pop(event.address, None)
                    _print(console, _line(stack_name, event), whole=event.failed)
                    last_word = time.monotonic()
                else:
                    at_work.setdefault(event.address, event.at)
            news = f"{stack_name}: {_clock(time.monotonic() - began)}{_names(at_work)}"
            if status:
                status.update(Text(news))
            elif time.monotonic() - last_word > HEARTBEAT:
                console.print(Text(news), soft_wrap=True)
                last_word = time.monotonic()
    return seen


def _print(console: Console, line: Text, *, whole: bool) -> None:
    """Print an event on one line, cut to a terminal's width unless it is wanted ``whole``."""
    if console.is_terminal and not whole:
        console.print(line, no_wrap=True, overflow="ellipsis")
    else:
        console.print(line, soft_wrap=True)


def _line(stack_name: str, event: Event) -> Text:
    """Return ``12:30:05  CREATE_COMPLETE  gateway-dev/Network/Vpc  AWS::EC2::VPC``."""
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
    )
    if event.failed and event.reason:
        line.append(f"  {event.reason}", "red")
    return line


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"


def _names(at_work: dict[str, datetime]) -> str:
    """Return the addresses that have been at work longest, deepest stacks only."""
    leaves = [a for a in at_work if not any(b.startswith(f"{a}/") for b in at_work)]
    oldest = sorted(leaves, key=lambda address: at_work[address])
    more = f" and {len(oldest) - _SHOWN_AT_WORK} more" if len(oldest) > _SHOWN_AT_WORK else ""
    return f", at work: {', '.join(oldest[:_SHOWN_AT_WORK])}{more}" if oldest else ""
