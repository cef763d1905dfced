"""The events of one operation on a stack and on every stack nested in it."""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from delivery.aws import Aws, explained, passes
from delivery.errors import DeliveryError
from delivery.polling import pauses
from delivery.stacks import NESTED

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef


@dataclass(frozen=True)
class Event:
    """Something that happened to one resource."""

    path: tuple[str, ...]
    """Logical ids of the nested stacks that lead to the resource; empty in the root."""
    logical_id: str
    type: str
    status: str
    reason: str
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether the resource failed on its own account or another's."""
        return self.status.endswith("_FAILED")

    @property
    def finished(self) -> bool:
        """Whether nothing more is going on with the resource."""
        return not self.status.endswith("_IN_PROGRESS")

    @property
    def address(self) -> str:
        """The path and logical id, e.g. ``ApiGatewayService/Service``."""
        return "/".join((*self.path, self.logical_id))


def newest_event(aws: Aws, stack_id: str) -> str | None:
    """Return the id of the stack's newest event: what comes after it belongs to a new operation."""
    with explained():
        events = aws.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return events[0]["EventId"] if events else None


def last_before(aws: Aws, stack_id: str) -> str | None:
    """Return the id of the last event before the operation that runs on a stack, or ran last.

    None where it is the stack's first.
    """
    pages = aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    begun = False
    with explained():
        for raw in chain.from_iterable(page["StackEvents"] for page in pages):
            if raw.get("PhysicalResourceId") == stack_id:
                status: str = raw["ResourceStatus"]
                running = status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"
                if begun and not running:
                    return raw["EventId"]
                begun = begun or running
    return None


def follow(
    aws: Aws,
    stack_id: str,
    after: str | None,
    tell: Callable[[str], None],
    changing: Collection[str] | None = None,
) -> Iterator[list[Event]]:
    """Yield the new events, oldest first, of each look at an operation, until it has ended.

    ``after`` is the last event before the operation began. A look costs few calls,
    however many stacks are at work, and looks are rarer while nothing happens; a list may be empty.
    ``changing`` has the addresses of the nested stacks in which something changes, if that is
    known: CloudFormation takes up the others too, and nothing happens in them.
    ``tell`` says what is not shown, and that AWS does not answer: it goes on meanwhile, so that is
    waited out for some minutes.
    """
    operation = _Operation(aws, stack_id, after, changing)
    waiting = pauses()
    failed = 0
    while True:
        try:
            operation.look()
            failed = 0
        except DeliveryError as error:
            failed += 1
            if not passes(error) or failed > _PATIENCE:
                raise
            if failed == 1:
                tell(f"AWS goes on, and is looked at again in a moment. {error}")
        batch = operation.news()
        yield batch
        if operation.ended and not failed:
            break
        if batch:
            waiting = pauses()
        time.sleep(next(waiting))
    if operation.unread:
        tell(f"{operation.unread} nested stacks went well; not every event of theirs is shown.")


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events by time. A stack ends after what is in it, also in the same millisecond."""
    return sorted(events, key=lambda event: (event.at, -len(event.path)))


def root_cause(events: Iterable[Event]) -> Event | None:
    """Return the failure that made the others: the first of a resource that is no nested stack.

    Failures that only report another one (a cancelled resource, a nested stack whose own events
    tell more) do not count. None where nothing failed.
    """
    failures = [event for event in events if event.failed and not CANCELLED.search(event.reason)]
    resources = [event for event in failures if event.type != NESTED]
    if resources:
        return min(resources, key=lambda event: event.at)
    return max(failures, key=lambda event: len(event.path), default=None)


CANCELLED = re.compile(r"\bcancell?ed\b", re.IGNORECASE)
"""What CloudFormation says of a resource that fails only because another one did."""


@dataclass
class _Log:
    """The events of one stack, and how far they have been read."""

    stack_id: str
    path: tuple[str, ...]
    read_to: str | None = None
    """The id of the newest event known."""
    at_work: bool = True
    """Whether it may have new events."""
    ending: bool = False
    """Whether the events that are there now are the last ones."""
    failed: bool = False
    """Whether something in it failed."""
    nests: bool = False
    """Whether stacks are nested in it: it tells which of them are at work."""
    look: int = 0
    """The last look that read it."""


class _Operation:
    """An operation as far as it is known: the stacks that take part, and how far each one is."""

    def __init__(
        self, aws: Aws, stack_id: str, after: str | None, changing: Collection[str] | None
    ) -> None:
        self._aws = aws
        self._changing = changing
        self._root = _Log(stack_id, (), after, nests=True)
        self._logs = {stack_id: self._root}
        self._began: datetime | None = None
        self._look = 0
        self._news: list[Event] = []

    @property
    def ended(self) -> bool:
        """Whether the root has told its last event."""
        return self._root.ending

    @property
    def unread(self) -> int:
        """The number of stacks of which there may be more to tell."""
        return sum(log.at_work for log in self._logs.values())

    def news(self) -> list[Event]:
        """Return what was read since this was asked last, oldest first."""
        news, self._news = self._news, []
        return in_order(news)

    def look(self) -> None:
        """Read what is new: where stacks are nested, and of the other stacks a few.

        In the end also all where something failed, which may be the root cause.
        """
        self._look += 1
        others = 0
        while log := self._next(others):
            others += not self._first(log)
            self._read(log)

    def _next(self, others: int) -> _Log | None:
        """Return what to read next in this look, after so many ``others``: the longest unread."""
        due = [log for log in self._logs.values() if log.at_work and log.look < self._look]
        if others >= (_AFTERWARDS if self.ended else _AT_A_LOOK):
            due = [log for log in due if self._first(log)]
        return min(due, key=lambda log: (not self._first(log), log.look), default=None)

    def _first(self, log: _Log) -> bool:
        return log.nests or (log.failed and self.ended)

    def _read(self, log: _Log) -> None:
        """Read what is new in one stack; a nested one's own state is its parent's to tell."""
        log.look = self._look
        new = self._new(log)
        log.at_work = not log.ending
        for raw in new:
            event = Event(
                path=log.path,
                logical_id=raw["LogicalResourceId"],
                type=raw["ResourceType"],
                status=raw["ResourceStatus"],
                reason=raw.get("ResourceStatusReason", ""),
                at=raw["Timestamp"],
            )
            self._began = self._began or event.at
            subject = raw.get("PhysicalResourceId", "")
            if subject == log.stack_id:
                if log is not self._root:
                    continue
                log.ending = log.ending or event.finished
                log.at_work = not log.ending
            elif event.type == NESTED and subject.startswith("arn:"):
                log.nests = True
                nested = self._logs.setdefault(
                    subject, _Log(subject, (*log.path, event.logical_id))
                )
                nested.failed = nested.failed or event.failed
                idle = self._changing is not None and event.address not in self._changing
                nested.at_work, nested.ending = nested.failed or not idle, event.finished
            self._news.append(event)

    def _new(self, log: _Log) -> list["StackEventTypeDef"]:
        """Return the events of this operation that were not read yet, oldest first."""
        pages = self._aws.cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=log.stack_id
        )
        new: list[StackEventTypeDef] = []
        with explained():
            for raw in chain.from_iterable(page["StackEvents"] for page in pages):
                earlier = self._began and raw["Timestamp"] < self._began
                if raw["EventId"] == log.read_to or (log is not self._root and earlier):
                    break
                new.append(raw)
        log.read_to = new[0]["EventId"] if new else log.read_to
        return new[::-1]


_AT_A_LOOK = 8
"""Stacks in which none is nested, and that one look reads."""
_AFTERWARDS = 40
"""The same for the last look: what went well may stay untold, what failed may not."""
_PATIENCE = 20
"""Looks in a row that may fail, each after the attempts of every call (``delivery.aws``)."""
