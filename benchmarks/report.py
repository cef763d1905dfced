"""What was measured, as a table and a picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import (
    CFN_LINT,
    CHANGED,
    FIRST,
    FULL,
    NOTHING,
    PACKAGE,
    PLAIN,
    VALIDATE,
    Deployment,
)
from benchmarks.measure import Cost, What, median, ratio
from checks.quotas import NEST_RESOURCES

PAIRS = (
    (NOTHING, PLAIN),
    (CHANGED, CFN_LINT),
    (FIRST, CFN_LINT),
    (FULL, CFN_LINT),
    (VALIDATE, CFN_LINT),
    (NOTHING, PACKAGE),
)
"""What is compared with what."""


@dataclass(frozen=True)
class Target:
    """What a comparison shall come to."""

    ours: str
    theirs: str
    services: int | None
    """Of systems of so many services; of all, if none is given."""
    what: What
    below: float
    """The ratio."""

    def said(self, found: float) -> str:
        """Return the target, and whether a ratio meets it."""
        return f"{self.what} below {self.below:g}: {'met' if found < self.below else 'missed'}"


TARGETS = (
    Target(NOTHING, PLAIN, None, "wall", 3),
    Target(FIRST, CFN_LINT, 3, "wall", 1),
    Target(FIRST, CFN_LINT, 300, "cpu", 0.1),
)
"""What builds shall keep: who changes nothing waits for nothing, and the first build is no reason
to go without its checks.
"""


@dataclass(frozen=True)
class Measured:
    """What was measured of one system."""

    services: int
    templates: int
    costs: Mapping[str, Sequence[Cost]]
    """By name, one for each round."""
    deployment: Deployment


def table(all_of_it: Iterable[Measured]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    head = ("services", "templates", "measured", "beside", "wall s", "cpu s")
    yield f"| {' | '.join(head)} | wall ratio | cpu ratio | target |"
    yield "| ---: | ---: | --- | --- | ---: | ---: | ---: | ---: | --- |"
    for one in all_of_it:
        for ours, theirs in PAIRS:
            if ours in one.costs and theirs in one.costs:
                a, b = one.costs[ours], one.costs[theirs]
                figures = (
                    median(a, "wall"),
                    median(a, "cpu"),
                    ratio(a, b, "wall"),
                    ratio(a, b, "cpu"),
                )
                said = " | ".join(f"{figure:.2f}" for figure in figures)
                target = _target(one, ours, theirs)
                yield (
                    f"| {one.services} | {one.templates} | {ours} | {theirs} | {said} | {target} |"
                )


def _target(one: Measured, ours: str, theirs: str) -> str:
    for target in TARGETS:
        for_it = (ours, theirs) == (target.ours, target.theirs)
        if for_it and target.services in (None, one.services):
            return target.said(ratio(one.costs[ours], one.costs[theirs], target.what))
    return ""


def deployments(all_of_it: Iterable[Measured]) -> Iterator[str]:
    """Yield the lines of a table of first deployments in Markdown."""
    yield "| services | resources | first deployment s | beside four stacks | beside the bound |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for one in all_of_it:
        took = one.deployment
        figures = (
            f"{took.makespan:.0f} | {took.makespan / took.plain:.2f} | "
            f"{took.makespan / took.bound:.2f}"
            if took.resources <= NEST_RESOURCES
            else "in waves | |"
        )
        yield f"| {one.services} | {took.resources:,} | {figures} |"


def picture(all_of_it: Sequence[Measured], file: Path) -> bool:
    """Draw how costs grow with services; return whether there is what draws it."""
    try:
        from matplotlib.figure import Figure  # type: ignore[import-not-found,unused-ignore]
    except ModuleNotFoundError:
        return False
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(name for one in all_of_it for name in one.costs):
        points = [one for one in all_of_it if name in one.costs]
        ours = name in (NOTHING, CHANGED, FIRST, FULL)
        axes.plot(
            [one.services for one in points],
            [median(one.costs[name], "cpu") for one in points],
            marker="o",
            linestyle="-" if ours else "--",
            label=f"build.py, {name}" if ours else name,
        )
    axes.set(xscale="log", yscale="log", xlabel="services", ylabel="seconds of one processor")
    axes.set_xticks([one.services for one in all_of_it], [str(one.services) for one in all_of_it])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    if all_of_it:
        axes.legend()
    figure.savefig(file, dpi=110, metadata={"Software": None})
    return True
