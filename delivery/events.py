"""The events of one operation on a stack and on every stack nested in it."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from delivery.aws import Aws, explained
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
        """The path and logical id, e.g. ``Services/ApiGateway/Service``."""
        return "/".join((*self.path, self.logical_id))


def newest_event(aws: Aws, stack_id: str) -> str | None:
    """Return the id of the stack's newest event: what comes after it belongs to a new operation."""
    with explained():
        events = aws.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
    return events[0]["EventId"] if events else None


def follow(aws: Aws, stack_id: str, after: str | None) -> Iterator[list[Event]]:
    """Yield the new events, oldest first, of each look at an operation, until it has ended.

    ``after`` is what ``newest_event`` returned before the operation began. Only stacks that are at
    work are looked at, and less often while nothing happens; a list may be empty.
    """
    operation = _Operation(aws, stack_id, after)
    waiting = pauses()
    while True:
        batch = operation.look()
        yield batch
        if operation.ended:
            return
        if batch:
            waiting = pauses()
        time.sleep(next(waiting))


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


class _Operation:
    """An operation as far as it is known: the stacks that take part, and how far each one is."""

    def __init__(self, aws: Aws, stack_id: str, after: str | None) -> None:
        self._aws = aws
        self._root = _Log(stack_id, (), after)
        self._logs = [self._root]
        self._began: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether the root has told its last event."""
        return self._root.ending

    def look(self) -> list[Event]:
        """Read every stack at work once, each one after the stack that nests it."""
        batch: list[Event] = []
        for log in self._logs:  # grows meanwhile: nested stacks turn up
            if log.at_work:
                batch += self._read(log)
        return in_order(batch)

    def _read(self, log: _Log) -> Iterator[Event]:
        """Yield what is new in one stack; a nested one's own state is its parent's to tell."""
        log.at_work = not log.ending
        for raw in self._new(log):
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
            elif event.type == NESTED and subject.startswith("arn:"):
                nested = self._nested(subject, (*log.path, event.logical_id))
                nested.at_work, nested.ending = True, event.finished
            yield event

    def _nested(self, stack_id: str, path: tuple[str, ...]) -> _Log:
        for log in self._logs:
            if log.stack_id == stack_id:
                return log
        self._logs.append(_Log(stack_id, path))
        return self._logs[-1]

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
