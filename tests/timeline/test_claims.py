"""How our layout of stacks compares, for both reference systems, whatever the durations are.

Each system is looked at both ways: its first deployment with every image, as where repositories are
there already, and without images, as where they are its own.
"""

import pytest

from tests.systems_under_test import REFERENCES
from tests.timeline.estimates import estimated, typical
from timeline.durations import CASES, Case
from timeline.scenarios import Growth

FIRST = [
    pytest.param(growth, id=f"{name}, {case}, {growth.title}")
    for name in REFERENCES
    for case in CASES
    for growth in (estimated(name).of(case).at_once, estimated(name).of(case).without_images)
]


@pytest.mark.parametrize("first", FIRST)
def test_the_first_deployment_is_a_quarter_shorter_than_the_straightforward_one(
    first: Growth,
) -> None:
    assert first.schedule.makespan <= 0.75 * first.plain.makespan


@pytest.mark.parametrize("first", FIRST)
def test_the_first_deployment_is_within_a_tenth_of_the_longest_chain_of_needs(
    first: Growth,
) -> None:
    assert first.schedule.makespan <= 1.10 * first.bound.makespan


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
