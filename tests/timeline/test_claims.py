"""How our layout of stacks compares, for both reference systems, whatever the durations are."""

import pytest

from tests.systems_under_test import REFERENCES
from tests.timeline.estimates import estimated, typical
from timeline.durations import CASES, Case

EVERY = [(name, case) for name in REFERENCES for case in CASES]


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_the_first_deployment_is_a_quarter_shorter_than_the_straightforward_one(
    name: str, case: Case
) -> None:
    timeline = estimated(name).of(case)
    assert timeline.first.schedule.makespan <= 0.75 * timeline.plain.makespan


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_the_first_deployment_is_within_a_tenth_of_the_longest_chain_of_needs(
    name: str, case: Case
) -> None:
    timeline = estimated(name).of(case)
    assert timeline.first.schedule.makespan <= 1.10 * timeline.bound.makespan


@pytest.mark.parametrize("name", REFERENCES)
def test_what_the_end_waits_for_is_the_load_balancer_and_then_its_service(name: str) -> None:
    types = [bar.step.type for bar in typical(name).first.schedule.critical_path()]
    long = [kind for kind in types if kind.endswith(("LoadBalancer", "NatGateway", "::Service"))]
    assert long == ["AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ECS::Service"]
