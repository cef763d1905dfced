"""What is needed although no template says so: the lower bound and every simulation stand on it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from checks.resolved import System
from tests.systems_under_test import REFERENCES
from tests.timeline.estimates import estimated, typical
from timeline.durations import CASES, Case, durations
from timeline.reality import Needs, flat, together
from timeline.schedule import Schedule, simulate
from timeline.steps import Step


@pytest.fixture(params=REFERENCES)
def system(request: pytest.FixtureRequest) -> System:
    return typical(request.param).system


@pytest.fixture
def bound(system: System) -> Schedule:
    return simulate(together(flat(system)), durations(), "typical", overhead=False)


def test_tasks_run_when_the_way_out_of_their_subnets_is_there(
    system: System, bound: Schedule
) -> None:
    way = system.of_type(
        "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"
    )
    assert len(way) > 10
    there = max(bound.bars[one.address].end for one in way)
    about = durations().types["AWS::ECS::Service"]
    assert about.ready
    for service in system.of_type("AWS::ECS::Service"):
        assert {one.address for one in way} == set(Needs(system).to_complete(service))
        tasks = about.create.typical - about.ready.typical
        assert bound.bars[service.address].end >= there + tasks


def test_a_service_waits_for_its_own_listener_rule_and_so_for_the_load_balancer(
    system: System, bound: Schedule
) -> None:
    (rule,) = system.of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
    needs = Needs(system)
    behind = [s for s in system.of_type("AWS::ECS::Service") if s.properties.get("LoadBalancers")]
    others = [s for s in system.of_type("AWS::ECS::Service") if s not in behind]
    assert len(behind) == 1
    assert len(others) == 2
    assert rule.address in needs.to_begin(behind[0])
    assert not [service for service in others if rule.address in needs.to_begin(service)]
    start = bound.bars[behind[0].address].start
    for kind in ("Listener", "LoadBalancer"):
        for before in system.of_type(f"AWS::ElasticLoadBalancingV2::{kind}"):
            assert start >= bound.bars[before.address].end


def test_a_service_waits_for_the_capacity_providers_of_its_cluster(system: System) -> None:
    (providers,) = system.of_type("AWS::ECS::ClusterCapacityProviderAssociations")
    for service in system.of_type("AWS::ECS::Service"):
        assert providers.address in Needs(system).to_begin(service)


def test_the_load_balancer_waits_for_its_way_in_and_for_the_bucket_that_takes_its_logs(
    system: System, bound: Schedule
) -> None:
    (balancer,) = system.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
    before = system.of_type("AWS::EC2::VPCGatewayAttachment", "AWS::S3::BucketPolicy")
    assert len(before) == 2
    (record,) = system.of_type("AWS::EC2::FlowLog")
    for resource in before:
        assert resource.address in Needs(system).to_begin(balancer)
        assert bound.bars[balancer.address].start >= bound.bars[resource.address].end
    assert before[1].address in Needs(system).to_begin(record)


def test_after_an_update_a_deployment_is_watched_as_long_as_its_alarm_takes_to_say_something(
    system: System,
) -> None:
    services = system.of_type("AWS::ECS::Service")
    assert sorted(map(Needs(system).watched, services)) == [0, 0, 300]


def test_nothing_shortens_the_bound_but_shorter_resources(bound: Schedule) -> None:
    path = bound.critical_path()
    assert path[0].start == 0
    for before, after in pairwise(path):
        assert after.start == after.since in (before.ready, before.end)
    assert path[-1].end == bound.makespan


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("case", CASES)
def test_our_templates_wait_for_all_that_is_needed_although_no_reference_says_so(
    name: str, case: Case
) -> None:
    timeline = estimated(name).of(case)
    for deployment in (timeline.at_once, timeline.without_images, timeline.joining):
        stated = simulate(as_stated(deployment.root), durations(), case)
        for address, bar in deployment.schedule.bars.items():
            assert (stated.bars[address].start, stated.bars[address].end) == (bar.start, bar.end)


def as_stated(step: Step) -> Step:
    steps = tuple(map(as_stated, step.steps))
    return replace(step, steps=steps, after_in_reality=frozenset(), complete_after=frozenset())
