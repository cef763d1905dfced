"""Watches operations on hundreds of stacks, on a CloudFormation that refuses too many calls."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from delivery import events
from delivery.aws import Aws
from delivery.errors import DeliveryError
from delivery.events import Event, root_cause
from delivery.pace import AT_ONCE, PER_SECOND, Pace
from delivery.polling import LONGEST
from delivery.stacks import NESTED
from tests.systems_under_test import ROOT

DOCS = " ".join((ROOT / "docs" / "deploy.md").read_text().split())
SERVICES = 300
REFUSES_ABOVE = 8.0
"""Calls a second that were seen to be refused (``delivery.pace``)."""
LATENCY = 0.05
PAGE = 100
ROOT_STACK = "arn:root"


class Cloud:
    """A stack with a nest of 300, as it is created in some minutes of a clock of its own."""

    def __init__(self, *, failing: int | None = None) -> None:
        self.now = 0.0
        self.calls = 0
        self.refused = 0
        self.read: Counter[str] = Counter()
        self.failures: list[Exception] = []
        self._allowed = float(AT_ONCE)
        self._asked = 0.0
        self._happened: dict[str, list[tuple[float, dict[str, Any]]]] = {}
        self._pace = Pace(clock=lambda: self.now, sleep=self.sleep)
        self.ends = self._script(failing)

    @property
    def aws(self) -> Aws:
        return cast("Aws", SimpleNamespace(cloudformation=self))

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def _script(self, failing: int | None) -> float:
        self._add(1.0, ROOT_STACK, "root", NESTED, "CREATE_IN_PROGRESS", ROOT_STACK)
        self._add(2.0, ROOT_STACK, "Services", NESTED, "CREATE_IN_PROGRESS", "arn:services")
        last = 0.0
        for number in range(SERVICES):
            stack, begins = f"arn:{number}", 3.0 + number // 100
            name = f"Service{number}"
            self._add(begins, "arn:services", name, NESTED, "CREATE_IN_PROGRESS", stack)
            for k in range(10):
                self._add(begins + k, stack, f"R{k}", "AWS::X::Y", "CREATE_IN_PROGRESS")
                self._add(begins + 30 + 9 * k, stack, f"R{k}", "AWS::X::Y", "CREATE_COMPLETE")
            ends = begins + 120 + number % 5
            outcome = "CREATE_FAILED" if number == failing else "CREATE_COMPLETE"
            if number == failing:
                self._add(ends - 1, stack, "Task", "AWS::X::Y", "CREATE_FAILED", reason="no image")
            self._add(ends, "arn:services", name, NESTED, outcome, stack)
            last = max(last, ends)
        status = "CREATE_COMPLETE" if failing is None else "CREATE_FAILED"
        self._add(last + 1, ROOT_STACK, "Services", NESTED, status, "arn:services")
        status = "CREATE_COMPLETE" if failing is None else "ROLLBACK_COMPLETE"
        self._add(last + 2, ROOT_STACK, "root", NESTED, status, ROOT_STACK)
        return last + 2

    def _add(
        self,
        at: float,
        stack: str,
        logical_id: str,
        type_: str,
        status: str,
        physical_id: str = "i-1",
        reason: str = "",
    ) -> None:
        known = self._happened.setdefault(stack, [])
        event = {
            "EventId": f"{stack}-{len(known)}",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": type_,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
            "Timestamp": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at),
        }
        known.append((at, event))

    def get_paginator(self, operation: str) -> "Cloud":
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
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
        refill = (self.now - self._asked) * REFUSES_ABOVE
        self._allowed, self._asked = min(AT_ONCE, self._allowed + refill), self.now
        if self._allowed < 1:
            self.refused += 1
        else:
            self._allowed -= 1
        if self.failures:
            raise self.failures.pop(0)


def watch(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, changing: set[str] | None = None
) -> tuple[list[Event], list[str]]:
    monkeypatch.setattr(events, "time", SimpleNamespace(sleep=cloud.sleep))
    told: list[str] = []
    batches = events.follow(cloud.aws, ROOT_STACK, None, told.append, changing)
    return [event for batch in batches for event in batch], told


def test_three_hundred_stacks_are_watched_without_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    seen, told = watch(cloud, monkeypatch)

    assert cloud.refused == 0
    assert f"created in {cloud.ends:.0f} seconds," in DOCS
    assert f"is {cloud.calls} calls, none refused, and the end is noticed" in DOCS
    assert f"after {cloud.now - cloud.ends:.0f} seconds;" in DOCS
    assert cloud.calls <= PER_SECOND * cloud.now + AT_ONCE
    done = {e.address for e in seen if e.finished and e.type == NESTED}
    assert done == {"root", "Services", *(f"Services/Service{n}" for n in range(SERVICES))}
    assert (seen[-1].address, seen[-1].finished) == ("root", True)
    whole = {e.path for e in seen if e.finished and len(e.path) == 2}
    assert len(whole) == SERVICES
    (unread,) = told
    assert unread.endswith(" nested stacks went well; not every event of theirs is shown.")


def test_without_pace_and_bounds_calls_would_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("_AT_A_LOOK", "_AFTERWARDS"):
        monkeypatch.setattr(events, bound, SERVICES)
    monkeypatch.setattr("delivery.pace.PER_SECOND", float("inf"))
    cloud = Cloud()
    watch(cloud, monkeypatch)
    assert f"it would be {cloud.calls:,}, {cloud.refused:,} of them refused." in DOCS


def test_the_end_is_noticed_soon_however_many_stacks_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    watch(cloud, monkeypatch)
    a_look = (2 + events._AT_A_LOOK) / PER_SECOND + SERVICES / PAGE
    afterwards = events._AFTERWARDS / PER_SECOND
    assert cloud.now - cloud.ends <= LONGEST + a_look + afterwards


def test_the_root_cause_is_found_among_three_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud(failing=SERVICES - 1)
    seen, _ = watch(cloud, monkeypatch)
    cause = root_cause(seen)
    assert cause
    assert (cause.address, cause.reason) == (f"Services/Service{SERVICES - 1}/Task", "no image")


def test_stacks_in_which_nothing_changes_are_read_only_where_they_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changing = {"Services", "Services/Service7"}
    cloud = Cloud(failing=9)
    seen, told = watch(cloud, monkeypatch, changing)
    assert {e.path for e in seen if len(e.path) == 2} == {
        ("Services", "Service7"),
        ("Services", "Service9"),
    }
    assert told == []
    assert {e.address for e in seen if e.finished and e.type == NESTED} >= changing
    assert cloud.read["arn:8"] == 0
    assert cloud.read["arn:9"] == 1


def client_error(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DescribeStackEvents")


@pytest.mark.parametrize(
    "failure",
    [
        client_error("Throttling", 400),
        client_error("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="https://aws"),
    ],
)
def test_who_watches_waits_until_aws_answers_again(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    cloud.failures = [failure] * 3
    seen, told = watch(cloud, monkeypatch)
    assert seen[-1].status == "CREATE_COMPLETE"
    assert len(told) == 2
    assert told[0].startswith("AWS goes on, and is looked at again in a moment. AWS ")


@pytest.mark.parametrize(
    "failures",
    [
        [client_error("ExpiredToken", 400)],
        [client_error("Throttling", 400)] * (events._PATIENCE + 1),
    ],
)
def test_what_does_not_pass_is_not_waited_for(
    failures: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Cloud()
    cloud.failures = list(failures)
    with pytest.raises(DeliveryError):
        watch(cloud, monkeypatch)
    assert cloud.failures == []
