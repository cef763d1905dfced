"""Watches operations on hundreds of stacks, on a CloudFormation that refuses too many calls."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from delivery import events, polling
from delivery.errors import DeliveryError
from delivery.events import Event, root_cause
from delivery.stacks import NESTED
from tests.delivery.cloud import A_SECOND, PAGE, ROOT_STACK, SERVICES, Cloud, Wave, the_waves
from tests.systems_under_test import ROOT

DOCS = " ".join((ROOT / "docs" / "deploy.md").read_text().split())
SMALL = Wave({"": ("Vpc",), "Network": ("Nat",)}, (), frozenset())


def watch(
    cloud: Cloud, wave: Wave, monkeypatch: pytest.MonkeyPatch, failing: str = ""
) -> tuple[list[Event], list[str]]:
    """Carry out a wave and return its events as they are shown, and what is said beside them."""
    monkeypatch.setattr(events, "time", SimpleNamespace(sleep=cloud.sleep))
    monkeypatch.setattr(polling, "FIRST", 0.25)  # as people have it: tests wait less
    told: list[str] = []
    newest = cloud.newest
    cloud.begin(wave, failing)
    changing = {one for one in wave.changing if one}
    batches = events.follow(cloud.aws, ROOT_STACK, newest, told.append, changing)
    return [event for batch in batches for event in batch], told


def hundreds(calls: int) -> str:
    """Return a number as the docs have it: another resource somewhere is no news."""
    return f"{round(calls, -2):,}"


@pytest.mark.slow(reason="simulates thousands of calls")
def test_three_hundred_services_are_watched_without_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    noticed: list[float] = []
    unread: list[bool] = []
    whole = 0
    for wave in the_waves():
        seen, told = watch(cloud, wave, monkeypatch)
        noticed.append(cloud.now - cloud.ends)
        done = {e.address for e in seen if e.finished and e.type == NESTED}
        assert done == {"root", *filter(None, wave.changing), *wave.idle}
        assert (seen[-1].address, seen[-1].finished) == ("root", True)
        assert all(one.endswith(" not every event of theirs is shown.") for one in told)
        unread.append(bool(told))
        whole += len(wave.services)
    assert whole == SERVICES
    assert unread == [len(wave.services) > events._AFTERWARDS for wave in the_waves()]
    assert cloud.refused == 0
    assert f"{len(the_waves())} waves in some {round(cloud.now, -1):.0f} seconds" in DOCS
    assert f"are about {hundreds(cloud.calls)} calls, none refused, and each end is" in DOCS
    assert f"noticed after {max(noticed):.0f} seconds at most;" in DOCS


def test_without_pace_and_bounds_calls_would_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("_AT_A_LOOK", "_AFTERWARDS"):
        monkeypatch.setattr(events, bound, SERVICES)
    monkeypatch.setattr("delivery.pace.PER_SECOND", float("inf"))
    cloud = Cloud()
    for wave in the_waves():
        watch(cloud, wave, monkeypatch)
    calls, refused = hundreds(cloud.calls), hundreds(cloud.refused)
    assert f"they would be {calls}, {refused} of them refused." in DOCS


def test_the_end_is_noticed_soon_however_many_stacks_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    for wave in the_waves():
        watch(cloud, wave, monkeypatch)
        stacks = len(wave.changing) + len(wave.idle)
        a_look = (1 + events._AT_A_LOOK + 2 * stacks / PAGE) / A_SECOND
        afterwards = events._AFTERWARDS / A_SECOND
        assert cloud.now - cloud.ends <= polling.LONGEST + a_look + afterwards


def test_the_root_cause_is_found_among_hundreds(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud()
    largest = max(the_waves(), key=lambda wave: len(wave.services))
    failing = max(largest.services)
    watch(cloud, the_waves()[0], monkeypatch)
    seen, _ = watch(cloud, largest, monkeypatch, failing)
    cause = root_cause(seen)
    assert cause
    assert (cause.address, cause.reason) == (f"{failing}/Task", "no image")


def test_stacks_in_which_nothing_changes_are_read_only_where_they_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    watch(cloud, SMALL, monkeypatch)
    cloud.read.clear()
    wave = Wave({"ApiService": ("Task",)}, ("Network", "Security"), frozenset({"ApiService"}))
    seen, told = watch(cloud, wave, monkeypatch, failing="Security")
    assert {e.path for e in seen if e.path} == {("ApiService",)}
    assert told == []
    done = {e.address for e in seen if e.finished and e.type == NESTED}
    assert done == {"root", "ApiService", "Network", "Security"}
    assert (cloud.read["arn:Network"], cloud.read["arn:Security"]) == (0, 1)


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
    seen, told = watch(cloud, SMALL, monkeypatch)
    assert seen[-1].status == "CREATE_COMPLETE"
    (said,) = told
    assert said.startswith("AWS goes on, and is looked at again in a moment. AWS ")


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
        watch(cloud, SMALL, monkeypatch)
    assert cloud.failures == []
