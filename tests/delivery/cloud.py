"""A CloudFormation that deploys 300 services in waves, as a clock of its own says, and refuses
calls that are too many.

The stacks and what is in them are those of the templates, the waves those of ``delivery.waves``.
When what happens is assumed, so that as much as possible happens at the same time: all stacks of
services begin within a second, each takes two minutes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from checks.resolved import Place, System, resolve
from delivery.aws import Aws
from delivery.pace import Pace
from delivery.stacks import NESTED
from delivery.waves import waves
from description import digests
from description.names import stack_of
from tests import many

SERVICES = 300

AT_ONCE = 20
A_SECOND = 4.0
"""Calls after a rest, and for long, that are not refused.

Assumed: AWS publishes neither. Of one account more than a hundred at once were answered, and 8 of
10 in each second (the sources are in ``delivery.pace``). A fifth and a half of that is what is
left for one deployment where there are others.
"""
LATENCY = 0.05
"""Seconds of a call."""
PAGE = 100
"""Events that one call returns. Assumed: the API reference names no number."""

ROOT_STACK = "arn:root"
_ALL_ELSE, _SERVICE, _NOTHING = 200.0, 120.0, 5.0
"""Seconds of a stack that services wait for, of one with a service, of one that stays as it is."""


@dataclass(frozen=True)
class Wave:
    """One operation: the nested stacks that take part in it, in order."""

    changing: Mapping[str, tuple[str, ...]]
    """Those in which something is made, and the logical ids of what is; the root's own is empty."""
    idle: tuple[str, ...]
    """The others that are there already."""
    services: frozenset[str]
    """Those of services that come with it."""


@cache
def the_waves() -> tuple[Wave, ...]:
    """Return the waves in which a first deployment with every image makes 300 services."""
    names = tuple(many.system(SERVICES).services)
    given = {"EnvironmentSuffix": "test", "CertificateArn": "/certificate"}
    every = dict.fromkeys(names, f"sha256:{1:064x}")
    place = Place(stack_name=f"{many.NAME}-test")
    rendering = many.rendered(SERVICES)

    def system(images: Mapping[str, str]) -> System:
        values = given | digests.as_values(images, names)
        return resolve(rendering, values, images=False, place=place)

    def never(_: object) -> System:
        raise AssertionError

    wanted = given | digests.as_values(every, names)
    there: set[str] = set()
    made = []
    for wave in waves(rendering.files, names, wanted, None, never, place):
        after = system(wave.images)
        new: dict[str, list[str]] = {}
        for resource in after.resources.values():
            if resource.address not in there:
                new.setdefault(resource.stack, []).append(resource.logical_id)
        there |= after.resources.keys()
        changing = {one: tuple(new[one]) for one in after.stacks if one in new}
        idle = tuple(one for one in after.stacks if one and one not in new)
        made.append(Wave(changing, idle, frozenset(map(stack_of, wave.services))))
    return tuple(made)


class Cloud:
    """A stack that is created and updated, wave by wave; one call after the other asks for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls = 0
        self.refused = 0
        self.read: Counter[str] = Counter()
        self.failures: list[Exception] = []
        """What the next calls raise, each once."""
        self.ends = 0.0
        """When the operation ends that was begun last."""
        self._allowed = float(AT_ONCE)
        self._asked = 0.0
        self._happened: dict[str, list[tuple[float, dict[str, Any]]]] = {}
        self._pace = Pace(clock=lambda: self.now, sleep=self.sleep)

    @property
    def aws(self) -> Aws:
        """This, as a client for those who call."""
        return cast("Aws", SimpleNamespace(cloudformation=self))

    @property
    def newest(self) -> str | None:
        """The id of the root's newest event."""
        known = self._happened.get(ROOT_STACK, ())
        return max(known, key=lambda one: one[0])[1]["EventId"] if known else None

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def begin(self, wave: Wave, failing: str = "") -> None:
        """Carry out a wave from now on; the stack that is ``failing`` fails with a resource."""
        verb = "UPDATE" if self._happened else "CREATE"
        start = self.now + 1
        self._add(start, ROOT_STACK, "root", f"{verb}_IN_PROGRESS", ROOT_STACK)
        others = [one for one in wave.changing if one not in wave.services]
        last = start
        for number, stack in enumerate(others):
            takes = _ALL_ELSE + number % 5
            last = max(last, self._make(start, takes, stack, wave.changing[stack], verb))
        if others:
            start = last
        for number, stack in enumerate(sorted(wave.services)):
            takes = _SERVICE + number % 5
            ends = self._make(
                start + number / PAGE, takes, stack, wave.changing[stack], "CREATE", failing
            )
            last = max(last, ends)
        for number, stack in enumerate(wave.idle):
            at = start + number / PAGE
            failed = "UPDATE_FAILED" if stack == failing else "UPDATE_COMPLETE"
            last = max(last, self._stack(at, at + _NOTHING, stack, "UPDATE", failed))
        self.ends = last + 1
        status = "UPDATE_ROLLBACK_COMPLETE" if failing else f"{verb}_COMPLETE"
        self._add(self.ends, ROOT_STACK, "root", status, ROOT_STACK)

    def _make(
        self,
        begins: float,
        takes: float,
        stack: str,
        resources: tuple[str, ...],
        verb: str,
        failing: str = "",
    ) -> float:
        """Let a stack be made, or the root's own resources, and return when that is done."""
        arn = f"arn:{stack}" if stack else ROOT_STACK
        for number, name in enumerate(resources):
            part = (number % 10) / 10
            self._add(begins + part, arn, name, "CREATE_IN_PROGRESS", kind="AWS::X::Y")
            last = begins + takes * (0.2 + 0.7 * part)
            self._add(last, arn, name, "CREATE_COMPLETE", kind="AWS::X::Y")
        ends = begins + takes
        if not stack:
            return ends
        if stack == failing:
            reason = "no image"
            self._add(ends - 1, arn, "Task", "CREATE_FAILED", kind="AWS::X::Y", reason=reason)
        return self._stack(
            begins, ends, stack, verb, f"{verb}_{'FAILED' if stack == failing else 'COMPLETE'}"
        )

    def _stack(self, begins: float, ends: float, name: str, verb: str, outcome: str) -> float:
        """Let a nested stack begin and end, as it and the root tell; return when it ends."""
        arn = f"arn:{name}"
        for of in (arn, ROOT_STACK):
            self._add(begins, of, name, f"{verb}_IN_PROGRESS", arn)
            self._add(ends, of, name, outcome, arn)
        return ends

    def _add(
        self,
        at: float,
        of: str,
        logical_id: str,
        status: str,
        physical_id: str = "i-1",
        kind: str = NESTED,
        reason: str = "",
    ) -> None:
        known = self._happened.setdefault(of, [])
        event = {
            "EventId": f"{of}-{len(known)}",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at),
        }
        known.append((at, event))

    def get_paginator(self, operation: str) -> "Cloud":
        """Stand in for the client's paginator."""
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Yield the events of a stack up to now, newest first; each page is a call."""
        self.read[StackName] += 1
        there = [event for at, event in self._happened[StackName] if at <= self.now]
        newest_first = sorted(there, key=lambda event: event["Timestamp"], reverse=True)
        for start in range(0, max(len(newest_first), 1), PAGE):
            self._answer()
            yield {"StackEvents": newest_first[start : start + PAGE]}

    def _answer(self) -> None:
        self._pace.wait()
        self.calls += 1
        self.now += LATENCY
        refill = (self.now - self._asked) * A_SECOND
        self._allowed, self._asked = min(AT_ONCE, self._allowed + refill), self.now
        if self._allowed < 1 - 1e-6:
            self.refused += 1
        else:
            self._allowed -= 1
        if self.failures:
            raise self.failures.pop(0)
