"""The simulation against a deployment.

The local AWS takes the time of each type, and of each nested stack, and works on all at once that
does not wait for one another. It has no tasks that pull images; our templates let services wait for
what those need.

Orders are compared, and times: nothing comes later than it is simulated by more than a tenth of the
whole and what the local AWS itself works, which is measured beside it. Never seconds.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import pytest

from localaws.pace import Overhead, paced
from tests.integration.conftest import NewSite
from tests.integration.deployed import ENVIRONMENT, Site, digests
from tests.systems_under_test import REFERENCES, rendered
from timeline.durations import durations
from timeline.scenarios import Timeline
from timeline.schedule import Bar, Schedule

SPEED = 60
"""Seconds of the simulation that the local AWS does in one."""
LONG = 15.0
"""Seconds of the simulation that make a difference beside the local AWS's own work."""
CLEAR = 60.0
"""Seconds of the simulation for which two overlap so that nothing else parts them."""

Span = tuple[float, float]
Both = tuple[Schedule, dict[str, Span]]


def seconds(kind: str) -> Span:
    about = durations().types[kind]
    end = about.create.typical
    ready = end if about.ready is None else min(about.ready.typical, end)
    return ready / SPEED, end / SPEED


def overhead() -> Overhead:
    times = durations().stack
    return Overhead(
        times.opening.typical / SPEED,
        times.closing.typical / SPEED,
        lambda took: float(times.looks.late(took * SPEED)) / SPEED,
    )


def simulated(site: Site) -> Schedule:
    order = site.order(digests(site.system))
    parameters = {**order.parameters, "EnvironmentSuffix": ENVIRONMENT}
    return Timeline(rendered(site.system), parameters, durations()).at_once.schedule


def observed(api: Any, stack: str, prefix: str = "") -> Iterator[tuple[str, Span]]:
    """Yield the start and end of each resource by address."""
    begun: dict[str, float] = {}
    pages = api.get_paginator("describe_stack_events").paginate(StackName=stack)
    events = [event for page in pages for event in page["StackEvents"]]
    for event in reversed(events):
        name, at = event["LogicalResourceId"], event["Timestamp"].timestamp()
        if event["PhysicalResourceId"] == event["StackId"]:
            continue
        if event["ResourceStatus"] == "CREATE_IN_PROGRESS":
            begun.setdefault(name, at)
        if event["ResourceStatus"] == "CREATE_COMPLETE":
            yield f"{prefix}{name}", (begun[name], at)
            if event["ResourceType"] == "AWS::CloudFormation::Stack":
                yield from observed(api, event["PhysicalResourceId"], f"{prefix}{name}/")


def deployed(site: Site) -> dict[str, Span]:
    site.deploy(digests(site.system))
    return dict(observed(site.client("cloudformation"), f"{site.system.name}-{ENVIRONMENT}"))


pytestmark = pytest.mark.slow(reason="deploys both systems at the pace of AWS, scaled down")


@pytest.fixture(scope="module", params=REFERENCES)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def work(system: str, new_site: NewSite) -> float:
    """Return how long the local AWS takes for all of it without a pace, at the simulation's."""
    starts, ends = zip(*deployed(new_site(system)).values(), strict=True)
    return float(max(ends) - min(starts)) * SPEED


@pytest.fixture(scope="module")
def both(system: str, work: float, new_site: NewSite) -> Both:
    """Return a simulated first deployment and the same one observed, after one without a pace: what
    takes longer at its first time has had it.
    """
    del work
    site = new_site(system)
    with paced(seconds, overhead()):
        return simulated(site), deployed(site)


def resources(schedule: Schedule) -> list[Bar]:
    return [bar for bar in schedule.bars.values() if not bar.step.is_stack]


def test_all_that_is_simulated_happens(both: Both) -> None:
    schedule, spans = both
    assert spans.keys() == schedule.bars.keys() - {""}
    assert len(spans) > 100


def test_nothing_begins_before_what_it_waits_for(both: Both) -> None:
    schedule, spans = both
    for bar in schedule.bars.values():
        for before in bar.step.after_all_of:
            assert spans[bar.step.address][0] >= spans[before][1]
        for before in bar.step.after:
            early = schedule.bars[before].ready < schedule.bars[before].end
            assert spans[bar.step.address][0] >= spans[before][0 if early else 1]


def test_what_is_long_overlaps_as_it_is_simulated(both: Both) -> None:
    schedule, spans = both
    long = [bar for bar in resources(schedule) if bar.seconds >= 2 * LONG]
    assert len(long) > 8
    apart = together = 0
    for one, other in combinations(sorted(long, key=lambda bar: bar.start), 2):
        first, second = spans[one.step.address], spans[other.step.address]
        if one.end <= other.start:
            apart += 1
            assert first[1] <= second[0]
        elif one.end - other.start > CLEAR:
            together += 1
            assert second[0] < first[1]
    assert apart
    assert together > 8


def test_the_critical_path_is_the_one_that_is_simulated(
    both: Both,
) -> None:
    schedule, spans = both
    path = [bar for bar in schedule.critical_path() if bar.seconds >= LONG]
    assert len(path) >= 2
    for before, after in pairwise(path):
        assert spans[before.step.address][1] <= spans[after.step.address][0]
    long = [bar.step.address for bar in resources(schedule) if bar.seconds >= LONG]
    assert max(long, key=lambda address: spans[address][1]) == path[-1].step.address


def test_all_begins_and_ends_when_it_is_simulated_but_for_what_the_local_aws_works(
    both: Both, work: float
) -> None:
    schedule, spans = both
    begin = min(bar.start for bar in schedule.bars.values() if bar.step.address)
    begun = min(start for start, _ in spans.values())
    late = [
        (at - begun) * SPEED - (wanted - begin)
        for address, span in spans.items()
        for at, wanted in zip(
            span, (schedule.bars[address].start, schedule.bars[address].end), strict=True
        )
    ]
    assert len(late) > 200
    assert min(late) > -2
    assert max(late) < work + schedule.makespan / 10
