import io
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from delivery import aws as aws_module
from delivery.aws import Aws
from delivery.pace import AT_ONCE, PER_SECOND, Pace


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def pace(self) -> Pace:
        return Pace(clock=self.clock, sleep=self.sleep)


def times(time: Time, pace: Pace, calls: int) -> Iterator[float]:
    for _ in range(calls):
        pace.wait()
        yield time.now


def test_a_few_calls_need_not_wait_and_many_are_spread() -> None:
    time = Time()
    made = list(times(time, time.pace(), AT_ONCE + 40))
    assert set(made[:AT_ONCE]) == {1000.0}
    steps = [later - earlier for earlier, later in pairwise(made[AT_ONCE - 1 :])]
    assert steps == pytest.approx([1 / PER_SECOND] * 40)


def test_after_a_rest_some_calls_need_not_wait_again_and_no_more_than_before() -> None:
    time = Time()
    pace = time.pace()
    list(times(time, pace, AT_ONCE))
    time.now += 2.0
    assert len({*times(time, pace, int(2 * PER_SECOND))}) == 1
    time.now += 10_000
    assert len({*times(time, pace, AT_ONCE + 1)}) == 2


def test_threads_share_one_pace() -> None:
    slept: list[float] = []
    pace = Pace(clock=lambda: 0.0, sleep=slept.append)
    threads = [threading.Thread(target=pace.wait) for _ in range(AT_ONCE + 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx([n / PER_SECOND for n in range(1, 31)])


class Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


class Counting(Pace):
    waits = 0

    def wait(self) -> None:
        type(self).waits += 1


@pytest.mark.parametrize(
    ("endpoint", "counted"),
    [
        (None, 2),
        ("https://vpce-1.cloudformation.us-east-1.vpce.amazonaws.com", 2),
        ("http://127.0.0.1:9", 0),
    ],
)
def test_every_attempt_of_a_call_to_cloudformation_waits_its_turn_but_on_this_machine(
    endpoint: str | None, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws_module, "Pace", Counting)
    monkeypatch.setattr(Counting, "waits", 0)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    answers = iter(
        [
            (400, b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
            (200, b"<R><ListStacksResult><StackSummaries/></ListStacksResult></R>"),
        ]
    )

    def answer(**_: Any) -> AWSResponse:
        status, body = next(answers)
        return AWSResponse("https://aws", status, HTTPHeaders(), Body(body))

    session = boto3.Session("key", "secret", region_name="us-east-1")
    client: Any = Aws.over(session, endpoint).cloudformation
    client.meta.events.register("before-send", answer)
    assert client.list_stacks()["StackSummaries"] == []
    assert Counting.waits == counted
