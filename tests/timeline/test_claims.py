"""What ``docs/timeline.md`` and ADR 12 say of our layout of stacks.

Each system is looked at both ways: its first deployment with every image, as where repositories are
there already, and without images, as where they are its own.
"""

from typing import Final

import pytest

from tests.systems_under_test import REFERENCES
from tests.timeline.estimates import ALL, estimated, typical
from timeline.durations import CASES, Case
from timeline.scenarios import Growth
from timeline.targets import OF_THE_BOUND, SAVED, saved, times_the_bound

NO_IMAGES: Final = ", without images"
MISSES: Final = {
    "marketplace": {"saved: high"},  # one NAT gateway for all zones, which waits for no subnet
    "enclave": {"saved"},
    "no NAT gateway": {"saved"},
    "no load balancer": {"bound", "saved", f"bound{NO_IMAGES}"},
    "neither": {"bound", "saved", f"bound{NO_IMAGES}"},
    "a worker": {"bound", "saved", f"bound{NO_IMAGES}", f"saved{NO_IMAGES}"},
    "a worker, no NAT gateway": {"bound", "saved", f"bound{NO_IMAGES}", f"saved{NO_IMAGES}"},
}
"""The targets that a system misses, in both of its profiles; in every case of the durations unless
one is named."""


def misses(growth: Growth) -> set[str]:
    """Return which targets a first deployment misses."""
    images = NO_IMAGES if growth.title.endswith(NO_IMAGES) else ""
    found = {"bound": (OF_THE_BOUND, times_the_bound), "saved": (SAVED, saved)}
    return {
        f"{name}{images}"
        for name, (target, figure) in found.items()
        if not target.is_met(figure(growth))
    }


def said(name: str) -> set[str]:
    """Return the targets that a system misses: each with the case, unless it is so in all."""
    by_case = {
        case: misses(estimated(name).of(case).at_once)
        | misses(estimated(name).of(case).without_images)
        for case in CASES
    }
    always = set.intersection(*by_case.values())
    sometimes = {f"{one}: {case}" for case, found in by_case.items() for one in found - always}
    return always | sometimes


@pytest.mark.parametrize("name", ALL)
def test_a_first_deployment_meets_both_targets_but_where_it_is_known_not_to(name: str) -> None:
    assert said(name) == MISSES.get(name.partition("/")[0], set())


def test_the_reference_systems_miss_no_target_and_whoever_misses_one_is_there() -> None:
    assert not MISSES.keys() & {*REFERENCES}
    assert {name.partition("/")[0] for name in ALL} > MISSES.keys()


def test_a_target_is_kept_up_to_its_bound_and_says_so() -> None:
    assert OF_THE_BOUND.verdict(1.10) == "target: at most 1.10, met"
    assert OF_THE_BOUND.verdict(1.11) == "target: at most 1.10, missed"
    assert SAVED.verdict(0.25) == "target: at least 25%, met"
    assert SAVED.verdict(-0.01) == "target: at least 25%, missed"


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("case", CASES)
def test_services_that_join_take_no_longer_than_in_the_straightforward_partition(
    name: str, case: Case
) -> None:
    joining = estimated(name).of(case).joining
    assert joining.bound.makespan < joining.schedule.makespan <= joining.plain.makespan


@pytest.mark.parametrize("name", REFERENCES)
def test_what_the_end_waits_for_is_the_load_balancer_and_then_its_service(name: str) -> None:
    types = [bar.step.type for bar in typical(name).at_once.schedule.critical_path()]
    long = [kind for kind in types if kind.endswith(("LoadBalancer", "NatGateway", "::Service"))]
    assert long == ["AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ECS::Service"]


@pytest.mark.parametrize("name", REFERENCES)
def test_without_images_no_nested_stack_is_waited_for(name: str) -> None:
    schedule = typical(name).without_images.schedule
    path = schedule.critical_path()
    assert {bar.stack for bar in path} == {""}
    assert path[-2].step.type == "AWS::ElasticLoadBalancingV2::LoadBalancer"
    assert max(bar.end for bar in schedule.stacks()[1:]) < path[-2].end


@pytest.mark.parametrize("name", ["no load balancer", "a worker"])
def test_without_a_load_balancer_the_end_waits_for_nat_gateways_and_then_the_service(
    name: str,
) -> None:
    types = [bar.step.type for bar in typical(name).at_once.schedule.critical_path()]
    long = [kind for kind in types if kind.endswith(("NatGateway", "::Service"))]
    assert long[0] == "AWS::EC2::NatGateway"
    assert long[-1] == "AWS::ECS::Service"
