"""Scaling: between which counts, on what, and how fast."""

import pytest

from checks.rendering import Node
from description.model import System
from templates.names import stack_of
from tests.resolved import deployed, of_type
from tests.systems_under_test import REFERENCES, SYSTEMS, described

POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
CPU = "ECSServiceAverageCPUUtilization"
MEMORY = "ECSServiceAverageMemoryUtilization"
REQUESTS = "ALBRequestCountPerTarget"


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> System:
    return described(request.param)


def tracking(system: str, service: str) -> dict[str, Node]:
    """Return the target tracking configurations of a service by metric."""
    prefix = f"{stack_of(service)}/"
    found = [
        policy["TargetTrackingScalingPolicyConfiguration"]
        for address, policy in of_type(deployed(system), POLICY).items()
        if address.startswith(prefix)
    ]
    return {one["PredefinedMetricSpecification"]["PredefinedMetricType"]: one for one in found}


@pytest.mark.parametrize("name", REFERENCES)
def test_every_service_has_two_to_ten_tasks(name: str) -> None:
    targets = of_type(deployed(name), TARGET)

    assert len(targets) == 3
    assert {(one["MinCapacity"], one["MaxCapacity"]) for one in targets.values()} == {(2, 10)}


@pytest.mark.parametrize(("name", "cpu", "memory"), [("gateway", 70, 70), ("payments", 70, 80)])
def test_services_follow_cpu_and_memory_at_the_targets_of_the_text(
    name: str, cpu: int, memory: int
) -> None:
    for service in described(name).services:
        found = tracking(name, service)
        assert {metric: one["TargetValue"] for metric, one in found.items()} == {
            CPU: cpu,
            MEMORY: memory,
        }


@pytest.mark.parametrize("name", REFERENCES)
def test_services_grow_after_one_minute_and_shrink_after_five(name: str) -> None:
    for service in described(name).services:
        for metric, one in tracking(name, service).items():
            assert (one["ScaleOutCooldown"], one["ScaleInCooldown"]) == (60, 300), metric


def test_memory_alone_does_not_keep_a_service_large(system: System) -> None:
    for service, spec in system.services.items():
        found = tracking(system.name, service)
        if MEMORY in found:
            assert found[MEMORY]["DisableScaleIn"] is not spec.scaling.memory_scale_in
        if CPU in found:
            assert found[CPU]["DisableScaleIn"] is False


def test_the_scaled_service_is_named_as_ecs_calls_it_and_is_there_before(system: System) -> None:
    targets = of_type(deployed(system), TARGET)

    assert {one["ResourceId"] for one in targets.values()} == {
        f"service/Services/Cluster/{name}-blue" for name in system.services
    }
    for address in targets:
        stack = address.rpartition("/")[0]
        assert deployed(system)[address]["DependsOn"] == [f"{stack}/Service"]
    assert {one["ScalableDimension"] for one in targets.values()} == {"ecs:service:DesiredCount"}


def test_policies_belong_to_the_target_of_their_service(system: System) -> None:
    policies = of_type(deployed(system), POLICY)

    assert policies
    for address, one in policies.items():
        assert one["ScalingTargetId"] == f"{address.rpartition('/')[0]}/ScalableTarget"


def test_requests_are_counted_per_target_behind_the_load_balancer() -> None:
    following = [
        (system, name)
        for system in SYSTEMS
        for name, spec in described(system).services.items()
        if spec.scaling.requests_per_target
    ]

    assert following
    for system, name in following:
        one = tracking(system, name)[REQUESTS]
        assert one["PredefinedMetricSpecification"]["ResourceLabel"] == (
            f"LoadBalancer.LoadBalancerFullName/{stack_of(name)}/TargetGroup.TargetGroupFullName"
        )
