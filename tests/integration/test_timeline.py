"""The simulation against a deployment.

The local AWS takes the time of each type, and of each nested stack, and works on all at once that
does not wait for one another. It has no tasks that pull images; our templates let services wait for
what those need.

Orders are compared, and times, piece by piece: what a resource takes, what a stack takes beside its
resources, how long a step waits when all is there. None is shorter than it is simulated. None is
longer than what the local AWS itself works explains, which is measured in the same run: what
resources take beyond the time that was asked for. Never seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median, quantiles
from typing import Any

import pytest

from localaws.pace import Overhead, paced
from tests.integration.conftest import NewSite
from tests.integration.deployed import ENVIRONMENT, Site, digests
from tests.systems_under_test import REFERENCES, rendered
from timeline.durations import Looks, Seconds, StackOverhead, durations
from timeline.scenarios import Timeline
from timeline.schedule import Bar, Schedule, simulate

SPEED = 30
"""Seconds of the simulation that the local AWS does in one."""
LONG = 15.0
"""Seconds of the simulation that make a difference beside the local AWS's own work."""
CLEAR = 60.0
"""Seconds of the simulation for which two overlap so that nothing else parts them."""

TIMES = 12
"""How often the local AWS may work as much on a step as on three of four resources: it has many at
once before it."""
TELLING = 4.0
"""Seconds of the simulation: half of what the beginning and the end of a nested stack take. Where
the local AWS may work more than that on a step, it is asked again."""
TRIES = 3
ROUNDING = 0.1
"""Seconds of the simulation: events have milliseconds."""

NO_TIME = Seconds(low=0, typical=0, high=0)

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
def both(system: str, new_site: NewSite) -> Both:
    """Return a simulated first deployment and the same one observed, after one without a pace: what
    takes longer at its first time has had it. It is repeated on a machine too busy to tell.
    """
    deployed(new_site(system))
    for _ in range(TRIES):
        site = new_site(system)
        with paced(seconds, overhead()):
            found = simulated(site), deployed(site)
        if TIMES * work(found) < TELLING:
            break
    return found


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


@dataclass(frozen=True)
class Pieces:
    """What a deployment consists of, in seconds of the simulation."""

    of_resources: Mapping[str, float]
    """What each takes."""
    of_stacks: Mapping[str, float]
    """What each nested one takes before and after its resources."""
    waits: Mapping[str, float]
    """How long each step waits when all is there that it is simulated to wait for."""


def pieces(schedule: Schedule, spans: Mapping[str, Span], speed: float) -> Pieces:
    of_resources, of_stacks, waits = {}, {}, {}
    for stack in (bar.step for bar in schedule.bars.values() if bar.step.is_stack):
        inside = [spans[one.address] for one in stack.steps]
        first, last = min(start for start, _ in inside), max(end for _, end in inside)
        if stack.address:
            start, end = spans[stack.address]
            of_stacks[stack.address] = (first - start + end - last) * speed
        for step in stack.steps:
            start, end = spans[step.address]
            if not step.is_stack:
                of_resources[step.address] = (end - start) * speed
            there = [first, *(spans[one][1] for one in step.after_all_of)]
            for before in (schedule.bars[one] for one in step.after):
                begun, complete = spans[before.step.address]
                early = before.ready < before.end
                there.append(begun + (before.ready - before.start) / speed if early else complete)
            waits[step.address] = (start - max(there)) * speed
    return Pieces(of_resources, of_stacks, waits)


def of_simulation(schedule: Schedule) -> Pieces:
    return pieces(schedule, {a: (bar.start, bar.end) for a, bar in schedule.bars.items()}, 1)


def of_observation(both: Both) -> Pieces:
    schedule, spans = both
    return pieces(schedule, spans, SPEED)


def excess(observed: Mapping[str, float], simulated: Mapping[str, float]) -> list[float]:
    """Return by how much each piece is longer than it is simulated."""
    assert observed.keys() == simulated.keys()
    return [observed[address] - simulated[address] for address in observed]


def work(both: Both) -> float:
    """Return what the local AWS works on three resources of four, at most."""
    asked = {bar.step.address: seconds(bar.step.type)[1] * SPEED for bar in resources(both[0])}
    return quantiles(excess(of_observation(both).of_resources, asked), n=4)[-1]


def test_resources_are_simulated_to_take_what_the_local_aws_lets_them_take(both: Both) -> None:
    schedule, _ = both
    for bar in resources(schedule):
        assert bar.seconds == pytest.approx(seconds(bar.step.type)[1] * SPEED)
    took = excess(of_observation(both).of_resources, of_simulation(schedule).of_resources)
    assert min(took) > -ROUNDING


def test_everything_begins_when_what_it_is_simulated_to_wait_for_is_there(both: Both) -> None:
    waited = excess(of_observation(both).waits, of_simulation(both[0]).waits)
    assert min(waited) > -ROUNDING
    assert max(waited) < TIMES * work(both)


def test_a_nested_stack_takes_what_is_simulated_beside_its_resources(both: Both) -> None:
    took = excess(of_observation(both).of_stacks, of_simulation(both[0]).of_stacks)
    assert len(took) > 6
    assert min(took) > -ROUNDING
    assert median(took) < TIMES * work(both)


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param({"looks": Looks(first=0, growth=1)}, id="late looks"),
        pytest.param({"opening": NO_TIME, "closing": NO_TIME}, id="opening and closing"),
    ],
)
def test_a_simulation_that_leaves_out_what_a_nested_stack_takes_does_not_fit(
    both: Both, missing: dict[str, Looks | Seconds]
) -> None:
    schedule, spans = both
    known = durations()
    less: StackOverhead = known.stack.model_copy(update=missing)
    known = known.model_copy(update={"stack": less})
    without = simulate(schedule.bars[""].step, known, "typical")
    took = excess(of_observation((without, spans)).of_stacks, of_simulation(without).of_stacks)
    assert median(took) > TIMES * work(both)
