"""The simulated figures on pages are those of today's simulation."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from checks.rendering import STACK
from checks.resolved import System as Resolved
from description.model import System
from tests import many
from tests.systems_under_test import ROOT
from tests.timeline.estimates import estimated, typical
from tests.timeline.other_layouts import (
    WITH_IMAGES,
    WITHOUT_A_LOAD_BALANCER,
    WITHOUT_IMAGES,
    Layout,
    in_layout,
)
from timeline.durations import durations
from timeline.scenarios import Growth
from timeline.schedule import Schedule
from timeline.targets import saved, times_the_bound
from timeline.text import clock

FOUR_STACKS = "Network, security, registry, services"
KINDS = {
    "load balancer and NAT gateways: both reference systems": "gateway",
    "load balancer, no NAT gateways": "no NAT gateway",
    "NAT gateways, no load balancer": "no load balancer",
    "neither": "neither",
    "workers only, NAT gateways": "a worker",
    "workers only, no NAT gateways": "a worker, no NAT gateway",
}
"""The rows of the page's table."""


def table(
    growth: Growth, system: Resolved, layouts: Mapping[str, Layout], more: str = ""
) -> Iterator[str]:
    """Yield the rows of one of the ADR's tables; the first one is of the four stacks."""
    yield row(f"{FOUR_STACKS}{more}", growth.plain, growth)
    for title, layout in layouts.items():
        yield row(title, in_layout(system, layout), growth)


def row(title: str, schedule: Schedule, growth: Growth) -> str:
    times = schedule.makespan / growth.bound.makespan
    return f"| {title} | {clock(schedule.makespan)} | {times:.2f} |"


def of_the_adr() -> Iterator[str]:
    """Yield all in the ADR that has simulated figures."""
    gateway, odd = typical("gateway"), typical("no load balancer")
    with_images, without, joining = gateway.at_once, gateway.without_images, gateway.joining
    yield f"listener, rule, service, {clock(with_images.bound.makespan)} in all"
    after = ", each after those that it refers to: what most libraries have"
    yield from table(with_images, gateway.system, WITH_IMAGES, after)
    yield f"its association with the web ACL, {clock(without.bound.makespan)}:"
    yield from table(without, gateway.ground, WITHOUT_IMAGES)
    yield f"NAT gateway, route, service, {clock(odd.at_once.bound.makespan)}:"
    yield from table(odd.at_once, odd.system, WITHOUT_A_LOAD_BALANCER)
    yield f"{clock(joining.schedule.makespan)}, {times_the_bound(joining):.2f} times their longest"
    yield f"In one stack for all services they would take {clock(joining.plain.makespan)}."
    yield f"that it takes {clock(with_images.schedule.makespan)} nobody has measured"


def of_the_page() -> Iterator[str]:
    """Yield all on the page that has simulated figures."""
    for title, name in KINDS.items():
        both = typical(name).at_once, typical(name).without_images
        figures = (f"{times_the_bound(one):.2f} | {percent(saved(one))}" for one in both)
        yield f"| {title} | {' | '.join(figures)} |"
    yield f"high end {percent(saved(estimated('marketplace').of('high').at_once), 1)}"
    joining = typical("gateway").joining
    yield f"they take {times_the_bound(joining):.2f} times their longest chain"


def percent(part: float, digits: int = 0) -> str:
    return f"{100 * part:.{digits}f} %"


@pytest.mark.parametrize(
    ("page", "figures"),
    [
        ("docs/adr/0012-stacks-cut-for-the-critical-path.md", of_the_adr),
        ("docs/timeline.md", of_the_page),
    ],
)
def test_the_figures_on_a_page_are_those_of_the_simulation_and_there_are_no_others(
    page: str, figures: Callable[[], Iterator[str]]
) -> None:
    text = " ".join((ROOT / page).read_text().split())
    for one in figures():
        assert one in text
        text = text.replace(one, "")
    assert not re.findall(r"\d:\d\d\b|\b\d\.\d\d\b|\d %", text)


def test_the_adr_says_what_the_parent_has_of_its_own() -> None:
    own = []
    for zones in (3, 6):
        system = System.model_validate({**many.content(3), "network": {"zones": zones}})
        resources = many.rendering(system).templates["parent.json"]["Resources"].values()
        own.append(sum(one["Type"] != STACK for one in resources))
    said = f"It has {own[0]} resources of its own in three zones and {own[1]} in six, of 500"
    assert said in (ROOT / "docs/adr/0012-stacks-cut-for-the-critical-path.md").read_text()


def test_the_page_says_when_a_parent_looks() -> None:
    looks = durations().stack.looks
    after = [looks.first]
    while len(after) < 8:
        after.append(looks.first + looks.growth * after[-1])
    first, *later = (f"{seconds:.0f}" for seconds in after)
    said = f"after {first} seconds and then later and later: {', '.join(later)} seconds"
    assert said in " ".join((ROOT / "docs" / "timeline.md").read_text().split())
