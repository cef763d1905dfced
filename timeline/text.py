"""What deployments of a system take, as text."""

from collections.abc import Iterator, Sequence
from typing import Final

from timeline.durations import CASES
from timeline.scenarios import Deployment, Estimate, Growth
from timeline.schedule import Bar, Schedule
from timeline.targets import OF_THE_BOUND, SAVED, saved, times_the_bound

WIDTH: Final = 60
"""Columns of the longest bar."""
MANY: Final = 24
"""Stacks that are all shown."""


def lines(estimate: Estimate) -> Iterator[str]:
    """Yield the lines about one system: how long each deployment takes, and those in detail after
    which all services run.
    """
    typical = estimate.of("typical")
    yield f"{estimate.name}: estimates from data of {typical.durations.as_of}"
    for index, deployment in enumerate(typical.deployments):
        spans = [estimate.of(case).deployments[index].schedule.makespan for case in CASES]
        yield f"  {deployment.title:<40} {_time(deployment, spans)}"
    for growth in typical.growing:
        if growth.operations == 1:
            yield f"  {growth.title}: {against(growth)}"
            yield from _table(growth.schedule)
            yield "    critical path"
            yield from _path(growth)


def _time(deployment: Deployment, spans: Sequence[float]) -> str:
    if deployment.operations > 1:
        return (
            f"not simulated: {deployment.resources:,} resources, which are deployed in "
            f"{deployment.operations} operations or more"
        )
    low, middle, high = map(clock, spans)
    return f"{middle:>6}   ({low} to {high})"


def against(growth: Growth) -> str:
    """Return how a deployment compares with the shortest and the straightforward one, and if it is
    the first one, whether it meets the targets.
    """
    times, less = times_the_bound(growth), saved(growth)
    chain, four = clock(growth.bound.makespan), clock(growth.plain.makespan)
    if growth.is_first:
        chain, four = f"{chain}; {OF_THE_BOUND.verdict(times)}", f"{four}; {SAVED.verdict(less)}"
    return (
        f"{times:.2f} times the longest chain of needs ({chain}), "
        f"{abs(less):.0%} {'shorter' if less >= 0 else 'longer'} than in four stacks: network, "
        f"security, registry, services ({four})"
    )


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds: ``4:53``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def shown(schedule: Schedule) -> list[tuple[Bar, str]]:
    """Return the stacks to show, each with its label: all of them, or where there are many, one of
    those that begin and end at the same time.
    """
    stacks = schedule.stacks()
    if len(stacks) <= MANY:
        return [(bar, _label(bar)) for bar in stacks]
    path = {bar.stack for bar in schedule.critical_path()}
    alike: dict[tuple[str | None, int, int], list[Bar]] = {}
    for bar in sorted(stacks, key=lambda one: one.step.address not in path):
        alike.setdefault((bar.stack, round(bar.start), round(bar.end)), []).append(bar)
    labels = {group[0].step.address: len(group) - 1 for group in alike.values()}
    return [
        (bar, f"{_label(bar)} +{more}" if more else _label(bar))
        for bar in stacks
        if (more := labels.get(bar.step.address)) is not None
    ]


def _label(bar: Bar) -> str:
    return bar.step.address or "the parent"


def on_path(deployment: Deployment) -> Iterator[tuple[Bar, float]]:
    """Yield each resource of the critical path, with the time until which it counts: its end, or
    the start of the next one if that did not wait for it to be complete.
    """
    path = deployment.schedule.critical_path()
    starts = [bar.since for bar in path[1:]] + [deployment.schedule.makespan]
    for bar, following in zip(path, starts, strict=True):
        yield bar, min(bar.end, following)


def _table(schedule: Schedule) -> Iterator[str]:
    scale = WIDTH / schedule.makespan
    for bar, label in shown(schedule):
        before, length = round(bar.start * scale), max(1, round(bar.seconds * scale))
        drawn = f"{' ' * before}{'#' * length}"
        yield f"    {label:<32.32} {drawn:<{WIDTH}}  {clock(bar.start)} - {clock(bar.end)}"


def _path(deployment: Deployment) -> Iterator[str]:
    for bar, until in on_path(deployment):
        yield f"    {clock(bar.since):>5} {clock(until):>5}  {bar.step.address} ({bar.step.type})"
    yield f"    {clock(deployment.schedule.makespan):>11}  end"
