"""The simulation against a deployment.

The local AWS takes the time of each type and works on all at once that does not wait for one
another. It has no tasks that pull images, and a nested stack takes no time of its own there: the
simulation leaves out the same.

Orders are compared, and the whole with wide bounds: never seconds.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pytest

from localaws.pace import paced
from tests.integration.conftest import NewSite
from tests.integration.deployed import ENVIRONMENT, Site, digests
from tests.systems_under_test import rendered
from timeline.durations import durations
from timeline.scenarios import Timeline
from timeline.schedule import Bar, Schedule, simulate
from timeline.steps import Step

SPEED = 50
"""Seconds of the simulation that the local AWS does in one."""
LONG = 15.0
"""Seconds of the simulation that make a difference beside the local AWS's own work."""

Span = tuple[float, float]


def seconds(kind: str) -> Span:
    about = durations().types[kind]
    end = about.create.typical
    ready = end if about.ready is None else min(about.ready.typical, end)
    return ready / SPEED, end / SPEED


def as_stated(step: Step) -> Step:
    """Return a step without what only reality asks for."""
    steps = tuple(map(as_stated, step.steps))
    return replace(step, steps=steps, after_in_reality=frozenset(), complete_after=frozenset())


def simulated(site: Site) -> Schedule:
    order = site.order(digests(site.system))
    parameters = {**order.parameters, "EnvironmentSuffix": ENVIRONMENT}
    timeline = Timeline(rendered(site.system), parameters, durations())
    root = as_stated(timeline.at_once.root)
    return simulate(root, durations(), "typical", overhead=False)


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


@pytest.fixture(scope="module", params=["gateway"])
def both(request: pytest.FixtureRequest, new_site: NewSite) -> tuple[Schedule, dict[str, Span]]:
    """Return a simulated first deployment and the same one observed."""
    site = new_site(request.param)
    with paced(seconds):
        site.deploy(digests(site.system))
    spans = dict(observed(site.client("cloudformation"), f"{site.system.name}-{ENVIRONMENT}"))
    return simulated(site), spans


def resources(schedule: Schedule) -> list[Bar]:
    return [bar for bar in schedule.bars.values() if not bar.step.is_stack]


def test_all_that_is_simulated_happens(both: tuple[Schedule, dict[str, Span]]) -> None:
    schedule, spans = both
    assert spans.keys() == schedule.bars.keys() - {""}
    assert len(spans) > 100


def test_nothing_begins_before_what_it_waits_for(both: tuple[Schedule, dict[str, Span]]) -> None:
    schedule, spans = both
    for bar in schedule.bars.values():
        for before in bar.step.after_all_of:
            assert spans[bar.step.address][0] >= spans[before][1]
        for before in bar.step.after:
            early = schedule.bars[before].ready < schedule.bars[before].end
            assert spans[bar.step.address][0] >= spans[before][0 if early else 1]


def test_what_is_long_overlaps_as_it_is_simulated(both: tuple[Schedule, dict[str, Span]]) -> None:
    schedule, spans = both
    long = [bar for bar in resources(schedule) if bar.seconds >= 2 * LONG]
    assert len(long) > 8
    apart = together = 0
    for one, other in combinations(sorted(long, key=lambda bar: bar.start), 2):
        first, second = spans[one.step.address], spans[other.step.address]
        if one.end <= other.start:
            apart += 1
            assert first[1] <= second[0]
        elif one.end - other.start > LONG:
            together += 1
            assert second[0] < first[1]
    assert apart
    assert together


def test_the_critical_path_is_the_one_that_is_simulated(
    both: tuple[Schedule, dict[str, Span]],
) -> None:
    schedule, spans = both
    path = [bar for bar in schedule.critical_path() if bar.seconds >= LONG]
    assert len(path) >= 2
    for before, after in pairwise(path):
        assert spans[before.step.address][1] <= spans[after.step.address][0]
    long = [bar.step.address for bar in resources(schedule) if bar.seconds >= LONG]
    assert max(long, key=lambda address: spans[address][1]) == path[-1].step.address


def test_the_whole_takes_as_long_as_is_simulated_and_the_work_of_the_local_aws(
    both: tuple[Schedule, dict[str, Span]],
) -> None:
    schedule, spans = both
    took = max(end for _, end in spans.values()) - min(start for start, _ in spans.values())
    one_by_one = sum(bar.seconds for bar in resources(schedule))
    assert 0.99 * schedule.makespan <= took * SPEED
    assert took * SPEED < (schedule.makespan + one_by_one) / 2
