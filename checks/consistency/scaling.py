"""Scaling follows the service that it is for, by the metrics that the description names."""

from typing import Final

from checks.consistency.nest import (
    CLUSTER,
    LISTENER,
    LOAD_BALANCER,
    SCALABLE_TARGET,
    SCALING_POLICY,
    SERVICE,
    TARGET_GROUP,
    Nest,
    Parts,
    below,
    text,
)
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource

CPU: Final = "ECSServiceAverageCPUUtilization"
MEMORY: Final = "ECSServiceAverageMemoryUtilization"
REQUESTS: Final = "ALBRequestCountPerTarget"
_TRACKING: Final = "TargetTrackingScalingPolicyConfiguration"
_METRIC: Final = (_TRACKING, "PredefinedMetricSpecification")


@rule("E9721")
def target_of_another_service(nest: Nest) -> Hits:
    """Require that a scalable target names its own service in this cluster, by count and between
    the described bounds: another one's would be scaled by this one's load.
    """
    for parts in nest.services.values():
        target, service = parts.only(SCALABLE_TARGET), parts.only(SERVICE)
        if target is None or service is None:
            continue
        cluster = next((nest.identity(one) for one in nest.system.of_type(CLUSTER)), "")
        wanted = {
            "ServiceNamespace": "ecs",
            "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": f"service/{cluster}/{nest.identity(service, 'Name')}",
            "MinCapacity": parts.spec.scaling.min,
            "MaxCapacity": parts.spec.scaling.max,
        }
        for name, value in wanted.items():
            found = target.properties.get(name)
            if text(found) != text(value):
                yield Hit(target, f"must be {value}, found {found}", (name,))


@rule("E9722")
def metrics_as_described(nest: Nest) -> Hits:
    """Require a policy for each described metric, of its own target and with its value, and no
    other: a metric that nobody follows adds no task.
    """
    for parts in nest.services.values():
        scaling = parts.spec.scaling
        wanted = {CPU: scaling.cpu, MEMORY: scaling.memory}
        wanted[REQUESTS] = scaling.requests_per_target if parts.spec.routes else None
        followed = []
        for policy in parts.of_type(SCALING_POLICY):
            metric = str(below(policy.properties, *_METRIC, "PredefinedMetricType"))
            followed.append(metric)
            yield from _differences(nest, parts, policy, wanted.get(metric))
        for metric, value in wanted.items():
            count = followed.count(metric)
            if count != (value is not None):
                message = f"has {count} scaling policies by {metric}, {parts.name} wants {value}"
                yield Hit(parts.stack, message)


def _differences(nest: Nest, parts: Parts, policy: Resource, value: int | None) -> Hits:
    found = nest.system.find(SCALABLE_TARGET, policy.properties.get("ScalingTargetId"))
    if found is None or found.stack != parts.stack.address:
        yield Hit(policy, f"must be the target of {parts.name}", ("ScalingTargetId",))
    target_value = below(policy.properties, _TRACKING, "TargetValue")
    if value is not None and text(target_value) != text(value):
        message = f"must be {value} as described, found {target_value}"
        yield Hit(policy, message, (_TRACKING, "TargetValue"))
    scaling = parts.spec.scaling
    metric = below(policy.properties, *_METRIC, "PredefinedMetricType")
    further = {
        "ScaleInCooldown": scaling.scale_in_cooldown,
        "ScaleOutCooldown": scaling.scale_out_cooldown,
        "DisableScaleIn": metric == MEMORY and not scaling.memory_scale_in,
    }
    for name, wanted in further.items():
        there = below(policy.properties, _TRACKING, name)
        if text(False if there is None else there) != text(wanted):
            yield Hit(policy, f"must be {wanted}, found {there}", (_TRACKING, name))


@rule("E9723")
def requests_of_another_service(nest: Nest) -> Hits:
    """Require that the label of request counts names the service's own target group behind the load
    balancer whose listener forwards to it: another label counts other requests, or none.
    """
    balancers = nest.system.of_type(LOAD_BALANCER)
    for parts in nest.services.values():
        for policy in parts.of_type(SCALING_POLICY):
            label = below(policy.properties, *_METRIC, "ResourceLabel")
            if below(policy.properties, *_METRIC, "PredefinedMetricType") != REQUESTS:
                continue
            group = parts.only(TARGET_GROUP)
            wanted = [
                f"{nest.identity(one, 'LoadBalancerFullName')}/"
                f"{nest.identity(group, 'TargetGroupFullName')}"
                for one in balancers
                if group is not None and nest.system.of_type(LISTENER)
            ]
            if text(label) not in wanted:
                message = f"must be {' or '.join(wanted)}, found {label}"
                yield Hit(policy, message, (*_METRIC, "ResourceLabel"))
